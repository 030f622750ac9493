"""The guard on what a file is: one file, one thing wrong with it, one problem (F01, F02)."""

import io
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from guarded_files import BOOK, SHEET, TYPES, found, kind, rewritten

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
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=400)
    return folder / "out"


@pytest.mark.slow
def test_libreoffice(office: Path) -> None:
    assert found(office / "a.xlsx") == []
    assert kind(office / "a.xls") == "旧版 Excel 工作簿（.xls）"


# F01: not a readable .xlsx

MAILS = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: 1\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n',
    b"Received: from x\r\n by y\r\nX-Mailer: Foxmail\r\nDate: Mon\r\nMessage-ID: <1>\r\n\r\nx",
    b'MIME-Version: 1.0\nTo: b@example.org\nContent-Type: multipart/related; boundary="b"\n\n--b\n',
    b"Return-Path: <a@example.org>\nDelivered-To: b\nSubject: =?gb18030?B?1cU=?=\n\n",
)
PAGES = (
    b'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary="b"\r\n\r\nx',
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org\r\nSubject: 1\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b"\r\n\r\nx',
)
LOCK = b"\x04" + "王敏".encode("gb18030").ljust(54) + b"\x02\x00" + "王敏".encode("utf-16-le") + b" \x00" * 52


@pytest.mark.parametrize(
    ("content", "variant", "name"),
    [
        ("身份证件号,姓名\n".encode(), "format", "CSV 或文本文件"),
        ("身份证件号,姓名\n".encode("gb18030"), "format", "CSV 或文本文件"),
        ("身份证件号\t姓名\n".encode("utf-16"), "format", "CSV 或文本文件"),
        (b"BMI,1\n", "format", "CSV 或文本文件"),
        (b"ID;PWXL;N;E\n", "format", "SYLK 表格（.slk）"),
        (b"\x09\x08\x06\x00\x00\x05\x05\x00", "format", "旧版 Excel 工作簿（.xls）"),
        (b"\x09\x08\x08\x00\x00\x05\x05\x00", "format", "旧版 Excel 工作簿（.xls）"),
        (b"%PDF-1.7\n", "not_workbook", "PDF 文件"),
        (b"\x89PNG\r\n\x1a\n\x00", "not_workbook", "图片（PNG）"),
        (b"\xff\xd8\xff\xe0\x00", "not_workbook", "图片（JPG）"),
        (b"<html><body><table>", "format", "网页文件（.html，常由系统导出后改名为 .xls）"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "format", "XML 表格 2003 文件（.xml）"),
        (b"Rar!\x1a\x07\x01\x00", "archive", "RAR 压缩包"),
        (b"\x62\x14\x23\x65\x00\x01", "unknown", "无法识别的文件"),
        *((head, "mail", "邮件（.eml）") for head in MAILS),
        *((head, "format", "网页文件（.mht）") for head in PAGES),
        ("姓名: 备注\n学号: 1\n".encode(), "format", "CSV 或文本文件"),
        (b"name:,x\n", "format", "CSV 或文本文件"),
        (b"\x78\x9f\x3e\x22\x01", "mail", "邮件附件包（winmail.dat）"),
        (LOCK, "lock", "表格打开期间的临时文件（名称以 ~$ 开头）"),
        (b"[InternetShortcut]\r\nURL=https://example.org\r\n", "not_workbook", "快捷方式，不是文件本身"),
        (b'{"url": "https://example.org", "doc_id": "1"}', "not_workbook", "快捷方式，不是文件本身"),
        (b'<?xml version="1.0"?><plist><dict><key>URL</key></dict></plist>', "not_workbook", "快捷方式，不是文件本身"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes, variant: str, name: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert found(path) == [("F01", variant)]
    assert kind(path) == name


def ole2(*streams: str, summary: bytes = b"", behind: bytes = b"\0") -> bytes:
    """The directory of a compound file with `streams`; `behind` the zero that ends a name is of no meaning."""
    entries = b"".join(
        f"{name}\0".encode("utf-16-le").ljust(64, behind) + struct.pack("<H", 2 * len(name) + 2) + bytes(62)
        for name in ("Root Entry", *streams)
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entries + summary


def test_old_formats_are_told_apart_by_their_streams(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(ole2("Workbook", summary="WPS 表格".encode("gb18030")))
    assert kind(path) == "WPS 表格文件（.et 或 .xls）"
    path.write_bytes(ole2("__nameid_version1.0", "__substg1.0_0037001F", "Workbook"))
    assert kind(path) == "邮件（.msg）"
    path.write_bytes(ole2("WordDocument"))
    assert kind(path) == "Word 或 WPS 文字文档（.doc、.wps）"


@pytest.mark.parametrize("name", ["WORKBOOK", "BOOK", "Workbook", "Book"])
@pytest.mark.parametrize("behind", [b"\0", b"k"])
def test_streams_in_capitals_and_with_remains_behind_their_names(tmp_path: Path, name: str, behind: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(ole2(name, behind=behind))
    assert kind(path) == "旧版 Excel 工作簿（.xls）"
    path.write_bytes(ole2("EncryptedPackage", behind=behind))
    assert found(path) == [("F02", "default")]


def test_a_name_that_only_begins_like_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(ole2("Workbooks"))
    assert kind(path) == "无法识别的文件"


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
    assert found(rewritten(workbook, lambda parts: parts.pop(SHEET) and None)) == [("F01", "sheet_missing")]


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
    assert kind(binary) == "Excel 二进制工作簿（.xlsb）"
    word = rewritten(
        tmp_path / shutil.copy(workbook, tmp_path / "w.xlsx"),
        lambda parts: parts.update(
            {TYPES: parts[TYPES].replace(b"spreadsheetml.sheet.main", b"wordprocessingml.main")}
        ),
    )
    assert kind(word) == "Word 或 WPS 文字文档（.docx）"
    open_document = tmp_path / "o.xlsx"
    with zipfile.ZipFile(open_document, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office/>")
    assert kind(open_document) == "OpenDocument 表格（.ods）"
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
    assert found(workbook) == [("F02", "archive")]
