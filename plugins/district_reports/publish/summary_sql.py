"""The SELECT of a summary that has only a header: its figures count or add up rows of sheets, or are formulas of these.

It follows from the declared lines (:mod:`.lineage`). For each source one relation, ``rows_<n>``, gives what its rows
contribute to each figure, for each value of the key columns that choose them and for 全部: in a district, whose figures
``total`` adds up for its areas, or at once in each area where people are counted, since those do not add up.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.model.form import Type
from district_reports.publish.frame import AREA_KEY, EVERYTHING
from district_reports.publish.lineage import COVERAGE, LEDGER_TABLES, Formula, Measure, Origin, Rows, Scope, Source

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
# Of several reports before this one, as after a merger, the last that has the row; by a join, since a look-up for each
# row is twenty times slower.
_PREVIOUS = """
    LEFT JOIN (
        SELECT DISTINCT ON (previous.submission_id, "{link}") previous.submission_id AS of_submission, each.*
        FROM previous
        JOIN facts."{table}" AS each ON each.submission_id = previous_submission_id
        ORDER BY previous.submission_id, "{link}", previous_period DESC
    ) AS previous ON of_submission = "{table}".submission_id AND previous."{link}" = "{table}"."{link}"
    WHERE "{table}".submission_id IN (SELECT submission_id FROM previous)"""


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
        by = [f'{table}."{key}"' for key in self.source.by]
        place = [f"reached.{name}" for name in self.place] + [f'of_{name}."{name}"' for name in self.asked]
        chosen = [f"CASE grouping({column}) WHEN 1 THEN '{EVERYTHING}' ELSE {column} END" for column in by]
        named = [f'{case} AS "{key}"' for case, key in zip(chosen, self.source.by, strict=True)]
        measured = [f"{self._measured(rows)} AS {column}" for column, rows in self.terms.items()]
        areas = "JOIN area USING (form, period, district_code)" if self.distinct else ""
        codes = "".join(f" CROSS JOIN of_{name}" for name in self.asked)
        before = _PREVIOUS.format(table=self.source.table, link=self.source.link) if self.source.previous else ""
        return f"""{self.name} AS (
    SELECT {", ".join([*place, *named, *measured])}
    FROM (
        SELECT {", ".join(self.place)}, submission_id AS reached_id
        FROM {self.source.scope} {areas}
        WHERE form = :form
    ) AS reached
    JOIN facts.{table} ON {table}.submission_id = reached_id{codes}{before}
    GROUP BY {", ".join([*place, f"CUBE ({', '.join(by)})"] if by else place)}
)"""

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


def declared_select(file: str, key: tuple[str, ...], origins: Mapping[str, Origin]) -> str:
    """The SELECT of the summary `file`: the key and the area's name, the figures in the order of `origins`, coverage.

    Raises:
        SystemFault: a figure is made in another way, or the forms have no code list for a key column.
    """
    relations: list[_Relation] = []
    figures = []
    own = {name: origin for name, origin in origins.items() if name not in COVERAGE}
    for name, origin in own.items():
        if isinstance(origin, tuple) and all(_is_of_rows(rows) for rows in origin):
            figures.append(_figure(name, {_placed(rows, relations): rows for rows in origin}))
        elif not isinstance(origin, Formula):
            raise SystemFault(f"{file}: {name} does not count or add up rows by itself, so a SELECT has to make it")
    breakdown = [name for name in key if name not in AREA_KEY]
    keys = "".join(f', "{name}"' for name in breakdown)
    added = [each for each in relations if not each.distinct]
    columns = "".join(f", sum({column}) AS {column}" for each in added for column in each.terms)
    parts = [
        *(_codes(file, name, relations) for name in breakdown),
        *(each.select() for each in relations),
        f"""total AS (
    SELECT period, level, area_code{keys}{columns}
    FROM area{"".join(f" CROSS JOIN of_{name}" for name in breakdown)}{"".join(each.join for each in added)}
    WHERE form = :form
    GROUP BY period, level, area_code{keys}
)""",
        f"""figure AS (
    SELECT coverage.*{keys}, {", ".join(figures)}
    FROM coverage
    JOIN reporting_period USING (form, period)
    JOIN total USING (period, level, area_code){"".join(each.join for each in relations if each.distinct)}
    WHERE form = :form AND reported
)""",
    ]
    return f"""WITH {", ".join(parts)}
SELECT period, level, area_code, area_name{keys},
    {", ".join(_shown(*each) for each in {**own, **COVERAGE}.items())}
FROM figure"""


def _is_of_rows(rows: Rows) -> bool:
    source = rows.source
    compares_former = source.previous and source.scope is not Scope.IN_FORCE
    return rows.partner is None and source.table not in LEDGER_TABLES and not compares_former


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
    added = " + ".join(value if rows.source.previous else f"coalesce({value}, 0)" for value, rows in terms.items())
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
