"""Released rows altered all the same: whoever owns a table can take its triggers off, and nobody else can."""

from collections.abc import Mapping

from sqlalchemy import text

from district_reports.database.engine import engine

_TRIGGERS = text(
    "SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE tgname = 'keep' AND relnamespace::regnamespace::text"
    " IN ('city', 'city_now', 'outside', 'outside_now', 'outgoing')"
)


def altered(*statements: str, **values: object) -> None:
    """Run `statements` as the owner of the warehouse, on tables that let it happen meanwhile."""
    with engine("migrator").begin() as connection:
        tables = connection.scalars(_TRIGGERS).all()
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER keep")
        for statement in statements:
            connection.execute(text(statement), _used(statement, values))
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER keep")


def _used(statement: str, values: Mapping[str, object]) -> dict[str, object]:
    return {name: values[name] for name in text(statement).compile().params}
