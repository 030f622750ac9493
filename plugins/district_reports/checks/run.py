"""Check one workbook from its raw sheets to its verdict. Pure: no database, no clock, no files but the rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from district_reports.checks import content, verdict
from district_reports.checks.catalogue import finding
from district_reports.checks.context import Context
from district_reports.checks.cover import COVER, NIL, Cover, check_cover
from district_reports.checks.elsewhere import rows_elsewhere
from district_reports.checks.explanations import explain
from district_reports.checks.findings import cell_findings, sheet_findings, without_contradiction
from district_reports.checks.frame import sheet_frame
from district_reports.checks.rows import SheetRows, read_rows
from district_reports.checks.rules_hash import rules_hash
from district_reports.checks.sheet_frames import frame_of, subject_of
from district_reports.checks.structure import Structure, check_structure
from district_reports.checks.suites import suites
from district_reports.checks.warning_ids import named
from district_reports.checks.who import who_of
from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.model.form import Form, Sheet, Type
from district_reports.model.knowledge import NOTHING_KNOWN, Knowledge
from district_reports.model.period import Period, period_named
from district_reports.model.validation import FrameResult
from district_reports.reference.register import Register
from district_reports.workbook.names import titles_of
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.show import shown

_ARROW = {
    Type.INTEGER: pa.int64(),
    Type.DECIMAL: pa.decimal128(14, 2),
    Type.DATE: pa.date32(),
    Type.YES_NO: pa.bool_(),
}


def rejected_file(findings: Sequence[Finding], register: Register, received_on: date) -> CheckedWorkbook:
    """The verdict on a file that can't be read at all (F01–F04)."""
    return _rejected(None, None, findings, register, received_on)


def filed_under(form: Form, district: str, period: str, rejected: CheckedWorkbook) -> CheckedWorkbook:
    """`rejected`, which did not come as far as its cover, under what the cover told when the file was received."""
    return replace(
        rejected,
        form=form.key,
        district=district,
        period=period,
        counts=tuple(_unread(sheet) for sheet in form.sheets),
        not_checked=suites(form).needs_history,
    )


def check_workbook(
    sheets: Sequence[RawSheet],
    register: Register,
    folder_district: str | None,
    received_on: date,
    knowledge: Knowledge = NOTHING_KNOWN,
) -> CheckedWorkbook:
    """The verdict on a workbook. Of `sheets` that no form has, the upper left is enough.

    `folder_district` is the code of the folder it lay in, None if unknown; `received_on` is the day of receipt in
    Asia/Shanghai.

    Raises:
        SystemFault: a rule could not be evaluated or reference data are wrong.
    """
    checked = _checked(sheets, register, folder_district, received_on, knowledge)
    return explain(checked, sheets, knowledge.explanations)


def _checked(
    sheets: Sequence[RawSheet],
    register: Register,
    folder_district: str | None,
    received_on: date,
    knowledge: Knowledge,
) -> CheckedWorkbook:
    cover_check = check_cover(sheets, forms(), register, folder_district, received_on, knowledge.taken_until)
    cover = cover_check.cover
    if cover is None or cover_check.findings:
        return _rejected(cover, folder_district, cover_check.findings, register, received_on)
    if cover.form is None or cover.period is None:
        raise AssertionError("a cover without findings has a form and a period")
    structure = check_structure(cover.form, sheets)
    elsewhere = rows_elsewhere(cover.form, sheets) if structure.layouts else []
    if elsewhere or not structure.layouts:
        findings = named([*elsewhere, *structure.findings], cover.form, cover.period.text, ())
        return _rejected(cover, folder_district, findings, register, received_on)
    read = [read_rows(layout, register) for layout in structure.layouts]
    if empty := _emptiness(cover, cover.form, read, structure):
        remarks = named(structure.findings, cover.form, cover.period.text, read)
        return _rejected(cover, folder_district, [empty, *remarks], register, received_on)

    findings = [*structure.findings, *_lateness(cover.form, cover.period, received_on)]
    district = folder_district or cover.district_code
    history = knowledge.history_of(cover.form, district, cover.period) if knowledge.history_of else None
    sheets_read = {rows.sheet.table: rows for rows in read}
    context = Context(register, district, cover.period, received_on, history, sheets_read, cover.nil)
    for rows in read:
        findings += rows.findings
    found, validation = _content_findings(cover.form, read, context)
    findings += found
    findings = without_contradiction([*findings, *verdict.too_many_errors(read, findings)])
    return _report(cover, context, read, named(findings, cover.form, cover.period.text, read), validation)


def _emptiness(cover: Cover, form: Form, read: Sequence[SheetRows], structure: Structure) -> Finding | None:
    """F14 and F15; total rows are no data."""
    rows = sum(len(sheet.rows) for sheet in read)
    if cover.nil and not form.nil_allowed:
        return finding("F15", "not_allowed", sheet=COVER, cell=cover.nil_cell, column=NIL)
    if cover.nil and rows:
        return finding("F15", sheet=COVER, cell=cover.nil_cell, column=NIL, rows=rows)
    if not cover.nil and not rows:
        pictured = titles_of(layout.raw for layout in structure.layouts if layout.raw.properties.pictured)
        if pictured:
            return finding("F14", "picture", titles=pictured)
        return finding("F14", "nil_allowed" if form.nil_allowed else "default")
    return None


def _lateness(form: Form, period: Period, received_on: date) -> list[Finding]:
    due = form.due_on(period)
    if received_on <= due:
        return []
    return [finding("F19", due_on=due.isoformat(), received_on=received_on.isoformat(), days=(received_on - due).days)]


def _content_findings(
    form: Form, read: Sequence[SheetRows], context: Context
) -> tuple[list[Finding], list[FrameResult]]:
    """All findings of the form's suites, one GX run a frame, and what became of every expectation."""
    rules = suites(form).by_frame
    latest = min(context.received_on, context.period.last_day)
    parameters = {
        "received_on": _midnight(context.received_on),
        "first_day": _midnight(context.period.first_day),
        "latest_day": _midnight(latest),
        "year_begins": _midnight(date(context.period.calendar_year, 1, 1)),
    }
    words: dict[str, object] = {name: f"{value:%Y-%m-%d}" for name, value in parameters.items()}
    previous = context.history.period if context.history else None
    words["previous_period"] = previous and period_named(previous)
    findings: list[Finding] = []
    validation: list[FrameResult] = []
    for rows in read:
        frame = sheet_frame(rows, context)
        expectations = rules.get(rows.sheet.table, ())
        validated = content.validate(rows.sheet.table, frame, expectations, parameters)
        validation.append(FrameResult(rows.sheet.table, rows.sheet.title, len(frame), validated.with_rows()))
        findings += cell_findings(rows, frame, expectations, validated.failures, words)
        for kind in rows.sheet.frames:
            frame = frame_of(kind, rows, context)
            expectations = rules.get(kind.name, ())
            validated = content.validate(kind.name, frame, expectations, parameters)
            validation.append(FrameResult(kind.name, rows.sheet.title, len(frame), validated.results))
            findings += sheet_findings(
                rows.sheet.title, kind.name, frame, expectations, validated.failures, words, subject_of(kind)
            )
    return findings, validation


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - compared with the frame's dates


def _in_order(form: Form, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By sheet, row and severity, those about a file or a sheet first."""
    sheets = {sheet.title: index for index, sheet in enumerate(form.sheets, 1)}
    severities = list(Severity)
    return tuple(
        sorted(
            findings,
            key=lambda found: (sheets.get(found.sheet or "", 0), found.row or 0, severities.index(found.severity)),
        )
    )


def _report(
    cover: Cover,
    context: Context,
    read: Sequence[SheetRows],
    findings: Sequence[Finding],
    validation: Sequence[FrameResult],
) -> CheckedWorkbook:
    assert cover.form is not None
    decided = verdict.outcome(findings)
    counts = tuple(verdict.count(rows, findings, decided) for rows in read)
    tables: dict[str, pa.Table] = {}
    quarantined: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for rows in read:
        bad = verdict.bad_rows(findings, rows)
        kept = [] if decided is Outcome.REJECTED else [i for i, row in enumerate(rows.rows) if row not in bad]
        tables[rows.sheet.table] = _typed(rows, kept)
        quarantined[rows.sheet.table] = [
            (row, {name: shown(cells[index]) for name, cells in rows.raw.items()})
            for index, row in enumerate(rows.rows)
            if row in bad
        ]
    return CheckedWorkbook(
        form=cover.form.key,
        district=context.district_code,
        period=context.period.text,
        received_on=context.received_on,
        nil_return=cover.nil,
        verdict=decided,
        reason=verdict.reason(decided, findings, counts),
        rules_hash=rules_hash(context.register),
        findings=_in_order(cover.form, findings),
        counts=counts,
        not_checked=() if context.history else suites(cover.form).needs_history,
        rows=tables,
        quarantined=quarantined,
        who={rows.sheet.title: who_of(rows, findings, context) for rows in read},
        validation=tuple(validation),
    )


def _typed(rows: SheetRows, kept: Sequence[int]) -> pa.Table:
    """The sound rows as Arrow, with ``row_number`` and the declared types."""
    arrays: dict[str, Any] = {"row_number": pa.array([rows.rows[index] for index in kept], pa.int32())}
    for column in rows.sheet.columns:
        values = [rows.values[column.name][index] for index in kept]
        if column.type is Type.YES_NO:
            values = [None if value is None else value == "是" for value in values]
        elif column.type is Type.DECIMAL:
            values = [None if value is None else Decimal(value) for value in values]  # type: ignore[arg-type]
        arrays[column.name] = pa.array(values, _ARROW.get(column.type, pa.string()))
    return pa.table(arrays)


def _unread(sheet: Sheet) -> SheetCount:
    return SheetCount(sheet.table, sheet.title, 0, 0, 0, 0)


def _rejected(
    cover: Cover | None,
    folder_district: str | None,
    findings: Sequence[Finding],
    register: Register,
    received_on: date,
) -> CheckedWorkbook:
    """A file rejected before its rows count for anything."""
    form = cover.form if cover else None
    return CheckedWorkbook(
        form=form.key if form else None,
        district=folder_district or (cover.district_code if cover else None),
        period=cover.period.text if cover and cover.period else None,
        received_on=received_on,
        nil_return=bool(cover and cover.nil),
        verdict=Outcome.REJECTED,
        reason=verdict.reason(Outcome.REJECTED, findings, ()),
        rules_hash=rules_hash(register),
        findings=tuple(findings),
        counts=tuple(_unread(sheet) for sheet in form.sheets) if form else (),
        not_checked=suites(form).needs_history if form else (),
        rows={},
        quarantined={},
    )
