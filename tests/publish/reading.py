"""What an insider reads of the current release."""

from sqlalchemy import text

from district_reports.database.engine import engine

CITY, FIVE, RURAL = "全市", "市内五区", "涉农地区"
ALL = "全部"
EVERY_CASE = {"reason": ALL, "dropout_kind": ALL, "registered_poor": ALL}
"""The rows of city_dropout_control that break nothing down."""


def rows(table: str, *, schema: str = "city", **where: object) -> list[dict]:
    """The rows of ``<schema>.current_<table>`` in which the columns of `where` hold its values."""
    condition = " AND ".join(f'"{name}" = :{name}' for name in where) or "true"
    with engine("insider").begin() as connection:
        found = connection.execute(text(f"SELECT * FROM {schema}.current_{table} WHERE {condition}"), where)
        return [dict(row) for row in found.mappings()]


def row(table: str, area: str, **where: object) -> dict:
    """The one row of an area."""
    (found,) = rows(table, area_code=area, **where)
    return found


def figures(table: str, area: str, names: str, **where: object) -> tuple:
    """The figures called `names` (separated by spaces) of the one row of an area; numbers with a fraction as floats."""
    found = row(table, area, **where)
    return tuple(_plain(found[name]) for name in names.split())


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else float(value)
