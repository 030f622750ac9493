"""What a release tells of the worklist, as temporary relations: items as known at its moment, on its own day.

- ``night``: period (the day, as text), day.
- ``day_area`` (``moment/boundaries.py``): the areas of that day.
- ``district``: district_code, answers_for, compared. A row a district of that day: those it answers for, and whether
  any report of theirs was compared with others.
- ``item``: item_id, district_code, rule, state, first_seen, days, is_new, is_resolved. A row for each item and each
  district that it touches. ``days`` since it was first seen; ``is_new`` and ``is_resolved`` since the ordinary release
  before, everything where there is none.
- ``item_rule``: rule. Each rule of ``sql/reconciliation``, and 全部.

What a district answers for is kept with the release (``city.release_area``); items need no copy, since nothing of
theirs is ever changed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import draw_day
from district_reports.moment.frame import EVERYTHING
from district_reports.reconciliation.rules import cross_rules

RESOLVED = "已消除"
# How many rows a function gives nobody can tell, and one is expected: what is joined to it has to be looked up by a
# key, or in a hash.
_ITEMS = """
WITH known AS MATERIALIZED (SELECT * FROM reconciliation.items_as_known({known_at})),
gone_before AS MATERIALIZED (
    SELECT item_id FROM reconciliation.items_as_known({before}) WHERE state = '{resolved}'
)
SELECT DISTINCT
    known.item_id, side.district_code, known.rule, known.state, known.first_seen, known.run_id,
    {day} - known.first_seen AS days,
    coalesce(first_run.known_at > {before}, true) AS is_new,
    known.state = '{resolved}' AND known.item_id NOT IN (SELECT item_id FROM gone_before) AS is_resolved
FROM known
JOIN reconciliation.side ON side.item_id = known.item_id AND side.run_id = known.run_id
JOIN reconciliation.item ON item.item_id = known.item_id
JOIN reconciliation.run AS first_run ON first_run.run_id = item.first_run
"""
_BEFORE = "(SELECT max(known_at) FROM city.release WHERE as_of IS NULL AND known_at < {known_at})"
_DISTRICTS = """
CREATE TEMP TABLE district ON COMMIT DROP AS
SELECT district_code, answers_for,
    EXISTS (SELECT FROM reconciliation.run WHERE known_at <= :known_at)
        AND EXISTS (SELECT FROM in_force WHERE in_force.district_code = ANY (answers_for)) AS compared
FROM (
    SELECT area_code AS district_code,
        area_code || ARRAY(SELECT successor.district_code FROM successor WHERE into_code = area_code AND since <= :day)
            AS answers_for
    FROM day_area
    WHERE level = 'district'
) AS standing
"""
_RELEASE_AREAS = """
SELECT
    CAST(:release_id AS bigint) AS release_id, district_code, array_agg(area_code ORDER BY area_code) AS areas,
    answers_for
FROM day_area
JOIN district USING (district_code)
GROUP BY district_code, answers_for
"""


@dataclass(frozen=True)
class Night:
    """The moment of which a release tells, its day, and the moment of the ordinary release before, if any."""

    known_at: datetime
    day: date
    before: datetime | None


def build_worklist(connection: Connection, known_at: datetime, day: date) -> Night:
    """Make the relations, on those of :mod:`district_reports.moment`."""
    statement = text(f"SELECT {_BEFORE.format(known_at=':known_at')}")
    night = Night(known_at, day, connection.scalar(statement, {"known_at": known_at}))
    connection.execute(
        text(
            "CREATE TEMP TABLE night ON COMMIT DROP AS SELECT CAST(:day AS date) AS day, CAST(:day AS text) AS period"
        ),
        {"day": day.isoformat()},
    )
    draw_day(connection, day)
    connection.execute(text(_DISTRICTS), {"known_at": known_at, "day": day})
    make_items(connection, "item", night)
    connection.exec_driver_sql("CREATE TEMP TABLE item_rule (rule text PRIMARY KEY) ON COMMIT DROP")
    connection.execute(
        text("INSERT INTO item_rule VALUES (:rule)"),
        [{"rule": rule} for rule in (EVERYTHING, *(rule.code for rule in cross_rules().rules))],
    )
    connection.exec_driver_sql("ANALYZE district, item_rule")
    return night


def make_items(connection: Connection, name: str, night: Night) -> None:
    """Make the relation `name` of items: ``item``, or the same of another night to compare with."""
    select = items_select("CAST(:known_at AS timestamptz)", "CAST(:before AS timestamptz)", "CAST(:day AS date)")
    connection.execute(text(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}"), vars(night))
    connection.exec_driver_sql(f"ANALYZE {name}")


def items_of_release() -> str:
    """The SELECT of ``item`` as the release ``:release_id`` told it."""
    told = {name: f"(SELECT {name} FROM city.release WHERE release_id = :release_id)" for name in ("known_at", "day")}
    return items_select(told["known_at"], _BEFORE.format(known_at=told["known_at"]), told["day"])


def items_select(known_at: str, before: str, day: str) -> str:
    """The SELECT of ``item`` for three SQL expressions; ``run_id``, the item's last observation, stands beside."""
    return _ITEMS.format(known_at=known_at, before=before, day=day, resolved=RESOLVED)


def record_areas(connection: Connection, release_id: int) -> None:
    """Keep with the release which areas its districts were in."""
    connection.execute(text(f"INSERT INTO city.release_area {_RELEASE_AREAS}"), {"release_id": release_id})


def areas_select() -> str:
    """The SELECT of what :func:`record_areas` keeps of the release ``:release_id``."""
    return _RELEASE_AREAS
