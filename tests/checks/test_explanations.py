"""What a district writes into the list that was handed back, and the warnings that it keeps quiet."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from district_reports.checks.explanations import explain
from district_reports.checks.file import check_file
from district_reports.checks.report import as_json, as_text
from district_reports.checks.run import check_workbook
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.reference.register import Register
from district_reports.workbook.problem_list import EXPLANATION, PROBLEM_LIST, WARNING_ID
from district_reports.workbook.reading.reader import read_sheets
from explained_list import put_list
from fake_child import FakeChild
from ledger_book import RECEIVED_ON, SCHOOLS, case, resident_id, write_book

WHY = "家长已外出务工，6 月 20 日起办理助学金"
POOR = [case(number, **({"主要原因": "因贫"} if number <= 3 else {})) for number in range(1, 41)]
Check = Callable[..., CheckedWorkbook]


def listed(checked: CheckedWorkbook, explanations: dict[int, object], **options) -> Callable[[Workbook], None]:
    return lambda book: put_list(book, checked.findings, explanations, **options)


def said(checked: CheckedWorkbook) -> list[str | None]:
    return [found.explanation for found in checked.findings]


@pytest.fixture(scope="module")
def first(register: Register, tmp_path_factory: pytest.TempPathFactory) -> CheckedWorkbook:
    """Three open cases for poverty, not explained."""
    path = write_book(tmp_path_factory.mktemp("first") / "book.xlsx", cases=POOR)
    checked = check_workbook(read_sheets(path), register, "210202", RECEIVED_ON)
    assert [found.rule for found in checked.findings] == ["D06"] * 3
    assert checked.reason.endswith("另有 3 条警告，请核对。")
    return checked


@pytest.fixture
def filled_in(tmp_path: Path, first: CheckedWorkbook) -> Callable[..., CheckedWorkbook]:
    """The same workbook with another sheet, which `change` puts in."""

    def again(change: Callable[[Workbook], None], known: dict[str, str] | None = None) -> CheckedWorkbook:
        book = Workbook()
        change(book)
        book.save(tmp_path / "list.xlsx")
        return explain(first, read_sheets(tmp_path / "list.xlsx"), lambda *_: known or {})

    return again


def test_an_explanation_keeps_its_warning_quiet(filled_in, first):
    again = filled_in(listed(first, {1: f"{WHY}\n　谢谢_x000B_"}))

    assert said(again) == [None, f"{WHY}  谢谢", None]
    assert again.reason.endswith("另有 2 条警告，请核对；1 条已有说明。")
    assert again.explanations == {
        first.findings[0].warning_id: None,
        first.findings[1].warning_id: f"{WHY}  谢谢",
        first.findings[2].warning_id: None,
    }
    assert (again.verdict, again.counts) == (first.verdict, first.counts)


def test_all_explained(filled_in, first):
    again = filled_in(listed(first, dict.fromkeys(range(3), WHY)))
    assert again.reason.endswith("另有 3 条警告已有说明。")


def test_what_was_said_before_holds_until_it_is_said_otherwise(check, first):
    names = [found.warning_id or "" for found in first.findings]
    known = dict.fromkeys(names, "上次的说明")

    fresh = check(cases=POOR[::-1], known=known)
    assert said(fresh) == ["上次的说明"] * 3
    assert fresh.explanations == {}
    emptied = check(cases=POOR, known=known, change=listed(first, {0: None, 1: WHY}))
    assert said(emptied) == [None, WHY, None]
    changed = [{**row, "劝返状态": "未劝返", "劝返次数": 0} for row in POOR[:1]] + POOR[1:]
    assert said(check(cases=changed, known=known)) == [None, "上次的说明", "上次的说明"]


@pytest.mark.parametrize("text", ["无", "否", "/", "。", "1234", "—— ", "✓"])
def test_a_mark_is_no_explanation(filled_in, first, text):
    again = filled_in(listed(first, {0: text}), {first.findings[0].warning_id: WHY})
    assert said(again) == [None] * 3
    assert again.findings[0].fix == first.findings[0].fix + "“情况说明”里写的没有说明原因，请写明。"
    assert again.findings[1:] == first.findings[1:]


def test_what_is_long_is_cut_and_what_a_formula_lacks_says_nothing(filled_in, first):
    again = filled_in(listed(first, {0: "长" * 1500, 1: "=1/0"}), {first.findings[1].warning_id: WHY})
    assert said(again) == ["长" * 1000, WHY, None]


def test_without_the_hidden_column_a_line_is_known_by_its_place(check, first):
    moved = listed(first, {0: "第一人", 2: "第三人"}, without=[WARNING_ID])
    assert said(check(cases=POOR, change=moved)) == ["第一人", None, "第三人"]
    # All three have the same value: of the moved rows, only those whose cell still has such a warning can be meant.
    assert said(check(cases=POOR[3:] + POOR[:3], change=moved)) == [None] * 3
    lone = [case(1, 学籍号=f"G{resident_id(77)}"), *POOR[3:]]
    one = check(cases=lone)
    change = listed(one, {0: "转学前的学籍号"}, without=[WARNING_ID])
    assert said(check(cases=[*lone[1:], lone[0]], change=change)) == ["转学前的学籍号"]


def test_a_list_is_known_by_the_name_that_a_header_had(check, first):
    def former(book: Workbook) -> None:
        listed(first, {0: "第一人"}, without=[WARNING_ID])(book)
        (renamed,) = (cell for cell in book[PROBLEM_LIST][4] if cell.value == "栏目")
        renamed.value = "指标"

    assert said(check(cases=POOR, change=former))[0] == "第一人"


def test_equal_warnings_are_explained_together(check):
    total = {"身份证件号": "合计", "劝返次数": 9}
    rows = [*POOR[3:], total, total]
    once = check(cases=rows)
    assert [found.rule for found in once.findings] == ["T09", "T09"]
    assert said(check(cases=rows, change=listed(once, {1: "上级要求的合计行"}))) == ["上级要求的合计行"] * 2


def test_a_rejected_file_is_listened_to(check, first):
    bad = [case(number, 姓名=None) for number in range(1, 41)]
    rejected = check(cases=bad, change=listed(first, {0: WHY}))
    assert rejected.verdict is Outcome.REJECTED
    assert rejected.explanations[first.findings[0].warning_id] == WHY
    headless = check(cases=POOR, case_headers=["身份证件号", "姓名"], change=listed(first, {0: WHY}))
    assert headless.explanations[first.findings[0].warning_id] == WHY


def scribbled(book: Workbook) -> None:
    book.create_sheet(PROBLEM_LIST).append(["上次的问题", EXPLANATION, "=1/0", 5])


def far_below(book: Workbook) -> None:
    sheet = book.create_sheet(PROBLEM_LIST)
    sheet["A90"], sheet["B90"] = EXPLANATION, WARNING_ID
    sheet["A91"], sheet["B91"] = WHY, "w" + "0" * 19


def strange_names(book: Workbook) -> None:
    sheet = book.create_sheet(PROBLEM_LIST)
    sheet.append([EXPLANATION, WARNING_ID])
    for name in ("w123", 12, "=A1", None, "w" + "x" * 19, "D06"):
        sheet.append([WHY, name])


def empty(book: Workbook) -> None:
    book.create_sheet(PROBLEM_LIST)


@pytest.mark.parametrize("change", [empty, scribbled, far_below, strange_names])
def test_a_sheet_that_is_not_ours_says_nothing(filled_in, first, change):
    assert filled_in(change) == first


PANIC = "(_ for _ in ()).throw(BaseException('a panic'))"


@pytest.mark.parametrize(
    "change",
    [
        "reader.MAX_ASIDE = 10",
        "reader.MAX_ASIDE_SIZE = 10",
        f"reader.cell_accounting.check_all_handed_on = lambda title, *_: title == '{PROBLEM_LIST}' and {PANIC}",
        "reader.read_aside = lambda *_: os.abort()",
        "reader.read_aside = lambda *_: os.kill(os.getpid(), signal.SIGXCPU)",
    ],
)
def test_a_list_that_cannot_be_read_is_left_out(change, tmp_path: Path, register, fake_child: FakeChild, first):
    path = write_book(tmp_path / "book.xlsx", cases=POOR, change=listed(first, {0: WHY}))
    fake_child.is_ours(change)
    checked = check_file(path, register, "210202", RECEIVED_ON)

    assert (checked.verdict, checked.findings, fake_child.runs) == (Outcome.ACCEPTED, first.findings, 1)


def test_a_list_is_read_in_the_limited_child(tmp_path: Path, register, first):
    path = write_book(tmp_path / "book.xlsx", cases=POOR, change=listed(first, {0: WHY}))
    assert said(check_file(path, register, "210202", RECEIVED_ON)) == [WHY, None, None]


def test_the_report_tells_what_is_explained_last(check, first):
    again = check(cases=POOR, enrolment=SCHOOLS[:1], change=listed(first, {1: WHY}))
    lines = as_text("台账.xlsx", again).splitlines()
    assert [line.split("]")[0].strip() for line in lines if "[" in line] == [
        "[警告 D06",
        "[警告 D06",
        "[警告 C10",
        "[已说明 D06",
    ]
    assert lines[-2].endswith(f"说明：{WHY}")
    found: list[dict[str, object]] = json.loads(as_json("台账.xlsx", again))["findings"]
    assert [each["explanation"] for each in found] == [None, WHY, None, None]
