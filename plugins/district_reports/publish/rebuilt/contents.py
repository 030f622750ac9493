"""Whether the tables of a release still have the hashes that were kept when it was made, or when it left."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from district_reports.moment.boundaries import Boundaries
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.content import Content, content_of, content_sha256
from district_reports.publish.outgoing.outside_tables import OUTSIDE

_TABLES = text(
    "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
    f" WHERE relnamespace = to_regnamespace(:schema) AND relkind = 'r' AND attname = '{RELEASE}'"
    " AND relname ^@ 'city_' ORDER BY relname"
)


def content_faults(connection: Connection, release_id: int) -> Iterator[str]:
    """The tables of the release inside that hold another content than was recorded; none where nothing was."""
    whole = connection.scalar(
        text("SELECT content_sha256 FROM city.release WHERE release_id = :id"), {"id": release_id}
    )
    recorded = _recorded(connection, release_id)
    if whole is None and not recorded:
        return
    if whole != content_sha256(recorded):
        yield "city.release_content: the hashes are not those of content_sha256 in city.release"
    for schema in Boundaries:
        for table in connection.scalars(_TABLES, {"schema": schema.value}).all():
            kept = recorded.get((schema.value, table))
            found = content_of(connection, schema, table, release_id)
            if found != kept and (kept is not None or found.rows):
                yield f"{schema}.{table}: its content is another one than city.release_content tells"
    for schema_name, table in recorded:
        if not columns_of(connection, schema_name, table):
            yield f"{schema_name}.{table}: the table is missing"


def has_contents(connection: Connection, release_id: int) -> bool:
    """Whether hashes were kept when the release was made."""
    found: bool = connection.execute(
        text("SELECT content_sha256 IS NOT NULL FROM city.release WHERE release_id = :id"), {"id": release_id}
    ).scalar_one()
    return found


def outside_content_faults(connection: Connection, release_id: int) -> Iterator[str]:
    """Whether what left of a release holds another content than when it left."""
    kept = connection.scalar(
        text("SELECT content_sha256 FROM outside.release WHERE release_id = :id"), {"id": release_id}
    )
    contents = {
        (schema, table): content_of(connection, schema, table, release_id)
        for schema in OUTSIDE.values()
        for table in connection.scalars(_TABLES, {"schema": schema}).all()
    }
    if kept != content_sha256(contents):
        yield "outside.release: what left holds another content than content_sha256 tells"


def _recorded(connection: Connection, release_id: int) -> dict[tuple[str, str], Content]:
    rows = connection.execute(
        text("SELECT schema_name, table_name, rows, sha256 FROM city.release_content WHERE release_id = :id"),
        {"id": release_id},
    )
    return {(row.schema_name, row.table_name): Content(row.rows, row.sha256) for row in rows}
