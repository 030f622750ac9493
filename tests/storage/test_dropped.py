import os
import time
from pathlib import Path

import pytest

from district_reports.receiving import first_seen
from district_reports.receiving.emptied import remove_emptied
from district_reports.storage import dropped
from district_reports.storage.dropped import Dropped, look_through
from district_reports.storage.share import Place

TEMPORARY = (
    "~$台账.xlsx", ".~台账.xlsx", ".~lock.台账.xlsx#", ".台账.xlsx", ".台账.xlsx.Ab12Cd", "._台账.xlsx", "5D4F1000",
    "~WRL0001.tmp", "台账.TMP", "台账.xlsx.filepart", "未确认 12345.crdownload", "台账.xlsx.part",
    "台账.xlsx.ab12.partial", "台账.xlsx.td", "台账.xlsx.baiduyun.downloading", "~syncthing~台账.xlsx.tmp",
    "备份属于 台账.xlk", "台账.bak",
    "Thumbs.db", "desktop.ini", ".DS_Store", ".clock.tmp",
)  # fmt: skip
MEANT = (
    "台账.xlsx",
    "~台账.xlsx",
    "台账",
    "20200601",
    "台账.xlsx - 快捷方式.lnk",
    "a.pdf",
    "part.xlsx",
    "tmp.xlsx",
    "ABCDEF12.xlsx",
)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "上报").mkdir()
    return tmp_path / "上报"


def looked(drop: Path) -> Dropped:
    return look_through(Place(drop.parent) / drop.name)


def below(drop: Path, place: Place) -> str:
    return str(place.path.relative_to(drop))


def test_temporary_files_are_left_and_what_a_clerk_means_is_not(drop: Path) -> None:
    for name in (*TEMPORARY, *MEANT):
        (drop / name).write_text("x")
    assert {look.place.name for look in looked(drop).files} == set(MEANT)


def test_links_pipes_and_sockets_are_left(drop: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "台账.xlsx").write_text("x")
    (drop / "link.xlsx").symlink_to(tmp_path / "elsewhere" / "台账.xlsx")
    (drop / "folder").symlink_to(tmp_path / "elsewhere")
    (drop / "round").symlink_to(drop)
    os.mkfifo(drop / "pipe.xlsx")
    assert looked(drop) == Dropped((), (), links=4)


def test_folders_are_looked_through_the_outer_ones_first(drop: Path) -> None:
    for name in (
        "b.xlsx",
        "六月/a.xlsx",
        "六月/西岗/a.xlsx",
        "六月/__MACOSX/._a.xlsx",
        "六月/.git/config",
        "a.download/a.xlsx",
    ):
        (drop / name).parent.mkdir(parents=True, exist_ok=True)
        (drop / name).write_text("x")
    found = looked(drop)
    assert [below(drop, look.place) for look in found.files] == [
        "b.xlsx",
        "六月/a.xlsx",
        "六月/西岗/a.xlsx",
    ]
    assert [below(drop, place) for place in found.folders] == ["六月", "六月/__MACOSX", "六月/西岗"]
    assert found.faults == ()


def test_what_is_nested_too_deep_is_told(drop: Path) -> None:
    deep = drop.joinpath(*("d" for _ in range(40)))
    deep.mkdir(parents=True)
    (deep / "a.xlsx").write_text("x")
    (drop / "b.xlsx").write_text("x")
    found = looked(drop)
    assert [look.place.path for look in found.files] == [drop / "b.xlsx"]
    assert [fault.partition(";")[0] for fault in found.faults] == ["folders were dropped nested deeper than 16"]


def test_what_is_too_much_waits_and_is_told(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropped, "_MOST_ENTRIES", 10)
    for number in range(12):
        (drop / f"{number}.xlsx").write_text("x")
    found = looked(drop)
    assert len(found.files) == 10
    assert [fault.partition(";")[0] for fault in found.faults] == ["more than 10 entries were dropped"]


def test_a_drop_folder_that_is_gone_is_an_error(drop: Path) -> None:
    with pytest.raises(FileNotFoundError):
        looked(drop / "gone")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Lets seconds pass by the machine's clock."""
    passed = [0.0]
    monkeypatch.setattr(time, "clock_gettime", lambda _, real=time.clock_gettime: real(_) + passed[0])
    assert first_seen.since_boot() > 0
    return lambda seconds: passed.__setitem__(0, passed[0] + seconds)


def test_an_emptied_folder_goes_a_minute_later_with_what_file_managers_leave(deployment, drop: Path, later) -> None:
    for name in ("六月/Thumbs.db", "六月/__MACOSX/._a.xlsx"):
        (drop / name).parent.mkdir(parents=True, exist_ok=True)
        (drop / name).write_text("x")

    def call() -> set[str]:
        remove_emptied(looked(drop).folders)
        return {str(path.relative_to(drop)) for path in drop.rglob("*")}

    everything = {"六月", "六月/Thumbs.db", "六月/__MACOSX", "六月/__MACOSX/._a.xlsx"}
    assert call() == everything
    later(50)
    assert call() == everything
    later(11)
    assert call() == {"六月", "六月/Thumbs.db"}
    later(61)
    assert call() == set()
    assert drop.is_dir()


@pytest.mark.parametrize("name", ["~$台账.xlsx", "a.xlsx", "a.xlsx.filepart", ".git/config", "link"])
def test_a_folder_that_holds_anything_else_stays(deployment, drop: Path, later, name: str) -> None:
    path = drop / "六月" / name
    path.parent.mkdir(parents=True)
    path.symlink_to("/etc") if name == "link" else path.write_text("x")
    for _ in range(3):
        remove_emptied(looked(drop).folders)
        later(100)
    assert os.path.lexists(path)


def test_a_folder_that_is_being_filled_stays(deployment, drop: Path, later) -> None:
    folder = drop / "六月"
    folder.mkdir()
    for number in range(3):
        remove_emptied(looked(drop).folders)
        later(59)
        (folder / f"{number}").write_text("x")
        (folder / f"{number}").unlink()
    assert folder.is_dir()
