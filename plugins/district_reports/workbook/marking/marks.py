"""What is to be marked where: the findings of an answer by sheet and cell."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from district_reports.model.finding import Finding, Severity
from district_reports.workbook.limits import LAST_COLUMN, LAST_ROW
from district_reports.workbook.marking.comments import LONGEST
from district_reports.workbook.names import comparable
from district_reports.workbook.problem_list import FIX
from district_reports.workbook.sheet_xml import column_number

MOST_COMMENTS = 5_000
"""Beyond them Excel takes seconds to open a sheet; the other cells are filled only."""
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Place = tuple[int, int]


@dataclass
class Marks:
    """Of one sheet: the gravest severity of each cell, by row and column from 1, and the comments by (row, column)."""

    severities: dict[int, dict[int, Severity]] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The marks by the part of the sheet; ``locations`` of cells by (sheet, cell) as the findings name them.

    ``parts`` are the sheets by the title that the findings give them, ``left_out`` is how many cells get no comment.
    """

    marks: Mapping[str, Marks]
    locations: Mapping[tuple[str, str], str]
    parts: Mapping[str, str]
    left_out: int


def planned(findings: Iterable[Finding], titles: Mapping[str, str]) -> Plan:
    """What `findings` mark in a workbook whose sheets are called `titles`, by their part.

    Explained findings mark nothing; those without a cell, or of a sheet that is not there, are listed only.
    """
    by_name = {comparable(title): part for part, title in reversed(list(titles.items()))}
    by_name |= {title: part for part, title in titles.items()}
    parts: dict[str, str] = {}
    locations: dict[tuple[str, str], str] = {}
    of_cells: dict[tuple[str, Place], list[Finding]] = {}
    for found in findings:
        if found.sheet is None:
            continue
        part = by_name.get(found.sheet) or by_name.get(comparable(found.sheet))
        if part is None:
            continue
        parts[found.sheet] = part
        place = _place(found.cell)
        if place is None:
            continue
        title = titles[part].replace("'", "''")
        locations[found.sheet, found.cell or ""] = f"'{title}'!{found.cell}"
        if found.explanation is None:
            of_cells.setdefault((part, place), []).append(found)
    order = list(Severity)
    marks: dict[str, Marks] = {}
    # The gravest first: they have their comment before the number of comments ends.
    gravest = {key: min((found.severity for found in some), key=order.index) for key, some in of_cells.items()}
    for number, (part, place) in enumerate(sorted(of_cells, key=lambda key: order.index(gravest[key]))):
        one = marks.setdefault(part, Marks())
        one.severities.setdefault(place[0], {})[place[1]] = gravest[part, place]
        if number < MOST_COMMENTS:
            one.comments[place] = _text(of_cells[part, place])
    return Plan(marks, locations, parts, max(0, len(of_cells) - MOST_COMMENTS))


def _place(cell: str | None) -> Place | None:
    match = _CELL.fullmatch(cell or "")
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1].encode())
    return (row, column) if 1 <= row <= LAST_ROW and column <= LAST_COLUMN else None


def _text(some: list[Finding]) -> str:
    said = "\n".join(f"{found.severity.label}：{found.message}\n{FIX}：{found.fix}" for found in some)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}……"
