"""What the doctor says of owners, modes, links and clocks, and what keeps a deployment from starting."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from conftest import Template, run_on
from district_reports.cli import main
from district_reports.database.roles import COMPARER, OWNER
from district_reports.errors import SystemFault
from district_reports.local.doctor import database, files, shares, walls
from district_reports.local.doctor.files import secure_home
from district_reports.local.doctor.note import Note, State
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.workbook.reading import child
from district_reports.workbook.reading.walls import Wall
from mount_namespace import away, in_namespace


@pytest.fixture
def home(tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DISTRICT_REPORTS_TOKEN_KEY_FILE", raising=False)
    tmp_settings.home.mkdir(mode=0o700, exist_ok=True)
    tmp_settings.home.chmod(0o700)
    tmp_settings.keys.mkdir(exist_ok=True)
    (tmp_settings.keys / "token-v1.key").write_text("secret")
    (tmp_settings.keys / "token-v1.key").chmod(0o600)
    return tmp_settings.home


def told(notes, state: State) -> str:
    return "\n".join(f"{note.told} {note.mend}" for note in notes if note.state is state)


def test_a_home_that_is_ours_alone_is_well(tmp_settings: Settings, home: Path) -> None:
    assert {note.state for note in (*files.of_home(tmp_settings), *files.of_keys(tmp_settings))} == {State.OK}
    secure_home(tmp_settings, lambda _: pytest.fail("there is nothing to say"))


def test_a_home_that_an_earlier_version_left_open_is_closed(tmp_settings: Settings, home: Path) -> None:
    home.chmod(0o755)
    said: list[str] = []
    secure_home(tmp_settings, said.append)
    assert home.stat().st_mode & 0o777 == 0o700
    assert len(said) == 1


def _writable_home(home: Path) -> None:
    home.chmod(0o777)


def _writable_above(home: Path) -> None:
    home.parent.chmod(0o777)


def _readable_key(home: Path) -> None:
    home.chmod(0o755)
    (home / "keys").chmod(0o755)
    (home / "keys" / "token-v1.key").chmod(0o644)


def _readable_password(home: Path) -> None:
    home.chmod(0o755)
    (home / "airflow").mkdir(mode=0o755)
    (home / "airflow" / "passwords.json").write_text("{}")
    (home / "airflow" / "passwords.json").chmod(0o644)


@pytest.mark.parametrize(
    ("spoil", "words", "mend"),
    [
        (_writable_home, "can write into", "chmod 700 "),
        (_writable_above, "can exchange what lies in", "chmod o-w "),
        (_readable_key, "can read", "chmod 600 "),
        (_readable_password, "can read", "chmod 600 "),
    ],
)
def test_what_is_dangerous_keeps_it_from_starting_and_says_how_to_mend_it(
    tmp_settings: Settings, home: Path, spoil: Callable[[Path], None], words: str, mend: str
) -> None:
    spoil(home)
    try:
        with pytest.raises(SystemFault) as raised:
            secure_home(tmp_settings, lambda _: None)
    finally:
        home.parent.chmod(0o700)
    assert words in str(raised.value)
    assert mend in str(raised.value)


@pytest.fixture
def folder(tmp_settings: Settings) -> DistrictFolder:
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts[:1])[0]


def of(tmp_settings: Settings) -> list[Note]:
    return [note for note in shares.of_uploads(tmp_settings) if note.what != "mount"]


def test_folders_that_we_laid_out_are_well(tmp_settings: Settings, folder: DistrictFolder) -> None:
    assert told(of(tmp_settings), State.DANGER) == told(of(tmp_settings), State.WARNING) == ""


@pytest.mark.parametrize("name", ["上报", "预检", "已接收", "反馈", "模板"])
def test_a_folder_of_ours_that_is_a_link_is_a_danger(
    tmp_settings: Settings, folder: DistrictFolder, tmp_path: Path, name: str
) -> None:
    path = folder.place.path / name
    if path.exists():
        path.rmdir()
    path.symlink_to(tmp_path)
    assert f"{folder.name}/{name} is a link, or no folder" in told(of(tmp_settings), State.DANGER)


def test_links_and_open_folders_are_told(tmp_settings: Settings, folder: DistrictFolder, tmp_path: Path) -> None:
    (folder.drop.path / "a.xlsx").symlink_to(tmp_path / "b.xlsx")
    folder.place.path.chmod(0o777)
    tmp_settings.uploads.chmod(0o755)
    warnings = told(of(tmp_settings), State.WARNING)
    for words in ("1 links, hard links", "exchange the folders in it", "can enter it (mode 0777)", "can list"):
        assert words in warnings
    tmp_settings.uploads.chmod(0o777)
    assert "can exchange the districts' folders" in told(of(tmp_settings), State.DANGER)


def test_a_share_that_is_mounted_without_care_is_told(tmp_settings: Settings, folder: DistrictFolder) -> None:
    def work() -> None:
        away(tmp_settings.uploads)
        assert "is mounted without nosuid, nodev, noexec" in told(shares.of_uploads(tmp_settings), State.WARNING)

    in_namespace(work)


def test_the_logins_of_a_warehouse_as_we_make_it_are_well(loader: Engine) -> None:
    assert [note.state for note in database.of_roles()] == [State.OK]


@pytest.mark.parametrize("role", [OWNER, COMPARER])
def test_a_login_that_can_become_what_reads_names_is_a_danger(
    loader: Engine, migrated_template: Template, role: str
) -> None:
    run_on(migrated_template.server, f"GRANT {role} TO district_reports_analyst WITH INHERIT FALSE, SET TRUE")
    try:
        notes = list(database.of_roles())
    finally:
        run_on(migrated_template.server, f"REVOKE {role} FROM district_reports_analyst")
    assert f"Mend: REVOKE {role} FROM district_reports_analyst" in told(notes, State.DANGER)
    assert [note.state for note in database.of_roles()] == [State.OK]


def test_a_database_that_is_away_is_told(tmp_settings: Settings) -> None:
    (note,) = database.of_roles()
    assert (note.state, note.mend) == (State.WARNING, "Is it running?")


def test_walls_that_a_system_lacks_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {note.what for note in walls.of_reader()} == {"reader"}
    monkeypatch.setattr(child, "walls", lambda: (Wall("no files", "an old kernel"), Wall("no network", "")))
    assert [(note.state, note.told) for note in walls.of_reader()] == [
        (State.OK, "in force: no network"),
        (State.WARNING, "not in force: no files: an old kernel"),
    ]


def test_the_command_tells_all_and_ends_with_1_where_there_is_danger(
    tmp_settings: Settings, home: Path, folder: DistrictFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    for what in ("home", "keys", "user", "share", "reader", "roles", "clock", "space", "versions"):
        assert f" {what}: " in told
    home.chmod(0o777)
    assert main(["doctor"]) == 1
    assert "danger   home: every user of this machine can write into" in capsys.readouterr().out
