"""The versions of one (form, district, period): whose turn it is, which stand, and how one takes another's place.

What stands follows from the order of receipts alone, never from the order in which decisions happened to be made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports import __version__
from district_reports.database.moments import known_in_turn
from district_reports.ledger.leases import Claim, held
from district_reports.ledger.records import counts_of
from district_reports.model.finding import Outcome, SheetCount
from district_reports.model.form import Form


@dataclass(frozen=True)
class Decision:
    """What became of a submission.

    ``duplicate_of`` and ``replaces`` are submission ids; ``replaces`` names the versions that this one ended, and
    ``restores`` the version whose rows a withdrawal carries. ``already`` is True where an earlier attempt had decided.
    """

    submission_id: int
    outcome: Outcome
    reason: str
    counts: tuple[SheetCount, ...]
    decided_at: datetime
    duplicate_of: int | None = None
    replaces: tuple[int, ...] = ()
    restores: int | None = None
    already: bool = False


@dataclass(frozen=True)
class Version:
    """An accepted submission of a key: a workbook, or the withdrawal of one whose content is ``withdrawn_sha256``."""

    submission_id: int
    receipt_id: int
    sha256: str
    withdrawn_sha256: str | None


def take_turn(connection: Connection, claim: Claim) -> Row[Any]:
    """Wait for whoever decides on the key, and hold it until the end of the transaction; the claimed submission.

    Raises:
        LeaseLost: another has claimed it since.
    """
    known_in_turn(connection)
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"{claim.form}|{claim.district_code}|{claim.period}"},
    )
    return held(connection, claim)


def moment_of_decision(connection: Connection, submission: Row[Any]) -> datetime:
    """Now by the database's clock, and never before a decision of the key: a clock that was set back stops nothing."""
    moment: datetime = connection.execute(
        text(
            "SELECT greatest(clock_timestamp(), max(decided_at)) FROM ledger.submission"
            " WHERE form = :form AND district_code = :district_code AND period = :period"
        ),
        dict(submission._mapping),
    ).scalar_one()
    return moment


def already_decided(connection: Connection, submission: Row[Any]) -> Decision:
    """The decision that an earlier attempt made."""
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
        submission.restores,
        already=True,
    )


def accepted_before(connection: Connection, submission: Mapping[str, Any]) -> list[Version]:
    """The accepted versions of the key that were received before this submission, oldest first.

    Of the submission its form, district_code, period, channel and receipt_id are asked.
    """
    rows = connection.execute(
        text(
            "SELECT s.submission_id, s.receipt_id, s.sha256, withdrawn.sha256 AS withdrawn_sha256"
            " FROM ledger.submission s LEFT JOIN ledger.submission withdrawn ON withdrawn.submission_id = s.withdraws"
            " WHERE s.form = :form AND s.district_code = :district_code AND s.period = :period AND s.channel = :channel"
            " AND s.outcome IN ('accepted', 'accepted_with_errors') AND s.receipt_id < :receipt_id"
            " ORDER BY s.receipt_id"
        ),
        submission,
    )
    return [Version(*row) for row in rows]


def not_withdrawn(versions: Iterable[Version]) -> list[Version]:
    """The workbooks among `versions` (oldest first) that were not taken back; the last of them is in force.

    What a district takes back is a content: also where it was decided once more (a re-check), and where it was
    sent twice in a row.
    """
    stack: list[Version] = []
    for version in versions:
        if version.withdrawn_sha256 is None:
            stack.append(version)
        else:
            stack = without_top(stack, version.withdrawn_sha256)
    return stack


def without_top(stack: Sequence[Version], sha256: str) -> list[Version]:
    """`stack` without the versions with this content at its end."""
    rest = list(stack)
    while rest and rest[-1].sha256 == sha256:
        rest.pop()
    return rest


def neighbours(connection: Connection, submission: Row[Any]) -> tuple[int | None, tuple[int, ...]]:
    """The version in force received after this one, if any; else those received before it that still stand."""
    standing = connection.execute(
        text(
            "SELECT submission_id, receipt_id > :receipt_id AS newer FROM ledger.submission"
            " WHERE form = :form AND district_code = :district_code AND period = :period AND channel = :channel"
            " AND outcome IN ('accepted', 'accepted_with_errors') AND replaced_by IS NULL ORDER BY receipt_id"
        ),
        dict(submission._mapping),
    ).all()
    newer = [row.submission_id for row in standing if row.newer]
    if newer:
        return newer[-1], ()
    return None, tuple(row.submission_id for row in standing)


def end(connection: Connection, form: Form, submission: Row[Any], replaces: Sequence[int], moment: datetime) -> None:
    """Let the versions `replaces` end at `moment`, with this submission in their place."""
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
    mark_replaced(connection, replaces, submission.submission_id)


def mark_replaced(connection: Connection, versions: Sequence[int], by: int) -> None:
    """Note that the version `by` has taken the place of `versions`."""
    connection.execute(
        text("UPDATE ledger.submission SET replaced_by = :by WHERE submission_id = ANY(:versions)"),
        {"versions": list(versions), "by": by},
    )


def version_before(connection: Connection, submission: Row[Any]) -> Row[Any] | None:
    """What the report before this one stands for, decided; None where there is none, or it is still to be decided.

    A withdrawal stands for the version that it restores, if any; one that was refused changed nothing.
    """
    return connection.execute(
        text(
            """
            SELECT version.submission_id, version.receipt_id, version.sha256, version.rules_hash, version.received_at,
                version.outcome
            FROM (
                SELECT submission_id, outcome, withdraws, restores FROM ledger.report
                WHERE form = :form AND district_code = :district_code AND period = :period
                    AND receipt_id < :receipt_id
                ORDER BY receipt_id DESC LIMIT 1
            ) AS latest
            JOIN ledger.submission AS version ON version.submission_id
                = CASE WHEN latest.withdraws IS NULL THEN latest.submission_id ELSE latest.restores END
            WHERE latest.outcome IS NOT NULL
            """
        ),
        dict(submission._mapping),
    ).one_or_none()


def store_decision(
    connection: Connection, decision: Decision, rules_hash: str, key_version: int | None, nil_return: bool
) -> None:
    """Note the decision in the ledger; `key_version` is the token key's, where rows were loaded."""
    connection.execute(
        text(
            "UPDATE ledger.submission SET state = 'decided', outcome = :outcome, reason = :reason,"
            " rules_hash = :rules_hash, library_version = :version, token_key_version = :key_version,"
            " duplicate_of = :duplicate_of, restores = :restores, nil_return = :nil_return, decided_at = :decided_at"
            " WHERE submission_id = :id"
        ),
        {
            "id": decision.submission_id,
            "outcome": decision.outcome.value,
            "reason": decision.reason,
            "rules_hash": rules_hash,
            "version": __version__,
            "key_version": key_version,
            "duplicate_of": decision.duplicate_of,
            "restores": decision.restores,
            "nil_return": nil_return,
            "decided_at": decision.decided_at,
        },
    )
