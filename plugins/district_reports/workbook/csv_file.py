"""CSV that Excel opens as it is and runs nothing of."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

# Those that begin a formula in a spreadsheet program; U+2212 is what NFKC makes of a raised minus.
_SIGNS = frozenset("=+-@|\u2212")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark at the front, by which Excel knows it. Numbers are written as they are, None as nothing."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([_inert(value) for value in row] for row in (header, *rows))
    return text.getvalue().encode("utf-8-sig", "replace")


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and is_taken_for_a_formula(value) else value


def is_taken_for_a_formula(text: str) -> bool:
    """Whether a spreadsheet program may compute `text` rather than show it.

    Excel for Chinese and Japanese takes full-width signs, too, and programs skip what is not seen before them. What
    begins with a tab or a line break may move into another cell.
    """
    plain = unicodedata.normalize("NFKC", text)
    first_seen = next((char for char in plain if unicodedata.category(char)[0] not in "CMZ"), None)
    return first_seen in _SIGNS or text[:1] in ("\t", "\r", "\n")
