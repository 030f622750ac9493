"""Withdrawals in the order of receipts: whose turn it is, leases, duplicates, re-checks."""

import dataclasses

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from district_reports.errors import LeaseLost, SystemFault
from district_reports.ledger.rechecks import record_recheck
from district_reports.model.finding import Outcome
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal
from standing import A, B, C, one, standing
from submitted import (
    RULES,
    case,
    checked,
    claimed,
    finish,
    note_withdrawal,
    receive,
    submit,
    withdraw,
)


def test_a_withdrawal_waits_for_everything_before_it(loader: Engine) -> None:
    first = receive(loader, "a")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET attempts = 3"))
    second = receive(loader, "b")
    withdrawal = note_withdrawal(loader, second)
    third = receive(loader, "c")
    order = []
    for book in (B, C, A, None):
        taken = claimed(loader)
        order.append(taken.submission_id)
        if book is None:
            decide_withdrawal(loader, taken, RULES)
        else:
            finish(loader, taken, book)
    assert order == [second, third, first, withdrawal]
    # It was never in force, and what it took back does not come back when the later one goes.
    assert one(loader, withdrawal)["replaced_by"] == third
    assert standing(loader) == (third, ["张小3"])
    with loader.begin() as connection:
        spans = "SELECT bool_and(known_from = known_until) FROM facts.dropout_case WHERE submission_id = :id"
        assert connection.scalar(text(spans), {"id": withdrawal})
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET lease_until = NULL"))
    finish_answers(loader)
    assert withdraw(loader, third).restores == first


def finish_answers(loader: Engine) -> None:
    with loader.begin() as connection:
        connection.execute(
            text(
                "UPDATE ledger.submission SET state = 'answered', answered_at = clock_timestamp(), lease_until = NULL"
                " WHERE state = 'decided'"
            )
        )


def test_nothing_is_decided_out_of_turn(loader: Engine) -> None:
    """Claims see to the order; the decision looks once more."""
    first = receive(loader, "a")
    note_withdrawal(loader, first)
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET lease_token = 1, lease_until = NULL"))
    stolen = claimed(loader)
    with loader.begin() as connection:
        connection.execute(
            text("UPDATE ledger.submission SET lease_token = :token WHERE withdraws IS NOT NULL"),
            {"token": stolen.lease_token},
        )
        withdrawal = connection.scalar(text("SELECT submission_id FROM ledger.submission WHERE withdraws IS NOT NULL"))
    with pytest.raises(SystemFault, match="must wait for receipt 1"):
        decide_withdrawal(loader, dataclasses.replace(stolen, submission_id=withdrawal), RULES)


def test_a_worker_that_lost_its_lease_takes_nothing_back(loader: Engine) -> None:
    a = submit(loader, "a", A)
    note_withdrawal(loader, a.submission_id)
    slow = claimed(loader, holder="slow", seconds=0)
    quick = claimed(loader, holder="quick")
    with pytest.raises(LeaseLost, match="quick"):
        decide_withdrawal(loader, slow, RULES)
    assert standing(loader)[1] == ["张小1"]
    assert decide_withdrawal(loader, quick, RULES).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(("by", "because"), [("office", None), (None, "why"), (" ", "why"), ("office", "")])
def test_the_office_says_who_and_why(loader: Engine, by: str | None, because: str | None) -> None:
    submission_id = receive(loader, "a")
    withdrawal = note_withdrawal(loader, submission_id)
    with loader.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(
            text(
                "UPDATE ledger.submission SET withdrawn_by = :by, withdrawn_because = :because"
                " WHERE submission_id = :id"
            ),
            {"by": by, "because": because, "id": withdrawal},
        )


def test_a_duplicate_of_what_may_yet_be_replaced_is_none(loader: Engine) -> None:
    """A, then B that no worker survives, then A again: B comes late, and A must stand."""
    submit(loader, "a", A)
    stuck = receive(loader, "b")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET attempts = 3 WHERE submission_id = :id"), {"id": stuck})
    third = submit(loader, "a", A)
    assert third.outcome is Outcome.ACCEPTED
    late = decide(loader, claimed(loader), B)
    assert (late.submission_id, late.outcome) == (stuck, Outcome.ACCEPTED)
    assert standing(loader) == (third.submission_id, ["张小1"])


def test_an_older_file_is_no_duplicate_of_a_later_one(loader: Engine) -> None:
    stuck = receive(loader, "a")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET attempts = 3"))
    submit(loader, "b", B)
    last = submit(loader, "a", A)
    late = decide(loader, claimed(loader), A)
    assert (late.submission_id, late.outcome, late.duplicate_of) == (stuck, Outcome.ACCEPTED, None)
    assert standing(loader)[0] == last.submission_id


def test_a_key_of_another_period_is_left_alone(loader: Engine) -> None:
    other = submit(loader, "a", checked([case(1)], period="2020-04"))
    mine = submit(loader, "a", A)
    withdraw(loader, mine.submission_id)
    with loader.begin() as connection:
        left = connection.execute(text("SELECT period, submission_id FROM ledger.in_force")).all()
    assert left == [("2020-04", other.submission_id)]


def test_an_old_notice_does_not_take_back_what_was_sent_anew(loader: Engine) -> None:
    first = submit(loader, "a", A)
    withdraw(loader, first.submission_id)
    anew = submit(loader, "a", A)
    stale = withdraw(loader, first.submission_id)
    assert (stale.outcome, "已经撤回过" in stale.reason) == (Outcome.REJECTED, True)
    assert standing(loader)[0] == anew.submission_id
    assert withdraw(loader, anew.submission_id).outcome is Outcome.ACCEPTED


def test_what_a_recheck_let_in_is_taken_back_by_the_receipt_of_the_refused_file(loader: Engine) -> None:
    refused = submit(loader, "a", checked([case(1)], verdict=Outcome.REJECTED))
    with loader.begin() as connection:
        record_recheck(connection, refused.submission_id)
    finish(loader, claimed(loader), checked([case(1)], rules_hash="new"))
    assert standing(loader)[1] == ["张小1"]
    assert withdraw(loader, refused.submission_id).outcome is Outcome.ACCEPTED
    assert standing(loader) == (None, [])


def test_a_recheck_of_what_a_withdrawal_restored_takes_that_content(loader: Engine) -> None:
    a, b = submit(loader, "a", A), submit(loader, "b", B)
    taken = withdraw(loader, b.submission_id)
    withdraw(loader, b.submission_id)  # refused: it stands in nobody's way
    with loader.begin() as connection:
        again = record_recheck(connection, taken.submission_id)
    made, original = one(loader, again), one(loader, a.submission_id)
    assert made["recheck_of"] == a.submission_id
    assert [made[name] for name in ("sha256", "received_at")] == [original[name] for name in ("sha256", "received_at")]
