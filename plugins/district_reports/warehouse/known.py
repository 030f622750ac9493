"""What a district's reports in force say already, for the template of its next one. The rows hold names and IDs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from district_reports.ledger.contacts import filler_of
from district_reports.ledger.submissions import in_force_before
from district_reports.model.form import Form, Sheet, Type
from district_reports.model.period import Period
from district_reports.model.prefill import HelperSheet, Known, LastReport, Row, asked_of_report
from district_reports.reference.register import Register
from district_reports.warehouse.history import last_reports, rows_of
from district_reports.workbook.templates.code_lists import YES_NO


@dataclass(frozen=True)
class Sources:
    """Where a template's content comes from: the last reports (period, submission), oldest first; all earlier ones."""

    last: Sequence[tuple[str, int]]
    named_in: Sequence[int] = field(default=())


def sources_of(connection: Connection, register: Register, form: Form, district_code: str, period: Period) -> Sources:
    """The submissions in force that a template of `period` is filled from; asked of the loader's connection."""
    last = last_reports(connection, register, form, district_code, period)
    if not asking_everyone(form):
        return Sources(last)
    districts = [district_code, *register.merged_into(district_code, period.last_day)]
    rows = in_force_before(connection, form.key, districts, period.text)
    return Sources(last, tuple(row.submission_id for row in rows))


def known_from(connection: Connection, form: Form, district_code: str, sources: Sources) -> Known:
    """What the submissions in `sources` say, as far as the form's declaration asks."""
    filler, telephone = filler_of(connection, district_code, [submission_id for _, submission_id in sources.last])
    return Known(
        reports=tuple(
            LastReport(
                Period.parse(period), {sheet.table: _last_rows(connection, sheet, each) for sheet in form.sheets}
            )
            for period, each in sources.last
        ),
        everyone={
            helper.title: [
                row
                for each in sources.named_in
                for row in _as_typed(sheet, rows_of(connection, sheet, each, [*helper.by, *helper.known]))
            ]
            for sheet, helper in asking_everyone(form)
        },
        filler=filler,
        telephone=telephone,
    )


def asking_everyone(form: Form) -> list[tuple[Sheet, HelperSheet]]:
    """The helper sheets of which all earlier reports are asked, with the data sheets that they fill."""
    return [
        (sheet, follow)
        for sheet in form.sheets
        for follow in sheet.follows
        if isinstance(follow, HelperSheet) and follow.everyone
    ]


def _last_rows(connection: Connection, sheet: Sheet, submission_id: int) -> list[Row]:
    asked = asked_of_report(sheet.prefill, sheet.follows)
    wanted = list(dict.fromkeys([*sheet.key, *asked])) if asked else []
    return _as_typed(sheet, rows_of(connection, sheet, submission_id, wanted)) if wanted else []


def _as_typed(sheet: Sheet, rows: Sequence[Row]) -> list[Row]:
    """As a clerk types it: 是 and 否."""
    flags = [column.name for column in sheet.columns if column.type is Type.YES_NO]
    words = dict(zip((True, False, None), (*YES_NO, None), strict=True))
    return [{**row, **{name: words[row[name]] for name in flags if name in row}} for row in rows]  # type: ignore[index]
