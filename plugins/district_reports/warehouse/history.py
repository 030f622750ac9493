"""A district's last accepted report of a form, as far as a check needs it (rules C06 and D07)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, text

from district_reports.ledger.submissions import in_force_before
from district_reports.model.derived import CarriedOver, PreviousNumber
from district_reports.model.form import Form, Privacy, Sheet
from district_reports.model.history import History, HistoryOf
from district_reports.model.period import Period
from district_reports.reference.register import Register


def history_in(engine: Engine, register: Register) -> HistoryOf:
    """What a check may ask the warehouse behind `engine` (the loader's: the rows hold names and IDs)."""

    def history_of(form: Form, district_code: str, period: Period) -> History:
        with engine.begin() as connection:
            reports = last_reports(connection, register, form, district_code, period)
            return History(
                max((each for each, _ in reports), default=None),
                {
                    sheet.table: [
                        row
                        for _, submission_id in reports
                        for row in rows_of(connection, sheet, submission_id, _columns(sheet))
                    ]
                    for sheet in (form.sheets if reports else ())
                },
            )

    return history_of


def last_reports(
    connection: Connection, register: Register, form: Form, district_code: str, period: Period
) -> list[tuple[str, int]]:
    """Periods and submissions, oldest first: the district's last accepted report, and that of each district merged
    into it which no report has spoken for since.
    """
    merged = register.merged_into(district_code, period.last_day)
    rows = in_force_before(connection, form.key, [district_code, *merged], period.text)
    last = {
        row.district_code: (row.period, row.submission_id)
        for row in rows
        if row.district_code == district_code or register.district(row.district_code, _until(row.period))
    }
    return sorted(
        report
        for code, report in last.items()
        if not any(into in last and since <= _until(last[into][0]) for into, since in register.successors(code))
    )


def _until(period: str) -> date:
    return Period.parse(period).last_day


def rows_of(connection: Connection, sheet: Sheet, submission_id: int, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The columns `wanted` of a submission's loaded rows, in the order of the workbook."""
    personal = [name for name in wanted if sheet.by_name[name].privacy is not Privacy.PUBLIC]
    columns = ", ".join(f'{"i" if name in personal else "f"}."{name}"' for name in wanted)
    identities = f' JOIN identities."{sheet.table}" i USING (submission_id, row_number)' if personal else ""
    rows = connection.execute(
        text(
            f'SELECT {columns} FROM facts."{sheet.table}" f{identities} WHERE submission_id = :id ORDER BY row_number'
        ),
        {"id": submission_id},
    )
    return [dict(row._mapping) for row in rows]


def _columns(sheet: Sheet) -> list[str]:
    """What the sheet's rules compare with, and no more; none where only rows are counted."""
    names: list[str] = []
    for derived in sheet.derived:
        if isinstance(derived, PreviousNumber):
            names += [derived.by, derived.column]
    for frame in sheet.frames:
        if isinstance(frame, CarriedOver):
            names += [frame.column, frame.where.column, *frame.shown]
    return list(dict.fromkeys(names))


def last_report(connection: Connection, form: Form, district_code: str, period: str) -> tuple[str, int] | None:
    """Period and submission of the report in force that one of `period` is compared with."""
    rows = in_force_before(connection, form.key, [district_code], period)
    return (rows[-1].period, rows[-1].submission_id) if rows else None


def compared_rows(connection: Connection, form: Form, submission_id: int) -> dict[str, list[dict[str, Any]]]:
    """What later reports see of a submission, by table; equal for two that are the same to them."""
    return {
        sheet.table: sorted(rows_of(connection, sheet, submission_id, _columns(sheet)), key=repr)
        for sheet in form.sheets
    }
