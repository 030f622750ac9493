"""Decide a checked submission: facts, quarantine, findings, counts and the decision itself, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Row, text

from district_reports import __version__
from district_reports.checks import catalogue
from district_reports.errors import SystemFault
from district_reports.faults import reached
from district_reports.forms import forms
from district_reports.intake.claims import Claim, held
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, SheetCount
from district_reports.model.form import Form, Privacy
from district_reports.warehouse.copying import copy_arrow
from district_reports.warehouse.migrate import check_key
from district_reports.warehouse.records import counts_of, store_counts, store_findings, store_quarantined
from district_reports.warehouse.tables import SheetTables, tables_of, token_column, token_kind
from district_reports.warehouse.tokens import TokenKey, token_key

if TYPE_CHECKING:
    import pyarrow as pa

UPLOAD_LANE = "上报"
DECISIONS_LOCK = 7_210_200_002
"""Held in common by every decision, and alone by a release while it takes its moment (see ``publish``)."""


@dataclass(frozen=True)
class Decision:
    """What became of a submission.

    ``duplicate_of`` and ``replaces`` are submission ids; ``replaces`` names the versions that this one ended.
    ``already`` is True where an earlier attempt had decided.
    """

    submission_id: int
    outcome: Outcome
    reason: str
    counts: tuple[SheetCount, ...]
    decided_at: datetime
    duplicate_of: int | None = None
    replaces: tuple[int, ...] = ()
    already: bool = False


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
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": DECISIONS_LOCK})
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
            {"key": f"{claim.form}|{claim.district_code}|{claim.period}"},
        )
        submission = held(connection, claim)
        if submission.state in ("decided", "answered"):
            return _stored(connection, submission)
        _same_workbook(submission, checked)
        reached("decide: held")
        decided_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        original = _duplicated(connection, submission, checked.rules_hash)
        if original is not None:
            twin = _f17(original)
            decision = _duplicate(submission, checked, original, decided_at, twin.message)
            findings: tuple[Finding, ...] = (twin,)
        else:
            decision = _judged(submission, checked, decided_at)
            findings = checked.findings
        key_version = None
        if decision.outcome in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS) and submission.lane == UPLOAD_LANE:
            key_version, replaces = _load(connection, submission, checked, decision)
            decision = replace(decision, replaces=replaces)
        _store(connection, decision, checked, key_version)
        reached("decide: stored")
        if original is None and submission.lane == UPLOAD_LANE:
            store_quarantined(connection, submission.submission_id, checked.quarantined)
        store_counts(connection, submission.submission_id, decision.counts)
        # Last, and a COPY: PostgreSQL 18 does not time a transaction that stands still after executemany's pipeline.
        store_findings(connection, submission.submission_id, findings)
        reached("decide: before commit")
        return decision


def _stored(connection: Connection, submission: Row[Any]) -> Decision:
    replaced = connection.scalars(
        text("SELECT submission_id FROM ledger.submission WHERE replaced_by = :id ORDER BY submission_id"),
        {"id": submission.submission_id},
    )
    return Decision(
        submission.submission_id,
        Outcome(submission.outcome),
        submission.reason,
        counts_of(connection, submission.submission_id),
        submission.decided_at,
        submission.duplicate_of,
        tuple(replaced),
        already=True,
    )


def _same_workbook(submission: Row[Any], checked: CheckedWorkbook) -> None:
    ours = (submission.form, submission.district_code, submission.period)
    theirs = (checked.form, checked.district, checked.period)
    if ours != theirs:
        raise SystemFault(f"submission {submission.submission_id} is {ours}, the checked workbook {theirs}")


def _duplicated(connection: Connection, submission: Row[Any], rules_hash: str) -> Row[Any] | None:
    """The latest decided submission of the key, if it had the same bytes under the same rules."""
    if submission.lane != UPLOAD_LANE:
        return None
    latest = connection.execute(
        text(
            "SELECT submission_id, receipt_id, sha256, rules_hash, received_at, outcome, duplicate_of"
            " FROM ledger.submission"
            " WHERE form = :form AND district_code = :district_code AND period = :period AND lane = :lane"
            " AND outcome IS NOT NULL ORDER BY receipt_id DESC LIMIT 1"
        ),
        dict(submission._mapping),
    ).one_or_none()
    if latest is None or (latest.sha256, latest.rules_hash) != (submission.sha256, rules_hash):
        return None
    return latest


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


def _f17(original: Row[Any]) -> Finding:
    return catalogue.finding(
        "F17",
        received_at=f"{original.received_at:%Y-%m-%d %H:%M}",
        receipt=original.receipt_id,
        outcome=Outcome(original.outcome).label,
    )


def _judged(submission: Row[Any], checked: CheckedWorkbook, decided_at: datetime) -> Decision:
    counts = checked.counts
    if submission.lane != UPLOAD_LANE:
        counts = tuple(_all_ignored(count) for count in counts)
    elif checked.verdict is Outcome.REJECTED:
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
    check_key(key, _fingerprints(connection))
    newer, replaces = _neighbours(connection, submission)
    _end(connection, form, submission, replaces, decision.decided_at)
    reached("decide: earlier ended")
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
        reached("decide: sheet copied")
    if newer is not None:
        connection.execute(
            text("UPDATE ledger.submission SET replaced_by = :newer WHERE submission_id = :id"),
            {"newer": newer, "id": submission.submission_id},
        )
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


def _fingerprints(connection: Connection) -> dict[int, str]:
    rows = connection.execute(text("SELECT version, fingerprint FROM ledger.token_key"))
    return {row.version: row.fingerprint for row in rows}


def _neighbours(connection: Connection, submission: Row[Any]) -> tuple[int | None, tuple[int, ...]]:
    """The version in force received after this one, if any; else those received before it that still stand."""
    standing = connection.execute(
        text(
            "SELECT submission_id, receipt_id > :receipt_id AS newer FROM ledger.submission"
            " WHERE form = :form AND district_code = :district_code AND period = :period AND lane = :lane"
            " AND outcome IN ('accepted', 'accepted_with_errors') AND replaced_by IS NULL ORDER BY receipt_id"
        ),
        dict(submission._mapping),
    ).all()
    newer = [row.submission_id for row in standing if row.newer]
    if newer:
        return newer[-1], ()
    return None, tuple(row.submission_id for row in standing)


def _end(connection: Connection, form: Form, submission: Row[Any], replaces: tuple[int, ...], moment: datetime) -> None:
    if not replaces:
        return
    values = {"id": submission.submission_id, "moment": moment, "replaces": list(replaces)}
    for sheet in form.sheets:
        connection.execute(
            text(
                f'UPDATE facts."{sheet.table}" SET ended_by = :id, known_until = :moment'
                " WHERE submission_id = ANY(:replaces) AND known_until IS NULL"
            ),
            values,
        )
    connection.execute(
        text("UPDATE ledger.submission SET replaced_by = :id WHERE submission_id = ANY(:replaces)"), values
    )


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


def _store(connection: Connection, decision: Decision, checked: CheckedWorkbook, key_version: int | None) -> None:
    connection.execute(
        text(
            "UPDATE ledger.submission SET state = 'decided', outcome = :outcome, reason = :reason,"
            " rules_hash = :rules_hash, library_version = :version, token_key_version = :key_version,"
            " duplicate_of = :duplicate_of, nil_return = :nil_return, decided_at = :decided_at"
            " WHERE submission_id = :id"
        ),
        {
            "id": decision.submission_id,
            "outcome": decision.outcome.value,
            "reason": decision.reason,
            "rules_hash": checked.rules_hash,
            "version": __version__,
            "key_version": key_version,
            "duplicate_of": decision.duplicate_of,
            "nil_return": checked.nil_return,
            "decided_at": decision.decided_at,
        },
    )
