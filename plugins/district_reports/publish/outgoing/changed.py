"""What a release changes against the version outside before it: ``outside_change``, a temporary relation.

Only figures of rows that stand in both, and that both publish: a withheld figure is in none of them. Their causes are
those that the releases inside since then recorded for the same figure.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from district_reports.errors import SystemFault
from district_reports.moment.frame import AREA_KEY
from district_reports.publish.causes import ChangeCause
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.outgoing.outside_tables import OUTSIDE, WITHHELD
from district_reports.publish.outgoing.protected import protected
from district_reports.publish.summary import Summary

_CHANGE = """
CREATE TEMP TABLE outside_change (
    schema_name text NOT NULL, table_name text NOT NULL, period text, level text, area_code text, key jsonb NOT NULL,
    column_name text NOT NULL, before jsonb, after jsonb, causes text[]
) ON COMMIT DROP
"""
_CHANGED = """
INSERT INTO outside_change
SELECT '{outside}', '{table}', {area}, jsonb_build_object({breakdown}), column_name, before, after
FROM ({latter}) AS latter
JOIN (SELECT * FROM {outside}."{table}" WHERE {release} = :against) AS former USING ({key})
CROSS JOIN LATERAL (VALUES {cells}) AS cell (column_name, before, after)
WHERE before IS DISTINCT FROM after
    AND column_name <> ALL (former.{withheld}) AND column_name <> ALL (latter.{withheld})
"""
# In the boundaries now a release recorded nothing apart where they were those of the time: what is said of these holds.
# A row of the night has the period of its release, so that each night's is the same row.
_CAUSES = """
CREATE TEMP TABLE outside_cause ON COMMIT DROP AS
SELECT schema_name, table_name, period, level, area_code, key, column_name, array_agg(DISTINCT cause) AS causes
FROM (
    SELECT
        face.schema_name, change.table_name, level, area_code, key, column_name, causes,
        CASE WHEN change.table_name = ANY (:nightly) THEN '' ELSE coalesce(change.period, '') END AS period
    FROM city.release_change AS change
    JOIN (VALUES ('city', 'outside'), ('city_now', 'outside_now'), ('city', 'outside_now'))
        AS face (inside, schema_name) ON face.inside = change.schema_name
    WHERE change.release_id > :first AND change.release_id <= :last
        AND (face.inside = 'city_now' OR face.schema_name = 'outside' OR NOT EXISTS (
            SELECT FROM city.release_change AS apart
            WHERE apart.release_id = change.release_id AND apart.schema_name = 'city_now'
        ))
) AS recorded
CROSS JOIN unnest(recorded.causes) AS each (cause)
GROUP BY schema_name, table_name, period, level, area_code, key, column_name
"""
_CAUSED = """
UPDATE outside_change
SET causes = told.causes
FROM outside_cause AS told
WHERE (told.schema_name, told.table_name, told.column_name, told.key)
        = (outside_change.schema_name, outside_change.table_name, outside_change.column_name, outside_change.key)
    AND told.period = CASE
        WHEN outside_change.table_name = ANY (:nightly) THEN '' ELSE coalesce(outside_change.period, '')
    END
    AND coalesce(told.level, '') = coalesce(outside_change.level, '')
    AND coalesce(told.area_code, '') = coalesce(outside_change.area_code, '')
"""
_REDEFINED = """
UPDATE outside_change
SET causes = ARRAY[:cause]
WHERE causes IS NULL AND NOT EXISTS (
    SELECT FROM city.release_definition AS before
    JOIN city.release_definition AS after USING (table_name, sha256)
    WHERE before.release_id = :against AND after.release_id = :release_id
        AND before.table_name = outside_change.table_name
)
"""


def find_outside_changes(
    connection: Connection, present: Sequence[tuple[str, Summary]], against: int, release_id: int
) -> int:
    """Make the relation, of the tables in `present` (schema inside, table); how many figures it holds.

    ``to_withhold`` and the tables outside have to be there.

    Raises:
        SystemFault: nothing that was recorded tells why a figure is another one.
    """
    connection.exec_driver_sql(_CHANGE)
    for schema, summary in present:
        _compare(connection, schema, summary, {"against": against, "release_id": release_id})
    first, last = sorted((against, release_id))
    nightly = [summary.table for _, summary in present if summary.nightly]
    connection.execute(text(_CAUSES), {"first": first, "last": last, "nightly": nightly})
    # Both are new to the planner, which would compare every row of one with every row of the other.
    connection.exec_driver_sql("ANALYZE outside_change, outside_cause")
    connection.execute(text(_CAUSED), {"nightly": nightly})
    connection.execute(
        text(_REDEFINED), {"cause": ChangeCause.DEFINITION.value, "against": against, "release_id": release_id}
    )
    unknown = connection.execute(
        text(
            "SELECT table_name, count(*) FROM outside_change WHERE causes IS NULL GROUP BY table_name"
            " ORDER BY table_name"
        )
    ).all()
    if unknown:
        counted = ", ".join(f"{number} figures of {table}" for table, number in unknown)
        raise SystemFault(f"no release tells why {counted} differ from release {against}")
    found: int = connection.execute(text("SELECT count(*) FROM outside_change")).scalar_one()
    return found


def record_outside_changes(connection: Connection, against: int, release_id: int) -> None:
    """Keep ``outside_change`` with what left."""
    connection.execute(
        text(
            "INSERT INTO outside.release_change SELECT :release_id, :against, * FROM outside_change"
            " ORDER BY schema_name, table_name, period, area_code"
        ),
        {"release_id": release_id, "against": against},
    )


def _compare(connection: Connection, schema: str, summary: Summary, releases: dict[str, int]) -> None:
    outside = OUTSIDE[schema]
    columns = [name for name in columns_of(connection, schema, summary.table) if name not in (RELEASE, *summary.key)]
    cells = ", ".join(f'(\'{name}\', to_jsonb(former."{name}"), to_jsonb(latter."{name}"))' for name in columns)
    statement = _CHANGED.format(
        outside=outside,
        table=summary.table,
        release=RELEASE,
        withheld=WITHHELD,
        area=", ".join(f'latter."{name}"' if name in summary.key else "NULL" for name in AREA_KEY),
        breakdown=", ".join(f"'{name}', latter.\"{name}\"" for name in summary.key if name not in AREA_KEY),
        latter=protected(schema, summary, columns),
        key=", ".join(f'"{name}"' for name in summary.identity),
        cells=cells,
    )
    connection.execute(text(statement), releases)
