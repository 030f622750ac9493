"""Tokens: one person, one token; no key, no token; one key however many make it."""

import stat
import threading
from pathlib import Path

import pytest

from district_reports.errors import ConfigurationError
from district_reports.settings import Settings
from district_reports.warehouse.tokens import TokenKey, ensure_token_key, token_key

KEY = TokenKey(1, b"0123456789abcdef0123456789abcdef")


def test_a_token_can_be_computed_by_anyone_with_the_key() -> None:
    # printf 'resident_id\x1f11010119000101001X' | openssl dgst -sha256 -hmac $KEY -binary | base64, URL-safe
    assert KEY.token("resident_id", "11010119000101001X") == "v1:M4257yKd7aB7PRSi8Uw8dN2fAIDYrumRRmX_ddxFCRk"


@pytest.mark.parametrize(
    "typed", ["11010119000101001x", " 11010119000101001X\u200b", "１１０１０１１９０００１０１００１Ｘ"]
)
def test_one_id_however_typed_has_one_token(typed: str) -> None:
    assert KEY.token("resident_id", typed) == KEY.token("resident_id", "11010119000101001X")


def test_equal_characters_of_two_kinds_have_two_tokens() -> None:
    assert KEY.token("resident_id", "1") != KEY.token("teacher_no", "1")


def test_an_empty_cell_has_no_token() -> None:
    tokens = KEY.tokens("student_no", ["G1", None, "G1"])
    assert tokens == [KEY.token("student_no", "G1"), None, KEY.token("student_no", "G1")]


def test_a_key_is_never_shown() -> None:
    assert "0123456789abcdef" not in repr(KEY)


def test_the_key_is_made_once_for_its_owner_only(tmp_settings: Settings) -> None:
    made: list[TokenKey] = []
    workers = [threading.Thread(target=lambda: made.append(ensure_token_key())) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({key.secret for key in made}) == 1
    assert [path.name for path in tmp_settings.keys.iterdir()] == ["token-v1.key"]
    assert stat.S_IMODE((tmp_settings.keys / "token-v1.key").stat().st_mode) == 0o600


def test_the_newest_version_is_in_use(tmp_settings: Settings) -> None:
    ensure_token_key()
    newer = tmp_settings.keys / "token-v10.key"
    newer.write_text("ab" * 32)
    newer.chmod(0o600)
    assert token_key().version == 10
    assert token_key().token("resident_id", "1").startswith("v10:")


def test_a_key_from_elsewhere(tmp_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token-v3.key").write_text("cd" * 32)
    monkeypatch.setenv("DISTRICT_REPORTS_TOKEN_KEY_FILE", str(tmp_path / "token-v3.key"))
    assert ensure_token_key() == TokenKey(3, b"cd" * 32)
    assert not tmp_settings.keys.exists()


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [("short", 0o600, "less than 32 bytes"), ("ab" * 32, 0o644, "chmod 600"), (None, 0, "no token key")],
)
def test_a_key_that_would_protect_nothing(tmp_settings: Settings, content: str | None, mode: int, words: str) -> None:
    tmp_settings.keys.mkdir(parents=True)
    if content is not None:
        (tmp_settings.keys / "token-v1.key").write_text(content)
        (tmp_settings.keys / "token-v1.key").chmod(mode)
    with pytest.raises(ConfigurationError, match=words):
        token_key()
