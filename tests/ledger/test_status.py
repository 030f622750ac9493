"""Where each district stands: one state a cell, lateness beside it, and who can be called."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, text

from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.feedback.progress_report import as_json, as_text
from district_reports.forms import forms
from district_reports.ledger.locks import grant
from district_reports.ledger.periods import chosen_periods, current_period, open_periods
from district_reports.ledger.receipts import Rejection, answered_at_once, decide_at_once, record_receipt
from district_reports.ledger.status import ReportStatus, State, progress
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period, PeriodKind
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.workbook.formats import text_width
from submitted import FORM, MAY, XIGANG, ZHONGSHAN, a_drop, case, checked, note_withdrawal, receive, submit, withdraw

ON_TIME, AFTER = datetime(2020, 6, 3, 9, 0, tzinfo=ZONE), datetime(2020, 6, 6, 0, 0, 1, tzinfo=ZONE)
DUE = date(2020, 6, 5)


@pytest.fixture
def look(loader: Engine, tmp_settings: Settings) -> Callable[..., dict[str, ReportStatus]]:
    """How the districts stand with the ledger of May, by their codes."""
    register = Register.load(tmp_settings.reference)

    def looked(today: date = date(2020, 7, 4)) -> dict[str, ReportStatus]:
        with loader.begin() as connection:
            told = progress(connection, register, [(forms()[FORM], Period.parse(MAY))], today)
        return {status.district.code: status for status in told.statuses}

    return looked


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2020, 5, 31), State.NOT_DUE),
        (date(2020, 6, 1), State.EXPECTED),
        (DUE, State.EXPECTED),
        (date(2020, 6, 6), State.MISSING),
    ],
)
def test_where_nothing_came(look, today: date, state: State) -> None:
    statuses = look(today)
    assert len(statuses) == 13
    assert {status.state for status in statuses.values()} == {state}
    assert {status.late for status in statuses.values()} == {False}


def rejected(content: str, loader: Engine, **drop: object) -> None:
    submit(loader, content, checked([case(1)], verdict=Outcome.REJECTED), **drop)


def test_what_came_is_received_accepted_with_errors_rejected_or_nil(loader: Engine, look) -> None:
    receive(loader, "a")
    assert look()[ZHONGSHAN].state is State.RECEIVED
    assert look()[ZHONGSHAN].outcome is None

    submit(loader, "b", checked([case(1)], district=XIGANG))
    submit(loader, "c", replace(checked([], district="210204"), nil_return=True))
    with_errors = checked([case(1)], district="210211", verdict=Outcome.ACCEPTED_WITH_ERRORS, quarantined=[(5, {})])
    submit(loader, "d", with_errors)
    submit(loader, "e", checked([case(1)], district="210212", verdict=Outcome.REJECTED))
    statuses = look()
    assert [statuses[code].state for code in (XIGANG, "210204", "210211", "210212", "210213")] == [
        State.ACCEPTED,
        State.NIL,
        State.WITH_ERRORS,
        State.REJECTED,
        State.MISSING,
    ]
    told = statuses["210211"]
    assert (told.rows_loaded, told.rows_quarantined, told.outcome) == (2, 1, Outcome.ACCEPTED_WITH_ERRORS)
    assert (statuses["210212"].rows_loaded, statuses["210213"].rows_loaded) == (0, None)


def test_a_version_in_force_stays_in_force(loader: Engine, look) -> None:
    submit(loader, "a", checked([case(1)]))
    rejected("b", loader)
    told = look()[ZHONGSHAN]
    assert (told.state, told.outcome, told.latest_outcome) == (State.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED)
    assert told.submission_id is not None
    assert told.latest_id == told.submission_id + 1
    assert told.rows_loaded == 2
    # The same rejected file once more is a duplicate, which changes nothing.
    rejected("b", loader)
    assert look()[ZHONGSHAN].latest_outcome is Outcome.REJECTED
    receive(loader, "c")
    told = look()[ZHONGSHAN]
    assert (told.state, told.latest_outcome) == (State.ACCEPTED, None)


def test_a_file_that_comes_after_a_rejected_one_is_received(loader: Engine, look) -> None:
    rejected("a", loader)
    receive(loader, "b")
    assert look()[ZHONGSHAN].state is State.RECEIVED


def test_a_file_in_the_precheck_lane_is_no_report(loader: Engine, look) -> None:
    submit(loader, "a", checked([case(1)]), channel="预检")
    assert look()[ZHONGSHAN].state is State.MISSING


def test_late_is_who_had_nothing_accepted_by_the_due_date(loader: Engine, look) -> None:
    # On time, and corrected afterwards.
    submit(loader, "a", checked([case(1)]), received_at=ON_TIME)
    submit(loader, "b", checked([case(2)]), received_at=AFTER)
    # Rejected on time, and mended too late.
    submit(loader, "c", checked([case(1)], district=XIGANG, verdict=Outcome.REJECTED), received_at=ON_TIME)
    assert not look()[XIGANG].late
    submit(loader, "d", checked([case(2)], district=XIGANG), received_at=AFTER)
    statuses = look()
    assert not statuses[ZHONGSHAN].late
    assert statuses[ZHONGSHAN].received_at == AFTER
    assert statuses[XIGANG].late


def test_what_was_taken_back_is_withdrawn_until_something_comes(loader: Engine, look) -> None:
    first = submit(loader, "a", checked([case(1)]), received_at=ON_TIME)
    withdraw(loader, first.submission_id, received_at=AFTER)
    # Refused: it changes nothing, and is no report that was sent back.
    withdraw(loader, first.submission_id, received_at=AFTER)
    told = look()[ZHONGSHAN]
    assert (told.state, told.late, told.outcome, told.rows_loaded) == (State.WITHDRAWN, False, None, None)
    assert told.submission_id == first.submission_id + 1
    rejected("b", loader, received_at=AFTER)
    told = look()[ZHONGSHAN]
    assert (told.state, told.late) == (State.REJECTED, True)
    # The one that had come on time was taken back.
    submit(loader, "c", checked([case(1)]), received_at=AFTER)
    told = look()[ZHONGSHAN]
    assert (told.state, told.late, told.received_at) == (State.ACCEPTED, True, AFTER)


def test_the_version_that_stands_again_has_its_own_time_and_rows(loader: Engine, look) -> None:
    submit(loader, "a", checked([case(1), case(2)]), received_at=ON_TIME)
    second = submit(loader, "b", checked([case(1)]), received_at=AFTER)
    withdraw(loader, second.submission_id, received_at=AFTER)
    told = look()[ZHONGSHAN]
    assert (told.state, told.late, told.received_at, told.rows_loaded) == (State.ACCEPTED, False, ON_TIME, 3)
    assert told.latest_outcome is Outcome.ACCEPTED


def test_a_withdrawal_to_be_decided_is_no_report(loader: Engine, look) -> None:
    first = submit(loader, "a", checked([case(1)]))
    note_withdrawal(loader, first.submission_id)
    told = look()[ZHONGSHAN]
    assert (told.state, told.latest_outcome) == (State.ACCEPTED, None)


def test_the_contact_is_of_the_form_or_else_of_any_form(loader: Engine, look) -> None:
    def of(district: str, form: str, period: str, filler: str) -> None:
        receive(loader, f"{district}{form}{period}", district=district, period=period)
        with loader.begin() as connection:
            connection.execute(
                text(
                    "UPDATE ledger.submission SET form = :form, filler = :filler"
                    " WHERE submission_id = (SELECT max(submission_id) FROM ledger.submission)"
                ),
                {"form": form, "filler": filler},
            )

    of(ZHONGSHAN, FORM, "2020-03", "赵一")
    of(ZHONGSHAN, FORM, "2020-04", "钱二")
    of(ZHONGSHAN, "another_form", "2020-Q1", "孙三")
    of(XIGANG, "another_form", "2020-Q1", "李四")
    statuses = look()
    assert [statuses[code].contact and statuses[code].contact.filler for code in (ZHONGSHAN, XIGANG, "210204")] == [
        "钱二",
        "李四",
        None,
    ]


def form(kind: PeriodKind, due_day: int) -> Form:
    return Form(key="x", title="x", version="2020.1", period_kind=kind, due_day=due_day, sheets=())


@pytest.mark.parametrize(
    ("kind", "due_day", "today", "period"),
    [
        (PeriodKind.MONTH, 5, "2020-07-04", "2020-06"),
        (PeriodKind.MONTH, 5, "2020-07-31", "2020-06"),
        (PeriodKind.QUARTER, 15, "2020-07-04", "2020-Q2"),
        (PeriodKind.QUARTER, 15, "2020-08-29", "2020-Q2"),
        (PeriodKind.QUARTER, 15, "2020-08-30", "2020-Q3"),
        (PeriodKind.SEMESTER, 20, "2020-04-05", "2019-S2"),
        (PeriodKind.SEMESTER, 20, "2020-07-04", "2020-S1"),
    ],
)
def test_the_period_an_officer_looks_at(kind: PeriodKind, due_day: int, today: str, period: str) -> None:
    assert current_period(form(kind, due_day), date.fromisoformat(today)).text == period


def test_a_period_that_was_extended_in_advance_is_open_once(loader: Engine) -> None:
    today = date(2020, 7, 4)
    with loader.begin() as connection:
        before = open_periods(connection, ZHONGSHAN, today)
        for district, period in ((ZHONGSHAN, "2020-06"), (XIGANG, "2020-03")):
            grant(connection, forms()[FORM], district, Period.parse(period), date(2020, 12, 31), reason="x", by="y")
        assert open_periods(connection, ZHONGSHAN, today) == before
        assert [period.text for form, period in before if form.key == FORM] == ["2020-07", "2020-06", "2020-05"]
        of_any = [period.text for form, period in open_periods(connection, None, today) if form.key == FORM]
        assert of_any == ["2020-07", "2020-06", "2020-05", "2020-03"]


def test_a_period_shows_the_forms_of_its_kind() -> None:
    chosen = chosen_periods("2020-05", date(2020, 7, 4))
    assert {each.period_kind for each, _ in chosen} == {PeriodKind.MONTH}
    assert FORM in {each.key for each, _ in chosen}
    assert [each.key for each, _ in chosen_periods(None, date(2020, 7, 4))] == list(forms())


def test_the_table_and_whom_to_call(loader: Engine, tmp_settings: Settings) -> None:
    submit(loader, "a", checked([case(1)]), received_at=AFTER)
    submit(loader, "b", checked([case(1)], verdict=Outcome.REJECTED))
    submit(loader, "c", checked([case(1)], district=XIGANG, verdict=Outcome.REJECTED))
    for name in ("信", "又一封信"):
        with loader.begin() as connection:
            _, submission = record_receipt(connection, a_drop(name, file_name=name), None)
            decide_at_once(connection, submission, Rejection(reason="不是报表。", findings=[], rules_hash="r"))
            answered_at_once(connection, submission, "反馈/信.xlsx")
    register = Register.load(tmp_settings.reference)
    with loader.begin() as connection:
        told = progress(connection, register, [(forms()[FORM], Period.parse(MAY))], date(2020, 7, 4))
    lines = as_text(told, date(2020, 7, 4)).splitlines()

    assert lines[2].split() == ["区县", "控辍保学台账"]
    assert lines[4].split() == ["2020-06-05", "截止"]
    cells = {line[:6]: line for line in lines[5:18]}
    assert cells[ZHONGSHAN] == "210202 中山区         通过（迟报，后一份被退回）"
    # Columns line up where Chinese characters are two wide.
    assert {
        text_width(line[: line.index(state)]) for line, state in zip(lines[5:7], ["通过", "退回"], strict=True)
    } == {22}
    assert "控辍保学台账 2020年5月：应报 13，通过 1，退回 1，未报 11，其中迟报 1" in lines
    calls = lines[lines.index("需要联系：") + 1 : -3]
    assert len(calls) == 12
    assert calls[0].split() == ["210203", "西岗区", "控辍保学台账", "2020年5月", "退回", "王会计", "0411-88880000"]
    assert calls[1].endswith("未报   从未上报，没有联系方式")
    assert lines[-2:] == ["2020-05-01 以来无法受理的文件：", "  210202 中山区  2 份"]

    objects = {each["district_code"]: each for each in json.loads(as_json(told))}
    assert objects[ZHONGSHAN] == {
        "district_code": ZHONGSHAN,
        "district": "中山区",
        "form": FORM,
        "period": MAY,
        "state": "accepted",
        "late": True,
        "due_on": "2020-06-05",
        "received_at": "2020-06-06T00:00:01+08:00",
        "outcome": "accepted",
        "latest_outcome": "rejected",
        "rows_loaded": 2,
        "rows_quarantined": 0,
        "filler": "王会计",
        "telephone": "0411-88880000",
        "open_until": None,
    }


def test_the_command(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    receive(loader, "a", period="2020-06")
    assert main(["status", "--json"]) == 0
    states = {(each["district_code"], each["form"]): each["state"] for each in json.loads(capsys.readouterr().out)}
    assert states[ZHONGSHAN, FORM] == "received"
    assert states[XIGANG, FORM] == "expected"
    assert main(["status", "--period", "2020-06"]) == 0
    assert "210202 中山区         处理中" in capsys.readouterr().out
    assert main(["status", "--period", "2020-13"]) == 2
    assert "not a period: '2020-13'; write one like 2020-05" in capsys.readouterr().err
