"""Receipts, signals and leases: one receipt a drop, one worker a key, oldest first."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from district_reports.errors import LeaseLost, SystemFault
from district_reports.ledger.leases import (
    forms_to_signal,
    keys_to_signal,
    make_all_due,
    mark_answered,
    mark_checked,
    more_waiting,
    release,
    renew,
    resume,
)
from district_reports.ledger.receipts import (
    Rejection,
    answered_at_once,
    decide_at_once,
    record_receipt,
    settle_receipt,
    unsettled,
)
from district_reports.ledger.submissions import submission
from district_reports.warehouse.load import decide
from submitted import FORM, MAY, RULES, XIGANG, ZHONGSHAN, a_drop, a_finding, checked, claimed, finish, receive

KEY = f"{ZHONGSHAN}|{MAY}"


def test_a_drop_that_is_received_again_after_a_crash_keeps_its_receipt(loader: Engine) -> None:
    with loader.begin() as connection:
        first = record_receipt(connection, a_drop("a"), None)
    with loader.begin() as connection:
        assert record_receipt(connection, a_drop("a"), None) == first
        assert [receipt.drop for receipt in unsettled(connection)] == [a_drop("a")]


def test_a_file_replaced_before_it_was_moved_is_another_drop(loader: Engine) -> None:
    with loader.begin() as connection:
        first, _ = record_receipt(connection, a_drop("a", file_name="台账.xlsx"), None)
        second, _ = record_receipt(connection, a_drop("b", file_name="台账.xlsx"), None)
        assert [receipt.receipt_id for receipt in unsettled(connection)] == [second]
        assert first < second


def test_the_same_bytes_dropped_again_later_have_their_own_receipt(loader: Engine) -> None:
    with loader.begin() as connection:
        first, _ = record_receipt(connection, a_drop("a"), None)
        settle_receipt(connection, first)
        second, _ = record_receipt(connection, a_drop("a"), None)
    assert first != second


def test_one_name_in_both_lanes_is_two_drops(loader: Engine) -> None:
    with loader.begin() as connection:
        record_receipt(connection, a_drop("a"), None)
        record_receipt(connection, a_drop("a", channel="预检"), None)
        assert len(unsettled(connection)) == 2


def test_a_file_without_identity_is_rejected_at_once_and_answered(loader: Engine) -> None:
    with loader.begin() as connection:
        _, submission_id = record_receipt(connection, a_drop("a"), None)
        for _ in range(2):
            decide_at_once(
                connection, submission_id, Rejection(reason="不是 xlsx。", findings=[a_finding()], rules_hash=RULES)
            )
        assert submission(connection, submission_id).state == "decided"
        assert keys_to_signal(connection, FORM) == []
        answered_at_once(connection, submission_id, "反馈/a.xlsx")
        assert submission(connection, submission_id).state == "answered"


def test_a_file_with_an_identity_is_not_decided_at_once(loader: Engine) -> None:
    submission_id = receive(loader, "a")
    with loader.begin() as connection, pytest.raises(SystemFault, match="in its turn"):
        decide_at_once(connection, submission_id, Rejection(reason="不", findings=[], rules_hash=RULES))


def test_a_decision_needs_a_reason(loader: Engine) -> None:
    submission_id = receive(loader, "a")
    with loader.connect() as connection, pytest.raises(IntegrityError, match="decision_explained"):
        connection.execute(
            text(
                "UPDATE ledger.submission SET state = 'decided', outcome = 'rejected', reason = ' ', rules_hash = 'r',"
                " library_version = '1', decided_at = now() WHERE submission_id = :id"
            ),
            {"id": submission_id},
        )


def test_a_signal_comes_at_once_then_after_ten_minutes_then_after_twenty(loader: Engine) -> None:
    receive(loader, "a")
    signalled = []
    with loader.begin() as connection:
        start = connection.execute(text("SELECT now()")).scalar_one()
        for minute in range(0, 75, 5):
            if keys_to_signal(connection, FORM, start + timedelta(minutes=minute)) == [KEY]:
                signalled.append(minute)
    assert signalled == [0, 10, 30, 70]


def test_no_district_has_more_than_six_keys_under_way_and_no_other_waits_for_them(loader: Engine) -> None:
    months = [f"2020-{month:02}" for month in range(1, 10)]
    for month in months:
        receive(loader, month, period=month)
    receive(loader, "x", district=XIGANG, period=MAY)
    keys = [f"{ZHONGSHAN}|{month}" for month in months]
    with loader.begin() as connection:
        now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        assert keys_to_signal(connection, FORM) == [*keys[:6], f"{XIGANG}|{MAY}"]
        assert keys_to_signal(connection, FORM) == []
        assert forms_to_signal(connection) == [FORM]
    finish(loader, claimed(loader, period=MAY), checked())
    with loader.begin() as connection:
        assert keys_to_signal(connection, FORM) == [keys[6]]
        # Signals that came to nothing don't count for ever.
        assert keys_to_signal(connection, FORM, now + timedelta(minutes=2)) == keys[7:]


def test_the_wait_for_a_signal_is_capped(loader: Engine) -> None:
    receive(loader, "a")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET signal_count = 40"))
        keys_to_signal(connection, FORM)
        wait = connection.execute(text("SELECT next_signal_at - signalled_at FROM ledger.submission")).scalar_one()
    assert wait == timedelta(hours=4)


def test_a_key_that_is_worked_on_is_not_signalled_and_the_next_one_is_due_at_once_after(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader)
    receive(loader, "b")
    with loader.begin() as connection:
        assert keys_to_signal(connection, FORM) == []
    finish(loader, taken, checked())
    with loader.begin() as connection:
        assert more_waiting(connection, FORM, ZHONGSHAN, MAY)
        assert keys_to_signal(connection, FORM) == [KEY]
    finish(loader, claimed(loader), checked())
    with loader.begin() as connection:
        assert not more_waiting(connection, FORM, ZHONGSHAN, MAY)


def test_a_decided_submission_without_an_answer_is_signalled_and_claimed_again(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader)
    decide(loader, taken, checked())
    with loader.begin() as connection:
        release(connection, taken)
        assert keys_to_signal(connection, FORM) == [KEY]
    again = claimed(loader)
    assert (again.submission_id, again.state) == (taken.submission_id, "decided")


def test_an_answer_that_fails_does_not_hold_up_the_next_load(loader: Engine) -> None:
    first = receive(loader, "a")
    taken = claimed(loader)
    decide(loader, taken, checked())
    with loader.begin() as connection:
        release(connection, taken)
    second = receive(loader, "b")
    assert claimed(loader, seconds=0).submission_id == second > first


def test_the_oldest_is_claimed_first_and_alone(loader: Engine) -> None:
    oldest = receive(loader, "a")
    receive(loader, "b")
    assert claimed(loader).submission_id == oldest
    assert claimed(loader) is None


def test_whoever_is_at_the_answer_is_at_the_key(loader: Engine) -> None:
    """A new file would be decided before the one whose answer is being written is told."""
    receive(loader, "a")
    answering = claimed(loader)
    decide(loader, answering, checked())
    second = receive(loader, "b")
    assert claimed(loader) is None
    with loader.begin() as connection:
        release(connection, answering)
    assert claimed(loader).submission_id == second


def test_keys_do_not_wait_for_each_other(loader: Engine) -> None:
    receive(loader, "a")
    receive(loader, "b", district=XIGANG)
    assert claimed(loader) is not None
    assert claimed(loader, district=XIGANG) is not None


def test_of_many_workers_at_once_one_gets_the_key(loader: Engine) -> None:
    receive(loader, "a")
    receive(loader, "b")
    start = threading.Barrier(4)
    won = []

    def work(number: int) -> None:
        start.wait()
        taken = claimed(loader, holder=f"worker {number}")
        if taken is not None:
            won.append(taken)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(won) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda connection, claim: renew(connection, claim, 60),
        release,
        lambda connection, claim: mark_checked(connection, claim, "checked/1"),
        lambda connection, claim: mark_answered(connection, claim, "反馈/a.xlsx"),
    ],
    ids=["renew", "release", "mark_checked", "mark_answered"],
)
def test_a_woken_worker_writes_nothing(loader: Engine, write) -> None:
    receive(loader, "a")
    slow = claimed(loader, seconds=0)
    claimed(loader)
    select = text("SELECT * FROM ledger.submission")
    with loader.begin() as connection:
        before = connection.execute(select).one()
    with loader.begin() as connection, pytest.raises(LeaseLost):
        write(connection, slow)
    with loader.begin() as connection:
        assert connection.execute(select).one() == before


def test_a_task_that_is_tried_again_takes_over_its_own_lease(loader: Engine) -> None:
    receive(loader, "a")
    killed = claimed(loader, holder="run 7")
    again = claimed(loader, holder="run 7")
    assert (again.submission_id, again.attempts) == (killed.submission_id, 2)
    assert again.lease_token > killed.lease_token


def test_a_later_step_resumes_the_claim_of_an_earlier_one(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader, seconds=0)
    with loader.begin() as connection:
        resumed = resume(connection, taken.submission_id, taken.lease_token, 60)
    assert resumed.lease_until > taken.lease_until
    claimed(loader, holder="run 8")  # finds the key held
    with loader.begin() as connection, pytest.raises(LeaseLost):
        resume(connection, taken.submission_id, taken.lease_token - 1, 60)


def test_a_sweep_makes_waiting_keys_due_at_once(loader: Engine) -> None:
    receive(loader, "a")
    with loader.begin() as connection:
        assert forms_to_signal(connection) == [FORM]
        assert keys_to_signal(connection, FORM) == [KEY]
        assert forms_to_signal(connection) == []
        assert make_all_due(connection) == 1
        assert keys_to_signal(connection, FORM) == [KEY]


def test_a_renewed_lease_keeps_others_out(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader, seconds=0)
    with loader.begin() as connection:
        renew(connection, taken, 60)
    assert claimed(loader) is None


def test_the_way_of_a_submission(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader)
    with loader.begin() as connection:
        with pytest.raises(SystemFault, match="only a decided one"):
            mark_answered(connection, taken, "反馈/a.xlsx")
        mark_checked(connection, taken, "checked/1")
    decide(loader, taken, checked())
    with loader.begin() as connection:
        mark_checked(connection, taken, "checked/2")  # a task that runs again changes nothing
        for _ in range(2):
            mark_answered(connection, taken, "反馈/a.xlsx")
        row = connection.execute(text("SELECT * FROM ledger.submission")).one()
    assert (row.state, row.outcome, row.checked_as, row.lease_until) == ("answered", "accepted", "checked/1", None)
    assert row.received_at < row.checked_at < row.decided_at < row.answered_at
