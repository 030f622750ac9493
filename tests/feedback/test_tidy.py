"""反馈 shows what counts now: a newer answer sends what it supersedes into 历史, and nothing else."""

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.feedback.notices import notice_name
from district_reports.feedback.tidy import tidy_folders
from district_reports.ledger.receipts import Rejection, answered_at_once, decide_at_once, record_receipt
from district_reports.model.finding import Outcome
from district_reports.processing import ingest
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.storage.share import Folder
from district_reports.upkeep.verify import verify
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal
from submitted import RULES, a_drop, a_finding, case, checked, claimed, note_withdrawal, receive

REAL, PRECHECK = "上报", "预检"


@pytest.fixture
def folder(warehouse_url: str, tmp_settings) -> DistrictFolder:
    """中山区's folder."""
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


@pytest.fixture
def answer(folder: DistrictFolder, loader: Engine, tmp_path: Path) -> Callable[..., None]:
    """Take a file of these bytes in as the next receipt, with its notice, decide and answer it."""

    def archived(content: str) -> None:
        path = tmp_path / "content"
        path.write_text(content)
        archive.put(settings().archive, path, a_drop(content).sha256)

    numbers = count(1)

    def answered(content: str, channel: str = REAL, verdict: Outcome = Outcome.ACCEPTED, withdraws: int = 0) -> None:
        number = next(numbers)
        archived(content)
        if withdraws:
            note_withdrawal(loader, withdraws, content, folder=folder.name)
        else:
            receive(loader, content, folder=folder.name, channel=channel)
        if channel == REAL:
            (folder.feedback.path / notice_name(f"{content}.xlsx", number)).write_text("")
        claim = claimed(loader)
        assert claim is not None
        if withdraws:
            decide_withdrawal(loader, claim, RULES)
        else:
            findings = () if verdict is Outcome.ACCEPTED else (a_finding(),)
            decide(loader, claim, checked([case(1)], verdict=verdict, findings=findings))
        ingest.answer(ingest.Step(claim.submission_id, claim.lease_token))

    return answered


def receipts(folder: Path) -> set[str]:
    """The receipts that have their workbook, page and, where they were reported, their notice in `folder`."""
    by_receipt: dict[str, set[str]] = {}
    for path in folder.glob("*回执*"):
        number = path.stem.rpartition("回执")[2].removesuffix("_已收到")
        by_receipt.setdefault(number, set()).add(path.suffix)
    for number, suffixes in by_receipt.items():
        prechecked = any(folder.glob(f"预检_*回执{number}.xlsx"))
        assert suffixes == {".xlsx", ".html", *(() if prechecked else (".txt",))}, number
    return set(by_receipt)


SOUND, SENT_BACK = Outcome.ACCEPTED, Outcome.REJECTED


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        pytest.param([("a", REAL, SOUND), ("b", REAL, SOUND)], "2", id="a correction"),
        pytest.param([("a", REAL, SOUND), ("b", REAL, SENT_BACK)], "2", id="one that was sent back"),
        pytest.param([("a", REAL, SOUND), ("a", REAL, SOUND), ("a", REAL, SOUND)], "13", id="duplicates"),
        pytest.param([("a", REAL, SOUND), ("a", REAL, SOUND), ("b", REAL, SOUND)], "3", id="after a duplicate"),
        pytest.param([("a", PRECHECK, SOUND), ("b", PRECHECK, SOUND)], "2", id="another pre-check"),
        pytest.param([("a", REAL, SOUND), ("b", PRECHECK, SENT_BACK)], "12", id="a pre-check supersedes no report"),
        pytest.param([("a", PRECHECK, SENT_BACK), ("b", REAL, SOUND)], "2", id="a report supersedes pre-checks"),
    ],
)
def test_what_supersedes_what(answer, folder: DistrictFolder, answers, left: str) -> None:
    for content, channel, verdict in answers:
        answer(content, channel, verdict)
    assert receipts(folder.feedback.path) == set(left)
    everything = {str(number) for number in range(1, len(answers) + 1)}
    assert receipts(folder.history.path) == everything - set(left)
    # All answers are where the ledger or 历史 has them.
    assert verify(hashes=False).notes == ()
    assert tidy_folders() == {"moved": 0, "removed": 0}


def test_a_withdrawal_supersedes_and_a_refused_one_does_not(answer, folder: DistrictFolder) -> None:
    answer("a")
    answer("withdrawal", withdraws=1)
    assert receipts(folder.feedback.path) == {"2"}
    answer("once more", withdraws=1)
    assert receipts(folder.feedback.path) == {"2", "3"}


@pytest.mark.parametrize("held", [errno.EACCES, errno.EBUSY])
def test_what_a_clerk_has_open_follows_later(
    answer, folder: DistrictFolder, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    answer("a")
    real = Folder.move

    def move(source: Folder, name: str, target: Folder, as_name: str) -> None:
        if name.endswith("_回执1.xlsx"):
            raise OSError(held, os.strerror(held))
        real(source, name, target, as_name)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "move", move)
        answer("b")
    assert {path.suffix for path in folder.feedback.path.glob("*回执1*")} == {".xlsx"}
    assert tidy_folders()["moved"] == 1
    assert receipts(folder.feedback.path) == {"2"}


def test_what_a_clerk_renamed_or_made_is_left_alone(answer, folder: DistrictFolder, loader: Engine) -> None:
    answer("a")
    (workbook,) = folder.feedback.path.glob("*_回执1.xlsx")
    workbook.rename(folder.feedback.path / "存一份.xlsx")
    folder.history.path.mkdir()
    (folder.history.path / "我的.xlsx").write_text("")
    answer("b")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET answered_at = answered_at - interval '401 days'"))
    assert tidy_folders() == {"moved": 0, "removed": 2}
    assert {path.name for path in folder.history.path.iterdir()} == {"我的.xlsx"}
    assert (folder.feedback.path / "存一份.xlsx").exists()
    # What nothing superseded stays, however old.
    assert receipts(folder.feedback.path) == {"2"}
    assert verify(hashes=False).notes == ()


@pytest.mark.parametrize(("days", "moved"), [(29, 0), (31, 1)])
def test_answers_to_unknown_files_go_by_age(folder: DistrictFolder, loader: Engine, days: int, moved: int) -> None:
    (folder.feedback.path / "无法受理_信_退回_回执1.xlsx").write_text("")
    with loader.begin() as connection:
        _, submission_id = record_receipt(connection, a_drop("信", folder=folder.name), None)
        decide_at_once(connection, submission_id, Rejection(reason="退回。", findings=[a_finding()], rules_hash=RULES))
        answered_at_once(connection, submission_id, f"{folder.name}/反馈/无法受理_信_退回_回执1.xlsx")
        aged = text("UPDATE ledger.submission SET answered_at = answered_at - :age")
        connection.execute(aged, {"age": timedelta(days)})
    assert tidy_folders() == {"moved": moved, "removed": 0}


def test_the_notes_are_there_and_mended(answer, folder: DistrictFolder) -> None:
    answer("a", verdict=SENT_BACK)
    standing = folder.feedback.path / "上报情况.txt"
    explanation = folder.feedback.path / "说明.txt"
    told = standing.read_bytes()
    assert told.startswith(b"\xef\xbb\xbf2020-07-04 ")
    assert (
        "控辍保学台账 2020年5月：退回，待重报（截止 2020-06-05，已逾期 29 天，可补报至 2020-07-20）\r\n"
        in told.decode("utf-8-sig")
    )
    assert "400 天" in explanation.read_text("utf-8-sig")
    standing.unlink()
    explanation.write_text("别的", encoding="utf-8")
    tidy_folders()
    assert standing.read_bytes() == told
    assert "400 天" in explanation.read_text("utf-8-sig")
    # Of a district that never sent anything as well.
    others = list(folder.place.path.parent.glob("*/反馈/上报情况.txt"))
    assert len(others) == 13
