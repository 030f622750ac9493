"""Inside and outside: who reads each night's figures, who reads what left, and that nobody alters either."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import Role, engine
from district_reports.ledger.viewing import reading
from district_reports.publish import publish
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from district_reports.users import Role as UserRole
from district_reports.users import Viewer
from outgoing.house import LEDGER, let_leave
from submitted import XIGANG, ZHONGSHAN, case, checked, submit

OFFICER = Viewer("officer", UserRole.OFFICER)
DISTRICT = Viewer("district", UserRole.DISTRICT, ZHONGSHAN)
FACES = ("city", "city_now")


@pytest.fixture
def released(loader: Engine) -> int:
    """Two nights, of which the latter changed figures of two districts."""
    submit(loader, "a", checked([case(1)]))
    publish()
    submit(loader, "b", checked([case(1), case(2)]))
    submit(loader, "c", checked([case(3)], district=XIGANG))
    return publish().release_id


def relations(schema: str, kind: str) -> list[str]:
    """The city tables, or their views, of a schema."""
    with engine(Role.READER).connect() as connection:
        found = connection.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = :kind"
                " AND relname ~ 'city_' ORDER BY relname"
            ),
            {"schema": schema, "kind": kind},
        )
        return [f"{schema}.{name}" for name in found]


def areas(viewer: Viewer, relation: str) -> set[tuple[str, str]]:
    with reading(viewer) as connection:
        rows = connection.execute(text(f"SELECT DISTINCT level, area_code FROM {relation}"))
        return {(row.level, row.area_code) for row in rows}


def test_a_district_sees_its_own_rows_of_each_table_and_who_sees_all_sees_them_all(released: int) -> None:
    tables = [f"{schema}.{each.table}" for schema in FACES for each in summaries(settings().summaries)]
    assert [table for schema in FACES for table in relations(schema, "r")] == sorted(tables)
    functions = [f"{table}_as_known(now())" for table in tables]
    for relation in (*tables, *functions, *(view for schema in FACES for view in relations(schema, "v"))):
        everywhere = areas(OFFICER, relation)
        assert {level for level, _ in everywhere} == ({"city", "zone", "district"} if everywhere else set()), relation
        assert areas(DISTRICT, relation) == everywhere & {("district", ZHONGSHAN)}, relation
    assert areas(DISTRICT, f"city.{LEDGER}") == {("district", ZHONGSHAN)}


def test_a_district_sees_what_changed_in_its_own_rows_and_its_own_reports(released: int) -> None:
    assert areas(DISTRICT, "city.release_change") == {("district", ZHONGSHAN)}
    assert {level for level, _ in areas(OFFICER, "city.release_change")} == {"district", "zone", "city"}
    for viewer, seen in ((DISTRICT, {ZHONGSHAN}), (OFFICER, None)):
        with reading(viewer) as connection:
            found = set(connection.scalars(text("SELECT DISTINCT district_code FROM city.release_source")))
        assert found == seen if seen else len(found) == 13


def test_pages_that_name_no_viewer_see_nothing(released: int) -> None:
    with engine(Role.PAGES).connect() as connection:
        for relation in (f"city.{LEDGER}", f"city_now.current_{LEDGER}", "city.release_change", "city.release_source"):
            assert connection.scalar(text(f"SELECT count(*) FROM {relation}")) == 0, relation


def test_the_analyst_reads_nothing_of_inside_and_the_insider_both(released: int) -> None:
    let_leave(released)
    for schema in FACES:
        for relation in (*relations(schema, "r"), *relations(schema, "v"), f"{schema}.{LEDGER}_as_known(now())"):
            with engine(Role.ANALYST).connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(f"SELECT * FROM {relation}"))
            outside = relation.replace("city", "outside", 1)
            with engine(Role.ANALYST).connect() as connection:
                left = connection.scalar(text(f"SELECT count(*) FROM {outside} WHERE release_id = {released}"))
            for role in (Role.INSIDER, Role.READER):
                with engine(role).connect() as connection:
                    for each in (relation, outside):
                        found = connection.scalar(text(f"SELECT count(*) FROM {each} WHERE release_id = {released}"))
                        assert found == left, (each, role)
    with engine(Role.INSIDER).connect() as connection:
        for table in ("release", "release_source", "release_area", "release_change", "release_definition"):
            assert connection.scalar(text(f"SELECT count(*) FROM city.{table}")) > 0, table


@pytest.mark.parametrize("role", [Role.PUBLISHER, Role.MIGRATOR, Role.INSIDER, Role.READER, Role.PAGES, Role.LOADER])
def test_nobody_alters_a_released_row(released: int, role: Role) -> None:
    tables = ("city.release", "city.release_change", "city.release_source", "city.release_content", f"city.{LEDGER}")
    for table in (*tables, f"city_now.{LEDGER}", "city.release_area", "city.release_definition"):
        for statement in (
            f"UPDATE {table} SET {'note' if table == 'city.release' else 'release_id'} = NULL",
            f"DELETE FROM {table} WHERE release_id < 0",
            f"TRUNCATE {table} CASCADE",
        ):
            with engine(role).connect() as connection, pytest.raises(DBAPIError, match="InsufficientPrivilege"):
                connection.execute(text(statement))
