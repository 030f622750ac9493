"""Receiving from a share that is away, read-only, or not as it was laid out."""

import shutil
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.receiving.summary import ReceiveSummary
from district_reports.storage.folders import DistrictFolder, lay_out
from mount_namespace import away, back, busy, in_namespace, read_only


def contents(*folders: Path) -> dict[str, int]:
    """All that lies there, and when it was written."""
    return {str(path): path.lstat().st_mtime_ns for folder in folders for path in folder.rglob("*") if path.is_file()}


def fault_of(run) -> str:
    with pytest.raises(SystemFault) as raised:
        run()
    return str(raised.value)


@pytest.fixture
def neighbour(deployment, register, folder, ledger_workbook: Path) -> DistrictFolder:
    """西岗区's folder, with a workbook in it: what happens to 中山区's must not keep it."""
    found = lay_out(deployment.uploads, register.districts)[1]
    shutil.copyfile(ledger_workbook, found.drop.path / "台账.xlsx")
    return found


def test_a_share_that_is_read_only(drop, run, ledger, deployment, folder) -> None:
    for name in ("a.xlsx", "b.pdf"):
        drop(name, None if name == "a.xlsx" else b"%PDF-1.7")

    def work() -> None:
        read_only(deployment.uploads)
        assert fault_of(run) == ("receiving failed for 2 of 4 files: district 210202: OSError: Read-only file system")
        before = contents(deployment.home).keys()
        for _ in range(3):
            assert fault_of(run) == (
                "receiving failed for 2 of 2 files: receipt 1, receipt 2: OSError: Read-only file system"
            )
        assert len(ledger.receipts) == 2
        assert ledger.settled == set()
        assert contents(deployment.home).keys() == before
        back(deployment.uploads)
        assert run() == ReceiveSummary(finished=2)
        assert ledger.settled == {1, 2}
        assert len(list(folder.received.path.iterdir())) == 4
        assert list(folder.drop.path.iterdir()) == []
        assert run() == ReceiveSummary()

    in_namespace(work)


def test_an_original_that_is_open_in_another_program_waits(drop, run, ledger, deployment, folder) -> None:
    path = drop()

    def work() -> None:
        busy(path)
        assert run() == ReceiveSummary(received=1, unsettled=1)
        before = contents(deployment.uploads)
        for _ in range(3):
            assert run() == ReceiveSummary(unsettled=1)
        assert contents(deployment.uploads) == before
        back(path)
        assert run() == ReceiveSummary(finished=1)
        assert ledger.settled == {1}
        assert {one.name for one in folder.received.path.iterdir()} == {"台账.xlsx", "台账_回执1.txt"}

    in_namespace(work)


def test_a_share_that_is_not_mounted_is_not_no_files(run, deployment, neighbour) -> None:
    def work() -> None:
        away(deployment.uploads)
        fault = fault_of(run)
        assert fault.endswith(
            "district 210202, district 210203: its folder is not there, or is a link: is the share mounted?"
        )
        assert list(deployment.uploads.iterdir()) == []
        back(deployment.uploads)
        assert run() == ReceiveSummary(received=1)

    in_namespace(work)


def test_one_district_s_share_that_is_not_mounted(run, ledger, folder, neighbour) -> None:
    def work() -> None:
        away(folder.place.path)
        assert fault_of(run).endswith("district 210202: its folder is empty: is the share mounted?")
        assert [receipt.drop.district_code for receipt in ledger.receipts.values()] == ["210203"]
        assert list(folder.place.path.iterdir()) == []

    in_namespace(work)


def test_a_known_district_s_folder_that_is_gone_is_a_fault(drop, run, ledger, folder, neighbour) -> None:
    drop()
    assert run() == ReceiveSummary(received=2)
    gone = folder.place.path.rename(folder.place.path.with_name("away"))
    shutil.copyfile(neighbour.received.path / "台账.xlsx", neighbour.drop.path / "again.xlsx")
    assert fault_of(run).endswith("district 210202: its folder is not there, or is a link: is the share mounted?")
    assert len(ledger.receipts) == 3
    assert not folder.place.path.exists()
    gone.rename(folder.place.path)
    assert run() == ReceiveSummary()


def test_a_new_district_gets_its_folder(run, folder, neighbour) -> None:
    shutil.rmtree(folder.place.path)
    assert run() == ReceiveSummary(received=1)
    assert {path.name for path in folder.place.path.iterdir()} == {"上报", "预检", "已接收", "反馈"}


@pytest.mark.parametrize("name", ["已接收", "反馈", "上报"])
def test_a_folder_that_was_replaced_by_a_file(drop, run, ledger, folder, neighbour, name: str) -> None:
    drop()
    place = folder.place.path / name
    aside = place.rename(folder.place.path / "aside")
    place.write_text("x")
    for _ in range(2):
        assert fault_of(run).endswith(f"district 210202: 210202-中山区/{name} is a link, or no folder")
        assert [receipt.drop.district_code for receipt in ledger.receipts.values()] == ["210203"]
    place.unlink()
    aside.rename(place)
    assert run() == ReceiveSummary(received=1)


@pytest.mark.parametrize("name", ["已接收", "反馈"])
def test_a_folder_that_was_removed_is_made_again(drop, run, ledger, folder, name: str) -> None:
    drop()
    (folder.place.path / name).rmdir()
    assert run() == ReceiveSummary(received=1)
    assert ledger.settled == {1}


def test_a_folder_of_the_answer_s_name_is_said(drop, run, ledger, folder, neighbour) -> None:
    drop()
    (folder.feedback.path / "台账_回执1_已收到.txt").mkdir()
    (folder.feedback.path / "台账_回执2_已收到.txt").mkdir()
    assert "IsADirectoryError: Is a directory" in fault_of(run)
    assert len(ledger.receipts) == 2
    for path in folder.feedback.path.iterdir():
        if path.is_dir():
            path.rmdir()
    run()
    assert ledger.settled == {1, 2}
