"""Dates as people and programs write them (docs/rules.md, T03 and T10)."""

import re
import unicodedata
from datetime import date

from district_reports.checks.cleaning import clean
from district_reports.model.look_alikes import with_plain_dashes

EARLIEST = date(2000, 1, 1)
"""A year or a day alone, typed into a date cell, becomes a day of 1905 or 1900."""
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|\.(\d{1,2})\.(\d{1,2})\.?|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日"
    r"|(\d{2})(\d{2}))",
    re.ASCII,
)
_MIDNIGHT = re.compile(r"(?:\s+|(?<=日)|(?<=[0-9])T)0{1,2}:00(?::00(?:\.0+)?)?$", re.ASCII)


def date_of(text: str) -> date | None:
    """The day that `text` names, be 0:00 behind it or not; None for anything else, another time of day too."""
    plain = unicodedata.normalize("NFKC", clean(text))
    if midnight := _MIDNIGHT.search(plain):
        plain = plain[: midnight.start()]
    match = _DATE.fullmatch(with_plain_dashes(plain).replace(" ", ""))
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups() if group)
    try:
        return date(year, month, day)
    except ValueError:
        return None
