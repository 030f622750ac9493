"""What a cell of a worklist that comes back means, whatever kind a program made of it."""

from datetime import date, datetime

import pytest

from district_reports.reconciliation.returned import ReturnedRow, is_worklist, read_worklist
from district_reports.workbook.raw import Cell, CellError, FormattedNumber, NoResult, RawSheet, TimeOfDay

SAID = "已核实"


def sheet(title: str, *lines: tuple[Cell, ...]) -> RawSheet:
    return RawSheet(title, tuple(zip(*lines, strict=True)))


def only_row(number: Cell = 5.0, text: Cell = SAID, first_seen: Cell = None, days: Cell = None) -> ReturnedRow:
    lines = (("编号", "情况说明", "首次出现", "已挂天数"), (number, text, first_seen, days))
    (row,) = read_worklist([sheet("待核对", *lines)]).rows
    return row


@pytest.mark.parametrize(
    "number",
    [5.0, "5", " 5 ", "５", "005", "5\u200b", "\ufeff5", FormattedNumber(5.0, "00005", is_scaled=False)],
)
def test_a_number_is_read_from(number: Cell) -> None:
    assert only_row(number).number == 5


def test_a_number_behind_more_zeros_than_int_takes_is_read() -> None:
    assert only_row("0" * 30_000 + "5").number == 5


def test_a_long_number_with_separators_is_read() -> None:
    assert only_row("1,234").number == only_row("1，234").number == 1234


@pytest.mark.parametrize(
    "number",
    [None, "", "五", "5a", "5-6", -5.0, 0.0, 5.5, "1e5", "9" * 19, 1e30, True, datetime(1900, 1, 5), CellError("#N/A")],  # noqa: DTZ001
)
def test_no_number_is_read_from(number: Cell) -> None:
    assert only_row(number).number is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (None, ""),
        (" \u3000", ""),
        (f" {SAID}\n{SAID}\u200b", f"{SAID} {SAID}"),
        (12.0, "12"),
        (CellError("#REF!"), None),
    ],
)
def test_a_text_is_read_from(text: Cell, read: str | None) -> None:
    assert only_row(text=text).explanation == read


def test_a_formula_tells_only_its_result() -> None:
    assert only_row(text=NoResult(empty=False)).explanation is None
    assert only_row(text=NoResult(empty=True)).explanation == ""


@pytest.mark.parametrize(
    "first_seen",
    [datetime(2020, 7, 4), date(2020, 7, 4), "2020-07-04", "2020/7/4", "2020年7月4日", 44016.0],  # noqa: DTZ001
)
@pytest.mark.parametrize("days", [2.0, "2", "２"])
def test_the_day_of_a_row(first_seen: Cell, days: Cell) -> None:
    assert only_row(first_seen=first_seen, days=days).made_on == date(2020, 7, 6)
    assert only_row(first_seen=first_seen, days=0.0).made_on == date(2020, 7, 4)


@pytest.mark.parametrize(
    ("first_seen", "days"),
    [
        (None, 2.0),
        ("昨天", 2.0),
        ("2020-07-04", None),
        ("2020-07-04", "许多"),
        ("9999-12-31", 1.0),
        (TimeOfDay("8:00"), 1.0),
        ("2020-07-04", "9" * 18),
    ],
)
def test_a_row_without_a_day(first_seen: Cell, days: Cell) -> None:
    assert only_row(first_seen=first_seen, days=days).made_on is None


def test_the_hidden_sheet_is_believed_as_far_as_it_can_be_read() -> None:
    lines = sheet("待核对", ("编号", "情况说明"), (1.0, SAID))
    assert read_worklist([lines, sheet("标识", ("批次", "7"), ("日期", "2020-07-04"))]).run_id == 7
    for marks in (("批次", "七"), ("run", "7"), (None, None)):
        assert read_worklist([lines, sheet("标识", marks)]).run_id is None


def test_by_what_it_is_known() -> None:
    assert is_worklist([sheet("别的", ("a", "b")), sheet("待 核对", ("给市局", None), ("情况说明", "编 号"))])
    assert not is_worklist([sheet("待核对", ("序号", "情况说明"))])
    assert not is_worklist([sheet("待核对清单", ("编号", "情况说明"))])
    assert not is_worklist([RawSheet("待核对", ())])


def test_two_sheets_and_a_missing_column() -> None:
    book = read_worklist(
        [sheet("待核对", ("编号", "情况说明"), (1.0, SAID)), sheet("待 核对", ("编号", "备注"), (2.0, SAID))]
    )
    assert [(row.number, row.explanation) for row in book.rows] == [(1, SAID), (2, "")]
    assert len({row.position for row in book.rows}) == 2
