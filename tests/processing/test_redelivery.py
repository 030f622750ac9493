"""An answer that a clerk lost or spoilt is written once more, and nothing else changes."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from district_reports import failpoints
from district_reports.ledger.receipts import Rejection, answered_at_once, decide_at_once, record_receipt
from district_reports.model.finding import Outcome
from district_reports.processing import ingest
from district_reports.processing.redelivery import (
    NotAnsweredAgain,
    Obstacle,
    answer_again,
    obstacle_to,
    what_lies_there,
)
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.warehouse.load import decide
from submitted import RULES, a_drop, a_finding, case, checked, claimed, receive


@pytest.fixture
def folder(warehouse_url: str, tmp_settings) -> DistrictFolder:
    """中山区's folder."""
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


@pytest.fixture
def answered(folder: DistrictFolder, loader: Engine, tmp_path: Path) -> Callable[[str], int]:
    """Take a file of these bytes in, reject and answer it; its submission."""

    def taken(content: str) -> int:
        (tmp_path / "content").write_text(content)
        archive.put(settings().archive, tmp_path / "content", a_drop(content).sha256)
        receive(loader, content, folder=folder.name)
        claim = claimed(loader)
        assert claim is not None
        decide(loader, claim, checked([case(1)], verdict=Outcome.REJECTED, findings=(a_finding(),)))
        ingest.answer(ingest.Step(claim.submission_id, claim.lease_token))
        return claim.submission_id

    return taken


def place_of(loader: Engine, submission_id: int) -> str:
    with loader.begin() as connection:
        return connection.scalar(
            text("SELECT answered_as FROM ledger.submission WHERE submission_id = :id"), {"id": submission_id}
        )


def ledger(loader: Engine) -> list[tuple]:
    with loader.begin() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM ledger.submission ORDER BY 1"))]


def refused(submission_id: int, seen: str) -> Obstacle:
    with pytest.raises(NotAnsweredAgain) as caught:
        answer_again(submission_id, seen)
    return caught.value.obstacle


def test_what_was_lost_is_there_again(answered, folder: DistrictFolder, loader: Engine) -> None:
    submission_id = answered("one")
    workbook = settings().uploads / place_of(loader, submission_id)
    before, names = ledger(loader), set(os.listdir(folder.feedback.path))
    workbook.unlink()
    workbook.with_suffix(".html").unlink()
    told = answer_again(submission_id, "")
    assert (told.name, told.kept_as) == (workbook.name, None)
    assert set(os.listdir(folder.feedback.path)) == names
    assert load_workbook(workbook)
    assert ledger(loader) == before


def test_what_lies_there_is_kept_and_the_second_call_writes_nothing(answered, folder, loader: Engine) -> None:
    submission_id = answered("one")
    place = place_of(loader, submission_id)
    (settings().uploads / place).write_bytes(b"the clerk's own words")
    seen = what_lies_there(place)
    told = answer_again(submission_id, seen)
    assert told.kept_as is not None
    assert (folder.feedback.path / told.kept_as).read_bytes() == b"the clerk's own words"
    assert load_workbook(settings().uploads / place)
    names = set(os.listdir(folder.feedback.path))
    assert refused(submission_id, seen) is Obstacle.CHANGED
    assert refused(submission_id, "") is Obstacle.CHANGED
    assert set(os.listdir(folder.feedback.path)) == names


@pytest.mark.parametrize("point", ["answer: written", "answer again: kept", "answer: page placed"])
def test_cut_off_the_old_workbook_is_whole(answered, folder, loader, monkeypatch, point: str) -> None:
    submission_id = answered("one")
    place = place_of(loader, submission_id)
    (settings().uploads / place).write_bytes(b"the clerk's own words")
    names = {name for name in os.listdir(folder.feedback.path) if "_原有" not in name}

    def break_(at: str) -> None:
        if at == point:
            raise OSError("the share is gone")

    monkeypatch.setattr(failpoints, "hook", break_)
    with pytest.raises(OSError, match="the share is gone"):
        answer_again(submission_id, what_lies_there(place))
    monkeypatch.setattr(failpoints, "hook", None)
    assert (settings().uploads / place).read_bytes() == b"the clerk's own words"
    assert {name for name in os.listdir(folder.feedback.path) if "_原有" not in name} == names
    answer_again(submission_id, what_lies_there(place))
    assert load_workbook(settings().uploads / place)


def test_a_later_answer_stands(answered, folder: DistrictFolder, loader: Engine) -> None:
    first, second = answered("one"), answered("two")
    before = sorted(folder.feedback.path.rglob("*"))
    assert refused(first, "") is Obstacle.SUPERSEDED
    assert sorted(folder.feedback.path.rglob("*")) == before
    with loader.begin() as connection:
        assert obstacle_to(connection, second) is None


def test_a_later_file_comes_first(answered, folder: DistrictFolder, loader: Engine) -> None:
    submission_id = answered("one")
    later = receive(loader, "two", folder=folder.name)
    assert refused(submission_id, "") is Obstacle.LATER_UNDER_WAY
    assert refused(later, "") is Obstacle.UNDER_WAY


def test_what_is_reported_while_it_is_written_comes_first(answered, folder, loader, monkeypatch) -> None:
    submission_id = answered("one")
    workbook = settings().uploads / place_of(loader, submission_id)
    workbook.unlink()

    def report(point: str) -> None:
        if point == "answer: written":
            receive(loader, "two", folder=folder.name)

    monkeypatch.setattr(failpoints, "hook", report)
    assert refused(submission_id, "") is Obstacle.LATER_UNDER_WAY
    assert not workbook.exists()


def test_two_at_once_write_once(answered, loader: Engine, monkeypatch) -> None:
    submission_id = answered("one")
    (settings().uploads / place_of(loader, submission_id)).unlink()
    second: list[Obstacle] = []

    def another(failpoint: str) -> None:
        if failpoint == "answer: page written":
            thread = Thread(target=lambda: second.append(refused(submission_id, "")))
            thread.start()
            thread.join()

    monkeypatch.setattr(failpoints, "hook", another)
    answer_again(submission_id, "")
    assert second == [Obstacle.BUSY]


def test_a_file_without_identity_is_answered_again(folder: DistrictFolder, loader: Engine, tmp_path: Path) -> None:
    (tmp_path / "content").write_text("what")
    drop = a_drop("what", folder=folder.name)
    archive.put(settings().archive, tmp_path / "content", drop.sha256)
    with loader.begin() as connection:
        _, submission_id = record_receipt(connection, drop, None)
        decide_at_once(connection, submission_id, Rejection(reason="打不开", findings=(a_finding(),), rules_hash=RULES))
        answered_at_once(connection, submission_id, f"{folder.name}/反馈/无法受理_what_退回_回执1.xlsx")
    assert answer_again(submission_id, "").name == "无法受理_what_退回_回执1.xlsx"
    assert load_workbook(folder.feedback.path / "无法受理_what_退回_回执1.xlsx")
