"""Up, down and up again; twice; two at once; and what each role may do."""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from conftest import Template, run_on
from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.database.engine import engine
from district_reports.database.roles import COMPARER, OWNER, Role
from district_reports.errors import ConfigurationError, ReferenceDataError
from district_reports.model.finding import Finding, Severity
from district_reports.publish import publish
from district_reports.settings import Settings
from district_reports.warehouse.migrate import _alembic, downgrade, migrate
from submitted import case, checked, submit

SCHEMAS = {
    *("ledger", "findings", "quarantine", "facts", "identities", "history", "reference", "reconciliation"),
    *("city", "city_now", "city_draft", "outside", "outside_now", "outgoing", "migrations"),
}


def schemas() -> set[str]:
    with engine("migrator").begin() as connection:
        rows = connection.scalars(
            text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_|public)'")
        )
        return set(rows)


def test_up_down_and_up_again(empty_database: str) -> None:
    said: list[str] = []
    migrate(said.append)
    assert schemas() == SCHEMAS
    assert {"created facts.dropout_case", "loaded reference.districts: 13 rows"} <= set(said)
    downgrade()
    assert schemas() == set()
    migrate()
    assert schemas() == SCHEMAS


def test_an_older_warehouse_knows_what_it_held_since_ever(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    with engine("migrator").begin() as connection:
        _alembic(connection, "downgrade", "0002")
    migrate()
    with loader.begin() as connection:
        noted = "SELECT noted_at <= settled_at FROM ledger.receipt"
        assert connection.scalars(text(noted)).all() == [True]
        kept = "SELECT table_name FROM reference.version WHERE known_from = '-infinity' ORDER BY table_name"
        files = "SELECT table_name FROM reference.loaded_file ORDER BY table_name"
        assert connection.scalars(text(kept)).all() == connection.scalars(text(files)).all()
    before, after = (publish(as_of=datetime(2020, 1, 1, tzinfo=ZONE)), publish())
    with engine("insider").begin() as connection:
        received = (
            "SELECT received FROM city.city_submissions WHERE release_id = :id AND level = 'city' AND received > 0"
        )
        for release, found in ((before, []), (after, [1])):
            assert connection.scalars(text(received), {"id": release.release_id}).all() == found
        current = "SELECT DISTINCT release_id FROM city.current_city_submissions"
        assert connection.scalars(text(current)).all() == [after.release_id]


def test_an_older_warehouse_counts_its_rows_without_data_by_the_findings(loader: Engine) -> None:
    def total(sheet: str, row: int) -> Finding:
        return Finding(rule="T09", severity=Severity.WARNING, message="m", fix="f", sheet=sheet, row=row)

    workbook = checked([case(1)], findings=(total("疑似辍学台账", 9), total("疑似辍学台账", 10), total("在校人数", 5)))
    cases, enrolment = workbook.counts
    counts = (replace(cases, rows_read=3, ignored=2), replace(enrolment, rows_read=2, ignored=1))
    for _ in range(3):
        submit(loader, "a", replace(workbook, counts=counts))
    with engine("migrator").begin() as connection:
        _alembic(connection, "downgrade", "0011")
    migrate()
    with loader.begin() as connection:
        found = connection.execute(
            text("SELECT outcome, no_data FROM ledger.sheet_count JOIN ledger.submission USING (submission_id)")
        )
        assert sorted(tuple(row) for row in found) == [
            *[("accepted", 1), ("accepted", 2)],
            *[("duplicate", 1), ("duplicate", 1), ("duplicate", 2), ("duplicate", 2)],
        ]


def test_a_second_run_finds_nothing_to_do(warehouse_url: str) -> None:
    said: list[str] = []
    migrate(said.append)
    assert said == []


@pytest.mark.parametrize("command", [["reconcile"], ["reconcile", "--dry-run"], ["publish"], ["verify"]])
def test_a_warehouse_of_before_is_told_and_not_shown_as_a_statement(
    warehouse_url: str, tmp_settings: Settings, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_settings.uploads.mkdir()
    with engine("migrator").begin() as connection:
        _alembic(connection, "downgrade", "0013")
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "with `district-reports migrate`" in said
    assert "SELECT" not in said
    migrate()
    assert main(command) == 0


def test_a_role_that_somebody_else_has_yet_to_make_is_named(empty_database: str, migrated_template: Template) -> None:
    grant = f"GRANT {COMPARER} TO {OWNER} WITH INHERIT FALSE, SET TRUE"
    run_on(migrated_template.server, f"REVOKE {COMPARER} FROM {OWNER}")
    try:
        with pytest.raises(ConfigurationError, match=grant):
            migrate()
        assert schemas() == set()
    finally:
        run_on(migrated_template.server, grant)
    migrate()
    assert schemas() == SCHEMAS


def test_the_login_that_somebody_else_has_yet_to_make_is_named(
    empty_database: str, migrated_template: Template
) -> None:
    away = f"{Role.INSIDER}_away"
    run_on(migrated_template.server, f"ALTER ROLE {Role.INSIDER} RENAME TO {away}")
    try:
        with pytest.raises(ConfigurationError, match=f"CREATE ROLE {Role.INSIDER} LOGIN .*GRANT CONNECT ON DATABASE"):
            migrate()
        assert schemas() == set()
    finally:
        run_on(migrated_template.server, f"ALTER ROLE {away} RENAME TO {Role.INSIDER}")
    migrate()
    assert schemas() == SCHEMAS


def test_an_older_warehouse_shows_its_figures_to_insiders_alone_and_none_has_left(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    former = publish().release_id
    with engine("migrator").begin() as connection:
        _alembic(connection, "downgrade", "0016")
    of_children = "SELECT count(*) FROM {}.current_city_dropout_control WHERE open_count = 1"

    def seen(role: str, schema: str, sees: str = "") -> int:
        with engine(role).begin() as connection:
            connection.execute(text("SELECT set_config('district_reports.sees', :sees, true)"), {"sees": sees})
            return connection.execute(text(of_children.format(schema))).scalar_one()

    everywhere = seen("analyst", "city")
    migrate()
    for schema in ("city", "city_now"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            seen("analyst", schema)
        assert seen("insider", schema) == seen("reader", schema) == everywhere
        assert (seen("pages", schema, "*"), seen("pages", schema)) == (everywhere, 0)
        assert 0 < seen("pages", schema, "210202") < everywhere
        with engine("publisher").connect() as connection, pytest.raises(ProgrammingError, match="only added to"):
            connection.execute(text(f"UPDATE {schema}.city_dropout_control SET open_count = 0"))
    with engine("reader").begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outside.release")) == 0
        hashes = "SELECT release_id FROM city.release WHERE content_sha256 IS NULL"
        assert connection.scalars(text(hashes)).all() == [former]
    publish()
    assert seen("insider", "city") == everywhere
    with engine("reader").begin() as connection:
        assert connection.scalars(text(hashes)).all() == [former]


def test_two_at_once(empty_database: str) -> None:
    said: list[str] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            migrate(said.append)
        except BaseException as fault:
            faults.append(fault)

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert said.count("migrated the schemas") == 1


MUST_NOT_READ = {
    "analyst": [
        "facts.dropout_case",
        "identities.dropout_case",
        "ledger.submission",
        "reference.schools",
        "city_draft.anything",
        "city.release",
        "city_now.anything",
        "outgoing.request",
        "history.anything",
    ],
    "publisher": [
        "identities.dropout_case",
        "findings.finding",
        "quarantine.quarantined_row",
        "ledger.submission",  # whole rows hold the clerk's name; see below
    ],
    "loader": ["city.release"],
}


@pytest.mark.parametrize("role", MUST_NOT_READ)
def test_what_a_role_must_not_read(warehouse_url: str, role: str) -> None:
    for relation in MUST_NOT_READ[role]:
        with engine(role).connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"SELECT * FROM {relation}"))


def test_the_publisher_reads_the_ledger_without_the_clerk(warehouse_url: str) -> None:
    with engine("publisher").connect() as connection:
        connection.execute(text("SELECT submission_id, form, period, outcome, received_at FROM ledger.submission"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("SELECT telephone FROM ledger.submission"))


@pytest.mark.parametrize("statement", ["DELETE FROM ledger.submission", "DELETE FROM facts.dropout_case"])
def test_the_loader_deletes_nothing(loader: Engine, statement: str) -> None:
    with loader.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("counts", "constraint"),
    [("10, 8, 1, 0, 0", "every_row_accounted_for"), ("10, 8, 0, 2, 3", "without_data_among_ignored")],
)
def test_the_database_refuses_counts_that_do_not_add_up(loader: Engine, counts: str, constraint: str) -> None:
    decision = submit(loader, "a", checked([case(1)]))
    with loader.connect() as connection, pytest.raises(IntegrityError, match=constraint) as caught:
        connection.execute(
            text(f"INSERT INTO ledger.sheet_count VALUES (:id, 'other', '合计', {counts})"),
            {"id": decision.submission_id},
        )
    assert "合计" not in str(caught.value.orig)


def test_a_key_that_did_not_make_the_tokens_is_refused(warehouse_url: str, tmp_settings: Settings) -> None:
    (tmp_settings.keys / "token-v1.key").write_text("0" * 64)
    with pytest.raises(ConfigurationError, match="token key v1 is not the one"):
        migrate()


def test_a_lost_key_is_not_replaced_by_a_new_one(warehouse_url: str, tmp_settings: Settings) -> None:
    (tmp_settings.keys / "token-v1.key").unlink()
    with pytest.raises(ConfigurationError, match="put the key"):
        migrate()
    assert not list(tmp_settings.keys.glob("token-*"))


def test_changed_reference_data_replace_their_table(reference_folder: Path) -> None:
    with (reference_folder / "districts.csv").open("a", encoding="utf-8") as file:
        file.write("210299,新区,涉农地区,2021-01-01,\n")
    said: list[str] = []
    migrate(said.append)
    assert said == ["loaded reference.districts: 14 rows"]
    with engine("publisher").begin() as connection:
        row = connection.execute(text("SELECT * FROM reference.districts WHERE district_code = '210299'")).one()
    assert (row.name, row.valid_from.isoformat(), row.valid_to) == ("新区", "2021-01-01", None)


def test_any_other_csv_becomes_a_table_by_its_header(reference_folder: Path) -> None:
    (reference_folder / "more.csv").write_text(
        "programme,stage,ceiling\n非寄宿生生活补助,初中,312.50\n", encoding="utf-8"
    )
    migrate()
    with engine("loader").begin() as connection:
        row = connection.execute(text("SELECT * FROM reference.more")).one()
    assert (row.programme, str(row.ceiling)) == ("非寄宿生生活补助", "312.50")


def test_a_wrong_value_is_named_by_file_and_line_and_nothing_is_loaded(reference_folder: Path) -> None:
    (reference_folder / "more.csv").write_text("programme,ceiling\n甲,1\n乙,一千\n", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=r"more\.csv, line 3"):
        migrate()
    with engine("loader").begin() as connection:
        assert connection.scalar(text("SELECT to_regclass('reference.more')")) is None
