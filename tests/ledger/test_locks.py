"""A locked period is reopened for a district by command, until a day; both are on record."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

import answer_book
from district_reports.cli import main
from district_reports.forms import forms
from district_reports.ledger.locks import grant, taken_until
from district_reports.model.period import Period
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, lay_out
from ledger_book import case, write_book

FORM, PERIOD = "dropout_control", "2020-06"
KEY = (FORM, "210202", PERIOD)
UNLOCK = ("unlock", *KEY, "--reason", "系统故障", "--by", "王科长")


@pytest.fixture
def play(play: Callable[[str], None]) -> Callable[[str], None]:
    """The ledger of June was taken until 2020-08-19."""
    play("2020-09-01")
    return play


@pytest.fixture
def folder(play) -> DistrictFolder:
    return next(each for each in lay_out(settings().uploads, Register.load(settings().reference).districts))


@pytest.fixture
def drop(folder: DistrictFolder, loader: Engine, tmp_path: Path) -> Callable[[], None]:
    """Drop June's ledger of 中山区, another content each time, and have it received."""
    numbers = iter(range(1, 100))

    def dropped() -> None:
        # The repository's own register: a school that it has.
        school = next(each.code for each in Register.load(settings().reference).schools if each.school_type == "初中")
        rows = [case(next(numbers), 学校标识码=school)]
        shutil.copyfile(write_book(tmp_path / "b.xlsx", cases=rows), folder.drop.path / "台账.xlsx")
        receive(
            loader,
            Register.load(settings().reference),
            stable_files=lambda paths: stable_files(paths, sleep=lambda _: None),
        )

    return dropped


def latest(loader: Engine) -> tuple[str | None, set[str]]:
    """Outcome and file rules of the latest submission."""
    with loader.begin() as connection:
        last = "(SELECT max(submission_id) FROM ledger.submission)"
        outcome = connection.scalar(text(f"SELECT outcome FROM ledger.submission WHERE submission_id = {last}"))
        rules = connection.scalars(text(f"SELECT rule FROM findings.finding WHERE submission_id = {last}"))
        return outcome, {rule for rule in rules if rule.startswith("F")}


def work_on() -> None:
    step = ingest.validate(FORM, f"210202|{PERIOD}", "run")
    assert step is not None
    ingest.load(step)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(arguments) == 0
    return capsys.readouterr().out.splitlines()


def test_a_locked_period_takes_a_report_until_the_exception_ends(drop, play, folder, loader, capsys):
    drop()
    assert latest(loader) == ("rejected", {"F09"})
    assert told(capsys, *UNLOCK, "--until", "2020-09-10")[0] == (
        f"210202 {FORM} {PERIOD} is taken until 2020-09-10 (granted by 王科长)"
    )
    drop()
    work_on()
    # Late it stays.
    outcome, rules = latest(loader)
    assert outcome != "rejected"
    assert rules == {"F19"}

    # By 24:00 of the last day, and no longer.
    play("2020-09-10")
    drop()
    assert latest(loader) == (None, set())
    play("2020-09-11")
    work_on()
    drop()
    assert latest(loader) == ("rejected", {"F09"})
    answer = max(folder.feedback.path.rglob("*.xlsx"), key=lambda path: path.stat().st_mtime_ns)
    (row,) = answer_book.problems(answer)
    assert "已在 2020-09-10 24:00 锁定" in row["问题"]
    assert "请向市教育局申请开放" in row["怎样改"]


def test_an_exception_that_is_taken_back_shortens_nothing(play, loader):
    """In time as all the others: what the form allows, it allows without an exception."""
    form, period = forms()[FORM], Period.parse(PERIOD)
    with loader.begin() as connection:
        for until in (date(2020, 9, 10), date(2020, 7, 31)):
            grant(connection, form, "210202", period, until, reason="x", by="y")
        assert taken_until(connection, form, "210202", period) == date(2020, 8, 19)


def test_another_district_form_or_period_stays_locked(drop, loader, capsys):
    for key in ((FORM, "210203", PERIOD), (FORM, "210202", "2020-05"), ("facilities", "210202", "2020-Q2")):
        assert main(["unlock", *key, "--until", "2020-12-31", "--reason", "x"]) == 0
    drop()
    assert latest(loader) == ("rejected", {"F09"})


def test_what_was_taken_before_the_exception_was_taken_back_is_decided(drop, loader, capsys):
    told(capsys, *UNLOCK, "--until", "2020-09-10")
    drop()
    assert told(capsys, "lock", *KEY, "--reason", "已补报", "--by", "李") == [
        f"210202 {FORM} {PERIOD} is locked since 2020-08-19 (it was open until 2020-09-10; taken back by 李)"
    ]
    work_on()
    assert "F09" not in latest(loader)[1]
    assert latest(loader)[0] != "rejected"
    drop()
    assert latest(loader) == ("rejected", {"F09"})


def test_an_extension_in_advance_and_what_is_on_record(play, capsys):
    play("2020-08-01")
    assert told(capsys, *UNLOCK, "--until", "2020-09-30")[0].endswith(
        "in advance: without it, it locks after 2020-08-19"
    )
    told(capsys, *UNLOCK, "--until", "2020-09-10")
    (line,) = told(capsys, "locks")
    assert line.startswith(f"210202 {FORM} {PERIOD}: until 2020-09-10, by 王科长 on ")
    assert line.endswith(": 系统故障")
    assert told(capsys, "lock", *KEY, "--reason", "错了")[0].startswith(
        f"210202 {FORM} {PERIOD} locks after 2020-08-19"
    )
    assert told(capsys, "locks") == ["no period is reopened"]
    every = told(capsys, "locks", "--all")
    assert [line.split(",")[0] for line in every] == [
        f"210202 {FORM} {PERIOD}: until 2020-09-30 (not in force)",
        f"210202 {FORM} {PERIOD}: until 2020-09-10 (not in force)",
        f"210202 {FORM} {PERIOD}: until 2020-07-31 (not in force)",
    ]


def test_the_record_can_only_grow(play, loader, capsys):
    told(capsys, *UNLOCK, "--until", "2020-09-10")
    for statement in ("UPDATE ledger.lock_exception SET until = '2030-01-01'", "DELETE FROM ledger.lock_exception"):
        with pytest.raises(ProgrammingError, match="InsufficientPrivilege"), loader.begin() as connection:
            connection.execute(text(statement))


def test_what_can_not_be_meant_is_said_and_recorded_nowhere(play, loader, capsys):
    for arguments, words in {
        ("unlock", "ledger", "210202", PERIOD, "--until", "2020-09-10"): "no form 'ledger'; there are: ",
        ("unlock", FORM, "210299", PERIOD, "--until", "2020-09-10"): "no district '210299' in 2020-06",
        ("unlock", FORM, "210202", "2020-Q2", "--until", "2020-09-10"): "is reported by month, such as 2020-05",
        ("unlock", FORM, "210202", "2020-13", "--until", "2020-09-10"): "not a period: '2020-13'",
        ("unlock", *KEY, "--until", "2020-08-31"): "2020-08-31 has passed",
        ("unlock", FORM, "210202", "2020-10", "--until", "2020-12-31"): "2020-10 begins on 2020-10-01",
        ("unlock", FORM, "210202", "2020-08", "--until", "2020-10-01"): "is taken until 2020-10-20 anyway",
        ("unlock", *KEY, "--until", "2020-09-10", "--reason", " "): "--reason is empty",
        ("unlock", *KEY, "--until", "2020-09-10", "--reason", "长" * 501): "--reason is longer than 500",
        ("lock", *KEY): "is not reopened: it locks after 2020-08-19 as every other",
    }.items():
        why = () if "--reason" in arguments else ("--reason", "x")
        assert main([*arguments, *why]) == 2
        assert words in capsys.readouterr().err
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger.lock_exception")) == 0


def test_the_grantor_is_the_user_unless_named(play, loader, monkeypatch, capsys):
    monkeypatch.setenv("LOGNAME", "zhang")
    assert main(["unlock", *KEY, "--until", "2020-09-10", "--reason", "a\nb"]) == 0
    with loader.begin() as connection:
        row = connection.execute(text("SELECT granted_by, reason, until FROM ledger.lock_exception")).one()
    assert tuple(row) == ("zhang", "a\\nb", date(2020, 9, 10))


def test_status_shows_what_is_reopened(play, capsys):
    told(capsys, *UNLOCK, "--until", "2020-09-10")
    lines = told(capsys, "status")
    at = lines.index("已开放补报：")
    assert lines[at + 1].split() == [
        "210202",
        "中山区",
        "控辍保学台账",
        "2020年6月",
        "至",
        "2020-09-10",
        "王科长：系统故障",
    ]
    lines = told(capsys, "status", "--period", PERIOD)
    assert [line.split()[-1] for line in lines if line.startswith("210202")] == ["2020-09-10）"]
    assert "可补报至" in next(line for line in lines if line.startswith("210202"))
    objects = json.loads("\n".join(told(capsys, "status", "--period", PERIOD, "--json")))
    assert {each["district_code"]: each["open_until"] for each in objects if each["open_until"]} == {
        "210202": "2020-09-10"
    }
    play("2020-09-11")
    assert "已开放补报：" not in told(capsys, "status")


def test_check_asks_for_exceptions_with_history_alone(play, tmp_path, capsys):
    book = str(write_book(tmp_path / "b.xlsx"))
    told(capsys, *UNLOCK, "--until", "2020-09-10")
    assert main(["check", book, "--json"]) == 1
    assert '"F09"' in capsys.readouterr().out
    main(["check", book, "--history", "--json"])
    assert '"F09"' not in capsys.readouterr().out
