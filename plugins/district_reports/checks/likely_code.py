"""Which code of a list a clerk probably meant. It is only said: nothing is ever read as that code (T04)."""

import json
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

from district_reports.errors import ReferenceDataError
from district_reports.model.look_alikes import odd_one
from district_reports.settings import settings
from district_reports.workbook.names import comparable

_ALIKE = 0.6
"""Share of characters in common (:meth:`difflib.SequenceMatcher.ratio`) from which on two words are alike."""
_AHEAD = 0.1
"""By so much the nearest code is nearer than the next one."""
_LONGEST = 40
"""Characters; a longer text is no other word for a code."""
_NEGATIONS = frozenset("未不非无没否")
"""已发放 and 未发放 are alike and say the opposite."""


def synonyms() -> dict[str, list[str]]:
    """Code → what clerks write for it, from ``expectations/synonyms.json``; one word may stand for codes of many lists.

    Raises:
        ReferenceDataError: the file is missing or no JSON.
    """
    return _load(settings().expectations / "synonyms.json")


@lru_cache(maxsize=4)
def _load(path: Path) -> dict[str, list[str]]:
    try:
        loaded: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReferenceDataError(f"{path.name} cannot be read: {error}") from error
    return {code: [_plain(word) for word in words] for code, words in loaded.items()}


def _plain(text: str) -> str:
    return comparable(text).lower()


@lru_cache(maxsize=4096)
def likely_code(text: str, codes: tuple[str, ...]) -> str | None:
    """The code of `codes` that `text` is another word for, holds, or is nearest to; None where that is open."""
    plain = _plain(text)
    if not 0 < len(plain) <= _LONGEST:
        return None
    meant = [code for code in codes if plain in synonyms().get(code, ())]
    if len(meant) == 1:
        return meant[0]
    candidates = [code for code in codes if _NEGATIONS & set(code) == _NEGATIONS & set(plain)]
    held = [code for code in candidates if code in plain]
    longest = [code for code in held if not any(code != other and code in other for other in held)]
    if len(longest) == 1:
        return longest[0]
    alike = [code for code in candidates if not set(plain).isdisjoint(code)]
    near = sorted(((SequenceMatcher(None, plain, code).ratio(), code) for code in alike), reverse=True)
    if not near or near[0][0] < _ALIKE or (len(near) > 1 and near[0][0] - near[1][0] < _AHEAD):
        return None
    return near[0][1]


def one_odd_character(text: str, code: str) -> str | None:
    """The one character by which `text` differs from `code`, named with its place; None where more differs."""
    plain = comparable(text)
    if len(plain) != len(code) or sum(a != b for a, b in zip(plain, code, strict=True)) != 1:
        return None
    return odd_one(plain, code)
