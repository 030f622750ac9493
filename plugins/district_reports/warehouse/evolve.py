"""Bring the forms' tables up to their declarations: create what is missing, add columns, refuse what loses data."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Inspector, Table, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from district_reports.errors import SystemFault
from district_reports.model.form import Form, Privacy
from district_reports.warehouse.tables import FACTS, IDENTITIES, SheetTables, tables_of

_DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


def ensure_tables(connection: Connection, forms: Iterable[Form]) -> list[str]:
    """Create and widen the tables of `forms`; what was done, one line each.

    A column that a form no longer has stays, and is null from then on: history keeps its shape.

    Raises:
        SystemFault: a column changed its type, or became personal while its values still stand in the facts.
    """
    inspector = inspect(connection)
    existing = {schema: set(inspector.get_table_names(schema=schema)) for schema in (FACTS, IDENTITIES)}
    done: list[str] = []
    problems: list[str] = []
    for tables in tables_of(forms).values():
        for table in (tables.facts, tables.identities):
            if table is None:
                continue
            if table.name not in existing[str(table.schema)]:
                table.create(connection)
                done.append(f"created {table.fullname}")
            else:
                added, wrong = _compare(inspector, table)
                problems += wrong
                for name in added:
                    _add_column(connection, table, name)
                    done.append(f"added {table.fullname}.{name}")
        problems += _now_personal(inspector, tables, existing[FACTS])
    if problems:
        raise SystemFault(
            "the forms no longer fit the warehouse, and changing it would lose data: " + "; ".join(problems)
        )
    return done


def _compare(inspector: Inspector, table: Table) -> tuple[list[str], list[str]]:
    """The names of columns to add, and what can't be mended."""
    present = {column["name"]: _spelled(column["type"]) for column in inspector.get_columns(table.name, table.schema)}
    added = [column.name for column in table.columns if column.name not in present]
    wrong = [
        f"{table.fullname}.{column.name} is {present[column.name]}, the form says {_spelled(column.type)} "
        "(give the new column another name, or write a migration)"
        for column in table.columns
        if column.name in present and present[column.name] != _spelled(column.type)
    ]
    return added, wrong


def _now_personal(inspector: Inspector, tables: SheetTables, existing: set[str]) -> list[str]:
    """Columns of the facts that the form has declared personal since."""
    if tables.facts.name not in existing:
        return []
    present = {column["name"] for column in inspector.get_columns(tables.facts.name, FACTS)}
    return [
        f"{tables.facts.fullname}.{column.name} holds values that the form now calls personal "
        "(move them to identities by a migration)"
        for column in tables.sheet.columns
        if column.privacy is not Privacy.PUBLIC and column.name in present
    ]


def _add_column(connection: Connection, table: Table, name: str) -> None:
    definition = CreateColumn(table.columns[name]).compile(dialect=_DIALECT)
    connection.exec_driver_sql(f'ALTER TABLE "{table.schema}"."{table.name}" ADD COLUMN {definition}')


def _spelled(kind: TypeEngine[Any]) -> str:
    return kind.compile(dialect=_DIALECT)
