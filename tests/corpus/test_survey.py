"""The survey and the comparison of cells see what they are there to see, on a handful of files made here."""

import re
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from corpus import cells, held_values, survey
from district_reports.local.samples import write_samples
from district_reports.reference.register import Register
from guarded_files import SHEET, rewritten

RULES = {"good.xlsx": (), "lying.xlsx": ("F05",), "empty.xlsx": ("F01",), "a.csv": ("F01",), "bomb.xlsx": ("F03",)}


def book(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["a", 1, None], ["=1/0", True, "b"], [None, None, 2.5]):
        sheet.append(row)
    workbook.save(path)
    return path


def lying(path: Path) -> Path:
    """A workbook whose sheet says that it ends at A1."""

    def change(parts: dict[str, bytes]) -> None:
        parts[SHEET] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', parts[SHEET])

    return rewritten(book(path), change)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file of each of RULES."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "empty.xlsx").touch()
    (folder / "a.csv").write_text("学籍号,姓名\n1,2\n", encoding="utf-8")
    lying(folder / "lying.xlsx")
    with zipfile.ZipFile(book(folder / "bomb.xlsx"), "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", bytes(120 << 20))
    register = Register.load(Path(__file__).parents[2] / "sql" / "reference")
    written: list[Path] = []
    write_samples(tmp_path / "samples", register, districts=1, scale=0.01, written=written.append)
    next(path for path in written if "控辍保学" in path.name).rename(folder / "good.xlsx")
    return folder


@pytest.mark.slow
def test_every_file_has_its_outcome_and_a_stopped_survey_goes_on(folder, tmp_path, tmp_settings, monkeypatch, capsys):
    journal = tmp_path / "journal.jsonl"
    arguments = ["survey", str(folder), "--journal", str(journal)]
    # How quick it is on a machine that has other tests to run is no promise.
    monkeypatch.setattr(survey, "SECONDS", 120)
    monkeypatch.setattr(sys, "argv", [*arguments, "--most", "3"])
    assert survey.main() == 1
    assert "2 files left" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", arguments)
    assert survey.main() == 0
    results = survey.read_journal(journal)
    assert {Path(result.file).name: result.rules for result in results} == RULES
    assert [result.outcome for result in results if not result.rules] == ["accepted"]
    assert all(0 < result.memory < 1 << 30 for result in results)
    assert "0 broken promises" in capsys.readouterr().out


ACCEPTED = """print('{"outcome": "accepted", "findings": []}', flush=True)"""


@pytest.mark.parametrize(
    ("program", "broken"),
    [
        ("raise KeyError(1)", ("traceback: KeyError: 1", "0 lines for 1 files", "no verdict")),
        ("raise SystemExit(3)", ("exit 3", "0 lines for 1 files", "no verdict")),
        ("print('{}\\n{}')", ("2 lines for 1 files", "no verdict")),
        (ACCEPTED.replace("accepted", "rejected"), ("rejected without a finding",)),
        (ACCEPTED.replace("accepted", "lost"), ("outcome 'lost'", "lost without a finding")),
    ],
)
def test_a_broken_promise_is_seen(program, broken, monkeypatch):
    monkeypatch.setattr(survey, "_COMMAND", (sys.executable, "-c", program))
    [result] = survey.check([Path("a.xlsx")])
    assert result.broken == broken


def test_too_much_time_and_memory_are_seen(monkeypatch):
    program = f"import time; held = b'x' * (120 << 20); time.sleep(0.5); {ACCEPTED}"
    monkeypatch.setattr(survey, "_COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(survey, "SECONDS", 0.3)
    monkeypatch.setattr(survey, "BYTES", 100 << 20)
    [result] = survey.check([Path("a.xlsx")])
    assert result.seconds > 0.5
    assert result.memory > 120 << 20
    assert len(result.broken) == 2


def test_files_of_a_call_that_breaks_are_run_alone(monkeypatch):
    """Only the file that ends the command is to blame."""
    program = f"import sys\nfor file in sys.argv[1:]:\n    if file == 'bad': raise SystemExit(5)\n    {ACCEPTED}\n"
    monkeypatch.setattr(survey, "_COMMAND", (sys.executable, "-c", program))
    results = survey.check([Path("a"), Path("bad"), Path("b")])
    assert [bool(result.broken) for result in results] == [False, True, False]


def test_cells_are_counted_from_the_xml(tmp_path):
    assert held_values.held_values(lying(tmp_path / "a.xlsx")) == {
        "Sheet": {
            (1, 1): ("inlineStr", "a"),
            (1, 2): ("n", "1"),
            (2, 1): ("formula", ""),
            (2, 2): ("b", "1"),
            (2, 3): ("inlineStr", "b"),
            (3, 3): ("n", "2.5"),
        }
    }
    assert cells.compare_apart(tmp_path / "a.xlsx") == {"state": "same", "cells": 6, "sheets": {}}


def test_a_value_that_is_lost_invented_or_changed_is_seen(tmp_path, monkeypatch):
    path = book(tmp_path / "a.xlsx")
    held = held_values.held_values(path)["Sheet"]
    changed = {**held, (1, 1): held_values.Held("s", "x"), (9, 9): held_values.Held("n", "1")}
    del changed[3, 3]
    monkeypatch.setattr(cells, "held_values", lambda _: {"Sheet": changed, "Other": held})
    told = cells.compare(path)
    assert told["state"] == "different"
    assert told["sheets"] == {
        "Other": ["the whole sheet is absent"],
        "Sheet": [
            "1 absent: I9 Held(type='n', text='1') read as None",
            "1 from nowhere: C3 None read as 2.5",
            "1 changed: A1 Held(type='s', text='x') read as 'a'",
        ],
    }
