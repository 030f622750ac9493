"""The words of the pages in both languages: ``words/<page>.json``, ``{"key": {"zh": …, "en": …}}``.

A key is asked for as ``<page>.<key>``. An English text may hold ``{n:day|days}``: the word that goes with the number in
``n``, the first one with exactly 1. What comes from forms, rules and reference data is declared in Chinese;
:mod:`district_reports.reference.english` says what that is called in the language of a page.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

from district_reports.reference.english import called

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("words")


class _Numbered(Formatter):
    """Fills the places of a text; ``{n:day|days}`` is a word in the number of ``n``, as CLDR counts in English."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, parted, many = format_spec.partition("|")
        if parted:
            return one if str(value) == "1" else many
        return str(super().format_field(value, format_spec))


_FILLED = _Numbered()


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """Every key with its words by language."""
    return {
        f"{path.stem}.{key}": texts
        for path in sorted(_FOLDER.glob("*.json"))
        for key, texts in json.loads(path.read_text(encoding="utf-8")).items()
    }


def say(language: str, key: str, **values: object) -> str:
    """The words of `key`, with `values` in the places that it names; what is declared in Chinese as it is called.

    Raises:
        KeyError: no such key, or a place without a value.
    """
    named = {place: called(value, language) if isinstance(value, str) else value for place, value in values.items()}
    text = words()[key][language]
    # The usual way is several times as fast, and a page says hundreds of texts.
    return _FILLED.vformat(text, (), named) if "|" in text else text.format(**named)
