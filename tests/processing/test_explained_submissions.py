"""Explanations on a real warehouse: handed in with a file, quiet until the value changes, the same when restated."""

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text

from district_reports.checks.file import check_file
from district_reports.cli import main
from district_reports.database.engine import engine
from district_reports.ledger.explanations import explanations_in
from district_reports.ledger.records import findings_of
from district_reports.model.finding import Finding
from district_reports.model.knowledge import Knowledge
from district_reports.processing import ingest
from district_reports.processing.restate import ReportSeries, State, rehearse, restate
from district_reports.reference.register import Register
from district_reports.settings import settings
from explained_list import put_list
from ledger_book import CASES, RECEIVED_ON
from restating import DISTRICTS_CSV, FORM, JUNE, SCHOOLS_CSV, ZHONGSHAN, House

WHY, MORE = "家长王某某已外出务工", "助学金六月二十日起发放"
LINE = ReportSeries(FORM, ZHONGSHAN, (JUNE,))


class Desk(House):
    """The deployment, and what a clerk does with its answers."""

    def send(self, children: int, explanations: Mapping[int, str | None] | None = None, **more) -> list[Finding]:
        """Drop that many open cases, three for poverty, with the last list filled in; the warnings that it has."""
        listed, change = self.warnings(), more.pop("change", lambda book: None)

        def changed(book: Workbook) -> None:
            change(book)
            if explanations is not None:
                put_list(book, listed, explanations)

        self.drop(JUNE, range(1, children + 1), **{"poor": 3, "change": changed, **more})
        return self.warnings()

    def latest(self, column: str) -> object:
        with self.loader.begin() as connection:
            return connection.scalar(text(f"SELECT {column} FROM ledger.submission ORDER BY receipt_id DESC LIMIT 1"))

    def warnings(self) -> list[Finding]:
        with self.loader.begin() as connection:
            return [found for found in findings_of(connection, self.latest("submission_id")) if found.warning_id]

    def said(self) -> list[str | None]:
        return [found.explanation for found in self.warnings()]

    def stored(self) -> int:
        with self.loader.begin() as connection:
            return connection.execute(text("SELECT count(*) FROM findings.explanation")).scalar_one()


@pytest.fixture
def desk(reference_folder: Path, loader: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (reference_folder / "districts.csv").write_text(DISTRICTS_CSV, encoding="utf-8")
    (reference_folder / "schools.csv").write_text(SCHOOLS_CSV, encoding="utf-8")
    assert main(["reference", "load"]) == 0
    return Desk(settings().root, tmp_path, loader, monkeypatch)


def not_tried(book: Workbook) -> None:
    """The first child's case is not 劝返中 but 未劝返."""
    book[CASES]["N4"] = "未劝返"


def test_a_warning_is_quiet_until_its_value_changes(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert [found.explanation for found in desk.send(40)] == [None] * 3
    assert str(desk.latest("reason")).endswith("另有 3 条警告，请核对。")

    desk.send(40, {0: WHY, 1: "无"})
    assert desk.said() == [WHY, None, None]
    assert str(desk.latest("reason")).endswith("另有 2 条警告，请核对；1 条已有说明。")
    assert desk.poor_cases(JUNE) == 3, "warnings load"

    desk.send(41)
    assert desk.said() == [WHY, None, None], "a fresh file without the list"
    desk.send(40, change=not_tried)
    assert desk.said() == [None] * 3, "another value"
    desk.send(42)
    assert desk.said() == [WHY, None, None], "the value that was explained"
    desk.send(42, {1: MORE})
    desk.send(43, {0: None})
    assert desk.said() == [None, MORE, None], "one is taken back"
    desk.send(44, {0: MORE})
    assert desk.said() == [MORE, MORE, None], "the later one holds"
    assert WHY not in caplog.text
    assert MORE not in caplog.text


def test_a_rejected_file_is_listened_to_and_a_withdrawn_one_is_not(desk: Desk) -> None:
    desk.send(40)
    desk.send(40, {0: WHY}, change=lambda book: book[CASES].delete_cols(2))
    assert (desk.latest("outcome"), desk.stored()) == ("rejected", 3)
    desk.send(40, change=lambda book: book[CASES].insert_rows(4))
    assert desk.said() == [WHY, None, None]

    desk.send(41, {0: MORE, 1: MORE})
    assert main(["withdraw", str(desk.latest("receipt_id")), "--reason", "报错了", "--by", "李"]) == 0
    assert desk.latest("restores") is not None
    assert desk.said() == [WHY, None, None]
    desk.change_rule("D07")
    assert restated(desk) == [WHY, None, None], "what stands again, decided again"
    desk.send(43)
    assert desk.said() == [WHY, None, None]


def test_a_file_that_is_only_looked_at_leaves_nothing(desk: Desk) -> None:
    desk.send(40)
    desk.send(40, {0: WHY})
    stored = desk.stored()
    desk.send(41, {0: MORE, 1: MORE}, work=False)
    with engine("migrator").begin() as connection:
        for table in ("receipt", "submission"):
            connection.execute(
                text(f"UPDATE ledger.{table} SET channel = '预检' WHERE receipt_id = :id"),
                {"id": desk.latest("receipt_id")},
            )
    step = ingest.validate(FORM, f"{ZHONGSHAN}|{JUNE}", "run")
    assert step is not None
    ingest.load(step)
    ingest.answer(step)
    assert (desk.said(), desk.stored()) == ([MORE, MORE, None], stored)
    desk.send(42)
    assert desk.said() == [WHY, None, None]
    original = desk.tmp_path / "book.xlsx"
    known = explanations_in(desk.loader)
    checked = check_file(
        original, Register.load(settings().reference), ZHONGSHAN, RECEIVED_ON, Knowledge(explanations=known)
    )
    assert [found.explanation for found in checked.findings if found.warning_id] == [WHY, None, None]


def restated(desk: Desk) -> list[str | None]:
    """What is said of the warnings after the report was decided again; nobody can tell it from before."""
    [rehearsed] = rehearse(LINE)
    [done] = restate(LINE)
    assert (rehearsed.state, done.state, done.fault) == (State.RESTATED, State.RESTATED, None)
    assert rehearsed.difference is not None
    assert done.difference is not None
    assert not rehearsed.difference.anything, list(rehearsed.difference.lines())
    assert not done.difference.anything, list(done.difference.lines())
    return desk.said()


def test_restated_it_finds_what_was_known_then(desk: Desk) -> None:
    desk.send(40)
    desk.send(41, {0: WHY})
    desk.send(42)
    desk.change_rule("D07")
    assert restated(desk) == [WHY, None, None]
    assert desk.submissions(JUNE)[-1] == ("accepted", True, "answered", False), "no news, no answer"


def test_a_decision_from_before_warnings_had_names_is_the_same_decision(desk: Desk) -> None:
    desk.send(40)
    with engine("migrator").begin() as connection:
        connection.execute(text("UPDATE findings.finding SET warning_id = NULL"))
    desk.change_rule("D07")
    assert restated(desk) == [None] * 3
