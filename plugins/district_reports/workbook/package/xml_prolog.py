"""The start of an XML part: its encoding, and no document type (XML 1.0, 2.8 and appendix F)."""

import codecs
import re
from collections.abc import Iterator

from district_reports.workbook.limits import Limits
from district_reports.workbook.problem import Refused, crafted

_DECLARED_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
# Encodings in which markup is these bytes and nothing else is.
_ASCII_ENCODINGS = re.compile(r"utf-?8|(us-)?ascii|iso-8859-\d+|windows-125\d|gb2312|gbk|gb18030|big5", re.IGNORECASE)
_FOUR_BYTES = (b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\x00<", b"<\x00\x00\x00", b"\x4c\x6f\xa7\x94")
_MISCELLANY = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_START_TAG = re.compile(rb"\s*(<(?![?!/])[^<>]*)>")


def checked(blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """`blocks` of a part, from UTF-16 turned into UTF-8; the first holds the start of the root element.

    Raises:
        Refused: a document type, an encoding in which none could be seen, or no root where one belongs.
    """
    head = b""
    for block in blocks:
        head = head + block if head else block
        if len(head) >= 2 * limits.prolog:
            break
    if encoding := _wide_encoding(head):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        head = decoder.decode(head).encode("utf-8", "replace")
        blocks = (decoder.decode(block).encode("utf-8", "replace") for block in blocks)
    _check_prolog(head[: limits.prolog], limits)
    yield head
    yield from blocks


def _wide_encoding(head: bytes) -> str | None:
    """The UTF-16 that a part beginning with `head` is written in; None for what has ASCII as it is."""
    if head.startswith(_FOUR_BYTES):
        raise Refused("F03", "encoding")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[1:4:2] == b"\x00\x00":
        return "utf-16-le"
    if head[0:3:2] == b"\x00\x00":
        return "utf-16-be"
    declared = _DECLARED_ENCODING.match(head[:1024])
    if declared and not _ASCII_ENCODINGS.fullmatch(declared[1].decode("latin-1")):
        raise Refused("F03", "encoding")
    return None


def _check_prolog(head: bytes, limits: Limits) -> None:
    """Only comments and processing instructions may stand before the root element; what is no XML passes."""
    rest = head[_end_of_miscellany(head) :].lstrip()
    if rest.startswith(b"<!") and not rest.startswith(b"<!--"):
        raise Refused("F03", "dtd")
    if len(head) == limits.prolog and (not rest or rest.startswith((b"<!--", b"<?"))):
        raise crafted("部件开头有大段无用内容")


def _end_of_miscellany(head: bytes) -> int:
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while match := _MISCELLANY.match(head, at):
        at = match.end()
    return at


def root_of(head: bytes) -> bytes:
    """The start tag of the root element in `head`, the first block of :func:`checked`; empty where there is none."""
    match = _START_TAG.match(head, _end_of_miscellany(head))
    return match[1] if match else b""
