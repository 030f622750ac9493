"""Letters that look like other ones, named so that a clerk finds what can't be seen.

A character is told with its place, never the whole value: a message may end up where the value must not.
"""

import unicodedata

_LATIN = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABESIJKMHOPCTYXaeopcyxijsABEZHIKMNOPTYXo",
        strict=True,
    )
)
"""Cyrillic and Greek letters → the Latin letters that they look like."""
_DIGITS = dict(zip("OoLlIi|", "0011111", strict=True))
"""What is typed, or read by a scanner, for a digit; identifiers are read in capitals, so that an l is an L."""
_KINDS = (("CYRILLIC", "西里尔字母"), ("GREEK", "希腊字母"), ("LATIN", "字母"))
_MINUS = "\u2212"


def is_dash(character: str) -> bool:
    """Whether `character` is a dash or a minus sign of any kind."""
    return character == _MINUS or unicodedata.category(character) == "Pd"


def as_digits(text: str) -> str:
    """`text` with each letter that looks like a digit as that digit, and one dash for all."""
    latin = (_LATIN.get(character, character) for character in with_plain_dashes(text))
    return "".join(_DIGITS.get(character, character) for character in latin)


def named(character: str) -> str:
    """What a character is, in Chinese: ``西里尔字母“Х”``."""
    name = unicodedata.name(character, "")
    kind = next((kind for script, kind in _KINDS if name.startswith(script)), None)
    if kind is None and is_dash(character):
        kind = "连接号"
    return f"{kind or '字符'}“{character}”"


def with_plain_dashes(text: str) -> str:
    """`text` with ``-`` for every dash."""
    return text if text.isascii() else "".join("-" if is_dash(character) else character for character in text)


def odd_one(text: str, expected: str) -> str | None:
    """The first character of `text` that isn't the one of `expected` at its place, both named; None if all are.

    For texts of one length: `expected` says what `text` looks like.
    """
    for place, (character, wanted) in enumerate(zip(text, expected, strict=True), 1):
        if character != wanted:
            kind = "数字" if wanted.isdigit() else "字母" if wanted.isalpha() and wanted.isascii() else ""
            return f"第 {place} 个字符是{named(character)}，应为{kind}“{wanted}”"
    return None
