"""A release: every city table built from one moment's knowledge, visible whole or not at all."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, text

from district_reports import __version__, clock
from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.forms import forms
from district_reports.moment.transaction import one_moment
from district_reports.publish.city_tables import fill_city_table
from district_reports.publish.content import Content, content_of, content_sha256, record_contents
from district_reports.publish.drafts import drafted, lay_ground
from district_reports.publish.revisions import FIRST_NOTE, find_changes, former_release, note_of, record_changes
from district_reports.publish.sources import gather_sources, record_sources
from district_reports.publish.summary import Summary, summaries
from district_reports.publish.versions import definitions, record_definitions
from district_reports.publish.worklist import build_worklist, record_areas
from district_reports.reconciliation.reconcile import run_in
from district_reports.settings import settings


@dataclass(frozen=True)
class Release:
    """What was published; ``rows`` by city table. ``known_at`` is the moment whose decisions it tells.

    ``day`` is the day by the deployment's clock: up to it periods have ended. ``as_of`` is set where the release was
    made later to tell of a former moment; it is never the current one.
    """

    release_id: int
    known_at: datetime
    day: date
    as_of: datetime | None
    rows: dict[str, int]

    def __str__(self) -> str:
        tables = ", ".join(f"{table} {count} rows" for table, count in self.rows.items())
        known = self.known_at.astimezone(clock.ZONE)
        return f"release {self.release_id}, known at {known:%Y-%m-%d %H:%M:%S}: {tables}"


def _silent(_: str) -> None:
    """Tell nobody."""


def publish(
    progress: Callable[[str], None] = _silent, note: str | None = None, as_of: date | datetime | None = None
) -> Release:
    """Build every summary and publish a release, in one transaction; two at once come one after the other.

    What it changed against the release before is recorded with it, and told in its note; `note` stands before that.
    With `as_of` it tells what was known at that moment of the real clock, or at the end of that day in Asia/Shanghai,
    by today's summaries; the current release stays the current one. Periods are those of that day, or of the day of the
    release that was made of exactly that moment.

    Raises:
        SystemFault: a summary is wrong, its columns no longer fit the published table, or `as_of` has not come yet.
        DatabaseFault, sqlalchemy.exc.DBAPIError: the database refused; the former release stays the current one.
    """
    found = summaries(settings().summaries)
    made_by = definitions(settings().summaries, found)
    if unknown := [each.form for each in found if each.form is not None and each.form not in forms()]:
        raise SystemFault(f"a summary names the form {unknown[0]!r}, which does not exist")
    with one_moment(engine("publisher")) as (connection, now):
        moment = None if as_of is None else _moment(as_of)
        if moment is not None and moment > now:
            raise SystemFault(f"{moment:%Y-%m-%d %H:%M:%S} has not come yet; what will be known then can't be told")
        known_at, day = moment or now, _day(connection, as_of)
        ground = lay_ground(connection, known_at, day)
        progress(f"{ground.periods} reporting periods")
        if moment is None:
            run_in(connection, known_at, day, ground.reference)
        night = build_worklist(connection, known_at, day)
        former = None if moment is not None else former_release(connection)
        release_id = _reserved_number(connection)
        failpoint("publish: begun")
        rows = {}
        contents: dict[tuple[str, str], Content] = {}
        for summary, schemas in drafted(connection, found, known_at):
            for schema in schemas:
                rows[summary.table] = fill_city_table(connection, schema, summary, release_id)
                failpoint("publish: table filled")
                progress(f"{schema}.{summary.table}: {rows[summary.table]} rows")
            # What was filled from one draft is the same.
            content = content_of(connection, schemas[0], summary.table, release_id)
            contents |= {(schema.value, summary.table): content for schema in schemas}
        gather_sources(connection, release_id)
        if former is not None:
            find_changes(connection, former, release_id, night, [(each, made_by[each.table]) for each in found])
            note = "：".join(filter(None, (note, note_of(connection, former))))
        elif moment is None:
            note = note or FIRST_NOTE
        hashes = _rules_hash(found, ground.reference), content_sha256(contents)
        _record_release(connection, release_id, (known_at, day, moment), hashes, note)
        record_contents(connection, release_id, contents)
        record_sources(connection)
        record_areas(connection, release_id)
        record_definitions(connection, release_id, made_by)
        if former is not None:
            record_changes(connection, release_id)
        failpoint("publish: before commit")
        connection.commit()
        failpoint("publish: committed")
    return Release(release_id, known_at, day, moment, rows)


def _moment(as_of: date | datetime) -> datetime:
    """The moment itself, or the last of the day; what names no time zone is in Asia/Shanghai."""
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=clock.ZONE)
    return datetime.combine(as_of, time.max, clock.ZONE)


def _day(connection: Connection, as_of: date | datetime | None) -> date:
    if as_of is None:
        return clock.today()
    if not isinstance(as_of, datetime):
        return as_of
    moment = _moment(as_of)
    day: date | None = connection.scalar(
        text("SELECT day FROM city.release WHERE as_of IS NULL AND known_at = :moment"), {"moment": moment}
    )
    return day or moment.astimezone(clock.ZONE).date()


def _rules_hash(found: Sequence[Summary], reference: str) -> str:
    digest = hashlib.sha256()
    for summary in found:
        digest.update(f"{summary}\0".encode())
    digest.update(reference.encode())
    return digest.hexdigest()


def _reserved_number(connection: Connection) -> int:
    """The number of the release to come, which the tables carry before its row can say what changed in them.

    The publisher may add rows to ``city.release`` and change none: the row has to come last, and whole. Its number is
    drawn by a row that is taken back at once, since a sequence never gives a number twice.
    """
    with connection.begin_nested() as draft:
        number: int = connection.execute(
            text(
                "INSERT INTO city.release (released_at, known_at, day, rules_hash, library_version)"
                " VALUES (now(), now(), now(), '', '') RETURNING release_id"
            )
        ).scalar_one()
        draft.rollback()
    return number


def _record_release(
    connection: Connection,
    release_id: int,
    when: tuple[datetime, date, datetime | None],
    hashes: tuple[str, str],
    note: str | None,
) -> None:
    known_at, day, as_of = when
    rules_hash, content = hashes
    connection.execute(
        text(
            "INSERT INTO city.release"
            " (release_id, released_at, known_at, day, as_of, rules_hash, content_sha256, library_version, note)"
            " OVERRIDING SYSTEM VALUE"
            " VALUES (:release_id, clock_timestamp(), :known_at, :day, :as_of, :rules_hash, :content, :version, :note)"
        ),
        {
            "release_id": release_id,
            "known_at": known_at,
            "day": day,
            "as_of": as_of,
            "rules_hash": rules_hash,
            "content": content,
            "version": __version__,
            "note": note,
        },
    )
