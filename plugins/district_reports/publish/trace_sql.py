"""The statements that follow a figure back to rows, for one row of a city table or for all of a release at once.

They stand on ``city.release_source``, ``facts`` and the ledger, whose rows stay as they were: a release of long ago is
traced to what it stood on. Values are bound: ``:release_id``, ``:form`` (unless a key column) and what `where` names.
"""

import re

from district_reports.moment.frame import EVERYTHING, coded
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.lineage import (
    ITEM,
    LEDGER_TABLES,
    OF_DISTRICTS,
    SHEET_COUNT,
    Earlier,
    Measure,
    Rows,
    Scope,
    Source,
)
from district_reports.publish.summary import Summary
from district_reports.publish.trace_ledger import LEDGER
from district_reports.publish.worklist import items_of_release

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")

_STANDING = """standing AS MATERIALIZED (
    SELECT source.*, outcome, nil_return{earlier}
    FROM city.release_source AS source
    LEFT JOIN ledger.submission USING (submission_id)
    WHERE release_id = :release_id AND source.form IN (SELECT traced_form FROM cell)
)"""
# All reports before one are many, and follow from the others' of the release.
_EARLIER = """, ARRAY(
        SELECT other.submission_id
        FROM city.release_source AS other
        WHERE other.release_id = source.release_id AND other.form = source.form
            AND other.district_code = ANY (source.spoken_for) AND other.period < source.period
            AND other.submission_id IS NOT NULL
        ORDER BY other.period DESC
    ) AS earlier"""
_LOOKED_BACK = """{scope} AS MATERIALIZED (
    SELECT cell_no, each.district_code, each.submission_id
    FROM in_force AS current
    JOIN ledger.submission AS each ON each.submission_id = ANY (current.{scope})
)"""
_SCOPES = {
    Scope.IN_FORCE: """in_force AS MATERIALIZED (
    SELECT cell_no, known_at, standing.*
    FROM cell
    JOIN standing ON standing.form = traced_form AND standing.period = cell.period AND cell.area_code = ANY (areas)
)""",
    Scope.YEAR_TO_DATE: _LOOKED_BACK.format(scope=Scope.YEAR_TO_DATE),
    Scope.LATEST_OF_YEAR: _LOOKED_BACK.format(scope=Scope.LATEST_OF_YEAR),
    Scope.NIGHT: f"""night AS MATERIALIZED (
    SELECT cell_no, known_at, each.district_code, answers_for
    FROM cell
    JOIN city.release_area AS each ON each.{RELEASE} = :release_id AND cell.area_code = ANY (areas)
),
known_item AS MATERIALIZED ({items_of_release()})""",
}
_AGGREGATES = {
    Measure.COUNT: "count({rows}.taken)",
    Measure.DISTINCT: "count(DISTINCT {rows}.counted)",
    Measure.SUM: "coalesce(sum({rows}.counted), 0)",
    Measure.MAX: "max({rows}.counted)",
}


def row_condition(names: tuple[str, ...]) -> str:
    """The row of a city table whose columns `names` hold the bound values of their names; empty for every row."""
    return "".join(f' AND published."{name}" = :{name}' for name in names)


def parts_statement(summary: Summary, origin: tuple[Rows, ...], where: str) -> str:
    """What each submission adds to the figures that `where` chooses.

    Columns: cell_no, term (of `origin`), partner (whether the rows are those of ``with``), district_code,
    submission_id, sheet_table, row_count, value (null for partners), row_numbers (ascending). A submission without rows
    is there with a count of 0; a district that sent nothing has no submission.
    """
    selects = []
    for number, rows in enumerate(origin):
        taken = f"taken_{number}"
        value = _AGGREGATES[rows.measure]
        if rows.source.table in OF_DISTRICTS:
            selects.append(_part(number, False, f"{taken} AS rows", value))
        else:
            # A submission without a row is worth a word.
            reached = (
                f"{rows.source.scope} AS base LEFT JOIN {taken} AS rows USING (cell_no, district_code, submission_id)"
            )
            selects.append(_part(number, False, f"{reached} WHERE submission_id IS NOT NULL", value))
        if rows.source.earlier or (rows.partner is not None and rows.matching):
            selects.append(_part(number, True, f"met_{number} AS rows", "NULL::bigint"))
    order = "ORDER BY cell_no, term, partner, district_code, submission_id, sheet_table"
    return f"WITH {_ctes(summary, origin, where)}\n" + "\nUNION ALL\n".join(selects) + f"\n{order}"


def _part(number: int, partner: bool, joined: str, value: str) -> str:
    return f"""SELECT cell_no, {number} AS term, {partner} AS partner, district_code, submission_id, sheet_table,
    count(rows.taken) AS row_count, {value.format(rows="rows")} AS value,
    array_agg(row_number ORDER BY row_number) FILTER (WHERE row_number IS NOT NULL) AS row_numbers
FROM {joined}
GROUP BY cell_no, district_code, submission_id, sheet_table"""


def items_statement(summary: Summary, origin: tuple[Rows, ...], where: str) -> str:
    """The items of the worklist that the figure `where` chooses counts, the oldest first.

    Columns: item_id, rule, state, first_seen, districts (the codes of all that the item touches).
    """
    counted = " UNION ".join(f"SELECT item_id FROM taken_{number}" for number in range(len(origin)))
    return f"""WITH {_ctes(summary, origin, where)}
SELECT item_id, rule, state, first_seen, array_agg(DISTINCT district_code ORDER BY district_code) AS districts
FROM known_item
WHERE item_id IN ({counted})
GROUP BY item_id, rule, state, first_seen
ORDER BY first_seen, item_id"""


def recomputed_statement(summary: Summary, origin: tuple[Rows, ...], column: str, where: str) -> str:
    """The figure from the same rows, beside what was published: cell_no, published, recomputed, applies, compared.

    ``applies`` says whether the figure stands on this row of the table, ``compared`` whether there is a row to compare
    with the report before (true where none is asked for).
    """
    totals = "".join(
        f"\nLEFT JOIN (SELECT cell_no, {_AGGREGATES[rows.measure].format(rows='taken')} AS value"
        f" FROM taken_{number} AS taken GROUP BY cell_no) AS total_{number} USING (cell_no)"
        for number, rows in enumerate(origin)
    )
    added = " + ".join(
        f"total_{number}.value" if rows.measure is Measure.MAX else f"coalesce(total_{number}.value, 0)"
        for number, rows in enumerate(origin)
    )
    reported = (
        "true" if all(rows.source.table in OF_DISTRICTS for rows in origin) else "cell_no IN (SELECT * FROM accepted)"
    )
    return f"""WITH {_ctes(summary, origin, where)},
accepted AS (SELECT cell_no FROM in_force WHERE submission_id IS NOT NULL)
SELECT cell_no, published, CASE WHEN applies AND compared AND {reported} THEN {added} END AS recomputed,
    applies, compared
FROM (
    SELECT cell_no, "{column}" AS published, {_applies(origin)} AS applies, {_compared(origin)} AS compared FROM cell
) AS cell{totals}
ORDER BY cell_no"""


def expression_statement(summary: Summary, column: str, expression: str, where: str) -> str:
    """The same for an expression of columns of the row."""
    return f"""WITH {_cell(summary, where)}
SELECT cell_no, "{column}" AS published, {expression} AS recomputed, true AS applies, true AS compared
FROM cell
ORDER BY cell_no"""


def _applies(origin: tuple[Rows, ...]) -> str:
    return " AND ".join(f"({rows.applies})" for rows in origin if rows.applies) or "true"


def _compared(origin: tuple[Rows, ...]) -> str:
    rows = next((rows for rows in origin if rows.source.earlier and not rows.source.beside), None)
    if rows is None:
        return "true"
    return f"cell_no IN (SELECT cell_no FROM {rows.source.scope} WHERE {rows.source.earlier} <> '{{}}')"


def _cell(summary: Summary, where: str) -> str:
    key = ", ".join(f'published."{name}"' for name in summary.key)
    form = "published.form" if "form" in summary.key else ":form"
    return f"""cell AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY {key}) AS cell_no, {form} AS traced_form, known_at, published.*
    FROM city."{summary.table}" AS published
    JOIN city.release USING ({RELEASE})
    WHERE {RELEASE} = :release_id{where}
)"""


def _ctes(summary: Summary, origin: tuple[Rows, ...], where: str) -> str:
    scopes = {rows.source.scope for rows in origin} | {rows.partner.scope for rows in origin if rows.partner}
    all_before = any(rows.source.earlier is Earlier.EARLIER for rows in origin)
    parts = [_cell(summary, where), _STANDING.format(earlier=_EARLIER if all_before else "")]
    parts += [_SCOPES[scope] for scope in Scope if scope in scopes | {Scope.IN_FORCE}]
    for number, rows in enumerate(origin):
        if rows.partner is None:
            chosen = f"chosen_{number}" if rows.source.having else f"taken_{number}"
            parts.append(_rows(chosen, rows.source, rows.expression, rows.applies))
            if rows.source.having:
                parts.append(_in_groups(chosen, rows.source.having, f"taken_{number}"))
            if rows.source.earlier:
                parts.append(_compared_rows(number))
            continue
        parts.append(_rows(f"main_{number}", rows.source, rows.expression, rows.applies))
        parts.append(_rows(f"partner_{number}", rows.partner, "", None))
        wanted = "met" if rows.matching else "NOT met"
        parts.append(_with_like(f"main_{number}", f"partner_{number}", f"taken_{number}", wanted))
        if rows.matching:
            parts.append(_with_like(f"partner_{number}", f"taken_{number}", f"met_{number}", "met"))
    return ",\n".join(parts)


def _with_like(rows: str, others: str, name: str, wanted: str) -> str:
    return _looked_up(name, rows, "link", f"SELECT cell_no, link FROM {others} WHERE link IS NOT NULL", wanted)


def _looked_up(name: str, rows: str, column: str, those: str, wanted: str) -> str:
    # As a column, the look-up is a hashed one; as a join it is planned by guesses at the size of CTEs, and can be slow.
    return f"""{name} AS (
    SELECT * FROM (
        SELECT *, (cell_no, {column}) IN ({those}) AS met
        FROM {rows} OFFSET 0
    ) AS looked_up
    WHERE {wanted}
)"""


def _in_groups(rows: str, condition: str, name: str) -> str:
    """Those of `rows` of which the condition holds, each together with all that count as the same one in the cell."""
    groups = f"""SELECT cell_no, counted FROM (SELECT cell_no, counted, (row_of_sheet).* FROM {rows}) AS each
            GROUP BY cell_no, counted HAVING {condition}"""
    return _looked_up(name, rows, "counted", groups, "met")


def _compared_rows(number: int) -> str:
    return f"""met_{number} AS (
    SELECT cell_no, district_code, earlier_submission_id AS submission_id, sheet_table,
        earlier_row_number AS row_number, true AS taken
    FROM taken_{number}
    WHERE earlier_submission_id IS NOT NULL
)"""


def _rows(name: str, source: Source, expression: str, applies: str | None) -> str:
    """Rows of `source`: cell_no, district_code, submission_id, sheet_table, row_number, counted, link, taken."""
    table = source.table
    conditions = [f"(:{key} = '{EVERYTHING}' OR {coded(table, key)} = :{key})" for key in source.by]
    if source.where:
        conditions.append(f"({source.where})")
    fields = {
        "counted": expression or "1",
        "link": f'"{table}"."{source.link}"' if source.link and not source.earlier else "NULL::text",
    }
    if table in LEDGER_TABLES:
        relation = f'{LEDGER[table]} AS "{table}"'
        sheet = '"sheet_count".table_name' if table == SHEET_COUNT else "NULL::text"
        number = "NULL::integer"
    else:
        relation = f'facts."{table}" AS "{table}"'
        conditions.insert(0, f'"{table}".submission_id = reached.submission_id')
        sheet, number = f"'{table}'", f'"{table}".row_number'
    if earlier := source.earlier:
        relation += f""" LEFT JOIN LATERAL (
            SELECT * FROM facts."{table}" AS each
            WHERE each.submission_id = ANY (reached.{earlier}) AND each."{source.link}" = "{table}"."{source.link}"
            ORDER BY array_position(reached.{earlier}, each.submission_id) LIMIT 1
        ) AS {earlier} ON true"""
        fields |= {"earlier_submission_id": f"{earlier}.submission_id", "earlier_row_number": f"{earlier}.row_number"}
        if not source.beside:
            conditions.append(f"reached.{earlier} <> '{{}}'")
    if table == ITEM:
        fields["item_id"] = f'"{table}".item_id'
    if source.having:
        fields["row_of_sheet"] = f'"{table}"'
    selected = ", ".join(f"{_of_the_cell(field)} AS {name}" for name, field in fields.items())
    chosen = _of_the_cell(" AND ".join(conditions)) or "true"
    return f"""{name} AS (
    SELECT cell.cell_no, reached.district_code, taken.*
    FROM (SELECT * FROM cell WHERE {applies or "true"}) AS cell
    JOIN {source.scope} AS reached ON reached.cell_no = cell.cell_no
    CROSS JOIN LATERAL (
        SELECT "{table}".submission_id, {sheet} AS sheet_table, {number} AS row_number, {selected}, true AS taken
        FROM {relation}
        WHERE {chosen}
    ) AS taken
)"""


def _of_the_cell(condition: str) -> str:
    return _PARAMETER.sub(r'cell."\1"', condition)
