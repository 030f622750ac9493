"""What a traced figure rests on by district, in one table: figures, the figure itself, and reports and rows.

The figures of the districts are the published ones of the same release, so that they are those of the table and lead to
traces of their own. A district that is no area of the table (it was merged) has what its reports add.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from district_reports.pages.city.face import CityTables
from district_reports.pages.city.tracing import TracedFigure, TracedPart
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.commitments import LEVELS
from district_reports.publish.definitions import OF_COVERAGE
from district_reports.publish.traced_cell import SubmissionFile

_Row = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """A report (None for what never came) and, of each figure that it adds to, the rows."""

    file: SubmissionFile | None
    parts: tuple[tuple[TracedFigure, TracedPart], ...]


@dataclass(frozen=True)
class Line:
    """``figures`` are those of the district in the order of the table's columns; ``published`` says that they have
    traces of their own."""

    code: str
    name: str
    published: bool
    figures: tuple[Any, ...]
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class ByDistrict:
    """``columns`` are the figures that rows add to and, last, what is calculated from them, if that is another."""

    period: str
    of_coverage: bool
    columns: tuple[TracedFigure, ...]
    lines: tuple[Line, ...]

    @property
    def more(self) -> int:
        """How many parts there are that are not listed."""
        return sum(column.parts_more for column in self.columns)


def by_district(tables: CityTables, figures: Sequence[TracedFigure]) -> list[ByDistrict]:
    """A table for each period in which rows were counted, the figure's own first, and then those of the coverage."""
    top, rows = figures[0], _Rows(tables)
    groups: dict[tuple[bool, str], dict[object, TracedFigure]] = {}
    for each in figures:
        if each.parts:
            of_coverage = each.trace.column in OF_COVERAGE and top.trace.column not in OF_COVERAGE
            identity = (each.trace.table, each.trace.column, tuple(each.trace.key.items()))
            groups.setdefault((of_coverage, each.trace.period), {}).setdefault(identity, each)
    made = []
    for (of_coverage, period), leaves in sorted(
        groups.items(), key=lambda group: (group[0][0], group[0][1] != top.trace.period)
    ):
        columns = list(leaves.values())
        if not of_coverage and period == top.trace.period and top not in columns:
            columns.append(top)
        made.append(ByDistrict(period, of_coverage, tuple(columns), tuple(_lines(columns, rows.of))))
    return made


class _Rows:
    """The districts' rows beside a figure, each set of them read once."""

    def __init__(self, tables: CityTables) -> None:
        self._tables = tables
        self._read: dict[object, dict[str, _Row]] = {}

    def of(self, figure: TracedFigure) -> dict[str, _Row]:
        found = figure.trace
        identity = (found.table, found.period, tuple(found.key.items()))
        if identity not in self._read:
            where = "".join(f' AND "{name}" = :key_{place}' for place, name in enumerate(found.key))
            statement = (
                f"SELECT * FROM {self._tables.relation(found.table)} WHERE {RELEASE} = :release_id"
                f" AND period = :period AND level = :level{where}"
            )
            values = {"release_id": found.release.release_id, "period": found.period, "level": LEVELS[0]}
            values |= {f"key_{place}": value for place, value in enumerate(found.key.values())}
            rows = self._tables.connection.execute(text(statement), values).mappings()
            self._read[identity] = {row["area_code"]: dict(row) for row in rows}
        return self._read[identity]


def _lines(columns: Sequence[TracedFigure], rows_of: Callable[[TracedFigure], dict[str, _Row]]) -> Iterable[Line]:
    parts = [(column, part) for column in columns for part in column.parts]
    named = {part.part.district_code: part.part.district_name for _, part in parts}
    for code in sorted(named):
        own = [(column, part) for column, part in parts if part.part.district_code == code]
        published = all(code in rows_of(column) for column in columns)
        figures = tuple(
            rows_of(column)[code].get(column.trace.column) if code in rows_of(column) else _added(column, code)
            for column in columns
        )
        yield Line(code, named[code] or code, published, figures, tuple(_reports(own)))


def _reports(parts: Iterable[tuple[TracedFigure, TracedPart]]) -> Iterable[Report]:
    files: dict[int | None, SubmissionFile | None] = {}
    found: dict[int | None, list[tuple[TracedFigure, TracedPart]]] = {}
    for column, part in parts:
        number = None if part.part.file is None else part.part.file.submission_id
        files[number] = part.part.file
        found.setdefault(number, []).append((column, part))
    return (Report(files[number], tuple(listed)) for number, listed in found.items())


def _added(column: TracedFigure, code: str) -> Any:
    """What the reports of a district add, where that can be added up."""
    values = [
        each.part.value
        for each in column.parts
        if each.part.district_code == code and not each.part.beside and each.part.value is not None
    ]
    return sum(values) if values and column.trace.additive else None
