"""How names of sheets, headers, labels and cells are compared and written."""

import re
import unicodedata
from collections.abc import Iterable

from district_reports.workbook.characters import RADICALS
from district_reports.workbook.raw import RawSheet

_SPACE = re.compile(
    r"[\s\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
    r"\U000e0100-\U000e01ef]+"
)
_TRAILING_BRACKET = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕)$")
_REQUIRED = "*"


def comparable(text: str) -> str:
    """`text` after NFKC, without white space and invisible marks; radicals are the ideographs that they show."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(RADICALS)


def header(text: str) -> str:
    """A header as it is compared: :func:`comparable` without a trailing unit or remark in brackets.

    An asterisk before or after it, by which people mark what is required, is such a remark too.
    """
    plain = comparable(text)
    # A header that is nothing but a remark keeps it: an empty name would equal every other such header.
    return _TRAILING_BRACKET.sub("", plain.strip(_REQUIRED)).strip(_REQUIRED) or plain


def titles_of(sheets: Iterable[RawSheet]) -> tuple[str, ...]:
    """The titles of `sheets` in the clerk's words, and which of them are not shown."""
    return tuple(f"“{sheet.title}”" + "（隐藏）" * sheet.properties.is_hidden for sheet in sheets)


def column_letter(column: int) -> str:
    """``A`` for 1, ``AA`` for 27.

    Raises:
        ValueError: `column` is below 1.
    """
    if column < 1:
        raise ValueError("columns count from 1")
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """``B7`` for row 7, column 2."""
    return f"{column_letter(column)}{row}"
