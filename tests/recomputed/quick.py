"""The hostile city without its nights: what its workbooks hold, decided and loaded as if the checks had said the plan.

The path of a workbook (:mod:`recomputed.play`) takes minutes; what is published of both is the same.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.clock import ZONE
from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.model.form import Sheet, Type
from district_reports.warehouse.tokens import normalise
from independent.book import FIRST_ROW, Row
from recomputed.hostile import WRONG_RULES
from recomputed.plan import Report
from recomputed.play import Sent, on_day
from recomputed.sending import in_order
from submitted import submit, typed_rows, withdraw

IDENTIFIERS = (Type.RESIDENT_ID, Type.STUDENT_NO)


def load(reports: Iterable[Report], books: Path, loader: Engine, environ: pytest.MonkeyPatch) -> list[Sent]:
    """Decide the reports in their order; `books` gets the workbooks."""
    books.mkdir()
    written: dict[int, Path] = {}
    sent: dict[int, Sent] = {}
    for day, report, taken_back in in_order(reports):
        on_day(day, environ)
        at = datetime.combine(day, time(9), ZONE)
        if taken_back:
            withdraw(loader, _submission(loader, sent[id(report)].receipt), received_at=at)
            continue
        if id(report.book) not in written:
            written[id(report.book)] = report.book.write(books / f"{len(written):03d}.xlsx")
        path = written[id(report.book)]
        submit(loader, path.stem, checked(report), received_at=at)
        with loader.begin() as connection:
            receipt = connection.scalar(text("SELECT max(receipt_id) FROM ledger.receipt"))
        sent[id(report)] = Sent(report, path, receipt)
    return list(sent.values())


def _submission(loader: Engine, receipt: int) -> int:
    with loader.begin() as connection:
        found = connection.scalar(
            text("SELECT submission_id FROM ledger.submission WHERE receipt_id = :receipt"), {"receipt": receipt}
        )
    assert isinstance(found, int)
    return found


def checked(report: Report) -> CheckedWorkbook:
    """What the checks would make of the report, by its plan."""
    form = forms()[report.form]
    verdict = Outcome(report.judged)
    counts, findings, loaded, quarantined = [], [], {}, {}
    for sheet in form.sheets:
        wrong, totals = report.wrong.get(sheet.title, set()), report.totals.get(sheet.title, set())
        rows = [] if report.refused else list(enumerate(report.book.sheets[sheet.title].rows, FIRST_ROW))
        counts.append(SheetCount(sheet.table, sheet.title, *report.counts(sheet.title), no_data=len(totals)))
        findings += [_finding(WRONG_RULES[sheet.title], sheet, number) for number in sorted(wrong)]
        findings += [_finding("T09", sheet, number) for number in sorted(totals)]
        quarantined[sheet.table] = [(number, _typed_in(sheet, row)) for number, row in rows if number in wrong]
        sound = [_typed(sheet, number, row) for number, row in rows if number not in wrong | totals]
        loaded[sheet.table] = typed_rows(sheet, sound)
    if report.refused:
        findings = [_finding("F10", form.sheets[-1], None)]
    elif report.too_many:
        findings.append(_finding("F16", form.sheets[0], None))
    return CheckedWorkbook(
        form=report.form,
        district=report.district,
        period=report.period,
        received_on=report.day,
        verdict=verdict,
        reason="按计划。",
        rules_hash="plan",
        findings=tuple(findings),
        counts=tuple(counts),
        rows={} if verdict is Outcome.REJECTED else loaded,
        quarantined=quarantined,
        nil_return=report.nil,
    )


def _finding(rule: str, sheet: Sheet, row: int | None) -> Finding:
    severity = Severity.WARNING if rule == "T09" else Severity.CRITICAL
    cell = None if row is None else f"A{row}"
    return Finding(rule=rule, severity=severity, message="按计划。", fix="无。", sheet=sheet.title, row=row, cell=cell)


def _typed_in(sheet: Sheet, row: Row) -> dict[str, str]:
    """A row as the district typed it."""
    return {column.name: "" if row.get(column.title) is None else str(row[column.title]) for column in sheet.columns}


def _typed(sheet: Sheet, number: int, row: Row) -> dict[str, object]:
    typed: dict[str, object] = {"row_number": number}
    for column in sheet.columns:
        value = row.get(column.title)
        if column.type in IDENTIFIERS and value is not None:
            # As T10 has it.
            value = normalise(str(value))
        elif column.type is Type.YES_NO:
            value = None if value is None else value == "是"
        elif column.type is Type.DECIMAL and value is not None:
            value = Decimal(str(value)).quantize(Decimal("0.01"))
        assert column.type is not Type.DATE or value is None or isinstance(value, date)
        typed[column.name] = value
    return typed
