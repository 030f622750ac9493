"""A server that an earlier version made: one superuser's, with roles that nobody could log in as."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from conftest import run_on
from district_reports.database.bootstrap import make_metadata, make_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import dispose_engines, engine, login_url, make_engine, metadata_url
from district_reports.database.roles import OWNER, Role
from district_reports.settings import Settings, settings
from district_reports.warehouse.migrate import _alembic, migrate

FORMER = [OWNER, *(role.value for role in (Role.LOADER, Role.PUBLISHER, Role.ANALYST, Role.PAGES))]
AIRFLOWS = """
CREATE TYPE state AS ENUM ('queued', 'done');
CREATE TABLE dag_run (id serial PRIMARY KEY, state state);
CREATE VIEW done AS SELECT * FROM dag_run WHERE state = 'done';
CREATE SEQUENCE task_id_sequence;
INSERT INTO dag_run (state) VALUES ('queued');
"""


def former(server: EmbeddedServer) -> None:
    """As it was at 0007: the superuser migrated, was a member of every role, and both databases were its own."""
    for role in FORMER:
        run_on(server, f"CREATE ROLE {role} NOLOGIN", f"GRANT {role} TO owner")
    run_on(server, f"GRANT {Role.ANALYST} TO {Role.PAGES}", "CREATE DATABASE warehouse", "CREATE DATABASE airflow")
    superuser = make_engine(make_url(server.url("warehouse")), "former")
    with superuser.begin() as connection:
        _alembic(connection, "upgrade", "0007")
        connection.execute(text(f"SET LOCAL ROLE {Role.LOADER}"))
        connection.execute(text("INSERT INTO ledger.reader_run (sha256, task, reader) VALUES ('kept', 'read', '1')"))
    superuser.dispose()
    with psycopg.connect(server.url("airflow", "postgresql")) as airflow:
        airflow.execute(AIRFLOWS)
    hba = server._folder.data / "pg_hba.conf"
    hba.write_text("host all all 127.0.0.1/32 scram-sha-256\n")


def brought_up(ours: Settings) -> None:
    EmbeddedServer(ours.home / "postgres").start()
    make_warehouse(ours, print)
    make_metadata(ours, print)
    migrate()


def test_it_is_brought_up_to_date_by_the_next_start(tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(tmp_settings.home / "postgres")
    server.start()
    try:
        former(server)
        # It runs, as after an update without a stop; once more changes nothing.
        brought_up(tmp_settings)
        brought_up(tmp_settings)
        with engine("loader").connect() as connection:
            kept = connection.scalar(text("SELECT sha256 FROM ledger.reader_run"))
            assert (kept, connection.scalar(text("SELECT session_user"))) == ("kept", Role.LOADER)
        airflow = metadata_url(tmp_settings).set(drivername="postgresql").render_as_string(False)
        with psycopg.connect(airflow) as connection:
            # What `airflow db migrate` and `airflow db clean` do: alter, put aside, delete, drop.
            connection.execute("ALTER TYPE state ADD VALUE 'failed'")
            connection.execute("ALTER TABLE dag_run ADD COLUMN day date")
            connection.execute("CREATE TABLE _airflow_deleted__dag_run AS SELECT * FROM dag_run")
            assert connection.execute("DELETE FROM dag_run").rowcount == 1
            connection.execute("DROP VIEW done; DROP TABLE dag_run, _airflow_deleted__dag_run")
            connection.execute("DROP SEQUENCE task_id_sequence; DROP TYPE state")
        # The server itself keeps them apart, too: it was told while it ran.
        for address in (
            login_url(settings(), Role.LOADER).set(database="airflow"),
            login_url(settings(), Role.LOADER).set(database="postgres"),
            metadata_url(tmp_settings).set(database="warehouse"),
        ):
            with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
                psycopg.connect(address.set(drivername="postgresql").render_as_string(False))
        # No process of ours needs the superuser from here on.
        Path(tmp_settings.home / "postgres" / "password").unlink()
        migrate()
    finally:
        dispose_engines()
        server.stop()


def test_an_administrator_need_not_be_a_superuser(tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PostgreSQL is rented, nobody is one."""
    server = EmbeddedServer(tmp_settings.home / "postgres")
    server._access += "host all office 127.0.0.1/32 scram-sha-256\n"
    server.start()
    try:
        run_on(server, "CREATE ROLE office LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
        address = make_url(server.address("warehouse")).set(username="office", password="x")
        monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", address.render_as_string(False))
        settings.cache_clear()
        for _ in range(2):
            make_warehouse(settings(), print)
            make_metadata(settings(), print)
            migrate()
        airflow = metadata_url(settings()).set(drivername="postgresql").render_as_string(False)
        with psycopg.connect(airflow) as connection:
            connection.execute(AIRFLOWS)
    finally:
        dispose_engines()
        server.stop()
