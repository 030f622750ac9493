"""预检: checked and answered, and nothing else: the file stays, nothing is loaded, nothing in force changes."""

import os
import shutil
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, text

from district_reports.ledger import leases
from district_reports.processing import ingest
from district_reports.receiving import receive, turns
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.receiving.summary import ReceiveSummary
from district_reports.reference.register import Register
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.warehouse.load import decide
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.reading import child
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import SCHOOLS, case, write_book
from submitted import FORM, MAY, checked, claimed, note_withdrawal
from submitted import case as case_of
from submitted import receive as note

SCHOOL = "2219010001"
"""A primary school of the repository's register."""
LETTER = "尊敬的领导".encode()


@pytest.fixture
def inspect_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child does, without one."""

    def inspect(path: Path) -> child.Inspection:
        problems = tuple(guard(path))
        return child.Inspection(problems, () if problems else tuple(read_sheets(path, ["封面"])))

    monkeypatch.setattr(child, "inspect", inspect)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_each_saved_state_is_checked_once_and_stays(run, ledger, folder: DistrictFolder, inspect_here) -> None:
    path = write_book(folder.precheck.path / "台账.xlsx")
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert run() == ReceiveSummary(received=1)
    assert (ledger.receipts[1].drop.channel, ledger.settled) == ("预检", {1})
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    # No notice, by which it could be withdrawn.
    places = (folder.precheck, folder.feedback, folder.received)
    assert [names(place.path) for place in places] == [{"台账.xlsx"}, set(), set()]
    assert run() == ReceiveSummary()

    renamed = path.rename(folder.precheck.path / "六月台账.xlsx")
    assert run() == ReceiveSummary()
    write_book(renamed, cover={"填报人": "李敏"})
    assert run() == ReceiveSummary(received=1)
    assert run() == ReceiveSummary()
    # And the same file is reported by moving it.
    renamed.rename(folder.drop.path / renamed.name)
    assert run() == ReceiveSummary(received=1)
    assert [receipt.drop.channel for receipt in ledger.receipts.values()] == ["预检", "预检", "上报"]
    assert names(folder.drop.path) == names(folder.precheck.path) == set()


def test_a_share_that_numbers_its_files_anew_has_nothing_checked_again(run, folder, inspect_here) -> None:
    path = folder.precheck.path / "信.xlsx"
    path.write_bytes(LETTER)
    assert run().received == 1
    copy = shutil.copy2(path, folder.place.path / "copy")
    os.replace(copy, path)
    assert run() == ReceiveSummary()


def test_what_would_be_rejected_is_told_so(run, ledger, folder: DistrictFolder, inspect_here) -> None:
    write_book(folder.precheck.path / "台账.xlsx", cover={"报告期": "2020-Q2"})
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    assert ledger.receipts[1].rejection.reason.startswith("预检结果，没有上报：")
    (answer,) = folder.feedback.path.glob("*.xlsx")
    assert answer.name.startswith("预检_无法受理_台账_20200704-")
    assert answer.name.endswith("_会被退回_回执1.xlsx")
    assert answer.with_suffix(".html").exists()
    assert names(folder.precheck.path) == {"台账.xlsx"}


def test_a_withdrawal_is_not_made_by_a_pre_check(drop, run, ledger, folder: DistrictFolder, inspect_here) -> None:
    drop()
    run()
    (notice,) = folder.feedback.path.glob("*_已收到.txt")
    said = notice.read_text("utf-8-sig").replace("撤回：否", "撤回：是")
    (folder.precheck.path / "撤回.txt").write_text(said, encoding="utf-8-sig")
    assert run() == ReceiveSummary(received=1, rejected_at_once=1)
    assert "预检只检查，不办理撤回" in ledger.receipts[2].rejection.reason


def test_reports_come_first_and_many_pre_checks_wait(
    drop, run, ledger, folder: DistrictFolder, inspect_here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "FILES_A_CALL", 2)
    for number in range(3):
        (folder.precheck.path / f"{number}.xlsx").write_bytes(LETTER)
    drop("后.xlsx", LETTER)
    assert run() == ReceiveSummary(received=3, rejected_at_once=3, unsettled=1)
    assert [receipt.drop.file_name for receipt in ledger.receipts.values()] == ["后.xlsx", "0.xlsx", "1.xlsx"]
    assert run().received == 1


def test_a_district_without_the_folder_has_nothing_to_check(drop, run, folder: DistrictFolder) -> None:
    folder.precheck.path.rmdir()
    drop()
    assert run() == ReceiveSummary(received=1)


# On a real warehouse.


@pytest.fixture
def the_folder(warehouse_url: str, tmp_settings) -> DistrictFolder:
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


def work(loader: Engine, folder: DistrictFolder) -> dict[str, object]:
    """Receive what lies there, and take its oldest file through the three steps."""
    from district_reports.settings import settings

    register = Register.load(settings().reference)
    receive.receive(loader, register, stable_files=lambda paths: stable_files(paths, quiet=Quiet(0, 0, 0)))
    step = ingest.validate("dropout_control", "210202|2020-06", "run")
    assert step is not None
    ingest.load(step)
    return ingest.answer(step)


def kept(loader: Engine) -> dict[str, list[object]]:
    """What no pre-check may change."""
    tables = ("ledger.in_force", "facts.dropout_case", "identities.dropout_case", "quarantine.quarantined_row")
    with loader.begin() as connection:
        found = {table: list(connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))) for table in tables}
        reports = "SELECT * FROM ledger.submission WHERE channel = '上报' ORDER BY 1"
        found["reports"] = list(connection.execute(text(reports)))
    return found


def test_a_pre_check_tells_what_would_become_of_it_and_changes_nothing(
    loader: Engine, the_folder: DistrictFolder
) -> None:
    sound = [case(number, 学校标识码=SCHOOL) for number in range(1, 5)]
    enrolment = [{**SCHOOLS[0], "学校标识码": SCHOOL}]
    write_book(the_folder.drop.path / "台账.xlsx", cases=sound, enrolment=enrolment)
    assert work(loader, the_folder)["outcome"] == "accepted"
    before = kept(loader)
    assert before["facts.dropout_case"]

    write_book(
        the_folder.precheck.path / "台账.xlsx",
        cases=[*sound, case(5, 学校标识码=SCHOOL, 性别="不详")],
        enrolment=enrolment,
    )
    assert work(loader, the_folder)["outcome"] == "accepted_with_errors"
    assert kept(loader) == before
    (answer,) = the_folder.feedback.path.glob("预检_*.xlsx")
    assert "_会部分接收_回执2" in answer.name
    assert len(list(the_folder.feedback.path.glob("控辍保学台账_*.xlsx"))) == 1
    words = [str(cell) for sheet in openpyxl.load_workbook(answer) for row in sheet.values for cell in row]
    assert any(word.startswith("预检结果，没有上报：5 行合格；1 行有错误") for word in words)

    # Reported then, it is no duplicate of what was checked only.
    shutil.copyfile(the_folder.precheck.path / "台账.xlsx", the_folder.drop.path / "台账.xlsx")
    assert work(loader, the_folder)["outcome"] == "accepted_with_errors"
    assert kept(loader) != before
    assert list(the_folder.feedback.path.glob("预检_*")) == []
    assert len(list(the_folder.history.path.glob("预检_*"))) == 2


def test_reports_are_worked_on_before_what_is_only_to_be_checked(loader: Engine) -> None:
    note(loader, "draft", channel="预检")
    note(loader, "other district's draft", channel="预检", district="210104")
    report = note(loader, "report")
    with loader.begin() as connection:
        assert leases.keys_to_signal(connection, FORM) == [f"210202|{MAY}", f"210104|{MAY}"]
    first = claimed(loader, holder="run")
    assert first is not None
    assert first.submission_id == report
    decide(loader, first, checked([case_of(1)]))
    # Its answer comes first as well, and a withdrawal waits for reports alone.
    assert claimed(loader, holder="run").state == "decided"
    with loader.begin() as connection:
        leases.mark_answered(connection, claimed(loader, holder="run"), None)
    withdrawal = note_withdrawal(loader, report)
    assert claimed(loader).submission_id == withdrawal
