"""``verify`` finds each way in which what is kept can disagree, and tells no name and no value."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import ledger_book
from district_reports.cli import main
from district_reports.intake import archive, ingest
from district_reports.intake.drop import WarehouseLedger
from district_reports.intake.folders import DistrictFolder, lay_out
from district_reports.intake.leftovers import leftovers, remove_leftovers
from district_reports.intake.receive import receive
from district_reports.intake.settle import settled
from district_reports.intake.verify import verify
from district_reports.reference import Register
from district_reports.settings import Settings

NOW = timedelta(0)
CASES = [ledger_book.case(number, 性别="不详" if number == 3 else "男") for number in (1, 3, 5)]


@pytest.fixture
def folder(warehouse_url: str, tmp_settings: Settings) -> DistrictFolder:
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


@pytest.fixture
def take_in(folder: DistrictFolder, loader: Engine, tmp_settings: Settings) -> Callable[..., None]:
    """Receives a workbook with `cases`, and works on it unless told not to."""

    def taken(cases: list[dict[str, object]] = CASES, work: bool = True) -> None:
        ledger_book.write_book(folder.drop / "台账.xlsx", cases=cases)
        receive(
            WarehouseLedger(loader),
            Register.load(tmp_settings.reference),
            settle=lambda paths: settled(paths, sleep=lambda _: None),
        )
        if work:
            step = ingest.validate("dropout_control", "210202|2020-06", "run")
            assert step is not None
            ingest.load(step)
            ingest.answer(step)

    return taken


@pytest.fixture
def sound(take_in: Callable[..., None]) -> None:
    """A version with an error, and its correction in force."""
    take_in()
    take_in(CASES[:1])


def problems() -> tuple[str, ...]:
    return verify(patience=NOW, kept_seconds=0).problems


@pytest.fixture
def owner(warehouse_url: str) -> Callable[[str], None]:
    """Runs a statement as somebody who may do anything, which no part of the system may."""
    from district_reports.warehouse.engine import engine

    def run(statement: str) -> None:
        with engine(None).begin() as connection:
            connection.execute(text(statement))

    return run


def test_what_came_to_rest_agrees(sound: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert problems() == ()
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "2 receipts, 2 submissions: no problems\n"


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


def test_what_is_not_finished_is_a_problem_after_an_hour(take_in: Callable[..., None]) -> None:
    take_in(work=False)

    assert verify().problems == ()
    assert problems() == ("not decided yet, submission: 1",)


def test_an_archived_file_that_is_gone_or_another(
    sound: None, tmp_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = sorted(tmp_settings.archive.glob(f"??/*/{archive.ORIGINAL}"), key=os.path.getmtime)
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.chmod(0o600)
    first.write_bytes(content)
    second.unlink()

    assert set(problems()) == {
        "archived original has another content, receipt: 1",
        "archived original is missing, receipt: 2",
    }
    assert main(["verify", "--sizes"]) == 1
    assert capsys.readouterr().out.splitlines()[0] == "problem: archived original is missing, receipt: 2"


def test_an_answer_that_the_clerk_took_away_is_a_note(sound: None, folder: DistrictFolder) -> None:
    for path in folder.feedback.glob("*.xlsx"):
        path.unlink()
    audit = verify(patience=NOW, kept_seconds=0)

    assert audit.problems == ()
    assert audit.notes == ("the answer is no longer in 反馈, submission: 1, 2",)


@pytest.mark.parametrize(
    "place",
    [
        "home/snapshots/a.xlsx",
        "home/poison/.a.tmp",
        "uploads/210202-中山区/反馈/.1-2.tmp",
        "{content}/.a.tmp",
        "{content}/.checked-1-2-3/x",
        "{content}/checked-1-9/x",
    ],
)
def test_what_a_killed_process_left_is_told_and_removed(
    sound: None, tmp_settings: Settings, tmp_path: Path, place: str
) -> None:
    content = next(tmp_settings.archive.glob("??/*"))
    left = tmp_path / place.format(content=content)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")

    assert verify().problems == ()
    assert [problem.partition(",")[0] for problem in problems()] == ["1 temporary files are left over"]
    assert remove_leftovers() == 0
    assert remove_leftovers(0) == 1
    assert leftovers(0) == []
    assert problems() == ()
