"""A part comes to the guard in blocks; wherever one ends, the guard finds the same."""

import re
from contextlib import nullcontext

import pytest

from district_reports.workbook.guard.merges import Range
from district_reports.workbook.guard.scan import LongTexts, SheetScan, StringsScan, hidden_value
from district_reports.workbook.limits import LIMITS, MAX_TEXT
from district_reports.workbook.problem import Refused

ROOT = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def scanned(*blocks: bytes) -> tuple[str, object]:
    """What comes of scanning a sheet in these blocks."""
    scan = SheetScan("学校", LIMITS, strings=10)
    try:
        for block in blocks:
            scan.feed(block)
        scan.end()
    except Refused as refused:
        return refused.problem.rule, refused.problem.variant
    return "", (frozenset(scan.active), tuple(re.findall(rb'ref="[^"]*"', bytes(scan.merge_xml))))


def rows(content: bytes, behind: bytes = b"") -> bytes:
    return ROOT + b"<sheetData>" + content + b"</sheetData>" + behind + b"</worksheet>"


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        (rows(b'<row r="600001" spans="1:2" s="1"><c r="A600001" s="1"/><c r="B600001" s="1"></c></row>'), ""),
        (rows(b'<row r="600001"><c r="A600001" s="1"><v/></c><c r="B600001" s="1"><v></v></c></row>'), ""),
        (rows(b'<row r="600001" s="1"><c s="1"/><c s="1"></c></row><row r="1048576"/>'), ""),
        (rows(b'<row r="600001"><c r="A600001" s="1"><v>1</v></c></row>'), "far"),
        (rows(b'<row r="600001"><c r="A600001" t="str"><f>B1</f></c></row>'), "far"),
        (rows(b'<row r="600001"><c s="1"/><c><v>1</v></c></row>'), "far"),
        (rows(b'<row r="2"><c r="A2" t="s"><v>12</v></c></row>'), "string_index"),
    ],
)
def test_the_end_of_a_block_may_lie_on_every_byte_of_a_sheet(sheet: bytes, found: str) -> None:
    whole = scanned(sheet)
    assert whole[1] == found or (not found and not whole[0])
    for at in range(len(ROOT), len(sheet)):
        assert scanned(sheet[:at], sheet[at:]) == whole, sheet[at - 20 : at]


@pytest.mark.parametrize(
    ("sheet", "kind"),
    [
        (rows(b'<row r="1"><c r="A1"><f>cmd|\'/c calc\'!A0</f></c></row>'), "active"),
        (rows(b'<row r="1"><c r="A1"><f>' + "甲".encode() * 8000 + b"+WEBSERVICE(A2)</f></c></row>"), "active"),
        (rows(b"", b'<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>'), "merged"),
    ],
)
def test_nothing_is_overlooked_at_the_end_of_a_block(sheet: bytes, kind: str) -> None:
    whole = scanned(sheet)
    assert whole[1] != (frozenset(), ()), kind
    for at in {*range(len(ROOT), len(ROOT) + 99), *range(max(len(ROOT), len(sheet) - 99), len(sheet))}:
        assert scanned(sheet[:at], sheet[at:]) == whole, sheet[at - 20 : at]


def test_a_text_as_long_as_a_cell_takes_may_be_cut_in_its_tag_and_in_an_entity() -> None:
    head, tail = b'<si><t xml:space="preserve">', b"&amp;</t></si>"
    for letters, too_long in ((MAX_TEXT - 1, False), (MAX_TEXT, True)):
        text = head + b"x" * letters + tail
        for at in (*range(len(head) + 2), *range(len(text) - len(tail) - 2, len(text))):
            texts = LongTexts()
            with pytest.raises(Refused) if too_long else nullcontext():
                texts.feed(text[:at])
                texts.feed(text[at:])


def test_shared_strings_are_counted_across_blocks() -> None:
    root = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    table = root + b"<si><t>1</t></si><si/><si><t>3</t></si></sst>"
    for at in range(len(root), len(table) - 1):
        scan = StringsScan(LIMITS)
        for block in (table[:at], table[at : at + 1], table[at + 1 :]):
            scan.feed(block)
        assert scan.count == 3


@pytest.mark.parametrize(("content", "holds"), [(b"/>", False), (b"><v/></c>", False), (b"><v>1</v></c>", True)])
def test_what_lies_under_a_wide_merge_is_found_wherever_a_block_ends(content: bytes, holds: bool) -> None:
    sheet = rows(b'<row r="7"><c r="C7" s="1"' + content + b"</row>")
    for at in range(len(sheet)):
        assert (hidden_value(iter((sheet[:at], sheet[at:])), [Range(1, 1, 9, 9)]) is not None) is holds
