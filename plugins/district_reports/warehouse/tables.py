"""The warehouse's tables of a form, generated from its declaration. A new form needs no code here.

Naming:

- ``facts.<sheet table>``: the PUBLIC columns under their own names, and for each IDENTIFIER column its token under
  the name without ``_id`` or ``_no`` and with ``_token``: ``resident_id`` → ``resident_token``, ``student_no`` →
  ``student_token``. PRIVATE columns do not exist there.
- ``identities.<sheet table>``: the same tokens, the identifiers as reported, and the PRIVATE columns. A sheet without
  personal columns has no such table.

Columns are nullable: what is required is a rule, rules change over the years, and the table holds all years.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

from district_reports.errors import SystemFault
from district_reports.model.form import Column as FormColumn
from district_reports.model.form import Form, Privacy, Sheet, Type

FACTS = "facts"
IDENTITIES = "identities"
SYSTEM_COLUMNS = (
    "submission_id",
    "period",
    "district_code",
    "row_number",
    "known_from",
    "known_until",
    "ended_by",
)


@dataclass(frozen=True)
class SheetTables:
    """The tables of one sheet; ``identities`` is None where nothing is personal."""

    sheet: Sheet
    facts: Table
    identities: Table | None


def token_column(name: str) -> str:
    """``resident_id`` → ``resident_token``, ``teacher_no`` → ``teacher_token``, ``passport`` → ``passport_token``."""
    return f"{name.removesuffix('_id').removesuffix('_no')}_token"


def token_kind(column: FormColumn) -> str:
    """What the token is salted with: equal identifiers give equal tokens in every form and column of their kind."""
    return column.type.value if column.type in (Type.RESIDENT_ID, Type.STUDENT_NO) else column.name


def sql_type(column: FormColumn) -> TypeEngine[Any]:
    """The column's PostgreSQL type; amounts are exact, in the unit of the form."""
    types: dict[Type, TypeEngine[Any]] = {
        Type.INTEGER: BigInteger(),
        Type.DECIMAL: Numeric(14, 2),
        Type.DATE: Date(),
        Type.YES_NO: Boolean(),
    }
    return types.get(column.type, Text())


def tables_of(forms: Iterable[Form]) -> dict[str, SheetTables]:
    """The tables of every sheet of `forms`, by the sheet's identifier.

    Raises:
        SystemFault: two sheets, or two columns of a sheet, would share a name.
    """
    metadata = MetaData()
    found: dict[str, SheetTables] = {}
    for form in forms:
        for sheet in form.sheets:
            if sheet.table in found:
                raise SystemFault(f"forms/{form.key}.py: another form has a sheet {sheet.table!r} too; rename one")
            found[sheet.table] = _tables(metadata, form, sheet)
    return found


def _tables(metadata: MetaData, form: Form, sheet: Sheet) -> SheetTables:
    tokens = [token_column(column.name) for column in sheet.columns if column.privacy is Privacy.IDENTIFIER]
    public = [column for column in sheet.columns if column.privacy is Privacy.PUBLIC]
    personal = [column for column in sheet.columns if column.privacy is not Privacy.PUBLIC]
    names = [*SYSTEM_COLUMNS, *tokens, *(column.name for column in sheet.columns)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SystemFault(f"forms/{form.key}.py: the warehouse needs the name {twice[0]!r} of {sheet.table} for itself")
    facts = Table(
        sheet.table,
        metadata,
        Column("submission_id", BigInteger, nullable=False),
        Column("period", Text, nullable=False),
        Column("district_code", Text, nullable=False),
        Column("row_number", Integer, nullable=False),
        *(Column(name, Text) for name in tokens),
        *(Column(column.name, sql_type(column)) for column in public),
        Column("known_from", DateTime(timezone=True), nullable=False),
        Column("known_until", DateTime(timezone=True)),
        Column("ended_by", BigInteger),
        # No foreign key to the ledger: rows come and go with their submission in one transaction, and 50,000 look-ups
        # would cost as much as the COPY itself.
        PrimaryKeyConstraint("submission_id", "row_number"),
        CheckConstraint("(ended_by IS NULL) = (known_until IS NULL)", name=f"{sheet.table}_ended"),
        CheckConstraint("known_until >= known_from", name=f"{sheet.table}_known"),
        Index(f"{sheet.table}_in_force", "period", "district_code", postgresql_where=text("known_until IS NULL")),
        schema=FACTS,
    )
    identities = None
    if personal:
        identities = Table(
            sheet.table,
            metadata,
            Column("submission_id", BigInteger, nullable=False),
            Column("row_number", Integer, nullable=False),
            *(Column(name, Text) for name in tokens),
            *(Column(column.name, sql_type(column)) for column in personal),
            PrimaryKeyConstraint("submission_id", "row_number"),
            schema=IDENTITIES,
        )
    return SheetTables(sheet, facts, identities)
