"""A walk over the catalogue: whatever is made tomorrow and is open to the wrong one fails here."""

import pytest
from sqlalchemy import Engine, text

from database.rights import openings
from district_reports.database.engine import engine
from district_reports.publish import publish
from outgoing.house import let_leave
from submitted import case, checked, submit


def test_nothing_is_open_to_the_wrong_one(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    release = publish()  # the city tables, their views and functions are made by a release
    let_leave(release.release_id)  # and those outside by one that leaves
    with engine("migrator").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_proc WHERE proname LIKE '%_as_known'")) > 0
        assert openings(connection) == []


HOLES = {
    "CREATE TABLE ledger.more (id int); GRANT DELETE ON ledger.more TO district_reports_loader": "DELETE",
    "CREATE TABLE facts.more (id int); GRANT SELECT ON facts.more TO PUBLIC": "PUBLIC",
    "CREATE TABLE ledger.more (id int); GRANT SELECT ON ledger.more TO district_reports_pages": "every row",
    "GRANT SELECT (telephone) ON ledger.submission TO district_reports_publisher": "telephone",
    "GRANT SELECT ON identities.dropout_case TO district_reports_publisher": "identities.dropout_case",
    "CREATE VIEW findings.more AS SELECT * FROM findings.finding;"
    "GRANT SELECT ON findings.more TO district_reports_pages": "whatever its owner may",
    "CREATE TABLE city.more (id int); GRANT SELECT ON city.more TO district_reports_pages": "every row",
    "CREATE TABLE outside.more (id int)": "its rows can be altered",
    "ALTER TABLE city.release DISABLE TRIGGER keep": "city.release: its rows can be altered",
    "ALTER TABLE city.release ENABLE TRIGGER keep": "city.release: its rows can be altered",
    "GRANT SELECT ON city.release TO district_reports_analyst": "city.release: ['SELECT'] to district_reports_analyst",
    "CREATE SCHEMA more": "schema more",
    "GRANT CREATE ON SCHEMA ledger TO district_reports_loader": "CREATE to district_reports_loader",
    "GRANT USAGE ON SCHEMA identities TO PUBLIC": "USAGE to PUBLIC",
    "CREATE FUNCTION ledger.more() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": "along the caller's path",
    "CREATE FUNCTION ledger.more() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    "GRANT EXECUTE ON FUNCTION ledger.more TO PUBLIC": "PUBLIC may call it",
    "CREATE FUNCTION ledger.more() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';"
    "GRANT EXECUTE ON FUNCTION ledger.more TO district_reports_pages": "for district_reports_pages",
}


@pytest.mark.parametrize("statements", HOLES)
def test_the_walk_finds_a_hole(warehouse_url: str, statements: str) -> None:
    with engine("migrator").connect() as connection:
        connection.exec_driver_sql(statements)
        found = openings(connection)
        connection.rollback()
    assert any(HOLES[statements] in line for line in found), found
