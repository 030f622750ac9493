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
    # Periods of one kind are in the order of their names.
    last = connection.execute(
        text(
            "SELECT period, submission_id FROM ledger.in_force"
            " WHERE form = :form AND district_code = :district AND period < :period ORDER BY period DESC LIMIT 1"
        ),
        {"form": form.key, "district": district_code, "period": period.text},
    ).one_or_none()
    if last is None:
        return History()
    return History(last.period, {sheet.table: _rows(connection, sheet, last.submission_id) for sheet in form.sheets})


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
