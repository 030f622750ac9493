"""(d) of the night: the least that the same work could take, in one warm process.

The fastest reader (fastexcel, eager, types as declared), the same derived columns and suites by the same calls of Great
Expectations, the same rows by COPY, the same summaries. No guard, no limited child, no account of cells, no rules about
sheets and cells, no ledger, no answer: nobody would learn what is wrong, but the figures are the same.
"""

import sys
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc
from night_measure import Parts, Used, counted, part, tell
from night_staged import note_submission
from sqlalchemy import Connection

from district_reports import clock
from district_reports.checks import content
from district_reports.checks.context import Context
from district_reports.checks.frame import sheet_frame
from district_reports.checks.rows import SheetRows
from district_reports.checks.sheet_frames import frame_of
from district_reports.checks.suites import suites
from district_reports.database.engine import Role, engine
from district_reports.forms import forms
from district_reports.model.form import FIRST_DATA_ROW, Form, Sheet, Type
from district_reports.model.period import Period
from district_reports.publish import publish
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.load import _copy
from district_reports.warehouse.tables import tables_of
from district_reports.warehouse.tokens import token_key

_READ_AS = {Type.INTEGER: "float", Type.DECIMAL: "float", Type.DATE: "date"}
_STORED_AS = {Type.INTEGER: pa.int64(), Type.DECIMAL: pa.decimal128(14, 2), Type.DATE: pa.date32()}


def read(book: fastexcel.ExcelReader, sheet: Sheet) -> pa.Table:
    """The sheet's columns under their names, as their types are stored."""
    wanted = {column.title: _READ_AS.get(column.type, "string") for column in sheet.columns}
    batch = book.load_sheet(sheet.title, header_row=FIRST_DATA_ROW - 2, dtypes=wanted, eager=True)
    columns: dict[str, Any] = {}
    for column in sheet.columns:
        values = batch.column(column.title)
        if column.type is Type.YES_NO:
            values = pc.equal(values, "是")
        columns[column.name] = values.cast(_STORED_AS.get(column.type, values.type))
    return pa.table(columns)


def rows_of(sheet: Sheet, table: pa.Table) -> SheetRows:
    """What derived columns and frames are made of."""
    rows = tuple(range(FIRST_DATA_ROW, FIRST_DATA_ROW + table.num_rows))
    values = {name: table.column(name).to_pylist() for name in table.column_names}
    for column in sheet.columns:
        if column.type is Type.YES_NO:
            words = {True: "是", False: "否", None: None}
            values[column.name] = [words[value] for value in values[column.name]]
    sound = dict.fromkeys(values, frozenset[int]())
    return SheetRows(sheet, {}, rows, values, values, sound, frozenset(), (), ())


def check(form: Form, read: Sequence[SheetRows], context: Context) -> None:
    """Every suite of the form, as the pipeline asks Great Expectations."""
    rules, period = suites(form).by_frame, context.period
    days = {
        "received_on": context.received_on,
        "first_day": period.first_day,
        "latest_day": min(context.received_on, period.last_day),
    }
    parameters = {name: datetime.combine(day, time.min) for name, day in days.items()}
    for rows in read:
        content.validate(rows.sheet.table, sheet_frame(rows, context), rules.get(rows.sheet.table, ()), parameters)
        for kind in rows.sheet.frames:
            content.validate(kind.name, frame_of(kind, rows, context), rules.get(kind.name, ()), parameters)


def ingest(connection: Connection, register: Register, path: Path, parts: Parts, checked: bool = True) -> None:
    """One workbook, whose name and folder say what it is: ``<district>-…/<form title>-<period>.xlsx``."""
    title, _, text = path.stem.partition("-")
    form = next(form for form in forms().values() if form.title == title)
    district, period = path.parent.name[:6], Period.parse(text)
    with part(parts, "read"):
        book = fastexcel.read_excel(path)
        tables = {sheet.table: read(book, sheet) for sheet in form.sheets}
        found = {sheet.table: rows_of(sheet, tables[sheet.table]) for sheet in form.sheets}
    with part(parts, "derive and check"):
        if checked:
            check(form, list(found.values()), Context(register, district, period, clock.today(), None, found))
    with part(parts, "copy"):
        submission = note_submission(connection, form.key, district, period.text)
        same = {
            "submission_id": submission.submission_id,
            "period": period.text,
            "district_code": district,
            "known_from": submission.decided_at,
        }
        of_sheet = tables_of(forms().values())
        for table, rows in tables.items():
            numbered = rows.add_column(0, "row_number", pa.array(found[table].rows, pa.int32()))
            _copy(connection, of_sheet[table], numbered, token_key(), same)


def main(samples: Path) -> None:
    """All workbooks below `samples`, one after the other, and the release."""
    register = Register.load(settings().reference)
    content.batch_definition()
    used = Used()
    with counted(used):
        for path in sorted(samples.glob("*/*.xlsx")):
            with engine(Role.MIGRATOR).begin() as connection:
                ingest(connection, register, path, used.parts)
        with part(used.parts, "publish"):
            publish()
    tell(used)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
