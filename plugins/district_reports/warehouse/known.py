"""What a district's reports in force say already, for the template of its next one. The rows hold names and IDs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from district_reports.ledger.contacts import filler_of
from district_reports.ledger.submissions import in_force_before
from district_reports.model.form import Form, Sheet, Type
from district_reports.model.period import Period
from district_reports.model.prefill import Known, LastReport, Roster, Row, asked_of_report
from district_reports.reference.register import Register
from district_reports.warehouse.history import last_reports, rows_of
from district_reports.workbook.templates.code_lists import YES_NO


@dataclass(frozen=True)
class Sources:
    """Where a template's content comes from: the last reports (period, submission), oldest first; those of rosters."""

    last: Sequence[tuple[str, int]]
    named_in: Sequence[int] = field(default=())


def sources_of(connection: Connection, register: Register, form: Form, district_code: str, period: Period) -> Sources:
    """The submissions in force that a template of `period` is filled from; asked of the loader's connection."""
    last = last_reports(connection, register, form, district_code, period)
    if not any(isinstance(sheet.prefill, Roster) for sheet in form.sheets):
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
        rosters={
            sheet.table: _named(connection, sheet, sheet.prefill, sources.named_in)
            for sheet in form.sheets
            if isinstance(sheet.prefill, Roster)
        },
        filler=filler,
        telephone=telephone,
    )


def _last_rows(connection: Connection, sheet: Sheet, submission_id: int) -> list[Row]:
    asked = asked_of_report(sheet.prefill)
    wanted = list(dict.fromkeys([*sheet.key, *asked])) if asked else []
    return _as_typed(sheet, rows_of(connection, sheet, submission_id, wanted)) if wanted else []


def _named(connection: Connection, sheet: Sheet, roster: Roster, submissions: Sequence[int]) -> list[Row]:
    """Each once, as the latest report has it."""
    found: dict[object, Row] = {}
    for each in submissions:
        found |= {row[roster.by]: row for row in _as_typed(sheet, rows_of(connection, sheet, each, roster.columns))}
    return list(found.values())


def _as_typed(sheet: Sheet, rows: Sequence[Row]) -> list[Row]:
    """As a clerk types it: 是 and 否."""
    flags = [column.name for column in sheet.columns if column.type is Type.YES_NO]
    words = dict(zip((True, False, None), (*YES_NO, None), strict=True))
    return [{**row, **{name: words[row[name]] for name in flags if name in row}} for row in rows]  # type: ignore[index]
