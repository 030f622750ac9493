"""One source for what a rule says: docs/rules.md, 填表说明 and the answers."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from district_reports.checks.instructions import all_texts, rules_of
from district_reports.checks.rules_page import rules_page
from district_reports.cli import main
from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.reconciliation.rules import cross_rules
from district_reports.reference.register import Register
from district_reports.settings import load_settings, settings
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.list_workbook import write_answer
from district_reports.workbook.templates.template import write_template
from ledger_book import case

ROOT = load_settings({}).root
LEDGER = forms()["dropout_control"]
AT = datetime(2020, 7, 4, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_page_is_the_one_that_is_generated():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == rules_page(forms(), cross_rules().texts()), "docs/rules.md is out of date: make docs"


def test_the_command_prints_the_page(capsys):
    assert main(["rules"]) == 0
    assert capsys.readouterr().out == rules_page(forms(), cross_rules().texts())


def test_the_page_holds_every_rule_once_for_each_thing_that_it_says():
    lines = [line for line in rules_page(forms(), cross_rules().texts()).splitlines() if line.startswith("| **")]
    assert len(lines) == len(set(lines))
    every = [*all_texts(), *cross_rules().texts()]
    assert {line[4:7] for line in lines} == {text.code for text in every}
    assert len(lines) == len({(text.code, text.message, text.fix) for text in every})


def test_every_heading_has_a_table_with_as_many_cells_as_its_header():
    for section in rules_page(forms(), cross_rules().texts()).split("\n## ")[1:]:
        rows = [line for line in section.splitlines() if line.startswith("|")]
        assert len(rows) > 2, section[:20]
        assert len({line.count(" | ") for line in rows if line.startswith("| ")}) == 1, section[:20]


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Put other words into a file of expectations/, in a copy that the library then reads."""
    root = tmp_path / "root"
    shutil.copytree(ROOT / "expectations", root / "expectations")
    (root / "sql").symlink_to(ROOT / "sql")

    def changed(file: str, was: str, becomes: str) -> None:
        path = root / "expectations" / file
        before = path.read_text(encoding="utf-8")
        assert was in before
        path.write_text(before.replace(was, becomes), encoding="utf-8")

    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(root))
    settings.cache_clear()
    yield changed
    settings.cache_clear()


def the_sheet(folder: Path) -> str:
    """What 填表说明 of the ledger's template says."""
    path = folder / "template.xlsx"
    register = Register.load(ROOT / "sql" / "reference")
    write_template(LEDGER, register, None, None, path, rules=rules_of(LEDGER))
    return "\n".join(str(cell.value) for row in load_workbook(path)["填表说明"].iter_rows() for cell in row)


def the_answer(folder: Path, checked: CheckedWorkbook) -> str:
    """What 问题清单 of the answer says."""
    path = folder / "answer.xlsx"
    write_answer(
        Answer(
            form_title=LEDGER.title,
            period=checked.period,
            district="中山区",
            file_name="台账.xlsx",
            received_at=AT,
            decided_at=AT,
            outcome=checked.verdict,
            reason=checked.reason,
            receipt_no=12,
            counts=checked.counts,
            findings=checked.findings,
        ),
        path,
    )
    return "\n".join(str(cell.value) for row in load_workbook(path)["问题清单"].iter_rows() for cell in row)


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        ("file_and_cell.json", "必须填写，现在是空的。", "还没有填。"),
        ("file_and_cell.json", "只填数字，例如 500；", "只填阿拉伯数字，例如 500；"),
        ("any_form.json", "只留一行；其余各行是重复的就删去，是填错的就改正。", "两行里只留一行。"),
        ("dropout_control.json", "“返校日期”却空着。", "“返校日期”还没有填。"),
    ],
)
def test_a_text_changes_in_the_page_the_sheet_and_the_answer(check, change, tmp_path, file, was, becomes):
    mistakes = [case(1), case(1), case(2, 姓名=None), case(3, 劝返次数="五次"), case(4, 劝返状态="已返校")]
    sound = [case(number) for number in range(5, 70)]

    def told() -> list[str]:
        checked = check(cases=[*mistakes, *sound])
        return [rules_page(forms(), cross_rules().texts()), the_sheet(tmp_path), the_answer(tmp_path, checked)]

    assert [was in text for text in told()] == [True] * 3
    change(file, was, becomes)
    # In production the files are read once a process.
    for cached in cached_readers():
        cached.cache_clear()
    assert [(was in text, becomes in text) for text in told()] == [(False, True)] * 3


def cached_readers():
    from district_reports.checks import catalogue, suites

    return catalogue._load, suites._suites
