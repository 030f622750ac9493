"""Mergers of districts: ``sql/reference/mergers.csv`` (``merged_on,district_code,into_code``), a row each.

From ``merged_on`` on the district is no more and the other one speaks for it: the district's row in ``districts.csv``
ends on that day, and its schools belong to the other, without a change in either file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from district_reports.errors import ReferenceDataError
from district_reports.reference.csv_files import parse_code, parse_day

if TYPE_CHECKING:
    from district_reports.reference.register import District, School

MERGERS = "mergers.csv"
MERGER_COLUMNS = ("merged_on", "district_code", "into_code")


@dataclass(frozen=True)
class Merger:
    """``merged_on`` is the first day on which the district ``code`` is part of ``into_code``."""

    merged_on: date
    code: str
    into_code: str


def parse_merger(values: list[str]) -> Merger:
    """The merger that a row of the file tells. Raises ValueError."""
    merged_on, code, into_code = values
    return Merger(
        parse_day(merged_on, "merged_on"),
        parse_code(code, "district_code", 6),
        parse_code(into_code, "into_code", 6),
    )


def end_merged(
    districts: Iterable[tuple[int, "District"]], mergers: Mapping[str, Merger]
) -> Iterator[tuple[int, "District"]]:
    """The rows of districts with their lines; that of a merged district ends on the day of its merger."""
    for line, district in districts:
        merger = mergers.get(district.code)
        if merger and district.valid_to is None and district.valid_from < merger.merged_on:
            yield line, replace(district, valid_to=merger.merged_on)
        else:
            yield line, district


def hand_on(school: "School", mergers: Mapping[str, Merger]) -> Iterator["School"]:
    """The school's row in its district until that is merged, and its rows in those that it belongs to then."""
    while merger := mergers.get(school.district_code):
        if school.closed_on is not None and school.closed_on <= merger.merged_on:
            break
        if school.opened_on < merger.merged_on:
            yield replace(school, closed_on=merger.merged_on)
        opened_on = max(school.opened_on, merger.merged_on)
        school = replace(school, district_code=merger.into_code, opened_on=opened_on)
    yield school


def check_mergers(mergers: Sequence[tuple[int, Merger]], districts: Mapping[str, Sequence["District"]]) -> None:
    """Refuse what can't be: `districts` are the rows of each code, oldest first, as :func:`end_merged` left them.

    A successor must outlive the day of the merger, so the dates along a chain rise and nothing comes round in a circle.

    Raises:
        ReferenceDataError: a merger contradicts another, or ``districts.csv``; the message names the line.
    """
    seen: set[str] = set()
    for line, merger in mergers:
        if problem := _problem(merger, districts, seen):
            raise ReferenceDataError(f"{MERGERS}, line {line}: {problem}")
        seen.add(merger.code)


def _problem(merger: Merger, districts: Mapping[str, Sequence["District"]], seen: set[str]) -> str | None:
    code, into, day = merger.code, merger.into_code, merger.merged_on
    if code in seen:
        return f"{code} is merged twice"
    for each in (code, into):
        if each not in districts:
            return f"districts.csv has no district {each!r}"
    last = districts[code][-1]
    if last.valid_from >= day or last.valid_to != day:
        return f"districts.csv has {code} valid from {last.valid_from} to {last.valid_to or 'now'}, not until {day}"
    if not any(row.is_valid(day) for row in districts[into]):
        return f"{into} is not valid on {day}, so it can't take {code} over"
    return None
