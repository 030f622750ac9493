"""What a summary stands on that reads other city tables, as temporary relations of the release.

- ``figure``: table_name, period, level, area_code, figures. Each row of the drafts, as jsonb under its column names.
- ``unit_sheet``: table_name, sheet. The sheet whose units a table counts, where it counts any.
- ``commitment``: the rows of ``commitments.csv`` with its columns. ``filter`` is jsonb, ``units_of`` and the levels are
  text[], and begun_on is baseline_on or else the first day of the year in which the commitment is due.

A row of ``commitments.csv`` names a form, one of its city tables, the row of that table by ``filter``
(``stage=全部;programme=全部``: a value for each key column but period, level and area_code), and the column or columns
to measure by. ``units_of`` are the city tables whose units the figure rests on; its own where nothing is said.
``baseline`` and ``target`` hold at ``baseline_levels`` and ``target_levels`` (``district;zone;city``). ``kind`` says
what the target asks (:class:`Kind`), ``baseline_kind`` whence the line to it begins (:class:`BaselineKind`).
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from district_reports.errors import SystemFault
from district_reports.publish.city_tables import columns_of, draft_columns
from district_reports.publish.summary import Summary

AREA_KEY = ("period", "level", "area_code")
LEVELS = ("district", "zone", "city")
PERCENT = "%"
_NUMBERS = ("integer", "bigint", "numeric")
_REQUIRED = ("commitment", "item", "wording", "unit", "form", "table_name", "numerator_column", "kind", "baseline_kind")
_COLUMNS = {
    "commitment": "text",
    "item": "integer",
    "wording": "text",
    "unit": "text",
    "form": "text",
    "table_name": "text",
    "units_of": "text[]",
    "filter": "jsonb",
    "numerator_column": "text",
    "denominator_column": "text",
    "kind": "text",
    "baseline_kind": "text",
    "baseline": "numeric",
    "baseline_on": "date",
    "baseline_levels": "text[]",
    "target": "numeric",
    "due": "date",
    "target_levels": "text[]",
}

NEEDED = {"commitments": tuple(_COLUMNS)}
"""The columns of reference tables that this stands on, by table."""

Fields = dict[str, Any]


class Kind(StrEnum):
    """What a target asks: to come up or down to it, or not to fall below or rise above it meanwhile."""

    RAISE = "raise"
    LOWER = "lower"
    KEEP_AT_LEAST = "keep_at_least"
    KEEP_AT_MOST = "keep_at_most"

    @property
    def keeps(self) -> bool:
        return self in (Kind.KEEP_AT_LEAST, Kind.KEEP_AT_MOST)


class BaselineKind(StrEnum):
    """Whence the straight line to a target begins.

    At the work plan's own figure, or at the area's first complete report of the year in which the target is due. A
    plan's figure holds at its levels; at others that have a target the first report stands for it.
    """

    PLAN = "plan"
    FIRST_REPORT = "first_report"
    NONE = "none"


def build_commitments(connection: Connection, measured: Sequence[Summary], forms: Collection[str]) -> None:
    """Make the relations, from the drafts of `measured` and from the relation ``commitments``.

    Raises:
        SystemFault: a row of ``commitments.csv`` is wrong; the message names its commitment.
    """
    present = columns_of(connection, "pg_temp", "commitments")
    if missing := [name for name in _COLUMNS if name not in present]:
        raise SystemFault(f"the commitments have no column {missing[0]!r}: mend commitments.csv, then migrate")
    # A release builds them for each of its boundaries.
    connection.exec_driver_sql("DROP TABLE IF EXISTS pg_temp.figure, pg_temp.unit_sheet, pg_temp.commitment")
    _build_figures(connection, measured)
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    connection.exec_driver_sql(f"CREATE TEMP TABLE commitment ({columns}, begun_on date) ON COMMIT DROP")
    tables = {summary.table: summary for summary in measured}
    seen: set[str] = set()
    for row in connection.execute(text("SELECT * FROM commitments")).mappings().all():
        fields = _parsed(row)
        problem = next(_problems(connection, fields, tables, forms), None)
        if fields["commitment"] in seen:
            problem = "it stands there twice"
        if problem is not None:
            raise SystemFault(f"commitments.csv, {fields['commitment']}: {problem}")
        seen.add(fields["commitment"])
        _insert(connection, fields)
    connection.exec_driver_sql("ANALYZE figure, commitment")


def _build_figures(connection: Connection, measured: Sequence[Summary]) -> None:
    connection.exec_driver_sql(
        "CREATE TEMP TABLE figure (table_name text, period text, level text, area_code text, figures jsonb)"
        " ON COMMIT DROP;"
        "CREATE TEMP TABLE unit_sheet (table_name text, sheet text) ON COMMIT DROP"
    )
    for summary in measured:
        if summary.units is not None:
            values = {"table": summary.table, "sheet": summary.units}
            connection.execute(text("INSERT INTO unit_sheet VALUES (:table, :sheet)"), values)
        if set(AREA_KEY) <= set(summary.key):
            connection.execute(
                text(
                    "INSERT INTO figure SELECT :table, period, level, area_code, to_jsonb(draft)"
                    f' FROM city_draft."{summary.table}" AS draft'
                ),
                {"table": summary.table},
            )


def _parsed(row: Mapping[Any, Any]) -> Fields:
    """The fields as the temporary table holds them; what makes no sense is left to :func:`_problems`."""
    fields: Fields = {name: row[name] for name in _COLUMNS}
    pairs = (fields["filter"] or "").split(";")
    fields["filter"] = dict(pair.partition("=")[::2] for pair in pairs if pair)
    for name in ("units_of", "baseline_levels", "target_levels"):
        fields[name] = [each for each in (fields[name] or "").split(";") if each]
    fields["units_of"] = fields["units_of"] or [fields["table_name"]]
    due: date | None = fields["due"]
    fields["begun_on"] = fields["baseline_on"] or (due and due.replace(month=1, day=1))
    return fields


def _problems(
    connection: Connection, fields: Fields, tables: Mapping[str, Summary], forms: Collection[str]
) -> Iterator[str]:
    """What is wrong, the worst first: each may rest on those before it."""
    if empty := [name for name in _REQUIRED if not fields[name]]:
        yield f"{empty[0]} is empty"
    if not fields["item"].isdecimal():
        yield f"item {fields['item']!r} is not a number"
    for name, kinds in (("kind", Kind), ("baseline_kind", BaselineKind)):
        if fields[name] not in tuple(kinds):
            yield f"{name} {fields[name]!r} is none of {'/'.join(kinds)}"
    if fields["form"] not in forms:
        yield f"there is no form {fields['form']!r}"
    for name in (fields["table_name"], *fields["units_of"]):
        if not _is_of_form(tables.get(name), fields["form"]):
            yield f"there is no city table {name!r} of {fields['form']} by {', '.join(AREA_KEY)}"
            return
    table = tables[fields["table_name"]]
    columns = draft_columns(connection, table)
    for name in ("numerator_column", "denominator_column"):
        if fields[name] and columns.get(fields[name]) not in _NUMBERS:
            yield f"{table.table} has no column of numbers {fields[name]!r}"
    if fields["unit"] == PERCENT and not fields["denominator_column"]:
        yield f"{PERCENT} needs a denominator_column"
    breakdown = [name for name in table.key if name not in AREA_KEY]
    if set(fields["filter"]) != set(breakdown):
        yield f"its filter must give a value for {', '.join(breakdown) or 'nothing'}, the rest of {table.table}'s key"
    if not _chooses(connection, fields):
        yield f"no row of {table.table} meets its filter"
    yield from _problems_of_the_baseline(fields)
    yield from _problems_of_the_target(fields)


def _is_of_form(table: Summary | None, form: str) -> bool:
    return table is not None and table.form in (None, form) and set(AREA_KEY) <= set(table.key)


def _problems_of_the_baseline(fields: Fields) -> Iterator[str]:
    kind, has_baseline = fields["baseline_kind"], fields["baseline"] is not None
    if Kind(fields["kind"]).keeps and kind != BaselineKind.NONE:
        yield f"its kind is {fields['kind']}, which has no baseline, and its baseline_kind {kind}"
    if kind == BaselineKind.PLAN and not has_baseline:
        yield "its baseline_kind is plan and it has no baseline"
    if kind != BaselineKind.PLAN and has_baseline:
        yield f"it has a baseline, which is a plan's, and its baseline_kind is {kind}"
    if kind != BaselineKind.PLAN and fields["baseline_on"] is not None:
        yield f"it has a baseline_on, which is a plan's, and its baseline_kind is {kind}"
    if kind == BaselineKind.FIRST_REPORT and fields["target"] is None:
        yield "its baseline_kind is first_report and there is no target to draw a line to"


def _problems_of_the_target(fields: Fields) -> Iterator[str]:
    for name in ("baseline", "target"):
        levels = fields[f"{name}_levels"]
        if unknown := [level for level in levels if level not in LEVELS]:
            yield f"{name}_levels: {unknown[0]!r} is none of {';'.join(LEVELS)}"
        if fields[name] is not None and not levels:
            yield f"it has a {name} and no {name}_levels"
    if fields["target"] is not None and fields["due"] is None:
        yield "it has a target and no due date"
    if fields["due"] is not None and fields["begun_on"] >= fields["due"]:
        yield f"it is due on {fields['due']}, not after {fields['begun_on']} when it begins"


def _chooses(connection: Connection, fields: Fields) -> bool:
    """Whether the filter meets a row; an empty table says nothing against it."""
    chosen: bool = connection.execute(
        text("SELECT count(*) = 0 OR bool_or(figures @> CAST(:filter AS jsonb)) FROM figure WHERE table_name = :table"),
        {"table": fields["table_name"], "filter": json.dumps(fields["filter"])},
    ).scalar_one()
    return chosen


def _insert(connection: Connection, fields: Fields) -> None:
    kinds = {**_COLUMNS, "begun_on": "date"}
    values = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in kinds.items())
    connection.execute(
        text(f"INSERT INTO commitment ({', '.join(kinds)}) VALUES ({values})"),
        {**fields, "filter": json.dumps(fields["filter"])},
    )
