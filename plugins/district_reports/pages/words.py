"""The words of the pages in both languages: ``words/<page>.json``, ``{"key": {"zh": …, "en": …}}``.

A key is asked for as ``<page>.<key>``. What comes from forms, rules and reference data is not translated: those are
the words that the districts know.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("words")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """Every key with its words by language."""
    return {
        f"{path.stem}.{key}": texts
        for path in sorted(_FOLDER.glob("*.json"))
        for key, texts in json.loads(path.read_text(encoding="utf-8")).items()
    }


def say(language: str, key: str, **values: object) -> str:
    """The words of `key`, with `values` in the places that it names.

    Raises:
        KeyError: no such key, or a place without a value.
    """
    return words()[key][language].format(**values)
