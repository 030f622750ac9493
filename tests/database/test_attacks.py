"""Each login does its worst: it becomes nobody else, does not leave the database, reaches nothing of another's."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from conftest import run_on
from district_reports.database.bootstrap import make_metadata
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import engine, login_url, metadata_url
from district_reports.database.roles import AIRFLOW, OWNER, Role
from district_reports.settings import Settings, load_settings, settings
from embedded_server import warehouse_on
from submitted import case, checked, submit

LOGINS = [role.name.lower() for role in Role]
# The migrator becomes the owner, and through it the publisher: what it changes is theirs.
OTHERS = {
    role: [other for other in (OWNER, *Role, AIRFLOW, "owner", "pg_read_server_files") if other != role.value]
    for role in Role
    if role is not Role.MIGRATOR
} | {Role.MIGRATOR: [*(set(Role) - {Role.MIGRATOR, Role.PUBLISHER}), AIRFLOW, "owner", "pg_read_server_files"]}

EVERYBODY = [
    "SET SESSION AUTHORIZATION owner",
    *(f"ALTER ROLE {{me}} {power}" for power in ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")),
    "ALTER ROLE owner PASSWORD 'x'",
    f"ALTER ROLE {AIRFLOW} PASSWORD 'x'",
    f"GRANT {OWNER} TO {{me}}",
    "CREATE ROLE more LOGIN",
    "SET session_replication_role = replica",
    "ALTER SYSTEM SET log_statement = 'all'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY (SELECT 1) TO '/tmp/more'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/more')",
    "SELECT * FROM pg_authid",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE EXTENSION file_fdw",
    "LOAD 'auto_explain'",
    "CREATE TABLE public.more (id int)",
    "CREATE FUNCTION public.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION ledger.more() RETURNS int LANGUAGE c AS 'libc.so.6', 'system'",
    "SELECT findings.count_rules()",
    "SELECT pg_reload_conf()",
    "CREATE SUBSCRIPTION more CONNECTION '' PUBLICATION more WITH (connect = false)",
]
NOT_THE_MIGRATOR = [
    "CREATE SCHEMA more",
    "CREATE EXTENSION hstore",
    "ALTER TABLE ledger.submission DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE findings.finding DISABLE TRIGGER count_rules",
    "CREATE TRIGGER more AFTER INSERT ON ledger.receipt EXECUTE FUNCTION findings.count_rules()",
    "CREATE POLICY more ON ledger.submission USING (true)",
    "DROP TABLE ledger.receipt CASCADE",
    "TRUNCATE ledger.receipt CASCADE",
    "DELETE FROM ledger.submission",
    "DELETE FROM facts.dropout_case",
    "DELETE FROM findings.finding",
    "UPDATE ledger.lock_exception SET until = '2099-01-01'",
    "UPDATE migrations.alembic_version SET version_num = '0001'",
    "UPDATE city.release SET note = ''",
    "CREATE OR REPLACE FUNCTION ledger.shown(district_code text) RETURNS boolean LANGUAGE sql RETURN true",
]
# Names before the real ones: there is nowhere to put them.
SHADOWS = ["CREATE TEMP TABLE receipt (id int)", "CREATE TEMP VIEW submission AS SELECT 1"]
WRITES = [
    "INSERT INTO ledger.token_key VALUES (9, 'x')",
    "UPDATE ledger.submission SET outcome = 'accepted'",
    "UPDATE facts.dropout_case SET row_number = 1",
    "INSERT INTO facts.dropout_case (submission_id, row_number) VALUES (1, 99)",
    "INSERT INTO city.release (released_at, known_at, rules_hash, library_version) VALUES (now(), now(), '', '')",
    "SELECT nextval('ledger.lease_token')",
]
PERSONAL = [
    *("SELECT * FROM identities.dropout_case", "SELECT * FROM findings.finding", "SELECT * FROM findings.explanation"),
    *("SELECT * FROM quarantine.quarantined_row", "TABLE history.dropout_case; TABLE identities.dropout_case"),
]
ONE = {
    "loader": [*SHADOWS, WRITES[4], "TABLE city.release", "CREATE TABLE city.more (id int)"],
    "publisher": [*PERSONAL, *WRITES[:4], WRITES[5], "SELECT telephone FROM ledger.submission"],
    "reader": [
        *SHADOWS,
        *WRITES,
        "INSERT INTO ledger.lock_exception (form) VALUES ('x')",
        "TABLE city_draft.city_dropout_control",
    ],
    "analyst": [
        *(*SHADOWS, *WRITES, *PERSONAL, "TABLE facts.dropout_case", "TABLE ledger.receipt", "TABLE reference.schools"),
        *("TABLE history.correction", "SELECT ledger.shown('210202')", "TABLE city.release", "TABLE outgoing.request"),
        *("TABLE city.release_change", "SELECT city.percent(1, 2)", "INSERT INTO outside.revoked VALUES (1)"),
    ],
    "insider": [
        *(*SHADOWS, *WRITES, *PERSONAL, "TABLE facts.dropout_case", "TABLE ledger.receipt", "TABLE reference.schools"),
        *("TABLE history.correction", "TABLE city_draft.city_dropout_control", "TABLE outgoing.request"),
    ],
    "pages": [
        *(
            *SHADOWS,
            *WRITES,
            *PERSONAL,
            "TABLE facts.dropout_case",
            "TABLE reference.schools",
            "TABLE history.correction",
        ),
        "SET row_security = off; TABLE ledger.receipt",
        "DELETE FROM ledger.lock_exception",
        "UPDATE ledger.reminder SET note = ''",
        "DELETE FROM ledger.seen_files",
        "TABLE city.release_content",
        "SELECT content_sha256 FROM city.release",
        "INSERT INTO outgoing.worked_off VALUES (1, now(), 'left')",
        "INSERT INTO outgoing.request (asked_at) VALUES (now())",
        "SELECT city.close_table('city.release')",
    ],
}


@pytest.fixture(scope="module")
def metadata(postgres_server: EmbeddedServer) -> Iterator[Settings]:
    """Airflow's database beside the warehouses."""
    ours = load_settings(
        warehouse_on(postgres_server, "none") | {"DISTRICT_REPORTS_WAREHOUSE_URL": postgres_server.url("none")}
    )
    make_metadata(ours, print)
    yield ours
    run_on(postgres_server, "DROP DATABASE airflow")


def plain(address: URL) -> str:
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def filled(metadata: Settings, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))


def refused(login: str, statement: str) -> str | None:
    """What PostgreSQL said; None if it did it."""
    with engine(login).connect() as connection:
        try:
            connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return str(error.orig)
        finally:
            connection.rollback()
    return None


@pytest.mark.parametrize("role", list(Role))
def test_it_logs_in_as_itself_and_becomes_nobody_else(filled: None, role: Role) -> None:
    login = role.name.lower()
    working_as = OWNER if role is Role.MIGRATOR else role.value
    with engine(role).connect() as connection:
        for undoing in ("RESET ROLE", "RESET SESSION AUTHORIZATION", "DISCARD ALL"):
            connection.rollback()
            driver = connection.connection.driver_connection
            driver.autocommit = True
            driver.execute(undoing)
            driver.autocommit = False
            users = tuple(connection.execute(text("SELECT session_user, current_user")).one())
            assert users == (role.value, working_as)
        connection.invalidate()
    for other in OTHERS[role]:
        for way in (
            f"SET ROLE {other}",
            f"SET LOCAL ROLE {other}",
            f"SELECT set_config('role', '{other}', false)",
            f"SELECT set_config('session_authorization', '{other}', false)",
            f"SET SESSION AUTHORIZATION {other}",
        ):
            assert "InsufficientPrivilege" in (refused(login, way) or "done"), way


@pytest.mark.parametrize("login", LOGINS)
def test_the_server_and_the_owners_things_are_closed(filled: None, login: str) -> None:
    attacks = EVERYBODY if login == "migrator" else [*EVERYBODY, *NOT_THE_MIGRATOR]
    done = [each for each in attacks if refused(login, each.format(me=Role[login.upper()].value)) is None]
    assert done == []


@pytest.mark.parametrize("login", ONE)
def test_what_is_anothers_is_closed(filled: None, login: str) -> None:
    told = {each: refused(login, each) for each in ONE[login]}
    assert [each for each, said in told.items() if said is None] == []
    # For want of a right; not because the attack was misspelt, or its table is not there.
    wrong = {each: said for each, said in told.items() if "InsufficientPrivilege" not in said}
    assert wrong == {}


def test_the_counting_of_findings_goes_along_no_ones_path(filled: None, loader: Engine) -> None:
    """The one function that works as its owner: the publisher, who alone may make names, gets nowhere with them."""
    with loader.begin() as connection:
        connection.execute(text("SET LOCAL search_path = pg_temp, city, public"))
        connection.execute(
            text(
                "INSERT INTO findings.finding (submission_id, position, rule, severity, message, fix)"
                " SELECT submission_id, 99, 'X01', 'info', '', '' FROM ledger.submission"
            )
        )
        assert connection.scalar(text("SELECT findings FROM findings.rule_count WHERE rule = 'X01'")) == 1
    with engine("publisher").begin() as connection:
        connection.execute(text("CREATE FUNCTION city.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 7'"))
        connection.execute(text("CREATE TEMP TABLE finding (submission_id int)"))
    table = "CREATE TEMP TABLE more (id int);"
    trigger = "CREATE TRIGGER more AFTER INSERT ON more EXECUTE FUNCTION findings.count_rules()"
    assert "InsufficientPrivilege" in (refused("publisher", table + trigger) or "done")


def test_the_pages_see_and_grant_for_their_viewer_alone(filled: None) -> None:
    grant = (
        "INSERT INTO ledger.lock_exception (form, district_code, period, until, reason, granted_by)"
        " VALUES ('dropout_control', '{}', '2020-06', '2020-09-01', 'x', 'x')"
    )
    with engine("pages").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger.submission")) == 0
        connection.execute(text("SELECT set_config('district_reports.sees', '210202', true)"))
        connection.execute(text(grant.format("210202")))
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text(grant.format("210203")))


def test_no_district_reads_or_writes_whom_an_officer_has_called(filled: None) -> None:
    called = "INSERT INTO ledger.reminder (form, district_code, period, note, reminded_by, reminded_at) VALUES"
    called += " ('dropout_control', '210202', '2020-06', '', 'x', now())"
    sees = "SELECT set_config('district_reports.sees', '{}', true)"
    with engine("pages").connect() as connection:
        connection.execute(text(sees.format("*")))
        connection.execute(text(called))
        assert connection.scalar(text("SELECT count(*) FROM ledger.reminder")) == 1
        connection.execute(text(sees.format("210202")))
        assert connection.scalar(text("SELECT count(*) FROM ledger.reminder")) == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(text(called))


def test_neither_database_lets_in_the_logins_of_the_other(metadata: Settings, warehouse_url: str) -> None:
    """By their own rights: pg_hba.conf says it once more, but lets the logins of these tests in everywhere."""
    for role in Role:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(plain(login_url(settings(), role).set(database="airflow")))
    with psycopg.connect(plain(metadata_url(metadata))) as connection:
        connection.execute("CREATE TABLE mine (id int)")
        connection.rollback()
    elsewhere = metadata_url(metadata).set(database=make_url(warehouse_url).database)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(plain(elsewhere))
