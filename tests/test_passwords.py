"""What a log-in is compared with: a hash or the password itself, and neither for who is not there."""

import json
import time

import pytest

from district_reports.cli import main
from district_reports.errors import ConfigurationError
from district_reports.local.airflow.keys import USER, password, password_file
from district_reports.passwords import entries, hashed, made, matches
from district_reports.settings import Settings
from district_reports.users import Role, Viewer, lay_out


def test_an_entry_knows_its_password_and_no_other():
    secret = made()
    for entry in (secret, hashed(secret)):
        assert matches(entry, secret)
        for other in ("", secret[:-1], secret + "x", entry + "x", "密码", "\udcff"):
            assert not matches(entry, other)
    assert secret not in hashed(secret)
    assert hashed(secret) != hashed(secret)


def test_nobody_and_an_empty_entry_match_nothing():
    for entry in (None, ""):
        for given in ("", "x", "None"):
            assert not matches(entry, given)
    # Who has read the file does not log in with what stands in it.
    stolen = hashed("x")
    assert not matches(stolen, stolen)


def test_an_unknown_name_takes_as_long_as_a_known_one():
    def seconds(entry: str | None) -> float:
        begun = time.process_time()
        matches(entry, "wrong")
        return time.process_time() - begun

    kinds = (None, "as it is made", hashed("x"))
    least = [min(seconds(entry) for _ in range(5)) for entry in kinds]
    # One derivation each; two, or none, would be a factor of two and more.
    assert max(least) < 1.6 * min(least), least


def test_a_file_that_makes_no_sense_is_a_fault_without_its_content(tmp_path):
    file = tmp_path / "passwords.json"
    assert entries(file) == {}
    for content in ("{secret", '["secret"]', '{"li": 7}'):
        file.write_text(content, "utf-8")
        with pytest.raises(ConfigurationError) as caught:
            entries(file)
        assert "secret" not in str(caught.value)


def test_another_password_is_said_once_and_kept_as_a_hash(tmp_settings: Settings, capsys):
    lay_out(tmp_settings.users, [Viewer("wang", Role.OFFICER)])
    home = tmp_settings.home / "airflow"
    former = password(home, "wang")
    assert main(["password", "wang"]) == 0
    [said] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("The password of wang is ")]
    new = said.rpartition(" ")[2]
    file = password_file(home)
    kept = entries(file)
    assert matches(kept["wang"], new)
    assert not matches(kept["wang"], former)
    assert new not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
    # With this one we ask Airflow ourselves.
    assert main(["password", USER]) == 0
    assert password(home) in capsys.readouterr().out
    assert main(["password", "stranger"]) == 2
    assert set(json.loads(file.read_text("utf-8"))) == {"wang", USER}
