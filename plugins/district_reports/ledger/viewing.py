"""Connections that see no more of the ledger, the findings and the city tables than their viewer does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from district_reports.database.engine import Role, engine
from district_reports.users import Permission, Viewer

_AS = text(
    "SELECT set_config('district_reports.sees', :sees, true), set_config('district_reports.values', :values, true),"
    " set_config('district_reports.access_log', :access_log, true)"
)


@contextmanager
def reading(viewer: Viewer) -> Iterator[Connection]:
    """A transaction that reads as the pages' role, from one snapshot of the warehouse.

    ``ledger.receipt``, ``ledger.submission`` and ``ledger.lock_exception`` hold the districts that the viewer sees, and
    ``findings.shown_finding`` what cells say only for those who may see it, and so ``ledger.access_log``: the database
    enforces it. City tables are whole; a route that shows them needs ``Permission.SEE_CITY``.
    """
    with engine(Role.PAGES).connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            _see_as(connection, viewer)
            yield connection


@contextmanager
def writing(viewer: Viewer) -> Iterator[Connection]:
    """A transaction that adds what a viewer decides, as the pages' role.

    Row security lets it into ``ledger.lock_exception`` for the districts that the viewer sees, and into
    ``reconciliation.ruling`` for who sees all. A route that opens it needs the permission for what it adds.
    """
    with engine(Role.PAGES).begin() as connection:
        _see_as(connection, viewer)
        yield connection


def hide_values(connection: Connection) -> None:
    """From now on `connection` shows no values, whoever its viewer is: what is read needs no row of the access log."""
    connection.execute(text("SELECT set_config('district_reports.values', '', true)"))


def _see_as(connection: Connection, viewer: Viewer) -> None:
    connection.execute(
        _AS,
        {
            "sees": viewer.district_code or "*",
            "values": "shown" if viewer.may(Permission.SEE_VALUES) else "",
            "access_log": "shown" if viewer.may(Permission.SEE_ACCESS_LOG) else "",
        },
    )
