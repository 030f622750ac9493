"""Decide a checked submission: facts, quarantine, findings, counts and the decision itself, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row

from district_reports import clock
from district_reports.checks import catalogue
from district_reports.checks.verdict import foreseen_reason
from district_reports.database.copying import copy_arrow
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.forms import forms
from district_reports.ledger import token_keys
from district_reports.ledger.explanations import store_explanations
from district_reports.ledger.leases import Claim
from district_reports.ledger.records import store_counts, store_findings, store_quarantined
from district_reports.ledger.submissions import first_of_content
from district_reports.ledger.submissions import submission as submission_by_id
from district_reports.ledger.versions import (
    Decision,
    already_decided,
    end,
    mark_replaced,
    moment_of_decision,
    neighbours,
    store_decision,
    take_turn,
    version_before,
)
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, SheetCount, outcome_label
from district_reports.model.form import Form, Privacy
from district_reports.warehouse.migrate import check_key
from district_reports.warehouse.tables import SheetTables, tables_of, token_column, token_kind
from district_reports.warehouse.tokens import TokenKey, token_key

if TYPE_CHECKING:
    import pyarrow as pa


def decide(engine: Engine, claim: Claim, checked: CheckedWorkbook) -> Decision:
    """Decide the claimed submission as `checked` says, once: a second call returns the stored decision.

    The same bytes as the latest decided submission of the key under the same rules are a duplicate, which changes
    nothing. An accepted version ends the one in force and takes its place, unless a later receipt is in force already.
    A file dropped in 预检 gets its verdict and findings and loads nothing.

    Raises:
        LeaseLost: another has claimed the submission since; nothing was written.
        SystemFault: `checked` is of another workbook, or its rows and counts contradict each other.
        DatabaseFault: the database refused; nothing was written.
    """
    with engine.begin() as connection:
        submission = take_turn(connection, claim)
        if submission.state in ("decided", "answered"):
            return already_decided(connection, submission)
        _same_workbook(submission, checked)
        failpoint("decide: held")
        decided_at = moment_of_decision(connection, submission)
        original = _duplicated(connection, submission, checked.rules_hash)
        if original is not None:
            twin = _f17(connection, original)
            decision = _duplicate(submission, checked, original, decided_at, twin.message)
            findings: tuple[Finding, ...] = (twin,)
        else:
            decision = _judged(submission, checked, decided_at)
            findings = checked.findings
        key_version = None
        if (
            decision.outcome in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS)
            and submission.channel == UPLOAD_CHANNEL
        ):
            key_version, replaces = _load(connection, submission, checked, decision)
            decision = replace(decision, replaces=replaces)
        store_decision(connection, decision, checked.rules_hash, key_version, checked.nil_return)
        failpoint("decide: stored")
        if original is None and submission.channel == UPLOAD_CHANNEL:
            store_quarantined(connection, submission.submission_id, checked.quarantined)
            store_explanations(connection, submission.submission_id, checked.explanations)
        store_counts(connection, submission.submission_id, decision.counts)
        # Last, and a COPY: PostgreSQL 18 does not time a transaction that stands still after executemany's pipeline.
        store_findings(connection, submission.submission_id, findings)
        failpoint("decide: before commit")
        return decision


def _same_workbook(submission: Row[Any], checked: CheckedWorkbook) -> None:
    ours = (submission.form, submission.district_code, submission.period)
    theirs = (checked.form, checked.district, checked.period)
    if ours != theirs:
        raise SystemFault(f"submission {submission.submission_id} is {ours}, the checked workbook {theirs}")


def _duplicated(connection: Connection, submission: Row[Any], rules_hash: str) -> Row[Any] | None:
    """The submission before this one, if it had the same bytes under the same rules.

    One that is still to be decided is none: who knows whether it will change something. A withdrawal stands for the
    version that it restores, if any; one that was refused changed nothing.
    """
    if submission.channel != UPLOAD_CHANNEL or submission.recheck_of is not None:
        # What is decided again is the same bytes by intent, and what it is compared with may be another.
        return None
    before = version_before(connection, submission)
    if before is None or (before.sha256, before.rules_hash) != (submission.sha256, rules_hash):
        return None
    return before


def _duplicate(
    submission: Row[Any], checked: CheckedWorkbook, original: Row[Any], decided_at: datetime, reason: str
) -> Decision:
    return Decision(
        submission.submission_id,
        Outcome.DUPLICATE,
        reason,
        tuple(_all_ignored(count) for count in checked.counts),
        decided_at,
        duplicate_of=original.submission_id,
    )


def _f17(connection: Connection, original: Row[Any]) -> Finding:
    """What `original` is, or what it was itself a duplicate of, is named: its list says what is wrong."""
    judged = first_of_content(connection, submission_by_id(connection, original.submission_id))
    outcome = Outcome(judged.outcome)
    return catalogue.finding(
        "F17",
        "default" if outcome is Outcome.ACCEPTED else "errors",
        received_at=f"{judged.received_at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}",
        receipt=judged.receipt_id,
        outcome=outcome_label(outcome, judged.nil_return),
    )


def _judged(submission: Row[Any], checked: CheckedWorkbook, decided_at: datetime) -> Decision:
    counts = checked.counts
    if submission.channel != UPLOAD_CHANNEL:
        words = foreseen_reason(checked.verdict, checked.findings, counts)
        counts = tuple(_all_ignored(count) for count in counts)
        return Decision(submission.submission_id, checked.verdict, words, counts, decided_at)
    if checked.verdict is Outcome.REJECTED:
        counts = tuple(replace(count, loaded=0, ignored=count.ignored + count.loaded) for count in counts)
    return Decision(submission.submission_id, checked.verdict, checked.reason, counts, decided_at)


def _all_ignored(count: SheetCount) -> SheetCount:
    return replace(count, loaded=0, quarantined=0, ignored=count.rows_read)


def _load(
    connection: Connection, submission: Row[Any], checked: CheckedWorkbook, decision: Decision
) -> tuple[int, tuple[int, ...]]:
    """Put the rows into facts and identities; the token key's version, and the submissions that they end."""
    form = forms()[submission.form]
    _counted(form, checked)
    key = token_key()
    check_key(key, token_keys.fingerprints(connection))
    newer, replaces = neighbours(connection, submission)
    end(connection, form, submission, replaces, decision.decided_at)
    failpoint("decide: earlier ended")
    columns: dict[str, object] = {
        "submission_id": submission.submission_id,
        "period": submission.period,
        "district_code": submission.district_code,
    }
    for tables in tables_of([form]).values():
        rows = checked.rows.get(tables.sheet.table)
        if rows is None or rows.num_rows == 0:
            continue
        # A version that comes to its decision after a later one is kept, and was never in force.
        ended = {"known_until": decision.decided_at, "ended_by": newer} if newer is not None else {}
        _copy(connection, tables, rows, key, {**columns, "known_from": decision.decided_at, **ended})
        failpoint("decide: sheet copied")
    if newer is not None:
        mark_replaced(connection, [submission.submission_id], newer)
    return key.version, replaces


def _counted(form: Form, checked: CheckedWorkbook) -> None:
    """The database can't compare the counts with the rows themselves, so we do."""
    counts = {count.table: count for count in checked.counts}
    for sheet in form.sheets:
        rows = checked.rows.get(sheet.table)
        actual = (0 if rows is None else rows.num_rows, len(checked.quarantined.get(sheet.table, ())))
        count = counts.get(sheet.table)
        said = (count.loaded, count.quarantined) if count else (0, 0)
        if actual != said:
            raise SystemFault(f"{sheet.table}: (loaded, quarantined) is said to be {said}, the rows are {actual}")


def _copy(
    connection: Connection, tables: SheetTables, rows: "pa.Table", key: TokenKey, same: Mapping[str, object]
) -> None:
    """COPY one sheet's rows: tokens in place of identifiers in the facts, identifiers and names beside them."""
    import pyarrow as pa

    def repeated(name: str) -> Any:
        return pa.repeat(pa.scalar(same[name]), rows.num_rows)

    tokens = {
        token_column(column.name): pa.array(
            key.tokens(token_kind(column), rows.column(column.name).to_pylist()), pa.string()
        )
        for column in tables.sheet.columns
        if column.privacy is Privacy.IDENTIFIER
    }
    for table in (tables.facts, tables.identities):
        if table is not None:
            values: dict[str, Any] = {}
            for column in table.columns:
                if column.name in same:
                    values[column.name] = repeated(column.name)
                elif column.name in tokens:
                    values[column.name] = tokens[column.name]
                elif column.name in rows.column_names:
                    values[column.name] = rows.column(column.name)
            copy_arrow(connection, str(table.schema), table.name, pa.table(values))
