"""Releases that left the house, with withheld figures that can be told from all others wherever they stand."""

from collections.abc import Mapping, Sequence

from sqlalchemy import JSON, bindparam, text

from altered import altered
from district_reports.database.engine import engine
from district_reports.ledger.viewing import writing
from district_reports.publish.outgoing.checklist import Checklist, Coverage, Held
from district_reports.publish.outgoing.leave import leave
from district_reports.publish.outgoing.protected import put_to_withhold
from district_reports.publish.outgoing.requests import What, ask
from district_reports.publish.outgoing.work import period_of
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from pages.conftest import PEOPLE
from pages.small_city import JUNE, XIGANG, ZHONGSHAN

LEDGER, COMMITMENTS, CITY = "city_dropout_control", "city_commitments", "全市"
_ROW_OF = {
    LEDGER: {"reason": "全部", "dropout_kind": "全部", "registered_poor": "全部"},
    COMMITMENTS: {"commitment": "dropout_for_poverty"},
}
_COLUMNS = {LEDGER: ("open_count", "enrolment_rate"), COMMITMENTS: ("actual",)}
_FIRST = 861_235
CHECKLIST = Checklist(
    coverage=(Coverage(LEDGER, "dropout_control", JUNE, 2, 13, 40, 190),),
    items={"X01": 3},
    against=None,
    changed=(),
    withheld=(Held("city", LEDGER, 2, 40, 1), Held("city", COMMITMENTS, 0, 0, 3)),
)


def plant(release_id: int) -> dict[str, tuple[str, ...]]:
    """Give some of a release's figures of 中山区, 西岗区 and the city values that stand nowhere else; their digits."""
    planted: dict[str, tuple[str, ...]] = {}
    for place, area in enumerate((ZHONGSHAN, XIGANG, CITY)):
        digits = []
        for table, columns in _COLUMNS.items():
            where = " AND ".join(f"{name} = '{value}'" for name, value in _ROW_OF[table].items())
            for column in columns:
                digits.append(str(_FIRST + 1000 * place + 37 * len(digits)))
                altered(
                    f"UPDATE city.{table} SET {column} = {digits[-1]} WHERE release_id = {release_id}"
                    f" AND period = '{JUNE}' AND area_code = '{area}' AND {where}"
                )
        planted[area] = tuple(digits)
    return planted


def prepare(
    release_id: int, by: str = "officer", impossible: str | None = None, request: int | None = None
) -> tuple[int, int]:
    """What the job would do with a request to prepare: what is planted is withheld; numbers of request and prepared."""
    tables = {each.table: each for each in summaries(settings().summaries)}
    withheld: dict[tuple[str, str], dict[tuple[str, ...], Sequence[str]]] = {}
    for table, columns in _COLUMNS.items():
        for level, area in (("district", ZHONGSHAN), ("district", XIGANG), ("city", CITY)):
            row: Mapping[str, str] = {"period": JUNE, "level": level, "area_code": area, **_ROW_OF[table]}
            withheld.setdefault(("city", table), {})[tuple(row[name] for name in tables[table].key)] = columns
    if request is None:
        with writing(PEOPLE[by]) as connection:
            request = ask(connection, What.PREPARE, asked_by=by, release_id=release_id)
    with engine("publisher").begin() as connection:
        put_to_withhold(connection, withheld, list(tables.values()))
        day = connection.execute(
            text("SELECT day FROM city.release WHERE release_id = :release"), {"release": release_id}
        ).scalar_one()
        prepared: int = connection.execute(
            text(
                "INSERT INTO outgoing.prepared"
                " (request_id, release_id, period, version, day, checklist, knew, impossible, rule_sha256)"
                " SELECT :request, :release, :period, 'v1.' || (SELECT count(*) FROM outside.release"
                " WHERE release.period = :period), :day, :checklist,"
                " array(SELECT release_id FROM outside.release), :impossible, repeat('0', 64) RETURNING prepared_id"
            ).bindparams(bindparam("checklist", type_=JSON)),
            {
                "request": request,
                "release": release_id,
                "period": period_of(day),
                "day": day,
                "checklist": CHECKLIST.as_json(),
                "impossible": impossible,
            },
        ).scalar_one()
        connection.execute(
            text(
                "INSERT INTO outgoing.withheld SELECT :prepared, schema_name, table_name, row_key, columns"
                " FROM to_withhold JOIN city.release ON release_id = :release WHERE day > '2020-07-01'"
            ),
            {"prepared": prepared, "release": release_id},
        )
        _worked_off(connection, request, "prepared")
    return request, prepared


def let_out(release_id: int) -> int:
    """A release that was prepared and approved, and has left; the number of the request to prepare it."""
    request, prepared = prepare(release_id)
    with writing(PEOPLE["approver"]) as connection:
        ask(connection, What.APPROVE, asked_by="approver", prepared_id=prepared)
    work_off()
    return request


def work_off() -> None:
    """What the job would do with what was decided, without a bundle."""
    with engine("publisher").begin() as connection:
        waiting = connection.execute(
            text(
                "SELECT request.*, prepared.release_id AS of_release, period, version FROM outgoing.request"
                " JOIN outgoing.prepared ON prepared.prepared_id = request.prepared_id"
                " WHERE request.request_id NOT IN (SELECT request_id FROM outgoing.worked_off) ORDER BY 1"
            )
        ).all()
    for each in waiting:
        with engine("publisher").begin() as connection:
            if each.what == "approve":
                leave(connection, each.prepared_id, summaries(settings().summaries))
            elif each.what == "revoke":
                connection.execute(
                    text("INSERT INTO outside.revoked VALUES (:release, :period, :version, now(), :notice)"),
                    {
                        "release": each.of_release,
                        "period": each.period,
                        "version": each.version,
                        "notice": each.reason,
                    },
                )
            outcome = {"approve": "left", "return": "returned", "revoke": "revoked"}[each.what]
            _worked_off(connection, each.request_id, outcome)


def _worked_off(connection, request: int, outcome: str) -> None:
    connection.execute(
        text("INSERT INTO outgoing.worked_off (request_id, outcome) VALUES (:request, :outcome)"),
        {"request": request, "outcome": outcome},
    )
