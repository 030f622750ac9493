"""Connections to the warehouse: one engine per role, which logs in as itself, and errors that carry no values.

``DISTRICT_REPORTS_WAREHOUSE_URL`` says where the warehouse is. A user in it is the administrator, whom only
:mod:`district_reports.database.bootstrap` needs; who works in the warehouse is a login of its own, with the password of
:mod:`district_reports.database.passwords`. Where a login has another name, ``DISTRICT_REPORTS_LOADER_URL`` (…) is its
whole address.
"""

import os
import re
from threading import Lock
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from district_reports.database.passwords import password_of
from district_reports.database.roles import AIRFLOW
from district_reports.database.roles import Role as Role
from district_reports.errors import ConfigurationError, SystemFault
from district_reports.settings import Settings, settings

DRIVER = "postgresql+psycopg"
DATABASE = "warehouse"
METADATA = "airflow"
_WAREHOUSE_URL = "DISTRICT_REPORTS_WAREHOUSE_URL"
_NOT_THERE = frozenset({"3F000", "42P01", "42703", "42883"})
IDLE_SECONDS = 900
"""How long a transaction may stand still: then the server ends it, so that a stopped process holds no lock for ever."""


def warehouse_url(ours: Settings) -> URL:
    """Where the warehouse is, with nobody's name: ``DISTRICT_REPORTS_WAREHOUSE_URL``, or the embedded server.

    Raises:
        ConfigurationError: the address is not PostgreSQL's, or the embedded server is not running.
    """
    if ours.warehouse_url is not None:
        return without_user(ours.warehouse_url)
    from district_reports.database.embedded.server import EmbeddedServer

    server = EmbeddedServer(ours.home / "postgres")
    if not server.running():
        raise ConfigurationError(
            f"the embedded PostgreSQL under {ours.home / 'postgres'} is not running; start it with "
            "`district-reports start`, or set DISTRICT_REPORTS_WAREHOUSE_URL to a server of your own"
        )
    return make_url(server.address(DATABASE, DRIVER))


def without_user(address: str) -> URL:
    """A warehouse's address without the administrator who may be in it.

    Raises:
        ConfigurationError: it is not PostgreSQL's.
    """
    url = _with_driver(address, _WAREHOUSE_URL)
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database, query=url.query)


def login_url(ours: Settings, role: Role) -> URL:
    """The warehouse's address as `role` logs in there.

    Raises:
        ConfigurationError: no server to connect to, no password, or this process may not work as `role`.
    """
    allowed = ours.roles
    if allowed is not None and role.name.lower() not in allowed:
        raise ConfigurationError(
            f"this process may not work as {role.name.lower()} in the warehouse (DISTRICT_REPORTS_ROLES)"
        )
    name = f"DISTRICT_REPORTS_{role.name}_URL"
    if own := os.environ.get(name):
        return _with_driver(own, name)
    return warehouse_url(ours).set(username=role.value, password=password_of(ours, role.value))


def administrator_url(ours: Settings) -> URL | None:
    """The warehouse's address as the one logs in who may make roles and databases; None where no address names one.

    That is the superuser of the embedded server, or the user in ``DISTRICT_REPORTS_WAREHOUSE_URL``, with the password
    there or in the file of that name.

    Raises:
        ConfigurationError: as :func:`warehouse_url`, or no password.
    """
    if ours.warehouse_url is not None:
        url = _with_driver(ours.warehouse_url, _WAREHOUSE_URL)
        return None if url.username is None else _with_password(ours, url)
    from district_reports.database.embedded.server import EmbeddedServer

    return make_url(EmbeddedServer(ours.home / "postgres").url(DATABASE, DRIVER))


def metadata_url(ours: Settings) -> URL:
    """The address of Airflow's own tables, as Airflow logs in there.

    Raises:
        ConfigurationError: as :func:`warehouse_url`, or no password.
    """
    return _with_password(ours, metadata_place(ours))


def metadata_place(ours: Settings) -> URL:
    """``DISTRICT_REPORTS_METADATA_URL``, or the database `METADATA` beside the warehouse; with a user in any case.

    Raises:
        ConfigurationError: as :func:`warehouse_url`.
    """
    if ours.metadata_url is None:
        return warehouse_url(ours).set(database=METADATA, username=AIRFLOW)
    url = _with_driver(ours.metadata_url, "DISTRICT_REPORTS_METADATA_URL")
    return url if url.username else url.set(username=AIRFLOW)


def _with_password(ours: Settings, url: URL) -> URL:
    return url if url.password is not None else url.set(password=password_of(ours, url.username or ""))


def _with_driver(address: str, name: str) -> URL:
    """`address` with psycopg 3 named as its driver: SQLAlchemy's and Airflow's defaults differ and change."""
    try:
        url = make_url(re.sub(r"^postgres:", "postgresql:", address))
    except ArgumentError:  # its message holds the password
        raise ConfigurationError(f"{name} is no URL; write postgresql://host:5432/database") from None
    if url.get_backend_name() != "postgresql":
        raise ConfigurationError(f"{name} names {url.get_backend_name()}; this needs PostgreSQL")
    return url.set(drivername=DRIVER)


_READ_CITY_TABLES = (Role.READER, Role.ANALYST, Role.INSIDER, Role.PAGES)
"""They stay connected while releases add columns: what was prepared for them before that would fail once."""

# By process as well: a forked worker must not speak over its parent's sockets. The parent's engines stay referenced
# here, since collecting them in the child would close them.
_engines: dict[tuple[int, str], Engine] = {}
_engines_lock = Lock()


def engine(role: Role | str) -> Engine:
    """The engine of `role` (a :class:`Role` or its short name: ``"loader"``), cached per process and address.

    Raises:
        ConfigurationError: see :func:`login_url`.
    """
    if not isinstance(role, Role):
        role = Role[role.upper()]
    url = login_url(settings(), role)
    key = (os.getpid(), url.render_as_string(hide_password=False))
    with _engines_lock:
        if key not in _engines:
            _engines[key] = make_engine(url, role)
        return _engines[key]


def make_engine(url: URL, role: str) -> Engine:
    """A new engine on `url`, in Asia/Shanghai time; the server lists its sessions under the name `role`."""
    made = create_engine(
        url,
        # Parameters are names and ID numbers; they have no place in a task's log.
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=4,
        connect_args={"connect_timeout": 15, "application_name": role},
    )

    @event.listens_for(made, "connect")
    def _set_up(connection: psycopg.Connection[Any], _record: object) -> None:
        # Outside a transaction: a rollback would undo it.
        connection.autocommit = True
        if role in _READ_CITY_TABLES:
            connection.prepare_threshold = None
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS} s'")
        connection.autocommit = False

    event.listen(made, "handle_error", _strip_values)
    return made


def dispose_engines() -> None:
    """Close this process's pooled connections (before a database is dropped, at the end of a test)."""
    with _engines_lock:
        for key in [key for key in _engines if key[0] == os.getpid()]:
            _engines.pop(key).dispose()


def describe(error: psycopg.Error) -> str:
    """What went wrong in the database, without a value.

    PostgreSQL's DETAIL and CONTEXT quote rows and cells; so does the message itself for data exceptions (class 22) and
    what psycopg says when it can't adapt a value. Names of constraints and columns stay.
    """
    condition = type(error).__name__
    state = error.sqlstate
    if state is None:
        return f"{condition}: {error}" if isinstance(error, psycopg.OperationalError) else condition
    where = ".".join(part for part in (error.diag.schema_name, error.diag.table_name, error.diag.column_name) if part)
    parts = [f"{condition} ({state})"]
    if not state.startswith("22"):
        parts.append(str(error.diag.message_primary))
    if error.diag.constraint_name:
        parts.append(f"constraint {error.diag.constraint_name}")
    if where:
        parts.append(f"at {where}")
    return ", ".join(parts)


def refusal(error: DBAPIError) -> str:
    """What the database refused, in a line without a value and without the statement."""
    return describe(error.orig) if isinstance(error.orig, psycopg.Error) else type(error).__name__


def lacks_schemas(error: DBAPIError) -> bool:
    """Whether what was asked for is not there: a schema, a table, a column or a function."""
    return isinstance(error.orig, psycopg.Error) and error.orig.sqlstate in _NOT_THERE


def _strip_values(context: ExceptionContext) -> None:
    """Rewrite the driver's and SQLAlchemy's messages in place: a traceback prints the cause as well."""
    error = context.original_exception
    if not isinstance(error, psycopg.Error):
        return
    text = describe(error)
    error.args = (text,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(error).__module__}.{type(error).__name__}) {text}",)


class DatabaseFault(SystemFault):
    """The database refused something; the message holds no values."""
