"""The reports of the year's earlier months: whole in the end, with fewer mistakes each month; and how they come in."""

import os
import sys
from collections import Counter

import pytest
from sqlalchemy import text

from district_reports import clock
from district_reports.database.engine import engine
from district_reports.local import demo_earlier
from district_reports.local.samples.earlier import earlier_reports
from district_reports.model.period import Period
from district_reports.printing import Display
from district_reports.settings import settings
from district_reports.storage.folders import lay_out


@pytest.fixture(scope="module")
def sent(city_register):
    return earlier_reports(city_register)


def test_every_district_sends_a_sound_report_of_each_period_in_the_end(sent) -> None:
    last = {(one.form.key, one.period.text, one.district.code): one.mistakes for one in sent}
    periods = Counter((form, period) for form, period, _ in last)
    months = [("dropout_control", f"2020-0{month}") for month in range(1, 6)]
    quarters = [(form, "2020-Q1") for form in ("facilities", "teacher_training")]
    assert periods == dict.fromkeys([*months, *quarters], 13)
    assert set(last.values()) == {0}


def test_mistakes_become_fewer_and_some_are_late(sent) -> None:
    mistaken = Counter(one.period.text for one in sent if one.form.key == "dropout_control" and one.mistakes)
    assert [mistaken[month] for month in sorted(mistaken)] == sorted(mistaken.values(), reverse=True)
    assert mistaken["2020-01"] > mistaken["2020-05"] > 0
    assert any(one.on > one.form.due_on(one.period) for one in sent)
    assert all(one.on <= one.form.locks_on(one.period) for one in sent)


@pytest.mark.timeout(120)
def test_they_come_in_on_their_days_and_are_answered(warehouse_url, sent, city_register, monkeypatch) -> None:
    lay_out(settings().uploads, city_register.districts)
    of = [one for one in sent if one.period == Period.parse("2020-05") and one.district.code == "210214"]
    assert [bool(one.mistakes) for one in of] == [True, False], "choose a district with a mistaken report"
    monkeypatch.setattr(demo_earlier, "earlier_reports", lambda register: of)
    played = os.environ["DISTRICT_REPORTS_TODAY"]

    assert demo_earlier.take_in_earlier(Display(sys.stderr)) == 2

    assert clock.today().isoformat() == played
    with engine("loader").begin() as connection:
        found = connection.execute(
            text("SELECT received_at, outcome, state FROM ledger.submission ORDER BY receipt_id")
        ).all()
    assert [row.received_at.astimezone(clock.ZONE).date() for row in found] == [one.on for one in of]
    assert [row.state for row in found] == ["answered", "answered"]
    assert found[0].outcome != "accepted"
    assert found[1].outcome == "accepted"
