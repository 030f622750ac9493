"""What an officer looks at before a release leaves: coverage, open items, what it changes outside, what is withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from district_reports.ledger.shown_items import OPEN
from district_reports.moment.boundaries import CITY_CODE, Boundaries
from district_reports.moment.frame import AREA_KEY, EVERYTHING
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.disclosure.declared import Where
from district_reports.publish.summary import Summary


@dataclass(frozen=True)
class Coverage:
    """How much of a form is in, in its latest period: districts, and units of the register where they are counted."""

    table: str
    form: str
    period: str
    districts_accepted: int
    districts_expected: int
    units_reported: int | None
    units_expected: int | None


@dataclass(frozen=True)
class Changed:
    """How many figures of a table a cause has changed outside; a figure may have several causes."""

    schema: str
    table: str
    cause: str
    figures: int


@dataclass(frozen=True)
class Held:
    """How many figures of a table are withheld: ``people`` of those ``of_people`` counts of people that are not 0, and
    ``others`` beside them (zeros among them)."""

    schema: str
    table: str
    people: int
    of_people: int
    others: int


@dataclass(frozen=True)
class Checklist:
    """``items`` are open items of the worklist by rule; ``against`` is the release outside that it is compared with."""

    coverage: tuple[Coverage, ...]
    items: Mapping[str, int]
    against: int | None
    changed: tuple[Changed, ...]
    withheld: tuple[Held, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``outgoing.prepared.checklist``; :meth:`of_json` reads it."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Checklist":
        """The checklist that was kept."""
        return cls(
            coverage=tuple(Coverage(**each) for each in told["coverage"]),
            items=dict(told["items"]),
            against=told["against"],
            changed=tuple(Changed(**each) for each in told["changed"]),
            withheld=tuple(Held(**each) for each in told["withheld"]),
        )


def checklist(
    connection: Connection,
    present: Sequence[tuple[str, Summary]],
    release_id: int,
    known_at: datetime,
    against: int | None,
) -> Checklist:
    """Of a release, by ``to_withhold`` and, where there is one to compare it with, by ``outside_change``."""
    return Checklist(
        coverage=tuple(
            found
            for schema, summary in present
            if schema == Boundaries.THEN and (found := _coverage(connection, summary, release_id)) is not None
        ),
        items=_items(connection, known_at),
        against=against,
        changed=() if against is None else _changed(connection),
        withheld=tuple(_held(connection, schema, summary, release_id) for schema, summary in present),
    )


def _coverage(connection: Connection, summary: Summary, release_id: int) -> Coverage | None:
    columns = columns_of(connection, Boundaries.THEN, summary.table)
    if summary.form is None or "districts_accepted" not in columns:
        return None
    whole = "".join(f" AND \"{name}\" = '{EVERYTHING}'" for name in summary.key if name not in AREA_KEY)
    units = "units_reported, units_expected" if "units_expected" in columns else "NULL, NULL"
    row = connection.execute(
        text(
            f'SELECT period, districts_accepted, districts_expected, {units} FROM {Boundaries.THEN}."{summary.table}"'
            f" WHERE {RELEASE} = :release_id AND level = 'city' AND area_code = :city{whole}"
            " ORDER BY period DESC LIMIT 1"
        ),
        {"release_id": release_id, "city": CITY_CODE},
    ).one_or_none()
    return None if row is None else Coverage(summary.table, summary.form, *row)


def _items(connection: Connection, known_at: datetime) -> dict[str, int]:
    rows = connection.execute(
        text(
            "SELECT rule, count(*) AS number FROM reconciliation.items_as_known(:known_at) WHERE state = ANY (:open)"
            " GROUP BY rule ORDER BY rule"
        ),
        {"known_at": known_at, "open": list(OPEN)},
    )
    return {row.rule: row.number for row in rows}


def _changed(connection: Connection) -> tuple[Changed, ...]:
    rows = connection.execute(
        text(
            "SELECT schema_name, table_name, cause, count(*)"
            " FROM outside_change CROSS JOIN unnest(causes) AS each (cause)"
            " GROUP BY schema_name, table_name, cause ORDER BY schema_name, table_name, cause"
        )
    )
    return tuple(Changed(*row) for row in rows)


def _held(connection: Connection, schema: str, summary: Summary, release_id: int) -> Held:
    columns = columns_of(connection, schema, summary.table)
    people = {name: where for name, where in summary.protection.people.items() if name in columns}
    named = {"schema": schema, "table": summary.table}
    withheld: int = connection.execute(
        text(
            "SELECT coalesce(sum(cardinality(columns)), 0) FROM to_withhold"
            " WHERE schema_name = :schema AND table_name = :table"
        ),
        named,
    ).scalar_one()
    if not people:
        return Held(schema, summary.table, people=0, of_people=0, others=int(withheld))
    key = ", ".join(f"'{name}', stored.\"{name}\"" for name in summary.key)
    cells = ", ".join(
        f"('{name}', CASE WHEN {_holds(where, columns)} THEN stored.\"{name}\"::numeric END)"
        for name, where in people.items()
    )
    row = connection.execute(
        text(
            "SELECT count(*) FILTER (WHERE figure <> 0),"
            " count(*) FILTER (WHERE figure <> 0 AND column_name = ANY (columns))"
            f' FROM {schema}."{summary.table}" AS stored LEFT JOIN to_withhold'
            f" ON schema_name = :schema AND table_name = :table AND row_key = jsonb_build_object({key})"
            f" CROSS JOIN LATERAL (VALUES {cells}) AS cell (column_name, figure) WHERE {RELEASE} = :release_id"
        ),
        {**named, "release_id": release_id},
    ).one()
    return Held(schema, summary.table, people=row[1], of_people=row[0], others=int(withheld) - row[1])


def _holds(where: Where, columns: Mapping[str, str]) -> str:
    """The condition as SQL; `columns` gives the types of the table's."""
    told = []
    for column, positive, values in where.conditions:
        value = f'stored."{column}"'
        # Numbers without zeros at the end, as the condition says them.
        text_of = f"trim_scale({value})::text" if columns[column].startswith("numeric") else f"{value}::text"
        listed = ", ".join("'" + each.replace("'", "''") + "'" for each in sorted(values))
        told.append(f"{text_of} {'IN' if positive else 'NOT IN'} ({listed})")
    return " AND ".join(told) or "true"
