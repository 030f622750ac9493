"""待核对.xlsx on its way into 反馈: killed, called again, held open, refused by a share, tidied."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from district_reports import failpoints
from district_reports.errors import SystemFault
from district_reports.feedback import tidy
from district_reports.feedback.tidy import tidy_folders
from district_reports.reconciliation.delivery import Told, tell_districts
from district_reports.reconciliation.reconcile import reconcile
from district_reports.storage.share import Folder
from killed import Killed
from submitted import JINPU, XIGANG, ZHONGSHAN
from worklist_city import SOUND, WorklistCity


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Arms one failpoint, for its first call."""

    def arm(point: str) -> None:
        def hook(reached: str) -> None:
            if reached == point:
                monkeypatch.setattr(failpoints, "hook", None)
                raise Killed

        monkeypatch.setattr(failpoints, "hook", hook)

    return arm


def files(city: WorklistCity) -> dict[str, str]:
    return {
        str(path.relative_to(city.folders[ZHONGSHAN].place.path.parent)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in city.folders.values()
        for path in folder.place.path.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("point", ["tell: earlier moved", "tell: placed", "tell: before commit", "tell: noted"])
def test_killed_anywhere_it_ends_as_undisturbed(paid_twice: WorklistCity, killed_at, point: str) -> None:
    paid_twice.aid(ZHONGSHAN, 1, 3)
    paid_twice.play("2020-07-05")
    reconcile()
    killed_at(point)
    with pytest.raises(Killed):
        tell_districts()
    tell_districts()
    assert paid_twice.history() == ["待核对_2020-07-04.xlsx"] == paid_twice.history(XIGANG)
    assert paid_twice.states() == {1: "待核对", 3: "待核对", 2: "已消除"} == paid_twice.states(XIGANG)
    after = files(paid_twice)
    assert tell_districts() == Told(0, 0)
    assert files(paid_twice) == after
    told = "SELECT district_code, run_id FROM reconciliation.delivered ORDER BY 1, 2"
    assert paid_twice.ask(told) == [(ZHONGSHAN, 1), (ZHONGSHAN, 2), (XIGANG, 1), (XIGANG, 2)]


def test_what_was_said_since_the_run_waits_for_the_next(paid_twice: WorklistCity) -> None:
    before = paid_twice.path().read_bytes()
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    assert tell_districts() == Told(0, 0)
    assert paid_twice.path().read_bytes() == before


def test_one_bad_share_keeps_no_other_from_its_list(city: WorklistCity, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Folder.put

    def put(folder: Folder, name: str, source) -> None:
        if os.readlink(f"/proc/self/fd/{folder._descriptor}").endswith("210202-中山区/反馈"):
            raise OSError(errno.EROFS, "Read-only file system")
        real(folder, name, source)

    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", put)
        with pytest.raises(SystemFault, match="district 210202: Read-only file system"):
            city.night()
    assert (city.rows(), len(city.rows(XIGANG))) == ([], 1)
    assert tell_districts() == Told(1, 0)
    assert len(city.rows()) == 1


def a_link(place: Path, outside: Path) -> None:
    place.symlink_to(outside)


def a_hard_link(place: Path, outside: Path) -> None:
    # A folder has one name only: what stands in its place is a file then.
    place.hardlink_to(outside.with_name("secret") if outside.is_dir() else outside)


def a_folder(place: Path, outside: Path) -> None:
    (place / "里面").mkdir(parents=True)


def a_file(place: Path, outside: Path) -> None:
    place.write_text("别的")


def a_pipe(place: Path, outside: Path) -> None:
    os.mkfifo(place)


@pytest.mark.parametrize("instead", [a_link, a_hard_link, a_folder, a_file, a_pipe])
@pytest.mark.parametrize("name", ["反馈", "反馈/历史", "反馈/待核对.xlsx", "反馈/上报情况.txt"])
def test_whatever_a_district_lays_in_the_way(
    paid_twice: WorklistCity, tmp_path: Path, name: str, instead: Callable[[Path, Path], None]
) -> None:
    """Nothing outside is read or written, the others are told, and what can be put there is."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    folder = tmp_path / "outside"
    folder.mkdir()
    place = paid_twice.folders[ZHONGSHAN].place.path / name
    if place.exists():
        place.rename(place.with_name("原来的"))
    place.parent.mkdir(exist_ok=True)
    instead(place, secret if place.suffix else folder)
    paid_twice.aid(ZHONGSHAN, 1, 3)
    reconcile()
    faults = []
    for _ in range(2):
        try:
            tell_districts()
        except SystemFault as fault:
            faults.append(str(fault))
    assert all("district 210202: " in fault and "210203" not in fault for fault in faults)
    assert (list(folder.iterdir()), secret.read_bytes()) == ([], b"secret")
    assert paid_twice.states(XIGANG) == {1: "待核对", 3: "待核对", 2: "已消除"}
    if name == "反馈/待核对.xlsx":
        assert place.is_file()
        assert paid_twice.states() == {1: "待核对", 3: "待核对", 2: "已消除"}


def test_a_list_that_a_clerk_has_open_is_exchanged_the_next_time(paid_twice, monkeypatch: pytest.MonkeyPatch) -> None:
    def move(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    paid_twice.aid(ZHONGSHAN, 1, 3)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "move", move)
        assert paid_twice.night("2020-07-05") == Told(0, 2)
    assert paid_twice.states() == dict.fromkeys((1, 2, 3), "待核对")
    paid_twice.night("2020-07-06")
    assert paid_twice.states() == {1: "待核对", 3: "待核对", 2: "已消除"}
    assert paid_twice.history() == ["待核对_2020-07-04.xlsx"]


def test_a_folder_that_is_gone_is_a_fault(city: WorklistCity) -> None:
    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)
    folder = city.folders[XIGANG].place.path
    folder.rename(folder.with_name("away"))
    with pytest.raises(SystemFault, match="district 210203: its folder is not there"):
        city.night()
    assert len(city.rows()) == 1


def test_a_list_that_the_clerk_took_away_lies_there_again(paid_twice: WorklistCity) -> None:
    before = paid_twice.rows()
    paid_twice.path().unlink()
    assert paid_twice.night("2020-07-05") == Told()
    assert [row["编号"] for row in paid_twice.rows()] == [row["编号"] for row in before]
    assert paid_twice.history() == []


def test_tidying_leaves_the_list_and_removes_very_old_ones(paid_twice, monkeypatch: pytest.MonkeyPatch) -> None:
    paid_twice.send(paid_twice.filled_in({1: SOUND}))
    paid_twice.night("2020-07-05")
    feedback = paid_twice.folders[ZHONGSHAN].feedback.path
    (notice,) = (path.name for path in feedback.glob("*_已收到.txt"))
    tidy_folders()
    assert (paid_twice.history(), paid_twice.path().exists()) == (["待核对_2020-07-04.xlsx"], True)
    monkeypatch.setattr(tidy, "UNKNOWN_KEPT", tidy.UNKNOWN_KEPT * 0)
    tidy_folders()
    assert sorted(paid_twice.history()) == sorted(["待核对_2020-07-04.xlsx", notice])
    monkeypatch.setattr(tidy, "HISTORY_KEPT", tidy.HISTORY_KEPT * 0)
    tidy_folders()
    assert (paid_twice.history(), paid_twice.path().exists()) == ([], True)


def test_the_folder_of_a_district_that_was_merged_may_be_taken_away(reference_folder: Path, city: WorklistCity) -> None:
    from publish.test_mergers import merge

    city.aid(JINPU, 1)
    city.aid(XIGANG, 1)
    city.night()
    shutil.rmtree(city.folders[XIGANG].place.path)
    merge(reference_folder, "2020-08-05")
    assert city.night("2020-08-05") == Told(2, 0)
    shutil.rmtree(city.folders[JINPU].place.path)
    city.aid(JINPU, 2)
    with pytest.raises(SystemFault, match=r"told of their items: district 210213: its folder is not there[^;]*$"):
        city.night("2020-08-06")
