"""Whether a sheet or a table of shared strings is canonical: spelt the way that spreadsheet programs write it.

XML lets the same sheet be spelt in many ways that readers of workbooks stumble over in silence: comments and CDATA
within a value, prefixes, UTF-16, cells without an address, values before formulas. What is not canonical is written
anew by :mod:`normalise`; everything behind relies on it. Runs inside the limited child only.

The grammars below are possessive: they never go back, and take the same time for each byte.
"""

import re

_START = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>?]*\?>\s*)?<(?:worksheet|chartsheet|dialogsheet|sst)[\s>]""")
_UTF8 = re.compile(rb"""\bencoding\s*=\s*["']utf-?8["']""", re.IGNORECASE)
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# Marks of markup that no program writes, and blanks around or within the quotes of an attribute.
_ODD = (b"<!", b"&#", b"='", b' ="', b'= "', b'=" ')
_DIMENSION = re.compile(rb'<dimension(?! ref="[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?"\s?/>)')
_TAG_OVER_LINES = re.compile(rb"<[^<>\r\n]*+[\r\n]")
# Escapes of characters that calamine leaves as they are written.
_ESCAPE = re.compile(rb"_x(?!00[0-7])[0-9A-Fa-f]{4}_")

_PLACE = rb'<c r="[A-Z]{1,3}+[0-9]{1,7}+"(?: s="[0-9]++")?+'
_MORE = rb'(?: (?:cm|vm|ph)="[0-9]++")*+'
# openpyxl writes a blank before the end of an empty element, and the type of an empty cell.
_END = rb" ?+/>"
_EMPTY = rb'(?: t="n")?+' + _END
_TEXT = rb'<t(?: xml:space="preserve")?+(?:' + _END + rb"|>[^<]*+</t>)"
_NUMBER = rb"-?+[0-9][0-9.eE+-]*+"
_FORMULA = rb"(?:<f(?: [^<>]*+)?+(?:(?<=/)>|>[^<]*+</f>))?+"
_OF_ONE_KIND = (
    _EMPTY
    + rb'| t="s"><v>[0-9]++</v></c>|(?: t="n")?+><v>'
    + _NUMBER
    + rb'</v></c>| t="inlineStr"><is>'
    + _TEXT
    + rb"</is></c>"
)
_OF_ANY_KIND = (
    _MORE + _EMPTY + rb'| t="s"' + _MORE + rb"><v>[0-9]++</v></c>"
    rb'|(?: t="n")?+' + _MORE + rb">" + _FORMULA + rb"(?:<v>" + _NUMBER + rb"</v>|<v></v>|<v" + _END + rb")?+</c>"
    rb'| t="(?:e|str|d)"' + _MORE + rb">" + _FORMULA + rb"(?:<v>[^<]*+</v>|<v" + _END + rb")?+</c>"
    rb'| t="b"' + _MORE + rb">" + _FORMULA + rb"(?:<v>[01]</v>)?+</c>"
    rb'| t="inlineStr"' + _MORE + rb"><is>(?:" + _TEXT + rb"|<r>(?:<rPr>(?:<[^<>t]++>)*+</rPr>)?+" + _TEXT + rb"</r>)*+"
    rb"</is></c>"
)


def _rows(cell: bytes) -> re.Pattern[bytes]:
    cells = rb"(?:\s*+" + _PLACE + rb"(?:" + cell + rb"))*+\s*+"
    row = rb'<row r="[0-9]++"(?: [\w:.]++="(?! )[^"<>]*+")*+ ?+(?:/>|>' + cells + rb"</row>)"
    return re.compile(rb"(?:\s*+" + row + rb")*+\s*+</sheetData>")


_ROWS_OF_ONE_KIND = _rows(_OF_ONE_KIND)
_ROWS_OF_ANY_KIND = _rows(_OF_ANY_KIND)


def _is_canonical_markup(xml: bytes) -> bool:
    start = _START.match(xml)
    if start is None or any(mark in xml for mark in _ODD):
        return False
    if b"encoding" in start[0] and not _UTF8.search(start[0]):
        return False
    return xml.count(b"<?") == start[0].count(b"<?") and xml.count(_MAIN) == 1


def is_canonical_sheet(xml: bytes) -> bool:
    """Whether a sheet is UTF-8 without prefixes, each cell its address, its formula and a value of its type."""
    return _is_canonical(xml, _ROWS_OF_ANY_KIND)


def is_canonical_data(xml: bytes) -> bool:
    """Whether a sheet is canonical and holds texts, numbers and dates only: no formulas, errors or booleans."""
    return _is_canonical(xml, _ROWS_OF_ONE_KIND)


def _is_canonical(xml: bytes, rows: re.Pattern[bytes]) -> bool:
    start = xml.find(b"<sheetData>") + len(b"<sheetData>")
    match = rows.match(xml, start)
    if match is None or start < len(b"<sheetData>") or not xml.rstrip().endswith(b"</worksheet>"):
        return False
    around = xml[:start] + xml[match.end() :]
    if _TAG_OVER_LINES.search(around) or _DIMENSION.search(around) or around.count(b"<sheetData") > 1:
        return False
    return _is_canonical_markup(around) and not (b't="inlineStr"' in xml and _ESCAPE.search(xml))


def is_canonical_table(xml: bytes) -> bool:
    """Whether a table of shared strings is canonical."""
    return _is_canonical_markup(xml) and b"extLst" not in xml and not _ESCAPE.search(xml)
