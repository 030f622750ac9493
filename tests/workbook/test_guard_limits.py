"""The guard on limits, crafted archives and what must not be in a workbook (F03, F04)."""

import re
import struct
from pathlib import Path

import pytest

from district_reports.workbook.guard.guard import Limits, guard
from guarded_files import BOOK, CONTENT, SHEET, TYPES, found, rewritten, with_part, with_relationship

# F03: limits and crafted archives


def test_sizes_and_numbers(tmp_path: Path, workbook: Path) -> None:
    assert found(workbook, Limits(file=100)) == [("F03", "file_size")]
    assert found(workbook, Limits(entries=3)) == [("F03", "entries")]
    assert found(workbook, Limits(inflated=1000)) == [("F03", "inflated")]
    assert found(workbook, Limits(ratio=2, ratio_from=100)) == [("F03", "ratio")]


def test_entries_that_overlap(tmp_path: Path, workbook: Path) -> None:
    content = workbook.read_bytes()
    end = content.rfind(b"PK\x05\x06")
    _, _, _, entries, _, size, offset, _ = struct.unpack("<4s4H2LH", content[end:])
    directory = content[offset:end]
    # The first entry once more under its own name in the directory, which zipfile before 3.11.8 reads.
    name, extra, comment = struct.unpack_from("<3H", directory, 28)
    first = directory[: 46 + name + extra + comment]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries + 1, entries + 1, size + len(first), offset, 0)
    workbook.write_bytes(content[:offset] + directory + first + tail)
    assert found(workbook) == [("F03", "overlap")]


@pytest.mark.parametrize("name", ["../x.xml", "/x.xml", "xl\\x.xml", "C:/x.xml", "xl//x.xml"])
def test_names_that_mean_something_to_a_file_system(workbook: Path, name: str) -> None:
    assert found(with_part(workbook, name)) == [("F03", "path")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type(workbook: Path, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "lol">]><a>&b;</a>'.encode(encoding)
    assert found(with_part(workbook, "docProps/custom.xml", bomb)) == [("F03", "dtd")]


def test_a_document_type_behind_padding(workbook: Path) -> None:
    assert found(with_part(workbook, "xl/a.xml", b" " * 60_000 + b"<!-- <a> --><!DOCTYPE a>")) == [("F03", "dtd")]
    padding = b"<!--" + b"x" * ((1 << 20) - 12) + b"-->"
    assert found(with_part(workbook, "xl/a.xml", padding + b"<!DOCTYPE a>")) == [("F03", "crafted")]


@pytest.mark.parametrize("encoding", ["utf-7", "cp037", "utf-32"])
def test_an_encoding_that_could_hide_a_document_type(workbook: Path, encoding: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?><a/>'
    content = part.encode() if encoding == "utf-7" else part.encode(encoding)
    assert found(with_part(workbook, "xl/a.xml", content)) == [("F03", "encoding")]


def test_a_cell_far_out(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", far)

    [problem] = guard(rewritten(workbook, change))
    assert (problem.rule, problem.variant) == ("F03", "far")
    assert problem.words == {"sheet": "封面", "cell": "XFD1048576"}


# F04: anything active


def test_macros(workbook: Path) -> None:
    part = with_part(workbook, "xl/vbaProject.bin", b"\0", "application/vnd.ms-office.vbaProject")
    assert found(part) == [("F04", "macro")]


def test_macro_enabled_by_content_type_alone(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        old = f"{CONTENT}.sheet.main+xml".encode()
        parts[TYPES] = parts[TYPES].replace(old, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")

    assert found(rewritten(workbook, change)) == [("F04", "macro_enabled")]


def test_a_macro_sheet(workbook: Path) -> None:
    assert found(with_part(workbook, "xl/macrosheets/sheet1.xml")) == [("F04", "xlm")]


def test_an_external_link(workbook: Path) -> None:
    link = b'<externalLink><externalBook r:id="rId1" xmlns:r="r"/></externalLink>'
    assert found(with_part(workbook, "xl/externalLinks/externalLink1.xml", link)) == [("F04", "external_link")]


def test_a_linked_picture_is_an_external_link_and_a_hyperlink_is_not(workbook: Path) -> None:
    outside = 'TargetMode="External"'
    assert found(with_relationship(workbook, "hyperlink", "https://example.org/", outside)) == []
    assert found(with_relationship(workbook, "image", "https://example.org/a.png", outside)) == [
        ("F04", "external_link")
    ]


def test_dde(workbook: Path) -> None:
    link = b'<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    part = with_part(workbook, "xl/externalLinks/externalLink1.xml", link)
    assert found(part) == [("F04", "dde")]


@pytest.mark.parametrize(
    ("formula", "problems"),
    [
        ("cmd|'/C calc'!A0", [("F04", "dde")]),
        ("1+DDE|topic!item", [("F04", "dde")]),
        ('IF(A1="a|b!c","x!","")', []),
        ("IF(A1=&quot;a|b!c&quot;,1,2)", []),
        ("Sheet2!A1", []),
    ],
)
def test_dde_in_a_formula(workbook: Path, formula: str, problems: list[tuple[str, str]]) -> None:
    sheet = f'<worksheet><sheetData><row r="1"><c r="A1"><f>{formula}</f></c></row></sheetData></worksheet>'
    assert found(with_part(workbook, "xl/worksheets/sheet9.xml", sheet.encode())) == problems


def test_all_names_and_links_that_lead_out_are_named_at_once(workbook: Path) -> None:
    """A clerk who is told of one a time sends the file five times."""
    names = [*(f'<definedName name="名称{n}">[1]Sheet1!$A${n}</definedName>' for n in range(1, 6))]
    names.append('<definedName name="藏着的" hidden="1">\'[别的.xlsx]表\'!$A$1</definedName>')

    def change(parts: dict[str, bytes]) -> None:
        new = f"</sheets><definedNames>{''.join(names)}</definedNames>".encode()
        parts[BOOK] = re.sub(rb"<definedNames ?/>", b"", parts[BOOK]).replace(b"</sheets>", new)

    rewritten(workbook, change)
    for number, target in enumerate(("file:///C:\\表\\%E6%95%99%E5%B8%88.xlsx", "学校.xlsx")):
        part = f"xl/externalLinks/_rels/externalLink{number}.xml.rels"
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath"
        link = f'<Relationship Id="rId1" Type="{kind}" Target="{target}" TargetMode="External"/>'
        with_part(workbook, part, f"<Relationships>{link}</Relationships>".encode())
        with_part(workbook, f"xl/externalLinks/externalLink{number}.xml", b"<externalLink/>")
    said = [(one.variant, *one.words.values()) for one in guard(workbook)]
    assert said == [
        *(("external_link", target) for target in ("学校.xlsx", "教师.xlsx")),
        *(("external_name", f"名称{n}") for n in range(1, 6)),
        ("hidden_name", "藏着的"),
    ]


def test_an_embedded_object(workbook: Path) -> None:
    assert found(with_part(workbook, "xl/embeddings/oleObject1.bin", b"\0")) == [("F04", "embedded")]
    assert ("F04", "embedded") in found(with_part(workbook, "xl/activeX/activeX1.xml"))


def test_connections_count_when_there_are_any(workbook: Path) -> None:
    assert found(with_part(workbook, "xl/connections.xml", b"<connections/>")) == []
    one = b'<connections><connection id="1" name="q"/></connections>'
    assert found(with_part(workbook, "xl/connections.xml", one)) == [("F04", "connection")]


def test_what_office_programs_leave_behind_is_harmless(workbook: Path) -> None:
    for name, content in (
        ("xl/printerSettings/printerSettings1.bin", b"\0\1"),
        ("customXml/item1.xml", b"<a/>"),
        ("docProps/thumbnail.jpeg", b"\xff\xd8"),
        ("xl/media/image1.svg", b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x"><svg/>'),
    ):
        with_part(workbook, name, content)
    assert found(workbook) == []
