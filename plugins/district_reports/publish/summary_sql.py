"""The SELECT of a summary that has only a header: its figures count and add up rows in force, or are formulas of these.

It follows from the declared lines (:mod:`.lineage`). For each source one relation adds up what a district's rows
contribute to each figure, for each value of the key columns that choose them and for 全部; ``total`` adds up the
districts of each area.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.model.form import Type
from district_reports.publish.frame import EVERYTHING
from district_reports.publish.lineage import COVERAGE, LEDGER_TABLES, Formula, Measure, Origin, Rows, Scope, Source

_AREA = ("period", "level", "area_code")
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
    WHERE "{table}".submission_id IN (SELECT submission_id FROM previous) AND"""


def declared_select(file: str, key: tuple[str, ...], origins: Mapping[str, Origin]) -> str:
    """The SELECT of the summary `file`: the key and the area's name, the figures in the order of `origins`, coverage.

    Raises:
        SystemFault: a figure is made in another way, or the forms have no code list for a key column.
    """
    terms: dict[str, Rows] = {}
    figures = []
    own = {name: origin for name, origin in origins.items() if name not in COVERAGE}
    for name, origin in own.items():
        if isinstance(origin, tuple) and all(_adds_up(rows) for rows in origin):
            values = {f"value_{len(terms) + number}": rows for number, rows in enumerate(origin)}
            figures.append(_figure(name, values))
            terms |= values
        elif not isinstance(origin, Formula):
            raise SystemFault(f"{file}: {name} does not add up from rows in force, so a SELECT has to make it")
    sources: dict[Source, dict[str, Rows]] = {}
    for value, rows in terms.items():
        sources.setdefault(replace(rows.source, where=None), {})[value] = rows
    relations = "".join(_relation(number, *each) for number, each in enumerate(sources.items()))
    breakdown = [name for name in key if name not in _AREA]
    keys = "".join(f', "{name}"' for name in breakdown)
    codes = "".join(_codes(file, name, sources) for name in breakdown)
    joined = "".join(
        f"\n    LEFT JOIN rows_{number} USING ({', '.join(('period', 'district_code', *source.by))})"
        for number, source in enumerate(sources)
    )
    return f"""WITH {relations}total AS (
    SELECT period, level, area_code{keys}, {", ".join(f"sum({value}) AS {value}" for value in terms)}
    FROM area{codes}{joined}
    WHERE form = :form
    GROUP BY period, level, area_code{keys}
),
figure AS (
    SELECT coverage.*{keys}, {", ".join(figures)}
    FROM coverage
    JOIN reporting_period USING (form, period)
    JOIN total USING (period, level, area_code)
    WHERE form = :form AND reported
)
SELECT period, level, area_code, area_name{keys},
    {", ".join(_shown(*each) for each in {**own, **COVERAGE}.items())}
FROM figure"""


def _shown(name: str, origin: Origin) -> str:
    return f'{origin.expression} AS "{name}"' if isinstance(origin, Formula) else f'"{name}"'


def _adds_up(rows: Rows) -> bool:
    source = rows.source
    parameters = set(_PARAMETER.findall(f"{rows.expression} {source.where}"))
    return (
        rows.measure is not Measure.DISTINCT
        and rows.partner is None
        and source.scope is Scope.IN_FORCE
        and source.table not in LEDGER_TABLES
        and parameters <= {"period"}
    )


def _relation(number: int, source: Source, terms: Mapping[str, Rows]) -> str:
    table = f'"{source.table}"'
    chosen_by = "".join(f""", coalesce({table}."{name}", '{EVERYTHING}') AS "{name}\"""" for name in source.by)
    grouped_by = f", CUBE ({', '.join(f'{table}.{name}' for name in source.by)})" if source.by else ""
    condition = _PREVIOUS.format(table=source.table, link=source.link) if source.previous else "\n    WHERE"
    measured = ", ".join(f"{_measured(rows)} AS {value}" for value, rows in terms.items())
    return f"""rows_{number} AS (
    SELECT {table}.period, {table}.district_code{chosen_by}, {measured}
    FROM facts.{table}{condition} {table}.submission_id IN (SELECT submission_id FROM in_force)
    GROUP BY {table}.period, {table}.district_code{grouped_by}
),
"""


def _measured(rows: Rows) -> str:
    measure = "count(*)" if rows.measure is Measure.COUNT else f"sum({rows.expression})"
    chosen = f"coalesce({measure} FILTER (WHERE {rows.source.where or 'true'}), 0)"
    return _PARAMETER.sub(rf'"{rows.source.table}".\1', chosen)


def _codes(file: str, name: str, sources: Mapping[Source, object]) -> str:
    table = next((source.table for source in sources if name in source.by), None)
    if table is None:
        raise SystemFault(f"{file}: no figure is chosen by {name}, so a SELECT has to say what is in it")
    return f"""
    CROSS JOIN (
        SELECT code AS "{name}" FROM code_list
        WHERE form = :form AND table_name = '{table}' AND column_name = '{name}'
    ) AS of_{name}"""


def _figure(name: str, terms: Mapping[str, Rows]) -> str:
    applies = "".join(f" AND ({rows.applies})" for rows in terms.values() if rows.applies)
    # Null, not 0, where there is no report before to compare with.
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
