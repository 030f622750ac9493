"""What a file is, by its content, when it is no ZIP archive. Names are what a clerk calls it."""

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

_HEAD = 4096
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "not_workbook", "PDF 文件"),
    (b"{\\rtf", "not_workbook", "RTF 文档"),
    (b"\x89PNG\r\n\x1a\n", "not_workbook", "图片（PNG）"),
    (b"\xff\xd8\xff", "not_workbook", "图片（JPG）"),
    (b"GIF8", "not_workbook", "图片（GIF）"),
    (b"II*\x00", "not_workbook", "图片（TIFF）"),
    (b"MM\x00*", "not_workbook", "图片（TIFF）"),
    (b"Rar!\x1a\x07", "archive", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "archive", "7z 压缩包"),
    (b"\x1f\x8b", "archive", "GZIP 压缩包"),
    (b"BZh", "archive", "BZIP2 压缩包"),
    (b"\xfd7zXZ\x00", "archive", "XZ 压缩包"),
    (b"MSCF\x00\x00\x00\x00", "archive", "CAB 压缩包"),
    (b"\x78\x9f\x3e\x22", "mail", "邮件附件包（winmail.dat）"),
    (b"SQLite format 3\x00", "not_workbook", "数据库文件"),
    (b"\x00\x01\x00\x00Standard ", "not_workbook", "数据库文件（Access）"),
    (b"\x7fELF", "not_workbook", "程序文件"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "not_workbook", "快捷方式（.lnk），不是文件本身"),
    # Excel 2 to 4, and some exporters since, wrote bare BIFF streams.
    (b"\x09\x00\x04\x00", "format", "旧版 Excel 工作簿（.xls）"),
    (b"\x09\x02\x06\x00", "format", "旧版 Excel 工作簿（.xls）"),
    (b"\x09\x04\x06\x00", "format", "旧版 Excel 工作簿（.xls）"),
    (b"\x09\x08\x06\x00", "format", "旧版 Excel 工作簿（.xls）"),
    (b"\x09\x08\x08\x00", "format", "旧版 Excel 工作簿（.xls）"),
    (b"\x09\x08\x10\x00", "format", "旧版 Excel 工作簿（.xls）"),
)
# The first record of a workbook's stream, of BIFF5 or BIFF8; streams begin at multiples of a mini sector.
_BIFF_BEGIN = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]")
_MINI_SECTOR, _FILEPASS, _FIRST_RECORDS = 64, 0x2F, 8
# Marks so short that a text could begin with them.
_SHORT_MAGIC: tuple[tuple[bytes, str], ...] = ((b"BM", "图片（BMP）"), (b"MZ", "程序文件"))
# The start of a saved e-mail or web page (RFC 5322, RFC 2557).
_HEADER = re.compile(r"^([a-z][a-z0-9-]*):", re.MULTILINE)
_OF_MAILS = {"received", "return-path", "delivered-to", "message-id", "to"}
_OF_MESSAGES = {"mime-version", "content-type", "subject", *_OF_MAILS}
# What programs of cloud drives leave in place of a file.
_CLOUD_LINK = re.compile(r'\{\s*"(?:url|doc_id|link|file_?id|share_?url)"\s*:')
_LOCK_LENGTH, _LOCK_NAME = 165, 54
_DIRECTORY_ENTRY = 128
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XLS = "旧版 Excel 工作簿（.xls）"
_ET = "WPS 表格文件（.et 或 .xls）"


def identify(file: BinaryIO) -> tuple[str, str, str]:
    """(rule, variant, what a clerk calls it) of a file that is neither empty nor a ZIP archive."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_OLE2):
        return _ole2(file)
    if _is_lock(head):
        return "F01", "lock", "表格打开期间的临时文件（名称以 ~$ 开头）"
    for magic, variant, kind in _MAGIC:
        if head.startswith(magic):
            return "F01", variant, kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "F01", "not_workbook", "图片（WEBP）"
    if head[257:262] == b"ustar":
        return "F01", "archive", "TAR 压缩包"
    if head[4:8] == b"ftyp":
        return "F01", "not_workbook", "图片或视频"
    return _text(head)


def _ole2(file: BinaryIO) -> tuple[str, str, str]:
    """An OLE2 compound file, by the names of its streams."""
    file.seek(0)
    content = file.read()
    streams = set(_streams(content))
    if any(name.startswith("__SUBSTG1.0_") for name in streams):
        return "F01", "mail", "邮件（.msg）"
    if streams & {"\x09DRMCONTENT", "DRMENCRYPTEDDATASPACE", "DRMENCRYPTEDTRANSFORM"}:
        return "F02", "rights", "受权限保护的工作簿"
    if streams & {"ENCRYPTEDPACKAGE", "ENCRYPTIONINFO"}:
        return "F02", "default", "加密的工作簿"
    if streams & {"WORKBOOK", "BOOK"}:
        if any(_has_password(content, match.start()) for match in _BIFF_BEGIN.finditer(content)):
            return "F02", "old_format", "加密的旧版工作簿"
        return "F01", "format", _ET if _from_wps(content) else _XLS
    if "WORDDOCUMENT" in streams:
        return "F01", "not_workbook", "Word 或 WPS 文字文档（.doc、.wps）"
    if "POWERPOINT DOCUMENT" in streams:
        return "F01", "not_workbook", "演示文稿（.ppt、.dps）"
    return "F01", "unknown", "无法识别的文件"


def _streams(content: bytes) -> Iterator[str]:
    """Names in capitals, as they are compared, of what looks like a directory entry (MS-CFB 2.6.1)."""
    for at in range(0, len(content) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
        # The bytes of the name with its final zero; Excel 95 leaves anything behind that.
        length = content[at + 64]
        if 2 < length <= 64 and not content[at + 65] and content[at + length - 2 : at + length] == b"\x00\x00":
            yield content[at : at + length - 2].decode("utf-16-le", "replace").upper()


def _has_password(content: bytes, at: int) -> bool:
    """Whether a FILEPASS is among the first records of the stream at `at` (MS-XLS 2.4.117)."""
    if at % _MINI_SECTOR:
        return False
    for _ in range(_FIRST_RECORDS):
        if len(content) - at < 4:
            return False
        kind, length = struct.unpack_from("<2H", content, at)
        if kind == _FILEPASS:
            return True
        at += 4 + length
    return False


def _from_wps(content: bytes) -> bool:
    """Whether the summary streams name WPS; an .et is the same BIFF stream as an .xls."""
    marks = ("WPS Office", "WPS 表格", "Kingsoft", "KSOProductBuildVer")
    return any(mark.encode(code) in content for mark in marks for code in ("utf-8", "utf-16-le", "gb18030"))


def _text(head: bytes) -> tuple[str, str, str]:
    text = _decoded(head)
    if text is None:
        for magic, kind in _SHORT_MAGIC:
            if head.startswith(magic):
                return "F01", "not_workbook", kind
        return "F01", "unknown", "无法识别的文件"
    start = text.lstrip("\ufeff \t\r\n").replace("\r\n", "\n").lower()
    if start.startswith("id;p"):
        return "F01", "format", "SYLK 表格（.slk）"
    if len(headers := _HEADER.findall(start.partition("\n\n")[0])) > 1 and _OF_MESSAGES & set(headers):
        return ("F01", "format", "网页文件（.mht）") if _is_page(start, headers) else ("F01", "mail", "邮件（.eml）")
    if start.startswith(("[internetshortcut]", "[desktop entry]")) or _CLOUD_LINK.match(start):
        return "F01", "not_workbook", "快捷方式，不是文件本身"
    if start.startswith("<"):
        return _markup(start)
    return "F01", "format", "CSV 或文本文件"


def _is_page(start: str, headers: list[str]) -> bool:
    """Whether a message is a web page that was saved with its pictures: nobody has sent it to anybody."""
    sent = _OF_MAILS & set(headers)
    return "multipart/related" in start and (not sent or "snapshot-content-location" in headers)


def _is_lock(head: bytes) -> bool:
    """Whether it is what Excel or WPS leaves beside an open file: who has it open, padded, twice."""
    if len(head) != _LOCK_LENGTH or not 0 < head[0] <= _LOCK_NAME or not 0 < head[_LOCK_NAME + 1] <= _LOCK_NAME:
        return False
    return head[_LOCK_NAME + 2] == 0 and not head[1 + head[0] : 1 + _LOCK_NAME].strip(b" \x00")


def _markup(start: str) -> tuple[str, str, str]:
    if "urn:schemas-microsoft-com:office:spreadsheet" in start or 'progid="excel.sheet"' in start:
        return "F01", "format", "XML 表格 2003 文件（.xml）"
    if "opendocument:xmlns:office" in start:
        return "F01", "format", "OpenDocument 表格（.fods）"
    if "<plist" in start and "<key>url</key>" in start:
        return "F01", "not_workbook", "快捷方式，不是文件本身"
    if re.search(r"<(!doctype html|html|head|body|table|meta|style)\b", start):
        return "F01", "format", "网页文件（.html，常由系统导出后改名为 .xls）"
    return "F01", "not_workbook", "XML 文件"


def _decoded(head: bytes) -> str | None:
    """`head` as text: UTF-8, UTF-16 with a mark, or GB 18030; None for what is no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    for code in ("utf-8", "gb18030"):
        # The last character may be cut in two by the end of `head`.
        for cut in range(4):
            try:
                return head[: len(head) - cut].decode(code)
            except UnicodeDecodeError:
                continue
    return None
