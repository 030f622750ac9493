"""The words of the pages: every one in both languages, with the same places, and none that a page asks for missing."""

import re
from pathlib import Path
from string import Formatter

import pytest

from district_reports.pages import words as module
from district_reports.pages.words import LANGUAGES, say, words

PAGES = Path(module.__file__).parent
# Whole keys only: one that ends with a dot is put together from what a page shows, and the walks see those.
ASKED = re.compile(r"""\b(?:t|say)\((?:[\w.]+, )?['"]([a-z_]+\.[\w.]*\w)['"]\s*[,)]""")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", words())
def test_a_key_has_both_languages_with_the_same_places(key):
    texts = words()[key]
    assert sorted(texts) == sorted(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert places(texts["zh"]) == places(texts["en"])


def test_what_pages_ask_for_is_there():
    files = [path for pattern in ("*.j2", "*.py") for path in PAGES.rglob(pattern)]
    asked = {key for path in files for key in ASKED.findall(path.read_text(encoding="utf-8"))}
    assert len(asked) > 150
    assert asked - set(words()) == set()


def test_a_word_goes_with_its_number(monkeypatch):
    texts = {"a.days": {"zh": "{n} 天", "en": "{n} {n:day|days} of {district}"}}
    monkeypatch.setattr(module, "words", lambda: texts)
    said = [say("en", "a.days", n=n, district="中山区") for n in (0, 1, 2, "1", "1,001")]
    assert said == [f"{n} of Zhongshan District" for n in ("0 days", "1 day", "2 days", "1 day", "1,001 days")]
    assert say("zh", "a.days", n=1, district="中山区") == "1 天"
