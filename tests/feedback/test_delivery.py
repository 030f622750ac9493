"""An answer goes out whatever becomes of its decoration: where a workbook can't be marked, there is the list."""

import errno
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from district_reports.clock import ZONE
from district_reports.feedback import report
from district_reports.feedback.delivery import put_answer
from district_reports.feedback.facts import ReportFacts
from district_reports.feedback.progress_report import for_district
from district_reports.forms import forms
from district_reports.ledger.status import ReportStatus, State
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.reference.register import District
from district_reports.storage.folders import DistrictFolder
from district_reports.workbook.marking import marked
from district_reports.workbook.marking.answer import Answer, answer_name
from submitted import a_finding

AT = datetime(2020, 7, 8, 9, 15, tzinfo=ZONE)
TOLD = Answer(
    form_title="控辍保学台账",
    period="2020-06",
    district="210202 中山区",
    file_name="台账.xlsx",
    received_at=AT,
    decided_at=AT,
    outcome=Outcome.ACCEPTED_WITH_ERRORS,
    reason="1 行已入库；1 行有错误，没有入库。",
    receipt_no=12,
    counts=(),
    findings=(a_finding(),),
)
STEM = "控辍保学台账_2020-06_20200708-091500_部分接收_回执12"


@pytest.mark.parametrize("error", [marked.CannotMark("too many sheets"), RuntimeError("王小明"), OSError("王小明")])
def test_what_can_not_be_marked_is_listed(
    folder: DistrictFolder, ledger_workbook: Path, monkeypatch: pytest.MonkeyPatch, caplog, error: Exception
) -> None:
    def write_marked(original: Path, answer: Answer, path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(marked, "write_marked", write_marked)
    assert put_answer(TOLD, ledger_workbook, ReportFacts(), folder) == f"{STEM}.xlsx"
    assert {path.name for path in folder.feedback.path.iterdir()} == {f"{STEM}.xlsx", f"{STEM}.html", "说明.txt"}
    assert openpyxl.load_workbook(folder.feedback.path / f"{STEM}.xlsx")["问题清单"]["J2"].value == "C01"
    assert "王小明" not in caplog.text


def test_a_full_disk_is_no_reason_for_a_list(
    folder: DistrictFolder, ledger_workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_marked(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(marked, "write_marked", write_marked)
    with pytest.raises(OSError, match="No space left"):
        put_answer(TOLD, ledger_workbook, ReportFacts(), folder)
    assert list(folder.feedback.path.iterdir()) == []


def test_without_a_page_there_is_still_the_workbook(
    folder: DistrictFolder, ledger_workbook: Path, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    def write_report(*_: object) -> None:
        raise KeyError("王小明")

    monkeypatch.setattr(report, "write_report", write_report)
    put_answer(TOLD, ledger_workbook, ReportFacts(), folder)
    assert {path.name for path in folder.feedback.path.iterdir()} == {f"{STEM}.xlsx", "说明.txt"}
    assert "王小明" not in caplog.text


def test_what_lies_there_is_not_written_again(folder: DistrictFolder, ledger_workbook: Path) -> None:
    put_answer(TOLD, ledger_workbook, ReportFacts(), folder)
    before = {path: path.stat().st_ino for path in folder.feedback.path.iterdir()}
    put_answer(replace(TOLD, decided_at=AT.replace(hour=10)), ledger_workbook, ReportFacts(), folder)
    assert {path: path.stat().st_ino for path in folder.feedback.path.iterdir()} == before


def test_who_has_lost_the_lease_places_nothing(folder: DistrictFolder, ledger_workbook: Path) -> None:
    def lost() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        put_answer(TOLD, ledger_workbook, ReportFacts(), folder, lost)
    assert list(folder.feedback.path.iterdir()) == []


REJECTED, SOUND = Outcome.REJECTED, Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("changes", "verdict", "named"),
    [
        ({"outcome": SOUND}, "通过", "_通过_回执12"),
        ({"outcome": SOUND, "late_days": 3}, "通过（迟报 3 天）", "_通过_迟报_回执12"),
        ({"outcome": SOUND, "nil_return": True}, "无数据申报", "_无数据申报_回执12"),
        ({"outcome": SOUND, "nil_return": True, "late_days": 3}, "无数据申报（迟报 3 天）", "_无数据申报_迟报_回执12"),
        ({"outcome": REJECTED, "nil_return": True, "late_days": 3}, "退回", "_退回_回执12"),
        ({"outcome": SOUND, "withdrawn_receipt": 3, "late_days": 3}, "已撤回", "_已撤回_回执12"),
        ({"outcome": REJECTED, "withdrawn_receipt": 3}, "撤回未受理", "_撤回未受理_回执12"),
        ({"outcome": SOUND, "precheck": True, "late_days": 3}, "预检结果：会通过", "_会通过_回执12"),
        ({"precheck": True}, "预检结果：会部分接收", "_会部分接收_回执12"),
        ({"outcome": REJECTED, "precheck": True}, "预检结果：会被退回", "_会被退回_回执12"),
        ({"outcome": SOUND, "precheck": True, "nil_return": True}, "预检结果：无数据申报", "_无数据申报_回执12"),
    ],
)
def test_nil_late_rejected_withdrawn_and_checked_only_are_never_alike(changes: dict, verdict: str, named: str) -> None:
    told = replace(TOLD, **changes)
    assert told.verdict == verdict
    front = "预检_" if told.precheck else ""
    assert answer_name(told) == f"{front}控辍保学台账_2020-06_20200708-091500{named}.xlsx"


def test_the_district_reads_four_different_things() -> None:
    form, due = forms()["student_aid"], date(2020, 8, 20)
    plain = ReportStatus(
        district=District("210202", "中山区", "市内五区", date(2000, 1, 1), None),
        form=form,
        period=Period.parse("2020-S1"),
        state=State.MISSING,
        late_days=0,
        due_on=due,
    )

    def line(**changes: object) -> str:
        return for_district([replace(plain, **changes)], date(2020, 8, 22))[3].partition("：")[2]

    came = {"outcome": SOUND, "latest_outcome": SOUND}
    lines = [
        line(),
        line(state=State.EXPECTED),
        line(state=State.NOT_DUE),
        line(state=State.RECEIVED),
        line(state=State.REJECTED, outcome=REJECTED, latest_outcome=REJECTED),
        line(state=State.WITHDRAWN),
        line(state=State.NIL, **came),
        line(state=State.NIL, late_days=2, **came),
        line(state=State.ACCEPTED, **came),
        line(state=State.ACCEPTED, late_days=2, **came),
        line(state=State.ACCEPTED, **came | {"latest_outcome": REJECTED}),
        line(state=State.WITH_ERRORS, **came),
        line(open_until=date(2020, 12, 1)),
    ]
    assert len(set(lines)) == len(lines) - 1  # EXPECTED and NOT_DUE: of both, the due date is still to come.
    assert lines[0] == "未报（截止 2020-08-20，已逾期 2 天，可补报至 2020-10-04）"
    assert lines[4] == "退回，待重报（截止 2020-08-20，已逾期 2 天，可补报至 2020-10-04）"
    assert lines[7] == "无数据申报（已接收，迟报 2 天）"
    assert lines[9] == "已报（通过，迟报 2 天）"
    assert lines[10] == "已报（通过，后一份被退回）"
    assert lines[12] == "未报（截止 2020-08-20，已逾期 2 天，可补报至 2020-12-01）"


def test_the_overdue_come_first_and_what_is_not_due_is_called_so() -> None:
    form = forms()["dropout_control"]

    def report(period: str, state: State) -> ReportStatus:
        return ReportStatus(
            district=District("210202", "中山区", "市内五区", date(2000, 1, 1), None),
            form=form,
            period=Period.parse(period),
            state=state,
            late_days=0,
            due_on=form.due_on(Period.parse(period)),
        )

    mine = [
        report("2020-07", State.NOT_DUE),
        report("2020-06", State.EXPECTED),
        report("2020-05", State.ACCEPTED),
        report("2020-04", State.REJECTED),
        report("2020-03", State.MISSING),
        report("2020-02", State.WITH_ERRORS),
    ]
    lines = for_district(mine, date(2020, 7, 4))
    assert [line.partition("（")[0] for line in lines if line] == [
        "2020-07-04 上报情况",
        "已逾期，请尽快补报：",
        "控辍保学台账 2020年3月：未报",
        "控辍保学台账 2020年4月：退回，待重报",
        "请改正：",
        "控辍保学台账 2020年2月：已报",
        "尚未到期：",
        "控辍保学台账 2020年6月：尚未到期",
        "控辍保学台账 2020年7月：尚未到期",
        "已报：",
        "控辍保学台账 2020年5月：已报",
        "只看“上报”文件夹里报过的；预检的不算。",
    ]
