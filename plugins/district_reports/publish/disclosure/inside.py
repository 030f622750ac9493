"""The city tables of a release as they are inside, with what disclosure control has to know of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from district_reports.model.period import Period
from district_reports.moment.boundaries import Boundaries
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.disclosure.cells import AREA_CODE, LEVEL, PERIOD, Districts, Place, Table
from district_reports.publish.lineage import FigureOf
from district_reports.publish.summary import Summary

_REFERENCE = text("""
SELECT columns, rows FROM reference.version WHERE table_name = :name
ORDER BY known_from > :known_at, CASE WHEN known_from <= :known_at THEN -version_id ELSE version_id END LIMIT 1
""")
_MEMBERS = """
SELECT form, period, area_code, array_agg(DISTINCT district_code)
FROM city.release_source CROSS JOIN unnest({areas}) AS area_code
WHERE release_id = :release_id GROUP BY form, period, area_code
"""
_MEMBERS_OF_DAY = """
SELECT area_code, array_agg(DISTINCT one)
FROM city.release_area CROSS JOIN unnest(areas) AS area_code CROSS JOIN unnest(answers_for) AS one
WHERE release_id = :release_id GROUP BY area_code
"""
_AREAS = {Boundaries.THEN: "areas", Boundaries.NOW: "coalesce(areas_now, areas)"}
_FORM = "form"

ReferenceRow = Mapping[str, str | None]


@dataclass(frozen=True)
class Inside:
    """``tables`` are those of both boundaries, or of the boundaries then alone where ``one_map`` says that they are the
    same."""

    release_id: int
    day: date
    known_at: datetime
    tables: tuple[Table, ...]
    one_map: bool


def read_inside(connection: Connection, release_id: int, found: Sequence[Summary]) -> Inside:
    """The release as it stands in the warehouse."""
    release = connection.execute(
        text("SELECT day, known_at FROM city.release WHERE release_id = :release_id"), {"release_id": release_id}
    ).one()
    one_map = not connection.scalar(
        text("SELECT EXISTS (SELECT FROM city.release_source WHERE release_id = :id AND areas_now IS NOT NULL)"),
        {"id": release_id},
    )
    reading = _Reading(connection, release_id, release.known_at, found)
    schemas = (Boundaries.THEN,) if one_map else tuple(Boundaries)
    tables = [reading.table(schema, summary) for schema in schemas for summary in found]
    return Inside(release_id, release.day, release.known_at, tuple(t for t in tables if t is not None), one_map)


class _Reading:
    def __init__(self, connection: Connection, release_id: int, known_at: datetime, found: Sequence[Summary]) -> None:
        self._connection, self._release_id, self._known_at = connection, release_id, known_at
        self._found = {summary.table: summary for summary in found}
        self._reference: dict[str, list[ReferenceRow]] = {}
        self._members = {schema: self._areas(schema) for schema in Boundaries}
        of_day = connection.execute(text(_MEMBERS_OF_DAY), {"release_id": release_id})
        self._day = {area: frozenset(districts) for area, districts in of_day}

    def table(self, schema: Boundaries, summary: Summary) -> Table | None:
        """None where the release has no such table, or it has no areas."""
        kinds = columns_of(self._connection, schema, summary.table)
        if not {LEVEL, AREA_CODE, PERIOD} <= kinds.keys():
            return None
        names = ", ".join(f'"{name}"' for name in summary.key)
        statement = f'SELECT * FROM {schema}."{summary.table}" WHERE {RELEASE} = :release_id ORDER BY {names}'
        result = self._connection.execute(text(statement), {"release_id": self._release_id})
        rows = tuple(dict(row) for row in result.mappings())
        taken = {name: origin for name, origin in summary.origins.items() if isinstance(origin, FigureOf)}
        same_as: dict[tuple[int, str], Place] = {}
        follows: dict[tuple[int, str], tuple[Place, ...]] = {}
        members: list[Districts] = []
        for number, row in enumerate(rows):
            form = row.get(_FORM) or summary.form
            for column, origin in taken.items():
                reference = self._row_of(origin.table, origin.on, row)
                form = form or reference.get(_FORM)
                place = self._place(schema, origin, reference, column, row)
                if place is not None:
                    same_as[number, column] = place
            for column, (of, period_in) in summary.protection.earlier.items():
                if row.get(period_in):
                    key = tuple({**row, PERIOD: row[period_in]}[name] for name in summary.key)
                    follows[number, column] = ((schema, summary.table, key, of),)
            if summary.nightly:
                members.append(self._day.get(row[AREA_CODE], frozenset()))
            else:
                members.append(self._members[schema].get((form or "", row[PERIOD], row[AREA_CODE]), frozenset()))
        factors = tuple(self._factors(summary, row) for row in rows) if summary.protection.factors else ()
        return Table(
            name=summary.table,
            schema=schema,
            key=summary.key,
            protection=summary.protection,
            rows=rows,
            members=tuple(members),
            nightly=summary.nightly,
            factors=factors,
            same_as=same_as,
            follows=follows,
        )

    def _areas(self, schema: Boundaries) -> dict[tuple[str, str, str], Districts]:
        rows = self._connection.execute(text(_MEMBERS.format(areas=_AREAS[schema])), {"release_id": self._release_id})
        return {(form, period, area): frozenset(districts) for form, period, area, districts in rows}

    def _place(
        self, schema: str, origin: FigureOf, reference: ReferenceRow, column: str, row: Mapping[str, Any]
    ) -> Place | None:
        """Where the figure stands from which this one is taken over."""
        of = reference.get(origin.named_in) if origin.named_in else column
        table = self._found.get(reference.get("table_name") or "")
        if not of or table is None:
            return None
        chosen = dict(pair.partition("=")[::2] for pair in (reference.get("filter") or "").split(";") if pair)
        wanted = {**row, **chosen}
        if not set(table.key) <= wanted.keys():
            return None
        return (schema, table.table, tuple(wanted[name] for name in table.key), of)

    def _row_of(self, name: str, on: str, row: Mapping[str, Any]) -> ReferenceRow:
        return next((each for each in self._rows(name) if each.get(on) == row[on]), {})

    def _rows(self, name: str) -> list[ReferenceRow]:
        if name not in self._reference:
            self._reference[name] = reference_rows(self._connection, name, self._known_at)
        return self._reference[name]

    def _factors(self, summary: Summary, row: Mapping[str, Any]) -> dict[str, float]:
        """The largest number that the reference data give for the row, of each factor for which they give one."""
        found = {}
        for name, factor in summary.protection.factors.items():
            period = Period.parse(row[PERIOD])
            numbers = [
                float(each[factor.column] or 0)
                for each in self._rows(factor.table)
                if all(each.get(column) == row[column] for column in factor.on) and _within(each, period)
            ]
            if numbers:
                found[name] = max(numbers)
        return found


def reference_rows(connection: Connection, name: str, known_at: datetime) -> list[ReferenceRow]:
    """The rows of a reference table as known at the moment, or as first known where that was later; texts by column."""
    version = connection.execute(_REFERENCE, {"name": name, "known_at": known_at}).one_or_none()
    return [] if version is None else [dict(zip(version.columns, row, strict=True)) for row in version.rows]


def _within(row: ReferenceRow, period: Period) -> bool:
    """Whether the row of the reference data holds on any day of the period; it ends the day before ``valid_to``."""
    first, end = row.get("valid_from"), row.get("valid_to")
    begun = not first or date.fromisoformat(first) <= period.last_day
    return begun and (not end or period.first_day < date.fromisoformat(end))
