"""Tables of before an upgrade, whose keys have grown since: read by today's keys before there is another release."""

from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.upgraded import fit_keys
from district_reports.warehouse.migrate import _alembic, migrate
from submitted import case, checked, submit

LEDGER = "city_dropout_control"
KEY = "release_id, period, level, area_code, reason"


def test_former_rows_are_of_everything_before_the_next_release(two_districts: Engine) -> None:
    submit(two_districts, "a", checked([case(1)]))
    former = publish().release_id
    with engine("migrator").begin() as connection:
        _alembic(connection, "downgrade", "0016")
    with engine("publisher").begin() as connection:
        for schema in ("city", "city_now"):
            table = f"{schema}.{LEDGER}"
            connection.execute(
                text(
                    f"DROP VIEW {schema}.current_{LEDGER};"
                    f"DELETE FROM {table} WHERE dropout_kind <> '全部' OR registered_poor <> '全部';"
                    f"ALTER TABLE {table} DROP COLUMN dropout_kind, DROP COLUMN registered_poor,"
                    f" ADD PRIMARY KEY ({KEY});"
                    f"CREATE VIEW {schema}.current_{LEDGER} AS SELECT * FROM {table}"
                )
            )
    migrate()
    said: list[str] = []
    for _ in range(2):
        fit_keys(said.append)
    assert said == [
        f"{schema}.{LEDGER} is broken down by dropout_kind, registered_poor as well" for schema in ("city", "city_now")
    ]
    of_former = f"SELECT DISTINCT release_id, dropout_kind, registered_poor FROM city.current_{LEDGER}"
    with engine("insider").begin() as connection:
        assert [tuple(row) for row in connection.execute(text(of_former))] == [(former, "全部", "全部")]
    latter = publish().release_id
    with engine("insider").begin() as connection:
        assert {row.release_id for row in connection.execute(text(of_former))} == {latter}
