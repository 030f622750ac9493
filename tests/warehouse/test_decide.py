"""Deciding a submission: once, whole, by the holder of the lease, and in the order of receipts."""

import dataclasses
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from district_reports.errors import LeaseLost, SystemFault
from district_reports.ledger.records import counts_of, findings_of
from district_reports.model.finding import Outcome, SheetCount
from district_reports.warehouse.load import decide
from submitted import MAY, ZHONGSHAN, a_finding, case, checked, claimed, finish, receive, submit


def in_force(loader: Engine) -> list[str]:
    """The names in the ledger as it stands for 中山区."""
    with loader.begin() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT student_name FROM facts.dropout_case JOIN identities.dropout_case"
                    " USING (submission_id, row_number) WHERE known_until IS NULL ORDER BY row_number"
                )
            )
        )


def count(loader: Engine, relation: str) -> int:
    with loader.begin() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {relation}")).scalar_one()


def test_an_accepted_workbook_is_loaded(loader: Engine) -> None:
    decision = submit(loader, "a", checked([case(1), case(2)]))
    assert decision.outcome is Outcome.ACCEPTED
    assert in_force(loader) == ["张小1", "张小2"]
    with loader.begin() as connection:
        row = connection.execute(text("SELECT * FROM facts.dropout_case WHERE row_number = 4")).mappings().one()
    assert row["resident_token"].startswith("v1:")
    assert row["student_token"] is None
    assert (row["district_code"], row["period"], row["reason"]) == (ZHONGSHAN, MAY, "厌学")
    assert (row["known_from"], row["known_until"]) == (decision.decided_at, None)


def test_deciding_again_returns_the_first_decision(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader)
    first = decide(loader, taken, checked([case(1)]))
    again = decide(loader, taken, checked([case(1), case(2)]))
    assert again == dataclasses.replace(first, already=True, counts=again.counts)
    assert set(again.counts) == set(first.counts)
    assert in_force(loader) == ["张小1"]


def test_a_later_version_replaces_the_earlier_one_and_both_are_kept(loader: Engine) -> None:
    first = submit(loader, "a", checked([case(1), case(2)]))
    second = submit(loader, "b", checked([case(3)]))
    assert in_force(loader) == ["张小3"]
    assert second.replaces == (first.submission_id,)
    with loader.begin() as connection:
        ended = connection.execute(
            text("SELECT DISTINCT submission_id, ended_by, known_until FROM facts.dropout_case WHERE ended_by > 0")
        ).all()
    assert ended == [(first.submission_id, second.submission_id, second.decided_at)]


def test_a_rejected_workbook_loads_nothing_and_leaves_the_former_version(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    bad = checked([case(2)], verdict=Outcome.REJECTED, quarantined=[(7, {"resident_id": "x"})], findings=(a_finding(),))
    decision = submit(loader, "b", bad)
    assert decision.outcome is Outcome.REJECTED
    assert in_force(loader) == ["张小1"]
    with loader.begin() as connection:
        assert findings_of(connection, decision.submission_id) == (a_finding(),)
        assert counts_of(connection, decision.submission_id)[0] == SheetCount(
            "dropout_case", "疑似辍学台账", 2, 0, 1, 1
        )


def test_rows_with_errors_go_to_quarantine_as_typed(loader: Engine) -> None:
    typed = {"resident_id": "2102\x00", "grade": float("nan"), "remark": None}
    decision = submit(loader, "a", checked([case(1)], verdict=Outcome.ACCEPTED_WITH_ERRORS, quarantined=[(7, typed)]))
    assert decision.outcome is Outcome.ACCEPTED_WITH_ERRORS
    with loader.begin() as connection:
        kept = connection.execute(text("SELECT row_number, cells FROM quarantine.quarantined_row")).one()
    assert tuple(kept) == (7, {"resident_id": "2102␀", "grade": "nan", "remark": None})


def test_the_same_bytes_again_are_a_duplicate(loader: Engine) -> None:
    first = submit(loader, "a", checked([case(1)]))
    second = submit(loader, "a", checked([case(1)]))
    third = submit(loader, "a", checked([case(1)]))
    assert [each.outcome for each in (second, third)] == [Outcome.DUPLICATE] * 2
    assert (second.duplicate_of, third.duplicate_of) == (first.submission_id, second.submission_id)
    assert count(loader, "facts.dropout_case") == 1
    assert [(each.loaded, each.ignored) for each in second.counts] == [(0, 1), (0, 1)]
    with loader.begin() as connection:
        assert [each.rule for each in findings_of(connection, second.submission_id)] == ["F17"]


def test_the_same_bytes_under_new_rules_are_judged_anew(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    decision = submit(loader, "a", checked([case(1)], rules_hash="rules-2"))
    assert decision.outcome is Outcome.ACCEPTED


def test_a_then_b_then_a_again_is_three_submissions_and_a_stands(loader: Engine) -> None:
    versions = {"a": checked([case(1)]), "b": checked([case(2)])}
    outcomes = [submit(loader, content, versions[content]).outcome for content in ("a", "b", "a")]
    assert outcomes == [Outcome.ACCEPTED] * 3
    assert in_force(loader) == ["张小1"]


def test_an_older_submission_decided_late_does_not_win(loader: Engine) -> None:
    receive(loader, "old")
    late = claimed(loader, seconds=0)
    receive(loader, "new")
    with loader.begin() as connection:  # the old one brought its workers down three times
        connection.execute(
            text("UPDATE ledger.submission SET attempts = 3 WHERE submission_id = :id"), {"id": late.submission_id}
        )
    newer = finish(loader, claimed(loader), checked([case(2)]))
    older = decide(loader, late, checked([case(1)]))
    assert (older.outcome, older.replaces) == (Outcome.ACCEPTED, ())
    assert in_force(loader) == ["张小2"]
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT submission_id FROM ledger.in_force")) == newer.submission_id
        never = "SELECT count(*) FROM facts.dropout_case WHERE known_from = known_until AND ended_by = :id"
        assert connection.scalar(text(never), {"id": newer.submission_id}) == 1


def test_a_database_clock_that_was_set_back_stops_no_correction(loader: Engine) -> None:
    first = submit(loader, "a", checked([case(1)]))
    with loader.begin() as connection:
        for table in ("facts.dropout_case", "facts.compulsory_enrolment"):
            connection.execute(text(f"UPDATE {table} SET known_from = known_from + interval '1 hour'"))
        connection.execute(text("UPDATE ledger.submission SET decided_at = decided_at + interval '1 hour'"))
    second = submit(loader, "b", checked([case(2)]))
    assert second.decided_at == first.decided_at + timedelta(hours=1)
    assert in_force(loader) == ["张小2"]


def test_a_worker_that_lost_its_lease_writes_nothing(loader: Engine) -> None:
    receive(loader, "a")
    slow = claimed(loader, holder="slow", seconds=0)
    quick = claimed(loader, holder="quick")
    with pytest.raises(LeaseLost, match="quick"):
        decide(loader, slow, checked([case(1)]))
    assert count(loader, "facts.dropout_case") == 0
    assert decide(loader, quick, checked([case(2)])).outcome is Outcome.ACCEPTED


def test_a_precheck_gets_its_verdict_and_loads_nothing(loader: Engine) -> None:
    decision = submit(loader, "a", checked([case(1)]), channel="预检")
    assert decision.outcome is Outcome.ACCEPTED
    assert count(loader, "facts.dropout_case") == 0
    assert count(loader, "ledger.in_force") == 0
    # And a file in 上报 with the same bytes is no duplicate of it.
    assert submit(loader, "a", checked([case(1)])).outcome is Outcome.ACCEPTED


def test_counts_that_contradict_the_rows_are_refused_whole(loader: Engine) -> None:
    receive(loader, "a")
    wrong = dataclasses.replace(checked([case(1)]), counts=(SheetCount("dropout_case", "疑似辍学台账", 2, 2, 0, 0),))
    with pytest.raises(SystemFault, match="said to be"):
        decide(loader, claimed(loader), wrong)
    assert count(loader, "facts.dropout_case") == 0


def test_an_error_of_the_database_names_no_child(loader: Engine) -> None:
    receive(loader, "a")
    with pytest.raises(SystemFault, match="dropout_case_pkey") as caught:
        decide(loader, claimed(loader), checked([case(1), case(1)]))
    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert not any(word in shown for word in ("张小", "210202201001"))
    assert count(loader, "ledger.submission WHERE state = 'received'") == 1


def test_another_workbook_than_the_claimed_one_is_refused(loader: Engine) -> None:
    receive(loader, "a")
    with pytest.raises(SystemFault, match="2020-06"):
        decide(loader, claimed(loader), checked([case(1)], period="2020-06"))


def test_two_workers_on_one_claim_decide_once(loader: Engine) -> None:
    receive(loader, "a")
    taken = claimed(loader)
    assert taken.lease_until > taken.received_at + timedelta(0)
    decisions = []
    workers = [
        threading.Thread(target=lambda: decisions.append(decide(loader, taken, checked([case(1)])))) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(decision.already for decision in decisions) == [False, True]
    assert in_force(loader) == ["张小1"]
