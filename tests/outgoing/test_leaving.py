"""A release leaves: its rows but for what is withheld, and what it changes against the version outside before it."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from altered import altered
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.publish import publish
from district_reports.publish.content import content_of
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from outgoing.house import EVERY, EVERY_KEY, LEDGER, Pattern, let_leave, of_ledger, read
from submitted import JINPU, ZHONGSHAN, case, checked, submit

OWN = of_ledger(ZHONGSHAN, "district", "open_count", "new_count")
BOTH: Pattern = {("city", LEDGER): [OWN], ("city_now", LEDGER): [OWN]}
FIGURES = (
    f"SELECT area_code, open_count, written_off_count, withheld FROM outside.{LEDGER} WHERE release_id = :id"
    f" AND period = '2020-05' AND {EVERY}"
    " AND area_code IN ('210202', '210213') ORDER BY area_code"
)


def test_the_analyst_reads_what_left_and_which_figures_are_withheld(first: int) -> None:
    let_leave(first, BOTH)
    assert read(Role.ANALYST, FIGURES, id=first) == [
        (ZHONGSHAN, None, 0, ["new_count", "open_count"]),
        (JINPU, 1, 0, []),
    ]
    assert read(Role.ANALYST, "SELECT release_id, period, version, note FROM outside.release") == [
        (first, "2020-06", "v1.0", "首次对外发布。")
    ]
    for of in ("current_{}", "{}_as_known(now())"):
        (row,) = read(
            Role.ANALYST,
            f"SELECT open_count, withheld FROM outside_now.{of.format(LEDGER)} WHERE area_code = '210202'"
            f" AND period = '2020-05' AND {EVERY}",
        )
        assert row == (None, ["new_count", "open_count"])
    assert read(Role.ANALYST, f"SELECT * FROM outside.{LEDGER}_as_known('2020-01-01')") == []


def test_every_row_of_every_table_leaves_but_for_what_is_withheld(first: int) -> None:
    let_leave(first, BOTH)
    with engine(Role.READER).connect() as connection:
        for summary in summaries(settings().summaries):
            for inside, outside in (("city", "outside"), ("city_now", "outside_now")):
                rows = f"SELECT to_jsonb(each) - 'withheld' FROM {{}}.{summary.table} AS each"
                differing = connection.execute(
                    text(f"SELECT count(*) FROM ({rows.format(inside)} EXCEPT {rows.format(outside)}) AS more")
                ).scalar_one()
                assert differing == (1 if summary.table == LEDGER else 0), (outside, summary.table)
                counts = [
                    connection.scalar(text(f"SELECT count(*) FROM {schema}.{summary.table}"))
                    for schema in (inside, outside)
                ]
                assert counts[0] == counts[1]


def test_what_changed_outside_has_a_cause_and_no_withheld_figure(first: int, two_districts: Engine) -> None:
    let_leave(first, BOTH)
    submit(two_districts, "c", checked([case(1)]))
    publish()
    submit(two_districts, "d", checked([case(3), case(4)], district=JINPU))
    last = publish().release_id
    let_leave(last, {("city", LEDGER): [of_ledger("全市", "city", "new_count")]})
    changes = read(
        Role.ANALYST,
        "SELECT schema_name, area_code, before, after, causes FROM outside.release_change WHERE release_id = :id"
        " AND column_name IN ('open_count', 'new_count') AND key ->> 'reason' = '全部'"
        " AND key ->> 'dropout_kind' = '全部' AND key ->> 'registered_poor' = '全部' ORDER BY 1, 2, column_name DESC",
        id=last,
    )
    # 中山区 was withheld before. The total is three children then and now.
    assert {(schema, area) for schema, area, *_ in changes} == {
        (schema, area) for schema in ("outside", "outside_now") for area in (JINPU, "市内五区", "涉农地区")
    }
    assert {tuple(causes) for *_, causes in changes} == {("correction",)}


def test_the_causes_of_all_nights_between_are_told(first: int, two_districts: Engine) -> None:
    let_leave(first)
    submit(two_districts, "c", checked([case(1)]))
    publish()
    submit(two_districts, "d", checked([case(1), case(2), case(5)]))
    last = publish().release_id
    let_leave(last)
    found = read(
        Role.ANALYST,
        "SELECT before, after, causes, against FROM outside.release_change WHERE release_id = :id"
        " AND area_code = '210202' AND schema_name = 'outside' AND table_name = :table AND column_name = 'open_count'"
        f" AND {EVERY_KEY}",
        id=last,
        table=LEDGER,
    )
    assert found == [(2, 3, ["correction"], first)]
    nights = read(
        Role.ANALYST,
        "SELECT DISTINCT causes FROM outside.release_change WHERE table_name = 'city_reconciliation'",
    )
    assert nights == []


def test_a_figure_that_differs_without_a_cause_stays_inside(first: int) -> None:
    let_leave(first)
    second = publish().release_id
    altered(f"UPDATE city.{LEDGER} SET open_count = open_count + 1 WHERE release_id = :id", id=second)
    with pytest.raises(SystemFault, match=f"no release tells why .* figures of {LEDGER} differ from release {first}"):
        let_leave(second)
    assert read(Role.READER, "SELECT release_id FROM outside.release") == [(first,)]


@pytest.mark.parametrize(
    "row",
    [
        of_ledger("210299", "district", "open_count"),
        of_ledger(ZHONGSHAN, "district", "no_such_count"),
        of_ledger(ZHONGSHAN, "district", "area_name"),
    ],
    ids=["a row that is not there", "a column that is not there", "a column that is no figure"],
)
def test_what_is_withheld_and_not_found_keeps_the_release_inside(
    first: int, row: tuple[dict[str, str], list[str]]
) -> None:
    with pytest.raises(SystemFault, match=LEDGER):
        let_leave(first, {("city", LEDGER): [row]})
    assert read(Role.READER, "SELECT release_id FROM outside.release") == []


def test_the_hash_outside_is_of_what_left(first: int) -> None:
    let_leave(first, BOTH)
    with engine(Role.READER).connect() as connection:
        inside, outside = (content_of(connection, schema, LEDGER, first) for schema in ("city", "outside"))
    assert inside.rows == outside.rows
    assert inside.sha256 != outside.sha256


def test_a_column_that_the_city_gains_is_gained_outside(first: int, two_districts: Engine) -> None:
    let_leave(first)
    with engine(Role.PUBLISHER).begin() as connection:
        # As it would have been before the figure was published.
        for view in ("city.current_", "outside.current_"):
            connection.execute(text(f"DROP VIEW {view}{LEDGER}"))
        for schema in ("city", "outside"):
            connection.execute(text(f"ALTER TABLE {schema}.{LEDGER} DROP COLUMN written_off_count"))
    second = publish().release_id
    let_leave(second)
    assert read(
        Role.ANALYST,
        f"SELECT DISTINCT release_id, written_off_count FROM outside.current_{LEDGER}"
        " WHERE area_code = '210202' AND period = '2020-05' AND reason = '全部'"
        " AND dropout_kind = '全部' AND registered_poor = '全部'",
    ) == [(second, 0)]
    assert read(
        Role.ANALYST, f"SELECT count(written_off_count) FROM outside.{LEDGER} WHERE release_id = :id", id=first
    ) == [(0,)]
    causes = read(
        Role.ANALYST,
        "SELECT DISTINCT causes FROM outside.release_change WHERE release_id = :id"
        " AND schema_name = 'outside' AND column_name = 'written_off_count'",
        id=second,
    )
    assert causes == [(["unknown"],)] or causes == [(["definition"],)]


def test_nobody_alters_what_left(first: int) -> None:
    let_leave(first)
    for role in (Role.PUBLISHER, Role.READER, Role.ANALYST, Role.INSIDER, Role.PAGES, Role.MIGRATOR):
        for statement in (
            f"UPDATE outside.{LEDGER} SET open_count = 0",
            f"DELETE FROM outside_now.{LEDGER}",
            f"TRUNCATE outside.{LEDGER}",
            "UPDATE outside.release SET version = 'v1.7'",
            "DELETE FROM outside.release_change",
        ):
            with engine(role).connect() as connection, pytest.raises(DBAPIError, match="InsufficientPrivilege"):
                connection.execute(text(statement))
