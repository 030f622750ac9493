"""The folder of a bundle: whole or not there, the same again, and only a notice once it is taken back."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from district_reports import failpoints
from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.publish.bundle.files import bundle_files
from district_reports.publish.bundle.write import take_back, write_bundle
from district_reports.settings import settings
from killed import Killed
from publish.left import MAY, Left, revoke

POINTS = ("bundle: file written", "bundle: written", "bundle: old one aside", "bundle: named")


def lying_in(folder: Path) -> Mapping[str, str]:
    """Path → SHA-256 of each file below, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def expected(release_id: int, version: str) -> Mapping[str, str]:
    with engine("publisher").begin() as connection:
        files = bundle_files(connection, release_id)
    return {f"{MAY}/{version}/{path}": hashlib.sha256(content).hexdigest() for path, content in files.items()}


def test_it_lies_under_period_and_version_and_is_left_alone(left: Left) -> None:
    folder = write_bundle(left.second)
    assert folder == settings().bundles / MAY / "v1.1"
    assert lying_in(settings().bundles) == expected(left.second, "v1.1")
    before = {path: path.stat().st_ino for path in folder.rglob("*")}
    assert write_bundle(left.second) == folder
    assert {path: path.stat().st_ino for path in folder.rglob("*")} == before


@pytest.mark.parametrize("damage", ["changed", "missing", "more"])
def test_a_damaged_folder_is_written_anew(left: Left, damage: str) -> None:
    folder = write_bundle(left.first)
    readme = folder / "README.md"
    if damage == "changed":
        readme.write_bytes(readme.read_bytes() + b"!")
    elif damage == "missing":
        readme.unlink()
    else:
        (folder / "data" / "more.csv").write_bytes(b"")
    write_bundle(left.first)
    assert lying_in(settings().bundles) == expected(left.first, "v1.0")


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_and_run_again_it_is_the_same(left: Left, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_bundle(left.first)
    (folder / "README.md").write_bytes(b"")

    def kill(reached: str) -> None:
        if reached == point:
            raise Killed

    monkeypatch.setattr(failpoints, "hook", kill)
    with pytest.raises(Killed):
        write_bundle(left.first)
    monkeypatch.setattr(failpoints, "hook", None)
    # What has the name is whole: the old one, the new one, or in between nothing.
    if folder.exists():
        assert len(lying_in(folder)) == len(expected(left.first, "v1.0"))
    write_bundle(left.first)
    assert lying_in(settings().bundles) == expected(left.first, "v1.0")


def test_of_what_is_taken_back_the_notice_is_left(left: Left) -> None:
    folder = write_bundle(left.first)
    other = write_bundle(left.second)
    revoke(left.first, "两个区县的名单有误。")
    assert take_back(left.first) == folder
    assert [path.name for path in folder.rglob("*")] == ["撤回说明.txt"]
    notice = (folder / "撤回说明.txt").read_text(encoding="utf-8-sig")
    assert "2020-05 v1.0 已于" in notice
    assert "两个区县的名单有误。" in notice
    assert lying_in(other).keys() > {"datapackage.json"}
    # A writer that comes late brings nothing back.
    write_bundle(left.first)
    take_back(left.first)
    assert [path.name for path in folder.rglob("*")] == ["撤回说明.txt"]


def test_what_was_not_revoked_is_not_taken_back(left: Left) -> None:
    folder = write_bundle(left.first)
    with pytest.raises(SystemFault, match="has not been taken back"):
        take_back(left.first)
    assert (folder / "datapackage.json").exists()


def test_what_never_left_has_no_bundle(left: Left) -> None:
    with pytest.raises(SystemFault, match="release 99 never left"):
        write_bundle(99)
    assert not settings().bundles.exists()
