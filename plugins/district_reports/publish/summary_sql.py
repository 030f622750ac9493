"""The SELECT of a summary that has only a header: its figures count or add up rows of sheets, or are formulas of these.

It follows from the declared lines (:mod:`.lineage`). For each source one relation, ``rows_<n>``, gives what its rows
contribute to each figure, for each value of the key columns that choose them and for 全部: in a district, whose figures
``total`` adds up for its areas, or at once in each area where people are counted, since those do not add up.

Several key columns break down one at a time: where one has a value, the others are 全部 (``breakdown``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.model.form import Type
from district_reports.moment.frame import AREA_KEY, EVERYTHING, coded
from district_reports.publish.lineage import (
    COVERAGE,
    LEDGER_TABLES,
    UNITS,
    Earlier,
    Formula,
    Measure,
    Origin,
    Rows,
    Scope,
    Source,
)

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
# Of several reports before this one the last that has the row, or the first of the year; by a join, since a look-up for
# each row is twenty times slower.
_EARLIER = """
    LEFT JOIN (
        SELECT DISTINCT ON ({earlier}.submission_id, "{link}") {earlier}.submission_id AS of_submission, each.*
        FROM {earlier}
        JOIN facts."{table}" AS each ON each.submission_id = earlier_submission_id
        ORDER BY {earlier}.submission_id, "{link}", earlier_period{order}
    ) AS {earlier} ON of_submission = "{table}".submission_id AND "{table}"."{link}" = {earlier}."{link}"
"""
_COMPARED = """    WHERE "{table}".submission_id IN (SELECT submission_id FROM {earlier})"""


@dataclass(frozen=True)
class _Relation:
    """Rows of one source and, by the names of its columns, the lines that count or add them up.

    ``asked`` are key columns of the city table that the lines name as ``:name``.
    """

    name: str
    source: Source
    distinct: bool
    asked: tuple[str, ...]
    terms: dict[str, Rows] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, ...]:
        return AREA_KEY if self.distinct else ("period", "district_code")

    @property
    def join(self) -> str:
        return f"\n    LEFT JOIN {self.name} USING ({', '.join((*self.place, *self.source.by, *self.asked))})"

    def select(self) -> str:
        table = f'"{self.source.table}"'
        by = [coded(self.source.table, key) for key in self.source.by]
        place = [f"reached.{name}" for name in self.place] + [f'of_{name}."{name}"' for name in self.asked]
        chosen = [f"CASE grouping({column}) WHEN 1 THEN '{EVERYTHING}' ELSE {column} END" for column in by]
        named = [f'{case} AS "{key}"' for case, key in zip(chosen, self.source.by, strict=True)]
        measured = [f"{self._measured(rows)} AS {column}" for column, rows in self.terms.items()]
        one_at_a_time = ", ".join([*(f"({each})" for each in by), "()"])
        areas = "JOIN area USING (form, period, district_code)" if self.distinct else ""
        codes = "".join(f" CROSS JOIN of_{name}" for name in self.asked)
        return f"""{self.name} AS (
    SELECT {", ".join([*place, *named, *measured])}
    FROM (
        SELECT {", ".join(self.place)}, submission_id AS reached_id
        FROM {self.source.scope} {areas}
        WHERE form = :form
    ) AS reached
    JOIN facts.{table} ON {table}.submission_id = reached_id{codes}{self._earlier()}
    GROUP BY {", ".join([*place, f"GROUPING SETS ({one_at_a_time})"] if by else place)}
)"""

    def _earlier(self) -> str:
        earlier = self.source.earlier
        if earlier is None:
            return ""
        joined = _EARLIER if self.source.beside else _EARLIER + _COMPARED
        order = "" if earlier is Earlier.FIRST_OF_YEAR else " DESC"
        return joined.format(earlier=earlier, table=self.source.table, link=self.source.link, order=order)

    @property
    def added(self) -> str:
        """What ``total`` adds up: nothing, not 0, for a report that has none before it."""
        if self.source.earlier is None or self.source.beside:
            return "".join(f", sum({column}) AS {column}" for column in self.terms)
        has_one = f"(form, period, district_code) IN (SELECT form, period, district_code FROM {self.source.earlier})"
        return "".join(f", sum(coalesce({column}, 0)) FILTER (WHERE {has_one}) AS {column}" for column in self.terms)

    def _measured(self, rows: Rows) -> str:
        measure = {
            Measure.COUNT: "count(*)",
            Measure.DISTINCT: f"count(DISTINCT {rows.expression})",
            Measure.SUM: f"sum({rows.expression})",
        }[rows.measure]
        chosen = f"coalesce({measure} FILTER (WHERE {rows.source.where or 'true'}), 0)"
        return _PARAMETER.sub(lambda named: self._value(named[1]), chosen)

    def _value(self, parameter: str) -> str:
        return f'of_{parameter}."{parameter}"' if parameter in self.asked else f"reached.{parameter}"


def declared_select(file: str, key: tuple[str, ...], origins: Mapping[str, Origin], units: str | None) -> str:
    """The SELECT of the summary `file`: the key and the area's name, the figures in the order of `origins`, coverage.

    Coverage is of the districts and, where `units` names a sheet, of the units that owe a row of it.

    Raises:
        SystemFault: a figure is made in another way, or the forms have no code list for a key column.
    """
    relations: list[_Relation] = []
    figures = []
    own = {name: origin for name, origin in origins.items() if name not in (*COVERAGE, *UNITS)}
    for name, origin in own.items():
        if isinstance(origin, tuple) and all(_is_of_rows(rows) for rows in origin):
            figures.append(_figure(name, {_placed(rows, relations): rows for rows in origin}))
        elif not isinstance(origin, Formula):
            raise SystemFault(f"{file}: {name} does not count or add up rows by itself, so a SELECT has to make it")
    breakdown = [name for name in key if name not in AREA_KEY]
    keys = "".join(f', "{name}"' for name in breakdown)
    added = [each for each in relations if not each.distinct]
    columns = "".join(each.added for each in added)
    parts = [
        *(_codes(file, name, relations) for name in breakdown),
        *([_breakdown(breakdown)] if breakdown else []),
        *(each.select() for each in relations),
        f"""total AS (
    SELECT period, level, area_code{keys}{columns}
    FROM area{" CROSS JOIN breakdown" if breakdown else ""}{"".join(each.join for each in added)}
    WHERE form = :form
    GROUP BY period, level, area_code{keys}
)""",
        f"""counted AS MATERIALIZED (
    SELECT * FROM total{"".join(each.join for each in relations if each.distinct)}
)""",
        *([_units(units)] if units else []),
        f"""place AS MATERIALIZED (
    SELECT coverage.*{_UNITS_SHOWN if units else ""}
    FROM coverage
    JOIN reporting_period USING (form, period)
    {"LEFT JOIN units USING (period, level, area_code)" if units else ""}
    WHERE form = :form AND reported
)""",
        f"""figure AS (
    SELECT place.*{keys}, {", ".join(figures)}
    FROM place
    JOIN counted USING (period, level, area_code)
)""",
    ]
    return f"""WITH {", ".join(parts)}
SELECT period, level, area_code, area_name{keys},
    {", ".join([*(_shown(*each) for each in {**own, **COVERAGE}.items()), *(UNITS if units else ())])}
FROM figure"""


_UNITS_SHOWN = "".join(f", coalesce(of_{name}, 0)::integer AS {name}" for name in UNITS)


def _units(sheet: str) -> str:
    """How many units of the area have a row of the sheet, and how many owe one."""
    return f"""units AS (
    SELECT period, level, area_code, sum(reported) AS of_units_reported, sum(expected) AS of_units_expected
    FROM area
    JOIN unit USING (form, period, district_code)
    WHERE form = :form AND sheet = '{sheet}'
    GROUP BY period, level, area_code
)"""


def _breakdown(names: Sequence[str]) -> str:
    """Every row of the table's breakdown: each column's codes in turn, the others 全部."""
    rows = [
        ", ".join(f'"{name}"' if name == one else f"'{EVERYTHING}' AS \"{name}\"" for name in names) + f" FROM of_{one}"
        for one in names
    ]
    return f"""breakdown AS (
    SELECT {f"{chr(10)}    UNION SELECT ".join(rows)}
)"""


def _is_of_rows(rows: Rows) -> bool:
    source = rows.source
    compares = source.earlier and (source.scope is not Scope.IN_FORCE or rows.measure is Measure.DISTINCT)
    by_itself = rows.partner is None and source.having is None and rows.measure is not Measure.MAX
    return by_itself and source.table not in LEDGER_TABLES and not compares


def _placed(rows: Rows, relations: list[_Relation]) -> str:
    """Put it among the terms of its source's relation; the name of its column there."""
    source, distinct = replace(rows.source, where=None), rows.measure is Measure.DISTINCT
    named = _PARAMETER.findall(f"{rows.expression} {rows.source.where}")
    asked = tuple(sorted({*named} - {"period"}))
    relation = next(
        (each for each in relations if (each.source, each.distinct, each.asked) == (source, distinct, asked)), None
    )
    if relation is None:
        relation = _Relation(f"rows_{len(relations)}", source, distinct, asked)
        relations.append(relation)
    column = f"of_{relation.name}_{len(relation.terms)}"
    relation.terms[column] = rows
    return column


def _shown(name: str, origin: Origin) -> str:
    return f'{origin.expression} AS "{name}"' if isinstance(origin, Formula) else f'"{name}"'


def _codes(file: str, name: str, relations: Iterable[_Relation]) -> str:
    table = next((each.source.table for each in relations if name in each.source.by), None)
    if table is None:
        raise SystemFault(f"{file}: no figure is chosen by {name}, so a SELECT has to say what is in it")
    return f"""of_{name} AS (
    SELECT code AS "{name}" FROM code_list WHERE form = :form AND table_name = '{table}' AND column_name = '{name}'
)"""


def _figure(name: str, terms: Mapping[str, Rows]) -> str:
    applies = "".join(f" AND ({rows.applies})" for rows in terms.values() if rows.applies)
    added = " + ".join(
        value if rows.source.earlier and not rows.source.beside else f"coalesce({value}, 0)"
        for value, rows in terms.items()
    )
    whole = "" if any(_has_decimals(rows) for rows in terms.values()) else "::bigint"
    return f'CASE WHEN districts_accepted > 0{applies} THEN {added} END{whole} AS "{name}"'


def _has_decimals(rows: Rows) -> bool:
    columns = {
        column.name
        for form in forms().values()
        for sheet in form.sheets
        for column in sheet.columns
        if sheet.table == rows.source.table and column.type is Type.DECIMAL
    }
    return not columns.isdisjoint(re.findall(r"\w+", rows.expression))
