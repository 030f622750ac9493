"""Decide a withdrawal: the district takes back what it sent, and the version before it, if any, comes back into force.

A withdrawal that is accepted is a version like any other. Where an earlier one stands behind what was taken back, it
carries that version whole (facts, identities, quarantine, findings, counts) under its own number, known from now on;
the earlier one stays as it was. Otherwise it carries nothing, and nothing of the key is in force.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, inspect, text

from district_reports import clock
from district_reports.checks import catalogue
from district_reports.errors import SystemFault
from district_reports.failpoints import failpoint
from district_reports.forms import forms
from district_reports.ledger.leases import Claim
from district_reports.ledger.locks import taken_until
from district_reports.ledger.records import counts_of, store_findings
from district_reports.ledger.submissions import first_of_content, version, version_in_force
from district_reports.ledger.submissions import submission as submission_by_id
from district_reports.ledger.versions import (
    Decision,
    Version,
    accepted_before,
    already_decided,
    end,
    mark_replaced,
    moment_of_decision,
    neighbours,
    not_withdrawn,
    store_decision,
    take_turn,
    without_top,
)
from district_reports.ledger.withdrawals import is_among, require_all_before_decided
from district_reports.model.finding import Finding, Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.warehouse.tables import tables_of

_OWN_COLUMNS = ("submission_id", "known_from", "known_until", "ended_by")


def decide_withdrawal(engine: Engine, claim: Claim, rules_hash: str) -> Decision:
    """Decide the claimed withdrawal, once: a second call returns the stored decision.

    It is rejected where its content is not the one in force among what was received before it. `rules_hash` names the
    rules of today, for a decision that carries no earlier version.

    Raises:
        LeaseLost: another has claimed the submission since; nothing was written.
        SystemFault: it is no withdrawal, or something received before it is still to be decided.
        DatabaseFault: the database refused; nothing was written.
    """
    with engine.begin() as connection:
        submission = take_turn(connection, claim)
        if submission.state in ("decided", "answered"):
            return already_decided(connection, submission)
        if submission.withdraws is None:
            raise SystemFault(f"submission {submission.submission_id} is no withdrawal")
        failpoint("withdraw: held")
        require_all_before_decided(connection, submission)
        target = submission_by_id(connection, submission.withdraws)
        decided_at = moment_of_decision(connection, submission)
        stack = not_withdrawn(accepted_before(connection, dict(submission._mapping)))
        left = without_top(stack, target.sha256)
        if not is_among(connection, target, stack[len(left) :]):
            refused = _refusal(connection, submission, target, stack)
            words = f"撤回没有受理：{refused.message}"
            decision = Decision(submission.submission_id, Outcome.REJECTED, words, (), decided_at)
            store_decision(connection, decision, rules_hash, None, False)
            store_findings(connection, submission.submission_id, (refused,))
            return decision
        restored = submission_by_id(connection, left[-1].submission_id) if left else None
        form = forms()[submission.form]
        newer, replaces = neighbours(connection, submission)
        end(connection, form, submission, replaces, decided_at)
        failpoint("withdraw: earlier ended")
        decision = Decision(
            submission.submission_id,
            Outcome(restored.outcome) if restored else Outcome.ACCEPTED,
            _words(connection, form, submission, target, restored, newer),
            counts_of(connection, restored.submission_id) if restored else (),
            decided_at,
            replaces=replaces,
            restores=restored.submission_id if restored else None,
        )
        if restored is None:
            store_decision(connection, decision, rules_hash, None, False)
        else:
            store_decision(connection, decision, restored.rules_hash, restored.token_key_version, restored.nil_return)
            _carry(connection, form, decision, newer)
        if newer is not None:
            # A later version was decided first: this one is kept, and was never in force.
            mark_replaced(connection, [submission.submission_id], newer)
        failpoint("withdraw: before commit")
        return decision


def _refusal(connection: Connection, submission: Row[Any], target: Row[Any], stack: Sequence[Version]) -> Finding:
    if is_among(connection, target, stack):
        standing = version(connection, stack[-1].submission_id)
        return catalogue.finding("F01", "withdrawal_replaced", receipt=target.receipt_id, standing=standing.receipt_no)
    variant = "withdrawal_again" if _was_accepted(connection, target) else "withdrawal_of_nothing"
    return catalogue.finding("F01", variant, receipt=target.receipt_id)


def _was_accepted(connection: Connection, target: Row[Any]) -> bool:
    return first_of_content(connection, target).outcome in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS)


def _words(
    connection: Connection,
    form: Form,
    submission: Row[Any],
    target: Row[Any],
    restored: Row[Any] | None,
    newer: int | None,
) -> str:
    """What was taken back, by whom, and what stands now."""
    by_office = submission.withdrawn_by is not None
    what = f"{_moment(target.received_at)} 收到的报表（回执 {target.receipt_id}）"
    taken = f"市教育局撤回了 {what}，原因：{submission.withdrawn_because}。" if by_office else f"已撤回 {what}。"
    later = version_in_force(connection, form.key, submission.district_code, submission.period) if newer else None
    if later is not None:
        return f"{taken}现在生效的是后来的一份（{later.label}）。"
    if restored is None or newer is not None:
        return f"{taken}现在这一期没有生效的数据，{_send_again(connection, form, submission)}。"
    return f"{taken}现在生效的是以前的一份（{version(connection, restored.submission_id).label}）。"


def _send_again(connection: Connection, form: Form, submission: Row[Any]) -> str:
    period, today = Period.parse(submission.period), clock.today()
    due_on = form.due_on(period)
    if today <= due_on:
        return f"请在 {due_on} 前重新上报"
    if today <= taken_until(connection, form, submission.district_code, period):
        return f"截止日期 {due_on} 已过，请尽快重新上报"
    return "这一期已经锁定，要重新上报请向市教育局申请开放"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}"


def _carry(connection: Connection, form: Form, decision: Decision, newer: int | None) -> None:
    """Copy everything of the restored version under the withdrawal's number; of the facts, as known from now on."""
    values: dict[str, object] = {
        "submission_id": decision.submission_id,
        "known_from": decision.decided_at,
        "known_until": None if newer is None else decision.decided_at,
        "ended_by": newer,
        "restores": decision.restores,
    }
    relations = [("findings", "finding"), ("quarantine", "quarantined_row"), ("ledger", "sheet_count")]
    for tables in tables_of([form]).values():
        relations += [(str(each.schema), each.name) for each in (tables.facts, tables.identities) if each is not None]
    inspector = inspect(connection)
    for schema, table in relations:
        # As the database has them: a column that the form no longer has keeps its values.
        names = [column["name"] for column in inspector.get_columns(table, schema)]
        selected = ", ".join(_new_value(name) if name in _OWN_COLUMNS else f'"{name}"' for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            text(
                f'INSERT INTO {schema}."{table}" ({listed}) SELECT {selected} FROM {schema}."{table}"'
                " WHERE submission_id = :restores"
            ),
            values,
        )
        failpoint("withdraw: table carried")


def _new_value(name: str) -> str:
    kind = "bigint" if name in ("submission_id", "ended_by") else "timestamptz"
    return f"CAST(:{name} AS {kind})"
