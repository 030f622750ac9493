"""Which figures differ between two releases: ``changed_cell``, a temporary relation of the latter one's transaction.

Columns: schema_name, table_name, form, about, period, level, area_code, key, column_name, before, after. ``form`` is
that of the table or of the row; ``about`` the value of the key by which a row takes figures of other tables, or counts
items of the worklist. What does not apply is the empty text, so that all of it can be joined by. Whole rows are
compared first, and only those that differ are taken apart: most of a release is as it was. A table of the night has
another period in each release: its rows are compared all the same, and the period is the latter's.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import Boundaries
from district_reports.moment.frame import AREA_KEY
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.reaches import about_column
from district_reports.publish.summary import Summary

_TABLE = """
CREATE TEMP TABLE changed_cell (
    schema_name text NOT NULL, table_name text NOT NULL, form text NOT NULL, about text NOT NULL,
    period text NOT NULL, level text NOT NULL, area_code text NOT NULL, key jsonb NOT NULL,
    column_name text NOT NULL, before jsonb, after jsonb
) ON COMMIT DROP
"""
_CHANGED = """
INSERT INTO changed_cell
SELECT '{schema}', '{table}', {form}, {about}, {area}, jsonb_build_object({breakdown}), column_name, before, after
FROM (SELECT * FROM {schema}."{table}" WHERE {release} = :former) AS former
FULL JOIN (SELECT * FROM {schema}."{table}" WHERE {release} = :latter) AS latter USING ({key})
CROSS JOIN LATERAL (VALUES {cells}) AS cell (column_name, before, after)
WHERE ({former}) IS DISTINCT FROM ({latter}) AND before IS DISTINCT FROM after
"""


def find_changed_cells(connection: Connection, tables: Sequence[Summary], former: int, latter: int) -> None:
    """Make the relation. The boundaries now are left out where neither release tells them apart from those then."""
    connection.exec_driver_sql(_TABLE)
    drawn_anew = connection.scalar(
        text(
            "SELECT EXISTS (SELECT FROM source WHERE areas_now IS NOT NULL)"
            f" OR EXISTS (SELECT FROM city.release_source WHERE {RELEASE} = :former AND areas_now IS NOT NULL)"
        ),
        {"former": former},
    )
    for schema in Boundaries if drawn_anew else (Boundaries.THEN,):
        for summary in tables:
            _compare(connection, schema, summary, {"former": former, "latter": latter})
    # Of what is joined by: the values of a mass change are large, and nobody asks which there are.
    connection.exec_driver_sql(
        "ANALYZE changed_cell (schema_name, table_name, form, about, period, area_code, column_name)"
    )


def _compare(connection: Connection, schema: str, summary: Summary, releases: dict[str, int]) -> None:
    columns = [name for name in columns_of(connection, schema, summary.table) if name not in (RELEASE, *summary.key)]
    # Names are those of our own declarations: they stand in the header of the summary.
    statement = _CHANGED.format(
        schema=schema,
        table=summary.table,
        release=RELEASE,
        form=_form(summary),
        about=_about(summary),
        area=", ".join(_place(summary, name) for name in AREA_KEY),
        breakdown=", ".join(f"'{name}', \"{name}\"" for name in summary.key if name not in AREA_KEY),
        key=", ".join(f'"{name}"' for name in summary.identity),
        cells=", ".join(f'(\'{name}\', to_jsonb(former."{name}"), to_jsonb(latter."{name}"))' for name in columns),
        former=", ".join(f'former."{name}"' for name in columns),
        latter=", ".join(f'latter."{name}"' for name in columns),
    )
    connection.execute(text(statement), releases)


def _place(summary: Summary, name: str) -> str:
    if name in summary.identity:
        return f'"{name}"'
    return "(SELECT period FROM night)" if name in summary.key else "''"


def _form(summary: Summary) -> str:
    if summary.form is not None:
        return f"'{summary.form}'"
    return '"form"' if "form" in summary.key else "''"


def _about(summary: Summary) -> str:
    column = about_column(summary)
    return "''" if column is None else f'coalesce(former."{column}", latter."{column}")::text'
