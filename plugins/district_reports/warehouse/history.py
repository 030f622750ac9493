"""A district's last accepted report of a form, as far as a check needs it (rules C06 and D07)."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from district_reports.model.derived import CarriedOver, PreviousNumber
from district_reports.model.form import Form, Privacy, Sheet
from district_reports.model.history import History, HistoryOf
from district_reports.model.period import Period


def history_in(engine: Engine) -> HistoryOf:
    """What a check may ask the warehouse behind `engine` (the loader's: the rows hold names and IDs)."""

    def history_of(form: Form, district_code: str, period: Period) -> History:
        with engine.begin() as connection:
            return _history(connection, form, district_code, period)

    return history_of


def _history(connection: Connection, form: Form, district_code: str, period: Period) -> History:
    last = last_report(connection, form, district_code, period.text)
    if last is None:
        return History()
    return History(last[0], {sheet.table: _rows(connection, sheet, last[1]) for sheet in form.sheets})


def _rows(connection: Connection, sheet: Sheet, submission_id: int) -> list[dict[str, Any]]:
    wanted = _columns(sheet)
    personal = [name for name in wanted if sheet.by_name[name].privacy is not Privacy.PUBLIC]
    columns = ", ".join(f'{"i" if name in personal else "f"}."{name}"' for name in wanted)
    identities = f' JOIN identities."{sheet.table}" i USING (submission_id, row_number)' if personal else ""
    rows = connection.execute(
        text(f'SELECT {columns} FROM facts."{sheet.table}" f{identities} WHERE submission_id = :id'),
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
    # Periods of one kind are in the order of their names.
    last = connection.execute(
        text(
            "SELECT period, submission_id FROM ledger.in_force"
            " WHERE form = :form AND district_code = :district AND period < :period ORDER BY period DESC LIMIT 1"
        ),
        {"form": form.key, "district": district_code, "period": period},
    ).one_or_none()
    return None if last is None else (last.period, last.submission_id)


def compared_rows(connection: Connection, form: Form, submission_id: int) -> dict[str, list[dict[str, Any]]]:
    """What later reports see of a submission, by table; equal for two that are the same to them."""
    return {sheet.table: sorted(_rows(connection, sheet, submission_id), key=repr) for sheet in form.sheets}
