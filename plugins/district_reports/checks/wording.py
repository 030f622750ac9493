"""Fill the placeholders of a text for clerks, so that it stays short and readable whatever a cell holds."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from district_reports.workbook.show import number_text

SHOWN_LENGTH = 60
"""Characters of a value that is quoted in a text; the cell itself holds the rest."""
SHOWN_ITEMS, SHOWN_ITEM_LENGTH = 12, 40
"""Items of a list in a text, and characters of each."""

_LINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\ud800-\udfff\U000e0100-\U000e01ef]"
)


def cut(text: str, length: int = SHOWN_LENGTH) -> str:
    """`text` on one line, with marks for what is not seen (↵ for a line break, □), and … where it was cut."""
    start = text[: length + 1]
    if not (start.isascii() and start.isprintable()):
        start = _UNSEEN.sub("□", _LINE.sub("↵", start))
    return start if len(text) <= length else f"{start[:length]}…"


def filled(text: str, words: Mapping[str, Any]) -> str:
    """`text` with each ``{name}`` replaced by its word.

    Texts are cut, dates written as 2020-05-06, numbers as Excel shows them, missing values left empty; a tuple is a
    list whose first items are named.

    Raises:
        KeyError: `words` lacks a name.
    """
    return text.format_map(_Shown(words))


class _Shown(dict[str, object]):
    """Looks each word up when a text asks for it: a frame's row has many that none does."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._words = words

    def __missing__(self, name: str) -> object:
        return _shown(self._words[name])


class _Figure(float):
    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else number_text(self)


def _shown(word: Any) -> object:
    match word:
        case str():
            return cut(word)
        case tuple():
            named = "、".join(cut(item, SHOWN_ITEM_LENGTH) for item in word[:SHOWN_ITEMS])
            return named if len(word) <= SHOWN_ITEMS else f"{named}等 {len(word)} 项"
        case None:
            return ""
    if isinstance(word, date):
        return f"{word:%Y-%m-%d}"
    return _Figure(word) if isinstance(word, float) else word
