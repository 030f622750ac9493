"""Expressions of SQL as people read them: titles in the place of names, words and ≥ in the place of its signs."""

import re
from collections.abc import Mapping
from functools import lru_cache

from district_reports.forms import forms
from district_reports.pages.words import say
from district_reports.pages.words import words as words_of_pages
from district_reports.publish.lineage import Earlier
from district_reports.reference.english import called

_CASE = re.compile(r"CASE :(\w+) ((?:WHEN '[^']*' THEN \w+ ?)+)END")
_WHEN = re.compile(r"WHEN '([^']*)' THEN (\w+)")
_SIGNS = (
    (re.compile(r"\bIN \(([^()]*)\)"), r"IN \1"),
    (re.compile(r" <> "), " ≠ "),
    (re.compile(r" >= "), " ≥ "),
    (re.compile(r" <= "), " ≤ "),
    (re.compile(r" - "), " − "),
)
_TOKEN = re.compile(
    r"'((?:[^']|'')*)'|(\w+)\.([A-Za-z_]\w*)|(?:FILTER \(WHERE|IS NOT NULL|IS NULL|NOT IN|[A-Za-z_]\w*)"
)
_ACROSS = "', '"


def read_out(expression: str, titles: Mapping[str, str], language: str) -> str:
    """`expression` with `titles` in the place of names, and what stands in quotes by what it is called."""

    def of_case(found: re.Match[str]) -> str:
        comma = say(language, "city.comma")
        told = (
            say(language, "city.origin.case", value=value, figure=titles.get(name, name))
            for value, name in _WHEN.findall(found[2])
        )
        return comma.join(told)

    def of_token(found: re.Match[str]) -> str:
        if found[1] is not None:
            return say(language, "city.origin.quoted", text=_codes(language).get(found[1], called(found[1], language)))
        if found[2] is not None:
            title = titles.get(found[3], found[3])
            if found[2] not in tuple(Earlier):
                return title
            return say(language, "city.origin.of_earlier", report=titles.get(found[2], found[2]), column=title)
        return titles.get(found[0], found[0])

    if case := _CASE.fullmatch(expression):
        return of_case(case)
    for sign, said in _SIGNS:
        expression = sign.sub(said, expression)
    expression = expression.replace(_ACROSS, f"'{say(language, 'city.listed')}'")
    return _TOKEN.sub(of_token, expression)


@lru_cache(maxsize=4)
def signs(language: str) -> Mapping[str, str]:
    """What is said for the words of SQL."""
    prefix = "city.sql."
    return {
        key.removeprefix(prefix): texts[language] for key, texts in words_of_pages().items() if key.startswith(prefix)
    }


@lru_cache(maxsize=4)
def _codes(language: str) -> Mapping[str, str]:
    """What is said for the names that stand in quotes where people have words: sheets and outcomes."""
    prefix = "quality.outcome."
    sheets = {sheet.table: called(sheet.title, language) for form in forms().values() for sheet in form.sheets}
    outcomes = {
        key.removeprefix(prefix): texts[language] for key, texts in words_of_pages().items() if key.startswith(prefix)
    }
    return sheets | outcomes
