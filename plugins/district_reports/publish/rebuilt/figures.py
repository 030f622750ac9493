"""The city tables of a release made again of what was known at its moment, in a transaction that is rolled back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from district_reports import __version__
from district_reports.database.engine import Role, engine
from district_reports.moment.transaction import one_moment
from district_reports.publish.city_tables import RELEASE, columns_of, draft_columns
from district_reports.publish.drafts import drafted, lay_ground
from district_reports.publish.rebuilt.differing import differing, told
from district_reports.publish.rebuilt.found import Found
from district_reports.publish.revisions import find_changes, former_release
from district_reports.publish.sources import gather_sources
from district_reports.publish.summary import Summary, summaries
from district_reports.publish.versions import Definition, definitions, recorded_definitions
from district_reports.publish.worklist import Night, areas_select, build_worklist
from district_reports.settings import settings

_CHANGE_KEY = ("schema_name", "table_name", "period", "level", "area_code", "key", "column_name")
_CHANGE = ("before", "after", "causes", "receipts")


@dataclass(frozen=True)
class _Release:
    release_id: int
    known_at: datetime
    day: date
    as_of: datetime | None
    library_version: str


def rebuild_figures(release_id: int) -> Found:
    """Compare every cell of the release with what today's summaries make of what was known then.

    It is alone with the night's release meanwhile, as one of the two.

    Raises:
        SystemFault: a summary is wrong.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    found = Found()
    tables = summaries(settings().summaries)
    made_by = definitions(settings().summaries, tables)
    with one_moment(engine(Role.PUBLISHER)) as (connection, _):
        release = _Release(
            *connection.execute(
                text(
                    "SELECT release_id, known_at, day, as_of, library_version FROM city.release"
                    " WHERE release_id = :release_id"
                ),
                {"release_id": release_id},
            ).one()
        )
        recorded = recorded_definitions(connection, release_id)
        _definitions(found, recorded, made_by)
        comparable = _comparable(tables, recorded, made_by)
        lay_ground(connection, release.known_at, release.day)
        night = build_worklist(connection, release.known_at, release.day)
        for summary, schemas in drafted(connection, tables, release.known_at):
            if summary.table in comparable:
                for schema in schemas:
                    found.problems += _cells(connection, schema.value, summary, release_id)
        if release.library_version != __version__:
            found.notes.append(f"made by {release.library_version}: of what it stands on only the figures are compared")
            return found
        gather_sources(connection, release_id)
        found.problems += _recorded_beside(connection, release_id)
        # What is recorded as changed is compared where it can be: by the same figures and the same definitions.
        if not found.problems and release.as_of is None and len(comparable) == len(tables):
            found.problems += _changes(connection, release_id, night, [(each, recorded[each.table]) for each in tables])
    return found


def _definitions(found: Found, recorded: Mapping[str, Definition], made_by: Mapping[str, Definition]) -> None:
    if not recorded:
        found.notes.append("made before definitions were kept: its figures can't be made again")
        return
    for table, then in sorted(recorded.items()):
        now = made_by.get(table)
        if now is None or now.sha256 != then.sha256:
            found.notes.append(f"{table} was made by another definition than today's: its content hash alone is known")
        elif now.version != then.version:
            found.problems.append(f"city.release_definition ({table}): version")
    found.problems += [f"city.release_definition ({table}): the row is missing" for table in made_by.keys() - recorded]


def _comparable(
    tables: Sequence[Summary], recorded: Mapping[str, Definition], made_by: Mapping[str, Definition]
) -> set[str]:
    """The tables that today's definitions make as the release's did; those on city tables need all of these."""
    same = {each.table for each in tables if recorded.get(each.table) == made_by[each.table]}
    if {each.table for each in tables if not each.on_city_tables} <= same:
        return same
    return same - {each.table for each in tables if each.on_city_tables}


def _cells(connection: Connection, schema: str, summary: Summary, release_id: int) -> Sequence[str]:
    draft, stored = draft_columns(connection, summary), columns_of(connection, schema, summary.table)
    columns = [name for name in stored if name not in (RELEASE, *summary.key)]
    # A column of other versions of the table is null in this one.
    names = [f'"{name}"' if name in draft else f'NULL::{stored[name]} AS "{name}"' for name in columns]
    key = ", ".join(f'"{name}"' for name in summary.key)
    rows = differing(
        connection,
        f'SELECT {", ".join([key, *names])} FROM city_draft."{summary.table}"',
        f'SELECT * FROM {schema}."{summary.table}" WHERE {RELEASE} = :release_id',
        summary.key,
        columns,
        {"release_id": release_id},
    )
    return list(told(f"{schema}.{summary.table}", rows))


def _recorded_beside(connection: Connection, release_id: int) -> Sequence[str]:
    """What is kept with the release of where its figures stand, and of the areas of its day."""
    problems: list[str] = []
    for table, key, expected in (
        ("release_source", ("form", "period", "district_code"), "SELECT * FROM source"),
        ("release_area", ("district_code",), areas_select()),
    ):
        columns = [name for name in columns_of(connection, "city", table) if name not in (RELEASE, *key)]
        rows = differing(
            connection,
            expected,
            f"SELECT * FROM city.{table} WHERE {RELEASE} = :release_id",
            key,
            columns,
            {"release_id": release_id},
        )
        problems += told(f"city.{table}", rows)
    return problems


def _changes(
    connection: Connection, release_id: int, night: Night, made_by: Sequence[tuple[Summary, Definition]]
) -> Sequence[str]:
    former = former_release(connection, before=release_id)
    expected = f"SELECT * FROM city.release_change WHERE {RELEASE} < 0"
    if former is not None:
        find_changes(connection, former, release_id, night, made_by)
        expected = "SELECT * FROM change"
    rows = differing(
        connection,
        expected,
        f"SELECT * FROM city.release_change WHERE {RELEASE} = :release_id",
        _CHANGE_KEY,
        _CHANGE,
        {"release_id": release_id},
    )
    return list(told("city.release_change", rows))
