"""What the report tells beside the answer, from a real ledger."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, text

from district_reports.clock import ZONE
from district_reports.database.engine import Role, engine
from district_reports.feedback.composing import answer_of
from district_reports.feedback.facts import ReportFacts, facts_of
from district_reports.ledger.first_tries import Try
from district_reports.model.finding import Outcome
from district_reports.model.in_force import Version, VersionInForce
from district_reports.workbook.marking.answer import Answer
from submitted import MAY, a_finding, case, checked, receive, submit, withdraw

CODES = ("210202", "210203", "210204", "210211", "210212", "210213")


def facts(loader: Engine, submission_id: int) -> ReportFacts:
    with loader.begin() as connection:
        return facts_of(connection, submission_id)


def told(loader: Engine, submission_id: int) -> Answer:
    with loader.begin() as connection:
        return answer_of(connection, submission_id)[0]


def at(day: int) -> dict:
    return {"received_at": datetime(2020, 6, day, 9, 0, tzinfo=ZONE)}


def version(number: int, day: int, outcome: Outcome = Outcome.ACCEPTED) -> Version:
    return Version(number, number, datetime(2020, 6, day, 9, 0, tzinfo=ZONE), outcome)


def test_a_first_version_a_correction_and_a_rejected_one(loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2), case(4)], enrolment=(1000, 990)), **at(3))
    first, answer = facts(loader, 1), told(loader, 1)
    assert (answer.due_on, answer.taken_until) == (date(2020, 6, 5), date(2020, 7, 20))
    assert answer.standing == VersionInForce(version(1, 3), True)
    assert (first.comparison, first.replaced) == (None, None)

    moved = {**case(4), "row_number": 4}
    corrected = [moved, {**case(2), "student_name": "改名二", "persuasion_count": 3}, case(3)]
    submit(loader, "b", checked(corrected, enrolment=(1000, 990)), **at(4))
    second = facts(loader, 2)
    assert second.replaced == version(1, 3)
    assert second.comparison is not None
    cases, schools = second.comparison.sheets
    assert (cases.added, cases.removed, cases.changed) == (1, 1, 1)
    assert (schools.added, schools.removed, schools.changed) == (0, 0, 0)
    assert {total.column: (total.before, total.after) for total in cases.totals}["persuasion_count"] == (3, 5)

    submit(loader, "c", checked([case(1)], verdict=Outcome.REJECTED, findings=(a_finding(),)), **at(5))
    assert told(loader, 3).standing == VersionInForce(version(2, 4), False)
    assert facts(loader, 3).comparison is None


def test_a_name_alone_is_a_change(loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2)]))
    submit(loader, "b", checked([{**case(1), "student_name": "改名一"}, case(2)]))
    comparison = facts(loader, 2).comparison
    assert comparison is not None
    assert (comparison.sheets[0].added, comparison.sheets[0].removed, comparison.sheets[0].changed) == (0, 0, 1)


def test_after_a_withdrawal_the_file_that_came_back_or_nothing(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]), **at(3))
    submit(loader, "b", checked([case(2)]), **at(4))
    withdraw(loader, 2)
    standing = told(loader, 3).standing
    assert standing is not None
    assert standing.version is not None
    assert (standing.version.receipt_no, standing.version.received_at.day, standing.itself) == (1, 3, False)
    withdraw(loader, 1)
    assert told(loader, 4).standing == VersionInForce(None, False)


def test_nothing_is_known_of_a_file_without_identity(loader: Engine) -> None:
    submission_id = receive(loader, "a")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET form = NULL, period = NULL"))
    assert facts(loader, submission_id) == ReportFacts()


def test_first_tries(loader: Engine) -> None:
    bad = [(9, {"student_name": "张小九"})]
    errors = checked([case(1)], verdict=Outcome.ACCEPTED_WITH_ERRORS, quarantined=bad, findings=(a_finding(),))
    rejected = checked([case(1)], verdict=Outcome.REJECTED, quarantined=bad, period="2020-02", findings=(a_finding(),))
    submit(loader, "other", checked([case(1)], period="2020-01", district="210203"))
    submit(loader, "a", rejected)
    submit(loader, "b", checked([case(1)], period="2020-02"))
    submit(loader, "c", checked([case(1)], period="2020-03"))
    submit(loader, "d", checked([case(2)], period="2020-03", verdict=Outcome.REJECTED, findings=(a_finding(),)))
    for code in CODES[1:]:
        submit(loader, f"may {code}", checked([case(1)], district=code))
    submit(loader, "e", errors)
    receive(loader, "f", period="2020-06")
    tries = facts(loader, 11).first_tries
    assert [(each.period, each.became) for each in tries] == [
        ("2020-01", Try.MISSING),
        ("2020-02", Try.REJECTED),
        ("2020-03", Try.RIGHT),
        ("2020-04", Try.MISSING),
        ("2020-05", Try.WITH_ERRORS),
    ]
    assert [each.sound_share and round(each.sound_share, 2) for each in tries] == [None, 0.67, 1, None, 0.67]
    # Of one or two districts no rate is told: it would be about a district that one can name.
    assert [each.city_rate for each in tries] == [None, None, None, None, 5 / 6]
    last = facts(loader, submission_of(loader, "2020-06")).first_tries[-1]
    assert (last.became, last.sound_share, last.city_rate) == (Try.UNDECIDED, None, None)


def test_a_total_is_no_row_that_could_be_right(loader: Engine) -> None:
    bad = [(9, {"student_name": "张小九"})]
    workbook = checked([case(1)], verdict=Outcome.ACCEPTED_WITH_ERRORS, quarantined=bad, findings=(a_finding(),))
    counts = [replace(each, rows_read=each.rows_read + 1, ignored=1, no_data=1) for each in workbook.counts]
    submit(loader, "a", replace(workbook, counts=tuple(counts)))
    assert facts(loader, 1).first_tries[-1].sound_share == pytest.approx(2 / 3)


def submission_of(loader: Engine, period: str) -> int:
    with loader.begin() as connection:
        return connection.execute(
            text("SELECT submission_id FROM ledger.submission WHERE period = :period"), {"period": period}
        ).scalar_one()


def test_a_year_and_no_more_and_none_before_the_district_was(loader: Engine) -> None:
    submit(loader, "old", checked([case(1)], period="2018-01"))
    submit(loader, "a", checked([case(1)]))
    tries = facts(loader, 2).first_tries
    assert (len(tries), tries[0].period, tries[-1].period) == (12, "2019-06", MAY)
    assert {each.became for each in tries[:-1]} == {Try.MISSING}
    with engine(Role.MIGRATOR).begin() as connection:
        connection.execute(text("UPDATE reference.districts SET valid_from = '2020-03-15'"))
    assert [each.period for each in facts(loader, 2).first_tries] == ["2020-03", "2020-04", MAY]
