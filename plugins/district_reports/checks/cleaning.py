"""Texts of cells without what nobody sees, and the characters that no cell may hold (docs/rules.md, T08 and T10)."""

import re
import unicodedata

from district_reports.workbook.characters import IDEOGRAPHS, SELECTORS
from district_reports.workbook.raw import Cell, NoResult

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_LOST = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd]")
_LINE = re.compile(r"[\t\r\n\x85\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]")
_WIDE_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_HALF_WIDTH = {
    code: chr(code - 0xFEE0) for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
}
_PLAIN: dict[int, str | None] = {**_HALF_WIDTH, **IDEOGRAPHS, **dict.fromkeys(map(ord, SELECTORS))}


def clean(text: str) -> str:
    """`text` without invisible marks and stray spaces; full-width digits and letters become half-width.

    Radicals and compatibility ideographs become the ideographs that they show.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    spaced = _WIDE_SPACE.sub(" ", _LINE.sub(" ", text))
    return _INVISIBLE.sub("", spaced).translate(_PLAIN).strip(" ")


def without_unseen(text: str) -> str:
    """`text` without what takes no room or is white around it; what is seen stays as it is."""
    spaced = _WIDE_SPACE.sub(" ", _LINE.sub(" ", text))
    return "".join(each for each in _INVISIBLE.sub("", spaced) if each not in SELECTORS).strip(" ")


def compact(text: str) -> str:
    """For numbers, dates and identifiers: NFKC and no space at all."""
    return unicodedata.normalize("NFKC", clean(text)).replace(" ", "")


def without_control(text: str) -> str:
    """`text` without the control characters that no cell may hold (T08)."""
    return _CONTROL.sub("", text)


def unusable(text: str) -> tuple[str, int] | None:
    """The kind and the place, from 1, of the first character that no cell may hold: ``control``, or ``private``.

    U+FFFD and characters of private use, which each font draws otherwise, stand for one that is lost.
    """
    if text.isascii() and text.isprintable():
        return None
    if found := _CONTROL.search(text):
        return "control", found.start() + 1
    if found := _LOST.search(text):
        return "private", found.start() + 1
    return None


def is_blank(cell: Cell) -> bool:
    """Whether the cell holds nothing that a person would see; a formula without a result holds something."""
    return cell is None or (isinstance(cell, str) and not clean(cell)) or (isinstance(cell, NoResult) and cell.empty)
