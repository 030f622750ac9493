"""What a dropped file is: a report with form and period, a withdrawal, a worklist, or nothing that we know, and why."""

from collections.abc import Sequence

from sqlalchemy import Engine

from district_reports.checks.catalogue import finding
from district_reports.checks.cover import WITHOUT_IDENTITY, check_cover
from district_reports.checks.rules_hash import rules_hash
from district_reports.checks.verdict import foreseen_reason, reason
from district_reports.feedback.withdrawal_note import Note, identified, number_of, read_note
from district_reports.forms import forms
from district_reports.ledger.locks import locks_in
from district_reports.ledger.receipts import Identity, Rejection
from district_reports.ledger.withdrawals import Reported, reported
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.finding import Finding, Outcome
from district_reports.receiving.snapshot import Snapshot
from district_reports.reconciliation.returned import SHEETS, ReturnedBook, is_worklist, read_worklist
from district_reports.reference.register import Register
from district_reports.storage import poison
from district_reports.workbook.problem import Problem


def identify(
    taken: Snapshot, district_code: str, channel: str, register: Register, loader: Engine
) -> Identity | ReturnedBook | Rejection:
    """What the file in the district's folder is filed under, what it says as a worklist, or why it is neither."""
    note = read_note(taken.path)
    if note is not None:
        return _withdrawal(note, taken, district_code, channel, register, loader)
    inspection = poison.inspect(loader, taken.sha256, taken.path)
    findings = _findings(inspection.problems)
    if not findings and not inspection.covers and is_worklist(inspection.others):
        reading = poison.read(loader, taken.sha256, taken.path, SHEETS)
        if not reading.problems:
            return read_worklist(reading.sheets)
        findings = _findings(reading.problems)
    elif not findings:
        day = taken.taken_at.date()
        sheets = (*inspection.covers, *inspection.others)
        checked = check_cover(sheets, forms(), register, district_code, day, locks_in(loader))
        findings, cover = checked.findings, checked.cover
        nameless = cover is None or cover.form is None or cover.period is None
        if not nameless and not any(found.rule in WITHOUT_IDENTITY for found in findings):
            assert cover is not None
            assert cover.form is not None
            assert cover.period is not None
            return Identity(
                form=cover.form.key,
                period=cover.period.text,
                filler=cover.filler,
                telephone=cover.telephone,
            )
    words = (reason if channel == UPLOAD_CHANNEL else foreseen_reason)(Outcome.REJECTED, findings, ())
    return Rejection(reason=words, rules_hash=rules_hash(register), findings=findings)


def _findings(problems: Sequence[Problem]) -> tuple[Finding, ...]:
    return tuple(finding(each.rule, each.variant, **each.words) for each in problems)  # type: ignore[arg-type]


def _withdrawal(
    note: Note, taken: Snapshot, district_code: str, channel: str, register: Register, loader: Engine
) -> Identity | Rejection:
    result: Identity | Finding
    if channel == UPLOAD_CHANNEL:
        number = number_of(note)
        result = identified(note, district_code, _reported(number, loader), taken.taken_at.date(), locks_in(loader))
    else:
        result = finding("F01", "withdrawal_prechecked")
    if isinstance(result, Identity):
        return result
    words = f"撤回没有受理：{result.message}"
    return Rejection(reason=words, rules_hash=rules_hash(register), findings=(result,))


def _reported(receipt_id: int | None, loader: Engine) -> Reported | None:
    if receipt_id is None:
        return None
    with loader.begin() as connection:
        return reported(connection, receipt_id)
