"""The access log is only added to, whoever tries otherwise, and forgets what is old."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import Role, engine
from district_reports.ledger.access_log import KEPT, Kind, forget_old, record
from district_reports.users import FIRST

CHANGES = (
    "UPDATE ledger.access_log SET viewer = 'somebody', role = 'officer'",
    "DELETE FROM ledger.access_log",
    "TRUNCATE ledger.access_log",
)


def numbers() -> list[int]:
    with engine(Role.MIGRATOR).begin() as connection:
        return list(connection.scalars(text("SELECT access_id FROM ledger.access_log ORDER BY 1")))


def age(days: float) -> None:
    """Make every row older, as only who may do anything can: with the triggers off."""
    with engine(Role.MIGRATOR).begin() as connection:
        connection.execute(text("ALTER TABLE ledger.access_log DISABLE TRIGGER ALL"))
        connection.execute(
            text("UPDATE ledger.access_log SET at = at - make_interval(secs => :s)"), {"s": days * 86400}
        )
        for trigger in ("keep_rows", "keep_table"):
            connection.execute(text(f"ALTER TABLE ledger.access_log ENABLE ALWAYS TRIGGER {trigger}"))


def refused(role: Role, statement: str, why: str) -> None:
    with pytest.raises(DBAPIError, match=why), engine(role).begin() as connection:
        connection.exec_driver_sql(statement)


def test_nobody_changes_or_removes_a_row(postgres_server: EmbeddedServer, warehouse_url: str) -> None:
    """By whatever role: the migrator works as the table's owner, and the superuser may do anything else."""
    record(Kind.ORIGINAL, 200, "10.0.0.9", FIRST, "12")
    before = numbers()
    # In this mode common triggers sleep.
    sleeping = "SET LOCAL session_replication_role = replica; {}"
    for statement in CHANGES:
        for role in Role:
            refused(role, statement, "permission denied|only added to")
            refused(role, sleeping.format(statement), "permission denied")
        with psycopg.connect(postgres_server.url(make_url(warehouse_url).database or "", "postgresql")) as superuser:
            for tried in (statement, sleeping.format(statement)):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
                    superuser.execute(tried)
                superuser.rollback()
    assert numbers() == before != []


def test_no_row_is_made_to_look_older_or_earlier(warehouse_url: str) -> None:
    row = "INSERT INTO ledger.access_log ({}, kind, address, subject, status) VALUES ({}, 'report', '', '', 200)"
    refused(Role.PAGES, row.format("at", "now() - interval '1 year'"), "permission denied")
    refused(Role.PAGES, row.format("access_id", "1"), "GeneratedAlways")
    for role in (Role.LOADER, Role.PUBLISHER, Role.ANALYST):
        refused(role, row.format("viewer", "'somebody'"), "permission denied")


def test_what_is_older_than_kept_is_forgotten(loader: Engine) -> None:
    record(Kind.ORIGINAL, 200, "10.0.0.9", FIRST, "1")
    age(2)
    record(Kind.ORIGINAL, 200, "10.0.0.9", FIRST, "2")
    old, new = numbers()
    age(KEPT.days - 1)
    with loader.begin() as connection:
        assert forget_old(connection) == 1
    assert numbers() == [new] != [old]


def test_nobody_is_made_to_forget_earlier_than_after_180_days(loader: Engine) -> None:
    record(Kind.ORIGINAL, 200, "10.0.0.9", FIRST, "1")
    age(179)
    for kept in (timedelta(0), timedelta(days=-1000)):
        with loader.begin() as connection:
            assert forget_old(connection, kept) == 0
    age(2)
    with loader.begin() as connection:
        assert forget_old(connection, timedelta(0)) == 1


def test_only_the_loader_may_have_it_forgotten(warehouse_url: str) -> None:
    for role in (Role.PAGES, Role.PUBLISHER, Role.ANALYST):
        refused(role, "SELECT ledger.forget_access('1 year')", "permission denied")
