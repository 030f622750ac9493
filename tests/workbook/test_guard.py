"""The guard: one file, one thing wrong with it, one problem."""

import io
import shutil
import struct
import subprocess
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from district_reports.workbook.guard import LIMITS, Limits, guard

TYPES, BOOK, BOOK_RELS, SHEET = (
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
)
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A plain workbook, saved by openpyxl."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "封面"
    sheet["A1"], sheet["B1"] = "报表代码", "dropout_control"
    path = tmp_path / "plain.xlsx"
    book.save(path)
    return path


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The workbook with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_part(path: Path, name: str, content: bytes = b"<x/>", content_type: str = "") -> Path:
    """The workbook with one more part."""

    def change(parts: dict[str, bytes]) -> None:
        parts[name] = content
        if content_type:
            override = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'.encode()
            parts[TYPES] = parts[TYPES].replace(b"</Types>", override)

    return rewritten(path, change)


def with_relationship(path: Path, kind: str, target: str, mode: str = "") -> Path:
    """The workbook with one more relationship of its workbook part."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    element = f'<Relationship Id="rId99" Type="{base}/{kind}" Target="{target}" {mode}/></Relationships>'

    def change(parts: dict[str, bytes]) -> None:
        parts[BOOK_RELS] = parts[BOOK_RELS].replace(b"</Relationships>", element.encode())

    return rewritten(path, change)


def found(path: Path, limits: Limits = LIMITS) -> list[tuple[str, str]]:
    return [(problem.rule, problem.variant) for problem in guard(path, limits)]


def kind(path: Path) -> str:
    [problem] = guard(path)
    assert problem.rule == "F01"
    return str(problem.words["kind"])


# Files that real programs save


def test_openpyxl(workbook: Path) -> None:
    assert found(workbook) == []


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}, {"use_zip64": True}])
def test_xlsxwriter_with_pictures_comments_and_charts(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path, options)
    sheet = book.add_worksheet("封面")
    sheet.write(0, 0, "报表代码")
    sheet.write_comment(0, 0, "<!DOCTYPE 只是文字")
    sheet.write_url(1, 0, "https://example.org/")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=封面!$A$1:$A$2"})
    sheet.insert_chart("D2", chart)
    book.set_custom_property("KSOProductBuildVer", "2052-11.8.2")
    book.close()
    assert found(path) == []


def test_a_streaming_writer_with_data_descriptors_and_folder_entries(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("xl/", b"")
        for name, content in parts.items():
            archive.writestr(name, content)
    workbook.write_bytes(pipe.data)
    assert found(workbook) == []


def test_formatted_empty_cells_far_out_are_harmless(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", far)

    assert found(rewritten(workbook, change)) == []


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook saved by LibreOffice in the formats that clerks confuse."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")
    book = openpyxl.Workbook()
    book.active["A1"] = "报表代码"
    book.save(folder / "a.xlsx")
    home = f"-env:UserInstallation=file://{folder}/home"
    for target in ("xls", "xlsx:Calc MS Excel 2007 XML"):
        command = [program, home, "--headless", "--convert-to", target, "--outdir", str(folder / "out"), "a.xlsx"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "out"


def test_libreoffice(office: Path) -> None:
    assert found(office / "a.xlsx") == []
    assert kind(office / "a.xls") == "旧版 Excel 工作簿(.xls)"


# F01: not a readable .xlsx


@pytest.mark.parametrize(
    ("content", "variant", "name"),
    [
        ("身份证件号,姓名\n".encode(), "format", "CSV 或文本文件"),
        ("身份证件号,姓名\n".encode("gb18030"), "format", "CSV 或文本文件"),
        ("身份证件号\t姓名\n".encode("utf-16"), "format", "CSV 或文本文件"),
        (b"BMI,1\n", "format", "CSV 或文本文件"),
        (b"%PDF-1.7\n", "not_workbook", "PDF 文件"),
        (b"\x89PNG\r\n\x1a\n\x00", "not_workbook", "图片(PNG)"),
        (b"\xff\xd8\xff\xe0\x00", "not_workbook", "图片(JPG)"),
        (b"<html><body><table>", "format", "网页文件(.html,常由系统导出后改名为 .xls)"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "format", "XML 表格 2003 文件(.xml)"),
        (b"Rar!\x1a\x07\x01\x00", "archive", "RAR 压缩包"),
        (b"\x62\x14\x23\x65\x00\x01", "unknown", "无法识别的文件"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, variant: str, name: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert found(path) == [("F01", variant)]
    assert kind(path) == name


def ole2(*streams: str, summary: bytes = b"") -> bytes:
    """The directory of a compound file with `streams`."""
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2) + bytes(62)
        for name in ("Root Entry", *streams)
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entries + summary


def test_old_formats_are_told_apart_by_their_streams(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(ole2("Workbook", summary="WPS 表格".encode("gb18030")))
    assert kind(path) == "WPS 表格文件(.et 或 .xls)"
    path.write_bytes(ole2("WordDocument"))
    assert kind(path) == "Word 或 WPS 文字文档(.doc、.wps)"


def test_empty_and_unfinished_files(tmp_path: Path, workbook: Path) -> None:
    path = tmp_path / "x.xlsx"
    whole = workbook.read_bytes()
    for content, variant in ((b"", "empty"), (bytes(4096), "truncated"), (whole[:-30], "truncated")):
        path.write_bytes(content)
        assert found(path) == [("F01", variant)]


def test_a_flipped_bit(workbook: Path) -> None:
    content = bytearray(workbook.read_bytes())
    with zipfile.ZipFile(workbook) as archive:
        entry = archive.getinfo(SHEET)
    content[entry.header_offset + 30 + len(SHEET) + entry.compress_size // 2] ^= 0x10
    workbook.write_bytes(content)
    assert found(workbook) == [("F01", "damaged")]


def test_a_missing_sheet_part(workbook: Path) -> None:
    assert found(rewritten(workbook, lambda parts: parts.pop(SHEET) and None)) == [("F01", "damaged")]


def test_strict_ooxml_is_refused_by_name(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        for name, old, new in (
            (BOOK, b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"),
            ("_rels/.rels", b"http://schemas.openxmlformats.org/officeDocument/", b"http://purl.oclc.org/ooxml/"),
        ):
            parts[name] = parts[name].replace(old, new)

    assert found(rewritten(workbook, change)) == [("F01", "strict")]


def test_other_packages(tmp_path: Path, workbook: Path) -> None:
    binary = rewritten(
        tmp_path / shutil.copy(workbook, tmp_path / "b.xlsx"),
        lambda parts: parts.update({TYPES: parts[TYPES].replace(b"sheet.main+xml", b"sheet.binary.macroEnabled.main")}),
    )
    # openpyxl writes the type as "...spreadsheetml.sheet.main+xml"
    assert kind(binary) == "Excel 二进制工作簿(.xlsb)"
    word = rewritten(
        tmp_path / shutil.copy(workbook, tmp_path / "w.xlsx"),
        lambda parts: parts.update(
            {TYPES: parts[TYPES].replace(b"spreadsheetml.sheet.main", b"wordprocessingml.main")}
        ),
    )
    assert kind(word) == "Word 或 WPS 文字文档(.docx)"
    open_document = tmp_path / "o.xlsx"
    with zipfile.ZipFile(open_document, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert kind(open_document) == "OpenDocument 表格(.ods)"
    packed = tmp_path / "z.xlsx"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(workbook, "上报.xlsx")
    assert kind(packed) == "ZIP 压缩包"


# F02: encrypted


def test_a_password(tmp_path: Path, workbook: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(ole2("EncryptionInfo", "EncryptedPackage"))
    assert found(path) == [("F02", "default")]


def test_an_encrypted_zip_entry(workbook: Path) -> None:
    content = bytearray(workbook.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    workbook.write_bytes(content)
    assert found(workbook) == [("F02", "default")]


# F03: limits and crafted archives


def zeros(path: Path, size: int) -> Path:
    """An archive whose one sheet inflates to `size` zeros, written without ever holding them."""
    block = bytes(1 << 24)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, crc = bytearray(), 0
    for _ in range(size // len(block)):
        packed += deflate.compress(block)
        crc = zlib.crc32(block, crc)
    packed += deflate.flush()
    names = [(TYPES.encode(), b"", 0, 0), (SHEET.encode(), bytes(packed), crc, 0)]
    body, directory = bytearray(), bytearray()
    for name, data, crc_, claimed in names:
        at = len(body)
        sizes = (8 if data else 0, 0, 0, crc_, len(data), claimed, len(name), 0)
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, *sizes[:3], *sizes[3:]) + name + data
        central = (20, 20, 0, *sizes[:3], *sizes[3:], 0, 0, 0, 0, at)
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *central) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(body), 0)
    path.write_bytes(bytes(body) + bytes(directory) + end)
    return path


def test_a_file_that_lies_about_its_size_is_stopped_at_once(tmp_path: Path) -> None:
    assert found(zeros(tmp_path / "x.xlsx", 1 << 26)) == [("F03", "crafted")]


def test_a_bomb_costs_what_the_limit_costs(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    block = bytes(1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(TYPES, "<Types/>")
        with archive.open(SHEET, "w") as part:
            for _ in range(150):
                part.write(block)
    tracemalloc.start()
    begun = time.perf_counter()
    assert found(path) == [("F03", "inflated")]
    assert time.perf_counter() - begun < 2
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


def test_sizes_and_numbers(tmp_path: Path, workbook: Path) -> None:
    assert found(workbook, Limits(file=100)) == [("F03", "file_size")]
    assert found(workbook, Limits(entries=3)) == [("F03", "entries")]
    assert found(workbook, Limits(inflated=1000)) == [("F03", "inflated")]
    assert found(workbook, Limits(ratio=2, ratio_from=100)) == [("F03", "inflated")]


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
    assert found(workbook) == [("F03", "crafted")]


@pytest.mark.parametrize("name", ["../x.xml", "/x.xml", "xl\\x.xml", "C:/x.xml", "xl//x.xml", "XL/WORKBOOK.XML"])
def test_names_that_mean_something_to_a_file_system(workbook: Path, name: str) -> None:
    assert found(with_part(workbook, name)) == [("F03", "crafted")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type(workbook: Path, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "lol">]><a>&b;</a>'.encode(encoding)
    assert found(with_part(workbook, "docProps/custom.xml", bomb)) == [("F03", "crafted")]


def test_a_document_type_across_two_blocks(workbook: Path) -> None:
    padding = b"<!--" + b"x" * ((1 << 20) - 12) + b"-->"
    assert found(with_part(workbook, "xl/a.xml", padding + b"<!DOCTYPE a>")) == [("F03", "crafted")]


@pytest.mark.parametrize("encoding", ["utf-7", "cp037", "utf-32"])
def test_an_encoding_that_could_hide_a_document_type(workbook: Path, encoding: str) -> None:
    part = f'<?xml version="1.0" encoding="{encoding}"?><a/>'
    content = part.encode() if encoding == "utf-7" else part.encode(encoding)
    assert found(with_part(workbook, "xl/a.xml", content)) == [("F03", "crafted")]


def test_a_cell_far_out(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", far)

    [problem] = guard(rewritten(workbook, change))
    assert (problem.rule, problem.variant) == ("F03", "dimension")
    assert problem.words == {"sheet": "封面", "cell": "XFD1048576"}


# F04: anything active


def test_macros(workbook: Path) -> None:
    part = with_part(workbook, "xl/vbaProject.bin", b"\0", "application/vnd.ms-office.vbaProject")
    assert found(part) == [("F04", "macro")]


def test_macro_enabled_by_content_type_alone(workbook: Path) -> None:
    def change(parts: dict[str, bytes]) -> None:
        old = f"{CONTENT}.sheet.main+xml".encode()
        parts[TYPES] = parts[TYPES].replace(old, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")

    assert found(rewritten(workbook, change)) == [("F04", "macro")]


def test_a_macro_sheet(workbook: Path) -> None:
    assert found(with_part(workbook, "xl/macrosheets/sheet1.xml")) == [("F04", "macro")]


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
    assert found(part) == [("F04", "dde"), ("F04", "external_link")]


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
