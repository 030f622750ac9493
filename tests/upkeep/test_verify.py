"""``verify`` finds each way in which what is kept can disagree, and tells no name and no value."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports import clock
from district_reports.cli import main
from district_reports.model.finding import Outcome
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.storage.folders import lay_out
from district_reports.upkeep.leftovers import leftovers, remove_leftovers
from district_reports.upkeep.verify import verify
from submitted import a_finding, case, checked, receive, submit

NOW = timedelta(0)
NO_ANSWERS = ("the answer has gone from its folder, submission: 1, 2",)


@pytest.fixture
def deployment(warehouse_url: str, tmp_settings: Settings) -> Path:
    """The test's deployment, its folders laid out."""
    lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)
    tmp_settings.archive.mkdir()
    for content in ("first", "second"):
        (tmp_settings.archive / f"{content}.xlsx").write_text(content)
    return tmp_settings.home.parent


@pytest.fixture
def sound(deployment: Path, loader: Engine) -> None:
    """A version with an error, and its correction in force."""
    wrong = checked(
        [case(1)],
        verdict=Outcome.ACCEPTED_WITH_ERRORS,
        quarantined=[(7, {"student_name": "张小四"})],
        findings=(a_finding(),),
    )
    submit(loader, "first", wrong)
    submit(loader, "second", checked([case(1), case(2)]))


def problems() -> tuple[str, ...]:
    return verify(patience=NOW, kept_seconds=0).problems


@pytest.fixture
def owner(warehouse_url: str) -> Callable[[str], None]:
    """Runs a statement as somebody who may do anything, which no part of the system may."""
    from district_reports.database.engine import engine

    def run(statement: str) -> None:
        with engine("migrator").begin() as connection:
            connection.execute(text(statement))

    return run


def test_what_came_to_rest_agrees(sound: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert problems() == ()
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == f"note: {NO_ANSWERS[0]}\n2 receipts, 2 submissions: no problems\n"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM facts.dropout_case WHERE row_number = 4", "facts.dropout_case: rows"),
        ("DELETE FROM identities.dropout_case WHERE row_number = 4", "identities.dropout_case: rows differ"),
        ("UPDATE identities.dropout_case SET resident_token = 'v1:other'", "identities.dropout_case: rows differ"),
        ("UPDATE facts.dropout_case SET known_until = NULL, ended_by = NULL", "facts.dropout_case: rows"),
        ("UPDATE facts.compulsory_enrolment SET district_code = '210203'", "facts.compulsory_enrolment: rows"),
        ("DELETE FROM quarantine.quarantined_row", "quarantined rows are not as many"),
        ("DELETE FROM findings.finding", "findings are not whole"),
        ("UPDATE ledger.submission SET replaced_by = NULL", "accepted, but not as the one in force"),
        ("UPDATE ledger.submission SET sha256 = 'other'", "its receipt says something else"),
        ("UPDATE ledger.receipt SET settled_at = NULL WHERE receipt_id = 1", "the original still lies in its folder"),
        ("UPDATE ledger.submission SET state = 'decided', answered_at = NULL", "decided and not answered yet"),
    ],
)
def test_what_was_changed_in_the_warehouse(
    sound: None, owner: Callable[[str], None], statement: str, told: str
) -> None:
    owner(statement)

    assert any(problem.startswith(told) for problem in problems()), problems()


def test_what_is_not_finished_is_a_problem_after_an_hour(deployment: Path, loader: Engine) -> None:
    receive(loader, "first", received_at=clock.now())

    assert verify().problems == ()
    assert problems() == ("not decided yet, submission: 1",)


def test_an_archived_file_that_is_gone_or_another(
    sound: None, tmp_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_settings.archive / "first.xlsx").write_text("other")
    (tmp_settings.archive / "second.xlsx").unlink()

    assert problems() == (
        "archived original has another content, receipt: 1",
        "archived original is missing, receipt: 2",
    )
    assert main(["verify", "--sizes"]) == 1
    assert "problem: archived original is missing, receipt: 2\n2 receipts" in capsys.readouterr().out


def test_what_only_the_archive_has_and_what_the_clerk_took_away_are_notes(sound: None, tmp_settings: Settings) -> None:
    (tmp_settings.archive / "ab" / ("ab" * 32)).mkdir(parents=True)

    assert verify().notes == (*NO_ANSWERS, "1 archived contents have no receipt, such as abababababab")


@pytest.mark.parametrize(
    "place",
    [
        "home/snapshots/a.xlsx",
        "home/first-seen/.a.tmp",
        "uploads/210202-中山区/反馈/.1-2.tmp",
        "home/archive/ab/abcd/.a.tmp",
        "home/archive/ab/abcd/.checked-1-2-3/x",
        "home/archive/ab/abcd/checked-1-9/x",
    ],
)
def test_what_a_killed_process_left_is_told_and_removed(sound: None, deployment: Path, place: str) -> None:
    left = deployment / place
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")

    assert verify().problems == ()
    assert [problem.partition(",")[0] for problem in problems()] == ["1 temporary files are left over"]
    assert remove_leftovers() == 0
    assert remove_leftovers(0) == 1
    assert leftovers(0) == []
    assert problems() == ()
