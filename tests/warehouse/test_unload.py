"""Taking a report back: what stands afterwards, what is kept, and that only the order of receipts matters."""

from sqlalchemy import Engine, text

from district_reports.forms import forms
from district_reports.ledger.rechecks import record_recheck
from district_reports.ledger.records import counts_of, findings_of
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.history import history_in
from district_reports.warehouse.unload import decide_withdrawal
from standing import A, B, C, one, rules_found, standing
from submitted import (
    FORM,
    RULES,
    ZHONGSHAN,
    a_finding,
    case,
    checked,
    claimed,
    finish,
    note_withdrawal,
    report,
    submit,
    withdraw,
)


def test_what_was_the_only_version_leaves_nothing_in_force(loader: Engine) -> None:
    only = submit(loader, "a", A)
    taken = withdraw(loader, only.submission_id)
    assert (taken.outcome, taken.replaces, taken.restores, taken.counts) == (
        Outcome.ACCEPTED,
        (only.submission_id,),
        None,
        (),
    )
    assert taken.reason == (
        "已撤回 2020-06-03 09:00 收到的报表（回执 1）。"
        "现在这一期没有生效的数据，截止日期 2020-06-05 已过，请尽快重新上报。"
    )
    assert standing(loader) == (None, [])
    assert one(loader, only.submission_id)["replaced_by"] == taken.submission_id
    with loader.begin() as connection:
        ended = connection.execute(text("SELECT ended_by, known_until FROM facts.dropout_case")).all()
    assert ended == [(taken.submission_id, taken.decided_at)]


def test_the_version_behind_comes_back_whole_under_the_withdrawals_number(loader: Engine) -> None:
    typed = [(7, {"resident_id": "x"})]
    first = submit(
        loader,
        "a",
        checked(
            [case(1)],
            verdict=Outcome.ACCEPTED_WITH_ERRORS,
            quarantined=typed,
            findings=(a_finding(),),
            rules_hash="old",
        ),
    )
    second = submit(loader, "b", B)
    taken = withdraw(loader, second.submission_id)
    assert (taken.outcome, taken.restores) == (Outcome.ACCEPTED_WITH_ERRORS, first.submission_id)
    assert taken.reason.endswith("现在生效的是以前的一份（回执 1，2020-06-03 09:00 收到，部分接收）。")
    assert standing(loader) == (taken.submission_id, ["张小1"])
    before, now = one(loader, first.submission_id), one(loader, taken.submission_id)
    assert [now[name] for name in ("rules_hash", "token_key_version", "nil_return")] == ["old", 1, False]
    assert before["replaced_by"] == second.submission_id
    with loader.begin() as connection:
        assert counts_of(connection, taken.submission_id) == counts_of(connection, first.submission_id) == taken.counts
        assert findings_of(connection, taken.submission_id) == (a_finding(),)
        kept = "SELECT count(*) FROM quarantine.quarantined_row WHERE submission_id = :id"
        assert connection.scalar(text(kept), {"id": taken.submission_id}) == 1
        tokens = connection.scalars(
            text("SELECT DISTINCT f.resident_token || i.resident_token FROM facts.dropout_case f"
                 " JOIN identities.dropout_case i USING (submission_id, row_number) WHERE submission_id = ANY(:both)"),
            {"both": [first.submission_id, taken.submission_id]},
        ).all()  # fmt: skip
        assert len(tokens) == 1
        spans = connection.execute(
            text("SELECT submission_id, known_from, known_until FROM facts.dropout_case ORDER BY submission_id")
        ).all()
    assert spans == [
        (first.submission_id, first.decided_at, second.decided_at),
        (second.submission_id, second.decided_at, taken.decided_at),
        (taken.submission_id, taken.decided_at, None),
    ]
    history_of = history_in(loader, Register.load(settings().reference))
    history = history_of(forms()[FORM], ZHONGSHAN, Period.parse("2020-06"))
    assert [row["school_code"] for row in history.rows["compulsory_enrolment"]] == [f"{ZHONGSHAN}0001"]


def test_deciding_again_returns_the_first_decision(loader: Engine) -> None:
    submit(loader, "a", A)
    second = submit(loader, "b", B)
    note_withdrawal(loader, second.submission_id)
    taken = claimed(loader)
    first = decide_withdrawal(loader, taken, RULES)
    again = decide_withdrawal(loader, taken, "other rules")
    assert again.already
    assert (again.outcome, again.reason, again.restores, again.replaces, again.decided_at) == (
        first.outcome,
        first.reason,
        first.restores,
        first.replaces,
        first.decided_at,
    )
    assert standing(loader) == (first.submission_id, ["张小1"])


def test_versions_are_taken_back_one_by_one(loader: Engine) -> None:
    a, b, c = (submit(loader, name, book).submission_id for name, book in (("a", A), ("b", B), ("c", C)))
    assert [withdraw(loader, each).restores for each in (c, b, a)] == [b, a, None]
    assert standing(loader) == (None, [])


def test_what_stands_by_a_withdrawal_is_taken_back_by_its_own_receipt(loader: Engine) -> None:
    a, b = submit(loader, "a", A), submit(loader, "b", B)
    withdraw(loader, b.submission_id)
    c = submit(loader, "c", C)
    assert withdraw(loader, c.submission_id).restores == a.submission_id
    assert withdraw(loader, a.submission_id).restores is None
    assert standing(loader) == (None, [])


def test_only_what_is_in_force_can_be_taken_back(loader: Engine) -> None:
    a, b = submit(loader, "a", A), submit(loader, "b", B)
    replaced = withdraw(loader, a.submission_id)
    assert replaced.outcome is Outcome.REJECTED
    assert replaced.reason == "撤回没有受理：回执 1 的报表后来已被回执 2 的报表替换，没有撤回任何数据。"
    assert rules_found(loader, replaced.submission_id) == ["F01"]
    assert standing(loader)[0] == b.submission_id
    withdraw(loader, b.submission_id)
    again = withdraw(loader, b.submission_id)
    assert (again.outcome, "已经撤回过" in again.reason) == (Outcome.REJECTED, True)
    rejected = submit(loader, "c", checked([case(3)], verdict=Outcome.REJECTED))
    nothing = withdraw(loader, rejected.submission_id)
    assert (nothing.outcome, "没有入库" in nothing.reason) == (Outcome.REJECTED, True)
    assert standing(loader)[1] == ["张小1"]


def test_a_duplicates_receipt_takes_the_content_back(loader: Engine) -> None:
    submit(loader, "a", A)
    twin = submit(loader, "a", A)
    assert twin.outcome is Outcome.DUPLICATE
    assert withdraw(loader, twin.submission_id).outcome is Outcome.ACCEPTED
    assert standing(loader) == (None, [])


def test_the_same_content_decided_once_more_goes_with_it(loader: Engine) -> None:
    a, b = submit(loader, "a", A), submit(loader, "b", B)
    with loader.begin() as connection:
        again = record_recheck(connection, b.submission_id)
    finish(loader, claimed(loader), checked([case(2)], rules_hash="new"))
    submit(loader, "b", checked([case(2)], rules_hash="newer"))
    assert again is not None
    taken = withdraw(loader, b.submission_id)
    assert taken.restores == a.submission_id
    assert standing(loader)[1] == ["张小1"]


def test_the_withdrawn_bytes_again_are_no_duplicate(loader: Engine) -> None:
    a = submit(loader, "a", A)
    withdraw(loader, a.submission_id)
    again = submit(loader, "a", A)
    assert again.outcome is Outcome.ACCEPTED
    assert standing(loader) == (again.submission_id, ["张小1"])


def test_after_a_withdrawal_the_restored_bytes_are_a_duplicate_and_the_withdrawn_are_not(loader: Engine) -> None:
    a, b = submit(loader, "a", A), submit(loader, "b", B)
    taken = withdraw(loader, b.submission_id)
    twin = submit(loader, "a", A)
    assert (twin.outcome, twin.duplicate_of) == (Outcome.DUPLICATE, a.submission_id)
    assert standing(loader)[0] == taken.submission_id
    assert submit(loader, "b", B).outcome is Outcome.ACCEPTED
    assert standing(loader)[1] == ["张小2"]


def test_the_restored_bytes_under_new_rules_are_judged_anew(loader: Engine) -> None:
    submit(loader, "a", A)
    withdraw(loader, submit(loader, "b", B).submission_id)
    again = submit(loader, "a", checked([case(1)], rules_hash="new"))
    assert again.outcome is Outcome.ACCEPTED
    assert standing(loader)[0] == again.submission_id


def test_a_refused_withdrawal_breaks_no_chain(loader: Engine) -> None:
    a = submit(loader, "a", A)
    b = submit(loader, "b", B)
    withdraw(loader, a.submission_id)
    assert submit(loader, "b", B).duplicate_of == b.submission_id


def test_a_nil_return_comes_back_as_one(loader: Engine) -> None:
    nil = report("student_aid", {}, district=ZHONGSHAN, period="2020-S1")
    a = submit(loader, "a", nil)
    some = report("student_aid", {"hardship_student": [], "aid_payment": []}, district=ZHONGSHAN, period="2020-S1")
    b = submit(loader, "b", some)
    taken = withdraw(loader, b.submission_id)
    assert taken.restores == a.submission_id
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT nil_return FROM ledger.in_force")) is True
