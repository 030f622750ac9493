"""City tables, what left and the bundles, all made anew from the ledger alone: facts, requests and what was withheld.

What is kept of the releases themselves is their list: numbers, moments, days, definitions, notes and content hashes.
"""

import shutil

from sqlalchemy import text

from altered import altered
from district_reports.database.engine import Role, engine
from district_reports.moment.transaction import one_moment
from district_reports.publish.bundle.write import write_bundle
from district_reports.publish.city_tables import fill_city_table
from district_reports.publish.drafts import drafted, lay_ground
from district_reports.publish.outgoing.leave import leave
from district_reports.publish.revisions import find_changes, former_release, record_changes
from district_reports.publish.sources import gather_sources, record_sources
from district_reports.publish.summary import summaries
from district_reports.publish.versions import definitions
from district_reports.publish.worklist import build_worklist, record_areas
from district_reports.settings import settings
from outgoing.house import read

_FORGOTTEN = (
    "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relkind = 'r'"
    " AND (relnamespace::regnamespace::text IN ('outside', 'outside_now')"
    " OR relnamespace::regnamespace::text IN ('city', 'city_now') AND relname LIKE 'city\\_%'"
    " OR oid IN ('city.release_source'::regclass, 'city.release_area'::regclass, 'city.release_change'::regclass))"
)


def forget_all_but_the_ledger() -> None:
    """Every figure of a release, inside and outside, and every bundle."""
    ((tables,),) = read(Role.READER, _FORGOTTEN)
    altered(f"TRUNCATE {tables}")
    shutil.rmtree(settings().bundles)


def restore() -> None:
    """Make it all again, in the order in which it came about."""
    for (release_id,) in read(Role.READER, "SELECT release_id FROM city.release ORDER BY release_id"):
        _release_again(int(str(release_id)))
    # What was truncated has the statistics of an empty table.
    altered("ANALYZE")
    events = read(
        Role.READER,
        "SELECT outcome, at, prepared.release_id, prepared.prepared_id, reason FROM outgoing.worked_off"
        " JOIN outgoing.request ON request.request_id = worked_off.request_id"
        " JOIN outgoing.prepared ON prepared.prepared_id = request.prepared_id"
        " WHERE outcome IN ('left', 'revoked') ORDER BY worked_off.request_id",
    )
    for outcome, at, release_id, prepared_id, reason in events:
        with engine(Role.PUBLISHER).begin() as connection:
            if outcome == "left":
                leave(connection, int(str(prepared_id)), summaries(settings().summaries))
            else:
                connection.execute(
                    text(
                        "INSERT INTO outside.revoked SELECT release_id, period, version, :at, :reason"
                        " FROM outside.release WHERE release_id = :id"
                    ),
                    {"id": release_id, "at": at, "reason": reason},
                )
        if outcome == "left":
            altered("UPDATE outside.release SET left_at = :at WHERE release_id = :id", at=at, id=release_id)
    for (release_id,) in read(Role.READER, "SELECT release_id FROM outside.release"):
        write_bundle(int(str(release_id)))


def _release_again(release_id: int) -> None:
    tables = summaries(settings().summaries)
    made_by = definitions(settings().summaries, tables)
    ((known_at, day),) = read(
        Role.READER, "SELECT known_at, day FROM city.release WHERE release_id = :id", id=release_id
    )
    with one_moment(engine(Role.PUBLISHER)) as (connection, _):
        lay_ground(connection, known_at, day)  # type: ignore[arg-type]
        night = build_worklist(connection, known_at, day)  # type: ignore[arg-type]
        for summary, schemas in drafted(connection, tables, known_at):  # type: ignore[arg-type]
            for schema in schemas:
                fill_city_table(connection, schema, summary, release_id)
        gather_sources(connection, release_id)
        former = former_release(connection, before=release_id)
        if former is not None:
            find_changes(connection, former, release_id, night, [(each, made_by[each.table]) for each in tables])
            record_changes(connection, release_id)
        record_sources(connection)
        record_areas(connection, release_id)
        connection.commit()
