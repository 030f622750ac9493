"""Connections to the warehouse: one engine per role, and errors that carry no values.

Roles are cluster-wide in PostgreSQL, so their names say whose they are. A connection logs in as whoever the URL names
and takes its role with ``SET ROLE``: each part of the system can do its own work and no more.
"""

import os
import re
from enum import StrEnum
from threading import Lock
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from district_reports.errors import ConfigurationError, SystemFault
from district_reports.settings import settings

DRIVER = "postgresql+psycopg"
DATABASE = "warehouse"
IDLE_SECONDS = 900
"""How long a transaction may stand still: then the server ends it, so that a stopped process holds no lock for ever."""


class Role(StrEnum):
    """Who does what; the value is the role's name in the cluster."""

    OWNER = "district_reports_owner"
    LOADER = "district_reports_loader"
    PUBLISHER = "district_reports_publisher"
    ANALYST = "district_reports_analyst"
    PAGES = "district_reports_pages"


def warehouse_url() -> URL:
    """The warehouse's address: ``DISTRICT_REPORTS_WAREHOUSE_URL``, or the embedded server's.

    Raises:
        ConfigurationError: the address is not PostgreSQL's, or the embedded server is not running.
    """
    configured = settings().warehouse_url
    if configured is not None:
        return _with_driver(configured)
    from district_reports.database.embedded.server import EmbeddedServer

    server = EmbeddedServer(settings().home / "postgres")
    if not server.running():
        raise ConfigurationError(
            f"the embedded PostgreSQL under {settings().home / 'postgres'} is not running; start it with "
            "`district-reports start`, or set DISTRICT_REPORTS_WAREHOUSE_URL to a server of your own"
        )
    return _with_driver(server.url(DATABASE, DRIVER))


def _with_driver(address: str) -> URL:
    """`address` with psycopg 3 named as its driver: SQLAlchemy's and Airflow's defaults differ and change."""
    try:
        url = make_url(re.sub(r"^postgres:", "postgresql:", address))
    except ArgumentError:
        raise ConfigurationError(
            "DISTRICT_REPORTS_WAREHOUSE_URL is no URL; write postgresql://user:password@host:5432/database"
        ) from None
    if url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            f"DISTRICT_REPORTS_WAREHOUSE_URL names {url.get_backend_name()}; the warehouse needs PostgreSQL"
        )
    return url.set(drivername=DRIVER)


# By process as well: a forked worker must not speak over its parent's sockets. The parent's engines stay referenced
# here, since collecting them in the child would close them.
_engines: dict[tuple[int, str, Role | None], Engine] = {}
_engines_lock = Lock()


def engine(role: Role | str | None) -> Engine:
    """The engine of `role` (a :class:`Role` or its short name: ``"loader"``), cached per process, address and role.

    None stays the user of the URL: migrations only, which make the roles.

    Raises:
        ConfigurationError: no server to connect to.
    """
    if isinstance(role, str) and not isinstance(role, Role):
        role = Role[role.upper()]
    url = warehouse_url()
    key = (os.getpid(), url.render_as_string(hide_password=False), role)
    with _engines_lock:
        if key not in _engines:
            _engines[key] = make_engine(url, role)
        return _engines[key]


def make_engine(url: URL, role: Role | None) -> Engine:
    """A new engine on `url` that works as `role`, in Asia/Shanghai time."""
    made = create_engine(
        url,
        # Parameters are names and ID numbers; they have no place in a task's log.
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=4,
        connect_args={"connect_timeout": 15, "application_name": role or "district_reports"},
    )

    @event.listens_for(made, "connect")
    def _take_role(connection: psycopg.Connection[Any], _record: object) -> None:
        # Outside a transaction: a SET that a rollback undoes would leave the login's own rights behind.
        connection.autocommit = True
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS} s'")
        if role is not None:
            connection.execute(f"SET ROLE {role.value}")
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
