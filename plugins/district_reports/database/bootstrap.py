"""The logins and the databases, made by an administrator before anybody works there; safe to run again.

``start``, ``migrate`` and ``prepare`` call this, with an address that no process of Airflow is given. It also brings
what an earlier version made to this one's rights: roles without a login, and tables that belong to the administrator.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import URL

from district_reports.database.engine import DatabaseFault, administrator_url, describe, metadata_place
from district_reports.database.passwords import ensure_password
from district_reports.database.roles import AIRFLOW, COMPARER, OWNER, Role
from district_reports.settings import Settings

# Any number will do, if only this program takes it in the server's own database.
_LOCK = 7_210_200_003
# (role, member, options). A migration changes what the publisher owns, too; analysts' rights are a part of the pages'.
_MEMBERS = {
    (OWNER, Role.MIGRATOR.value): "INHERIT FALSE, SET TRUE",
    (Role.PUBLISHER.value, OWNER): "INHERIT TRUE, SET TRUE",
    (COMPARER, OWNER): "INHERIT FALSE, SET TRUE",
    (Role.ANALYST.value, Role.PAGES.value): "INHERIT TRUE, SET FALSE",
}
_KINDS = {"r": "TABLE", "p": "TABLE", "S": "SEQUENCE", "v": "VIEW", "m": "MATERIALIZED VIEW"}


def make_warehouse(ours: Settings, progress: Callable[[str], None]) -> None:
    """Make the warehouse's logins and its database, or bring them up to date.

    Nothing is done where no address names an administrator: somebody else has made them then.

    Raises:
        ConfigurationError: a password can't be made or read, or the embedded server does not run.
        DatabaseFault: PostgreSQL refused; a server before 16 does.
    """
    administrator = administrator_url(ours)
    if administrator is None:
        return
    name = administrator.database or ""
    with _session(administrator.set(database="postgres")) as connection:
        _make_role(connection, OWNER, None)
        _join(connection, OWNER)
        _make_role(connection, COMPARER, None)
        for role in Role:
            _make_role(connection, role.value, ensure_password(ours, role.value))
        _arrange_members(connection)
        # From the first statement of a session on, and RESET ROLE comes back to it.
        _run(connection, "ALTER ROLE {} SET role = {}", Role.MIGRATOR.value, OWNER)
        if _make_database(connection, name):
            progress(f"Created the database {name}")
        for statement in rights_in_warehouse(name):
            connection.execute(statement)
    with _session(administrator) as connection:
        _close_public(connection)
        # Before migrations had a login of their own, the record of them was the administrator's.
        if connection.execute("SELECT FROM pg_namespace WHERE nspname = 'migrations'").rowcount:
            _run(connection, "ALTER SCHEMA migrations OWNER TO {}", OWNER)
            _hand_over(connection, "migrations", OWNER)


def make_metadata(ours: Settings, progress: Callable[[str], None]) -> None:
    """Make Airflow's login and its database on the warehouse's server, or bring them up to date.

    Nothing is done without an administrator, or where Airflow's database is another server's or another user's.

    Raises:
        ConfigurationError: a password can't be made or read, or the embedded server does not run.
        DatabaseFault: PostgreSQL refused.
    """
    administrator, place = administrator_url(ours), metadata_place(ours)
    if administrator is None or place.username != AIRFLOW:
        return
    if (place.host, place.port) != (administrator.host, administrator.port):
        return
    name = place.database or ""
    with _session(administrator.set(database="postgres")) as connection:
        _make_role(connection, AIRFLOW, ensure_password(ours, AIRFLOW))
        _join(connection, AIRFLOW)
        if _make_database(connection, name):
            progress(f"Created the database {name}")
        _run(connection, "ALTER DATABASE {} OWNER TO {}", name, AIRFLOW)
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
    with _session(administrator.set(database=name)) as connection:
        _close_public(connection)
        _hand_over(connection, "public", AIRFLOW)


def rights_in_warehouse(database: str) -> list[sql.Composed]:
    """The statements that let the warehouse's logins, and nobody else, into `database`.

    Temporary tables are the publisher's alone: in them names can be put before the real ones.
    """
    name, publisher = sql.Identifier(database), sql.Identifier(Role.PUBLISHER)
    logins = sql.SQL(", ").join(map(sql.Identifier, Role))
    return [
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, logins),
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(name, publisher),
        sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, sql.Identifier(OWNER)),
    ]


@contextmanager
def _session(address: URL) -> Iterator[psycopg.Connection]:
    """A session outside of transactions, alone with the server's roles until it ends."""
    url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield connection
    except psycopg.Error as error:
        raise DatabaseFault(f"can't prepare the database {address.database}: {describe(error)}") from None


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _make_role(connection: psycopg.Connection, name: str, password: str | None) -> None:
    """A login with `password`, or a role that nobody can log in as; without any power over the server."""
    found = connection.execute(
        "SELECT rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
        " FROM pg_roles WHERE rolname = %s",
        [name],
    ).fetchone()
    if found is None:
        _run(connection, "CREATE ROLE {}", name)
    elif found[1]:
        _run(connection, "ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS", name)
    if password is None:
        if found is not None and found[0]:
            _run(connection, "ALTER ROLE {} NOLOGIN", name)
        return
    # Hashed here: neither the server nor its log ever sees it.
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier)))


def _join(connection: psycopg.Connection, owner: str) -> None:
    """Let an administrator who is no superuser give things to `owner`, and come back to them."""
    if connection.execute("SELECT FROM pg_roles WHERE rolname = current_user AND NOT rolsuper").rowcount:
        connection.execute(
            sql.SQL("GRANT {} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE").format(sql.Identifier(owner))
        )


def _arrange_members(connection: psycopg.Connection) -> None:
    """Which of our roles have which others' rights: those of `_MEMBERS`, and no more."""
    ours = [OWNER, COMPARER, *Role]
    found = connection.execute(
        "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
        " WHERE roleid::regrole::text = ANY(%s) AND member::regrole::text = ANY(%s)",
        [ours, ours],
    ).fetchall()
    for role, member in set(found) - _MEMBERS.keys():
        _run(connection, "REVOKE {} FROM {}", role, member)
    for (role, member), options in _MEMBERS.items():
        _run(connection, f"GRANT {{}} TO {{}} WITH {options}", role, member)


def _make_database(connection: psycopg.Connection, name: str) -> bool:
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        return False
    _run(connection, "CREATE DATABASE {}", name)
    return True


def _close_public(connection: psycopg.Connection) -> None:
    """Nobody makes anything in the schema that every search path names (servers before 15 let everybody)."""
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def _hand_over(connection: psycopg.Connection, schema: str, owner: str) -> None:
    """Give `owner` every table, sequence, view and type of `schema` that is somebody else's."""
    relations = connection.execute(
        "SELECT relkind::text, relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = ANY(%s)"
        " AND relowner <> %s::regrole AND NOT EXISTS ("  # but what follows its table, or belongs to an extension
        "SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid"
        " AND deptype = ANY('{a,i,e}'))",
        [schema, list(_KINDS), owner],
    ).fetchall()
    types = connection.execute(
        "SELECT 'TYPE', typname FROM pg_type WHERE typnamespace = %s::regnamespace AND typtype = ANY('{e,d}')"
        " AND typowner <> %s::regrole",
        [schema, owner],
    ).fetchall()
    for kind, name in (*relations, *types):
        connection.execute(
            sql.SQL(f"ALTER {_KINDS.get(kind, kind)} {{}} OWNER TO {{}}").format(
                sql.Identifier(schema, name), sql.Identifier(owner)
            )
        )
