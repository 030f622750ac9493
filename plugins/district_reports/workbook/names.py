"""How names of sheets, headers, labels and cells are compared and written."""

import re
import unicodedata

_SPACE = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\u00ad]+")
_TRAILING_BRACKET = re.compile(r"\([^()]*\)$")


def comparable(text: str) -> str:
    """`text` after NFKC without any white space, line break or invisible mark."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


def header(text: str) -> str:
    """A header as it is compared: :func:`comparable` without a trailing unit or remark in brackets (forms.md)."""
    plain = comparable(text)
    # A header that is nothing but a bracket keeps it: an empty name would equal every other such header.
    return _TRAILING_BRACKET.sub("", plain) or plain


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
