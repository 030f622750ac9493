"""Whether what left of a release is what its ledger says: the figures inside without those that were withheld.

And whether all that has left up to it is safe, and the choice made again the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.errors import SystemFault
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.disclosure.audit import Examined, examine
from district_reports.publish.disclosure.inside import read_inside
from district_reports.publish.disclosure.prepare import left_before, left_releases, prepare, rule_of
from district_reports.publish.outgoing.changed import find_outside_changes
from district_reports.publish.outgoing.leave import last_outside, note_of, standing
from district_reports.publish.outgoing.outside_tables import OUTSIDE, WITHHELD
from district_reports.publish.outgoing.protected import (
    check_withheld,
    protected,
    put_to_withhold,
    take_to_withhold,
)
from district_reports.publish.outgoing.requests import What
from district_reports.publish.outgoing.work import period_of
from district_reports.publish.rebuilt.differing import differing, told
from district_reports.publish.rebuilt.found import Found
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings

_LEFT = text(f"""
SELECT
    outside.release_id, outside.period, outside.left_at, prepared.prepared_id, prepared.knew,
    (outside.known_at, outside.day, outside.day) = (inside.known_at, inside.day, prepared.day) AS same_day, inside.day,
    (outside.period, outside.version) = (prepared.period, prepared.version) AS same_version,
    EXISTS (SELECT FROM reference.version WHERE sha256 = rule_sha256) AS rule_known,
    EXISTS (
        SELECT FROM outgoing.request AS draft
        WHERE draft.request_id = prepared.request_id AND lower(btrim(draft.asked_by)) <> lower(btrim(approval.asked_by))
    ) AS by_another
FROM outside.release AS outside
JOIN city.release AS inside USING ({RELEASE})
LEFT JOIN outgoing.prepared AS prepared ON prepared.release_id = outside.release_id AND EXISTS (
    SELECT FROM outgoing.request LEFT JOIN outgoing.worked_off USING (request_id)
    WHERE request.prepared_id = prepared.prepared_id AND what = '{What.APPROVE}'
        AND coalesce(outcome, 'left') = 'left'
)
LEFT JOIN outgoing.request AS approval
    ON approval.prepared_id = prepared.prepared_id AND approval.what = '{What.APPROVE}'
WHERE outside.release_id = :release_id
""")
_PLACE = ("schema_name", "table_name", "row_key")
_CHANGE_KEY = ("schema_name", "table_name", "period", "level", "area_code", "key", "column_name")
_CHANGE = ("before", "after", "causes")


def protection_faults(connection: Connection, release_id: int) -> Found:
    """Of a release that has left; in a transaction of the publisher's that is rolled back."""
    found = Found()
    made = connection.execute(_LEFT, {"release_id": release_id}).one()
    if made.prepared_id is None:
        found.problems.append("outside.release: nobody approved what left")
        return found
    found.problems += _as_prepared(made)
    tables = summaries(settings().summaries)
    present = standing(connection, tables)
    take_to_withhold(connection, made.prepared_id)
    try:
        check_withheld(connection, present, release_id)
    except SystemFault as fault:
        found.problems.append(f"outgoing.withheld: {fault}")
    for schema, summary in present:
        found.problems += _rows_that_left(connection, schema, summary, release_id)
    found.problems += _changes(connection, present, release_id)
    if not found.problems:
        found.notes += _chosen_again(connection, made, tables)
    return found


def examine_left(connection: Connection, release_id: int) -> Examined:
    """Everything that had left when the release did, itself included, by the rule of its day.

    Raises:
        DoesNotAddUp: a table is not as it declares.
        SystemFault: the solver gave up.
    """
    tables = summaries(settings().summaries)
    order = left_releases(connection)
    left = [left_before(connection, each, tables) for each in order[: order.index(release_id) + 1]]
    return examine(left, rule_of(connection, read_inside(connection, release_id, tables)))


def _as_prepared(made: Row[Any]) -> Iterator[str]:
    for sound, words in (
        (made.same_day and made.period == period_of(made.day), "moment, day or period is not that of the release"),
        (made.same_version, "it left under another version than it was prepared as"),
        (made.rule_known, "it was prepared by a rule that was never loaded"),
        (made.by_another, "who prepared it approved it"),
    ):
        if not sound:
            yield f"outside.release: {words}"


def _rows_that_left(connection: Connection, schema: str, summary: Summary, release_id: int) -> Sequence[str]:
    outside = OUTSIDE[schema]
    if not columns_of(connection, outside, summary.table):
        return [f"{outside}.{summary.table}: the table is missing"]
    columns = [name for name in columns_of(connection, schema, summary.table) if name not in (RELEASE, *summary.key)]
    rows = differing(
        connection,
        protected(schema, summary, columns),
        f'SELECT * FROM {outside}."{summary.table}" WHERE {RELEASE} = :release_id',
        summary.key,
        [*columns, WITHHELD],
        {"release_id": release_id},
    )
    return list(told(f"{outside}.{summary.table}", rows))


def _changes(connection: Connection, present: Sequence[tuple[str, Summary]], release_id: int) -> Sequence[str]:
    """Of what it is recorded to change against the version outside before it."""
    kept = connection.execute(
        text("SELECT left_at, against, note FROM outside.release WHERE release_id = :id"), {"id": release_id}
    ).one()
    against = last_outside(connection, before=kept.left_at)
    expected = f"SELECT * FROM outside.release_change WHERE {RELEASE} < 0"
    changes = 0
    if against is not None:
        try:
            changes = find_outside_changes(connection, present, against.release_id, release_id)
        except SystemFault as fault:
            return [f"outside.release_change: {fault}"]
        expected = "SELECT *, CAST(:against AS bigint) AS against FROM outside_change"
    rows = differing(
        connection,
        expected,
        f"SELECT * FROM outside.release_change WHERE {RELEASE} = :release_id",
        _CHANGE_KEY,
        (*_CHANGE, "against"),
        {"release_id": release_id, **({} if against is None else {"against": against.release_id})},
    )
    problems = list(told("outside.release_change", rows))
    if (kept.against, kept.note) != (None if against is None else str(against), note_of(against, changes)):
        problems.append("outside.release: note or against is not what it changes, or against which version")
    return problems


def _chosen_again(connection: Connection, made: Row[Any], tables: Sequence[Summary]) -> Iterator[str]:
    again = prepare(connection, made.release_id, made.knew)
    if again.impossible is not None:
        yield "chosen again, it could not be protected"
        return
    connection.exec_driver_sql("DROP TABLE to_withhold")
    put_to_withhold(connection, again.withheld, tables)
    rows = differing(
        connection,
        "SELECT schema_name, table_name, row_key, each FROM to_withhold CROSS JOIN unnest(columns) AS each",
        "SELECT schema_name, table_name, row_key, each"
        " FROM outgoing.withheld CROSS JOIN unnest(columns) AS each WHERE prepared_id = :prepared_id",
        (*_PLACE, "each"),
        (),
        {"prepared_id": made.prepared_id},
    )
    if rows:
        yield f"chosen again, {len(rows)} figures are withheld or told that were not; what left is safe as well"
