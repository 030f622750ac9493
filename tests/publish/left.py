"""A release that left, with the figures withheld that a test names; who approved it is no matter here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from altered import altered
from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.publish.outgoing.leave import Version, leave
from district_reports.publish.outgoing.protected import put_to_withhold
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from publish.plan import shrink_city
from publish.reading import EVERY_CASE
from submitted import JINPU, ZHONGSHAN, case, checked, submit

Withheld = Mapping[tuple[str, str], Mapping[tuple[str, ...], Iterable[str]]]


LEDGER = "city_dropout_control"
MAY, JUNE = "2020-05", "2020-06"
HIDDEN, HIDDEN_AMOUNT, SHOWN = 918_273_645, Decimal("827364591.55"), 736_459_182
"""Figures that chance does not hit."""
THE_ROW = (MAY, "district", ZHONGSHAN, *EVERY_CASE.values())
"""The key of the row that they stand in."""
OF_THE_ROW = (
    f"release_id = :release AND period = '{MAY}' AND area_code = '{ZHONGSHAN}'"
    " AND reason = '全部' AND dropout_kind = '全部' AND registered_poor = '全部'"
)


@dataclass(frozen=True)
class Left:
    """Two releases outside: of May's ledger, and after a correction, with a canary withheld and another published."""

    first: int
    second: int


def corrected_ledger() -> Left:
    """Make them, in a city of two districts."""
    shrink_city()
    loader = engine("loader")
    for number, district in enumerate((ZHONGSHAN, JINPU)):
        submit(loader, f"May {number}", checked([case(1 + number)], district=district, period=MAY))
    first = publish().release_id
    let_leave(first, MAY, "v1.0")
    submit(loader, "again", checked([case(1), case(3), case(4)], district=ZHONGSHAN, period=MAY))
    second = publish().release_id
    for schema in ("city", "city_now"):
        altered(
            f"UPDATE {schema}.{LEDGER} SET open_count = :hidden, enrolment_rate = :amount WHERE {OF_THE_ROW}",
            hidden=HIDDEN,
            amount=HIDDEN_AMOUNT,
            release=second,
        )
    let_leave(second, MAY, "v1.1", withheld_of_the_row("open_count", "enrolment_rate"))
    for schema in ("outside", "outside_now"):
        altered(f"UPDATE {schema}.{LEDGER} SET new_count = :shown WHERE {OF_THE_ROW}", shown=SHOWN, release=second)
    return Left(first, second)


def withheld_of_the_row(*columns: str) -> Withheld:
    return {(schema, LEDGER): {THE_ROW: columns} for schema in ("city", "city_now")}


def let_leave(release_id: int, period: str, version: str, withheld: Withheld | None = None) -> Version:
    """Let the release leave as if it was prepared so, and approved."""
    tables = summaries(settings().summaries)
    with engine("migrator").begin() as connection:
        put_to_withhold(connection, withheld or {}, tables)
        request = connection.execute(
            text(
                "INSERT INTO outgoing.request (what, release_id, asked_by) VALUES ('prepare', :release_id, 'wang')"
                " RETURNING request_id"
            ),
            {"release_id": release_id},
        ).scalar_one()
        prepared = connection.execute(
            text(
                "INSERT INTO outgoing.prepared"
                " (request_id, release_id, period, version, day, checklist, knew, rule_sha256)"
                " SELECT :request, release_id, :period, :version, day, '{}', '{}', repeat('0', 64) FROM city.release"
                " WHERE release_id = :release_id RETURNING prepared_id"
            ),
            {"request": request, "release_id": release_id, "period": period, "version": version},
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO outgoing.withheld SELECT :prepared, schema_name, table_name, row_key, columns"
                " FROM to_withhold"
            ),
            {"prepared": prepared},
        )
    with engine("publisher").begin() as connection:
        return leave(connection, prepared, tables)


def revoke(release_id: int, notice: str) -> None:
    """Take the release back, in the database."""
    with engine("publisher").begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outside.revoked SELECT release_id, period, version, clock_timestamp(), :notice"
                " FROM outside.release WHERE release_id = :release_id"
            ),
            {"release_id": release_id, "notice": notice},
        )


def key_of(row: Mapping[str, object], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in names)


def described(files: Mapping[str, bytes]) -> dict:
    """``datapackage.json`` as it is read."""
    return dict(json.loads(files["datapackage.json"]))


def withheld_rows(table: str, release_id: int, area: str, *columns: str) -> Withheld:
    """Those columns in all periods of the table's first row of the area, of those that have the figures."""
    (summary,) = (each for each in summaries(settings().summaries) if each.table == table)
    part = next(name for name in summary.key if name not in ("period", "level", "area_code"))
    with engine("publisher").begin() as connection:
        rows = connection.execute(
            text(
                f'SELECT * FROM city."{table}" WHERE release_id = :release_id AND area_code = :area'
                f' AND "{part}" = (SELECT min("{part}" COLLATE "C") FROM city."{table}" WHERE release_id = :release_id)'
            ),
            {"release_id": release_id, "area": area},
        ).mappings()
        keys = [key_of(row, summary.key) for row in rows]
    return {(schema, table): dict.fromkeys(keys, columns) for schema in ("city", "city_now")}
