"""Rows that lie on another sheet, and sheets that go by another name (docs/rules.md, F05 and F10)."""

import pytest
from openpyxl import Workbook

from followed import checked, marked, mended, told, with_parts
from ledger_book import CASE_HEADERS, CASES, ENROLMENT, case, write_book

COPY = "疑似辍学台账 (2)"


def copied(title: str, state: str = "visible", first: int = 4, last: int = 43, source: str = CASES):
    """A copy of a sheet with some of its rows."""

    def change(book: Workbook) -> None:
        copy = book.copy_worksheet(book[source])
        copy.title, copy.sheet_state = title, state
        copy.delete_rows(last + 1, 100)
        if first > 4:
            copy.delete_rows(4, first - 4)

    return change


@pytest.mark.parametrize(
    ("title", "state", "source"),
    [(COPY, "visible", CASES), ("Sheet1", "hidden", CASES), ("备份", "veryHidden", ENROLMENT)],
)
def test_a_copy_of_a_data_sheet_beside_it(tmp_path, register, title, state, source):
    path = write_book(tmp_path / "book.xlsx", change=copied(title, state, source=source))
    answer = checked(path, register)
    assert told(answer) == [("F10", source, None)]
    [found] = answer.findings
    assert f"“{title}”" in found.message
    assert ("隐藏" in found.message) == ("取消隐藏" in found.fix) == (state != "visible")
    assert told(checked(mended(marked(path, answer), lambda book: book.remove(book[title])), register)) == []


def test_the_rest_of_the_rows_on_a_sheet_of_another_name(tmp_path, register):
    def change(book: Workbook) -> None:
        copied("续表", first=24)(book)
        book[CASES].delete_rows(24, 100)

    path = write_book(tmp_path / "book.xlsx", change=change)
    assert told(checked(path, register)) == [("F10", CASES, None)]

    def moved(book: Workbook) -> None:
        for row in book["续表"].iter_rows(min_row=4, values_only=True):
            book[CASES].append(row)
        del book["续表"]

    answer = checked(mended(path, moved), register)
    assert (told(answer), answer.counts[0].loaded) == ([], 40)


def test_headers_in_other_rows_and_in_another_order_are_found(tmp_path, register):
    def change(book: Workbook) -> None:
        sheet = book.create_sheet("补报")
        sheet.append(["补充上报"])
        sheet.append(list(reversed(CASE_HEADERS)))
        sheet.append([case(50).get(header) for header in reversed(CASE_HEADERS)])

    assert told(checked(write_book(tmp_path / "book.xlsx", change=change), register)) == [("F10", CASES, None)]


def test_two_sheets_are_named_at_once(tmp_path, register):
    def change(book: Workbook) -> None:
        copied(COPY)(book)
        copied("甲")(book)

    [found] = checked(write_book(tmp_path / "book.xlsx", change=change), register).findings
    assert f"“{COPY}”、“甲”" in found.message


def only_totals(book: Workbook) -> None:
    copied("汇总")(book)
    book["汇总"].delete_rows(4, 100)
    book["汇总"]["A4"], book["汇总"]["M4"] = "合计", 80


def a_roster(book: Workbook) -> None:
    sheet = book.create_sheet("名册")
    sheet.append(CASE_HEADERS[:9])
    sheet.append([case(1).get(header) for header in CASE_HEADERS[:9]])


@pytest.mark.parametrize("change", [copied("空表", last=3), only_totals, a_roster])
def test_a_sheet_without_rows_or_without_all_headers_is_left_alone(tmp_path, register, change):
    assert told(checked(write_book(tmp_path / "book.xlsx", change=change), register)) == []


@pytest.mark.parametrize("start", [b"<row", b"</row>", b"<c "])
def test_a_broken_other_sheet_hurts_nothing(tmp_path, register, start):
    path = write_book(tmp_path / "book.xlsx", change=copied("草稿"))

    def broken(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet4.xml"
        parts[name] = parts[name].replace(start, b"<v>\x00" + start, 3)

    answer = checked(with_parts(path, broken), register)
    assert (told(answer), answer.counts[0].loaded) == ([], 40)


@pytest.mark.parametrize(
    "change",
    [
        "tops.read_tops = lambda *_: os.abort()",
        "tops.read_tops = lambda *_: os.kill(os.getpid(), signal.SIGXCPU)",
        "tops.cells_of = lambda *_: (_ for _ in ()).throw(BaseException('a panic'))",
    ],
)
def test_an_other_sheet_that_brings_the_child_down_takes_nothing_with_it(tmp_path, register, fake_child, change):
    path = write_book(tmp_path / "book.xlsx", change=copied("草稿"))
    fake_child.is_ours(change)
    answer = checked(path, register)
    assert (told(answer), answer.counts[0].loaded, fake_child.runs) == ([], 40, 1)


@pytest.mark.parametrize(
    ("title", "cleared"),
    [("Sheet2", False), ("疑似辍学台帐", True), ("6月疑似辍学台账", True)],
)
def test_a_data_sheet_of_another_name_is_named(tmp_path, register, title, cleared):
    def change(book: Workbook) -> None:
        book[CASES].title = title
        if cleared:
            book[title].delete_rows(1, 100)

    path = write_book(tmp_path / "book.xlsx", change=change)
    [found] = checked(path, register).findings
    assert (found.rule, found.sheet) == ("F10", CASES)
    assert f"“{title}”" in found.message
    if not cleared:
        assert told(checked(mended(path, lambda book: setattr(book[title], "title", CASES)), register)) == []


@pytest.mark.parametrize(("title", "state"), [("封面 (2)", "visible"), ("Sheet1", "hidden"), ("封皮", "visible")])
def test_a_cover_of_another_name_is_named(tmp_path, register, title, state):
    def change(book: Workbook) -> None:
        book["封面"].sheet_state = state
        book["封面"].title = title
        book.active = 1

    path = write_book(tmp_path / "book.xlsx", change=change)
    [found] = checked(path, register).findings
    assert (found.rule, found.sheet) == ("F05", None)
    assert f"“{title}”" in found.message

    def renamed(book: Workbook) -> None:
        book[title].sheet_state = "visible"
        book[title].title = "封面"

    assert told(checked(mended(path, renamed), register)) == []


def test_nothing_like_a_cover_is_named_where_there_is_nothing(tmp_path, register):
    [found] = checked(write_book(tmp_path / "book.xlsx", drop_sheets=("封面",)), register).findings
    assert CASES not in found.message
    assert ENROLMENT not in found.message
