"""A small city whose releases leave the house: what officers ask for, and a pattern put in as the job would."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, text

from district_reports.database.engine import Role, engine
from district_reports.ledger.viewing import writing
from district_reports.publish.outgoing.leave import leave
from district_reports.publish.outgoing.requests import What, ask
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from district_reports.users import Role as UserRole
from district_reports.users import Viewer

LEDGER = "city_dropout_control"
WHOLE = {"reason": "全部", "dropout_kind": "全部", "registered_poor": "全部"}
EVERY = " AND ".join(f"{name} = '全部'" for name in WHOLE)
EVERY_KEY = " AND ".join(f"key ->> '{name}' = '全部'" for name in WHOLE)
"""Conditions on rows of the ledger, and on what is recorded of them, that break nothing down."""
FIRST, SECOND = "王处长", "李处长"
OFFICER = Viewer(FIRST, UserRole.OFFICER)

Pattern = Mapping[tuple[str, str], Sequence[tuple[Mapping[str, str], list[str]]]]
"""(schema, table) → (key of the row, columns withheld of it)."""


def asked(what: What, asked_by: str = FIRST, **about: object) -> int:
    """A request, as the pages write it; its number."""
    with writing(OFFICER) as connection:
        return ask(connection, what, asked_by=asked_by, **about)  # type: ignore[arg-type]


def prepared(release_id: int, withheld: Pattern | None = None, impossible: str | None = None) -> int:
    """Ask to prepare a release, and put in what the job would have found; the number of what was prepared."""
    request_id = asked(What.PREPARE, release_id=release_id)
    with engine(Role.PUBLISHER).begin() as connection:
        prepared_id: int = connection.execute(
            text(
                "INSERT INTO outgoing.prepared"
                " (request_id, release_id, period, version, day, checklist, knew, impossible, rule_sha256)"
                " SELECT :request_id, release_id, '2020-06',"
                " 'v1.' || (SELECT count(*) FROM outside.release), day, :checklist,"
                " array(SELECT release_id FROM outside.release), :impossible, repeat('0', 64)"
                " FROM city.release WHERE release_id = :release_id RETURNING prepared_id"
            ),
            {
                "request_id": request_id,
                "release_id": release_id,
                "impossible": impossible,
                "checklist": json.dumps({"coverage": [], "items": {}, "against": None, "changed": [], "withheld": []}),
            },
        ).scalar_one()
        put(connection, prepared_id, withheld or {})
        connection.execute(text("INSERT INTO outgoing.worked_off VALUES (:id, now(), 'prepared')"), {"id": request_id})
    return prepared_id


def put(connection: Connection, prepared_id: int, withheld: Pattern) -> None:
    for (schema, table), rows in withheld.items():
        for key, columns in rows:
            connection.execute(
                text("INSERT INTO outgoing.withheld VALUES (:id, :schema, :table, :key, :columns)"),
                {"id": prepared_id, "schema": schema, "table": table, "key": json.dumps(key), "columns": columns},
            )


def of_ledger(
    area: str, level: str, *columns: str, period: str = "2020-05", **key: str
) -> tuple[dict[str, str], list[str]]:
    """A row of the dropout ledger, and which of its columns are withheld."""
    return {"period": period, "level": level, "area_code": area, **WHOLE, **key}, sorted(columns)


def read(role: Role, statement: str, **values: object) -> list[tuple[object, ...]]:
    """What `role` reads."""
    with engine(role).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def let_leave(release_id: int, withheld: Pattern | None = None) -> None:
    """What the job does about an approval, but for the bundle and the record of it."""
    prepared_id = prepared(release_id, withheld)
    with engine(Role.PUBLISHER).begin() as connection:
        leave(connection, prepared_id, summaries(settings().summaries))
