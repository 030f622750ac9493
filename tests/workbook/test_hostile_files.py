"""Every hostile file gets its rule and variant from the guard, and a finding in words from the command line."""

import json
import re
from pathlib import Path

import openpyxl
import pytest

from district_reports import cli
from district_reports.checks.catalogue import rules
from district_reports.workbook.guard.guard import guard
from guarded_files import found
from hostile_files import HOSTILE

PARTS = 5
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][(),;:!?]|[(),;:!?][\u4e00-\u9fff]")


@pytest.mark.parametrize("case", HOSTILE)
def test_the_guard_names_it(workbook: Path, case: str) -> None:
    rule, variant, make = HOSTILE[case]
    make(workbook)
    assert found(workbook) == [(rule, variant)]
    for problem in guard(workbook):
        assert not any(HALF_WIDTH.search(str(word)) for word in problem.words.values())


def test_every_text_of_the_guard_belongs_to_a_file_here() -> None:
    shown = {(rule, variant) for rule, variant, _ in HOSTILE.values()}
    written = {(rule, variant) for rule in ("F01", "F02", "F03", "F04") for variant in rules()[rule]["variants"]}
    assert written - shown == {
        *((rule, "default") for rule in ("F01", "F03", "F04")),
        # Said by the reader, the child and its parent, not by the guard.
        *(("F01", variant) for variant in ("unaccounted", "unreadable", "unopened")),
        # Said of the notice of a receipt that was dropped back.
        *(both for both in written if both[1].startswith("withdrawal_")),
        *(("F03", variant) for variant in ("values", "time", "memory", "crash")),
    }


def test_punctuation_beside_chinese_is_full_width() -> None:
    variants = [both for rule in ("F01", "F02", "F03", "F04") for both in rules()[rule]["variants"].values()]
    texts = [text for both in variants for text in both.values()]
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


# The limited child takes a third of a second to start.
@pytest.mark.usefixtures("tmp_settings")
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_the_command_line_rejects_each_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], part: int) -> None:
    """Under whichever extension: what a file is, its content says."""
    plain = tmp_path / "plain.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active["A1"] = "报表代码"
    book.save(plain)
    files: dict[Path, str] = {}
    for number, (rule, _, make) in enumerate([*HOSTILE.values()][part::PARTS]):
        path = tmp_path / f"{number}{('.xlsx', '.xls', '.et', '.csv', '')[number % 5]}"
        path.write_bytes(plain.read_bytes())
        make(path)
        files[path] = rule

    assert cli.main(["check", "--json", *map(str, files)]) == 1

    told = {Path(one["file"]): one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told.keys() == files.keys()
    for path, one in told.items():
        assert one["outcome"] == "rejected", path.name
        assert {finding["rule"] for finding in one["findings"]} == {files[path]}
        for finding in one["findings"]:
            assert finding["message"]
            assert finding["fix"]
            assert "{" not in finding["message"] + finding["fix"]
            assert "Traceback" not in str(finding)
