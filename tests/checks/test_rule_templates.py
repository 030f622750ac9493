"""What a suite says alike of several things is written once, and each is told in its own words."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook
from district_reports.checks.suites import suites
from district_reports.errors import ReferenceDataError
from district_reports.forms import forms
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.workbook.reading.reader import read_sheets
from independent.book import HEADCOUNT
from independent.sound_schools import teacher_training

ROOT = Path(__file__).parents[2]
TOO_FEW = {
    7: ("E08", "思政课教师数", "思政课教师全员通识", 4, 3),
    6: ("E09", "乡村教师数", "乡村教师支持", 2, 1),
    12: ("E09", "双师型教师数", "双师型教师", 4, 3),
    13: ("E09", "信息化教师数", "教育信息化", 2, 1),
    9: ("E09", "校级领导数", "名校长骨干校长", 1, 0),
}
"""Excel row: rule, headcount, category, teachers trained, the headcount that is too low."""


def test_each_headcount_is_told_what_its_teachers_were_trained_in(city: Register, tmp_path: Path) -> None:
    book = teacher_training()
    for row, (_, title, _, _, there) in TOO_FEW.items():
        book.put(HEADCOUNT, row, {title: there})
    checked = check_workbook(read_sheets(book.write(tmp_path / "few.xlsx")), city, "210283", date(2020, 7, 4))

    assert {(found.row, found.rule, found.column, found.message) for found in checked.findings} == {
        (
            *(row, rule, title),
            f"“培训记录”里本校有 {trained} 名教师参加了“{category}”培训，“{title}”却只有 {there} 人。",
        )
        for row, (rule, title, category, trained, there) in TOO_FEW.items()
    }


@pytest.fixture
def expectations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the rules, which are in force."""
    for name in ("sql", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(tmp_path))
    settings.cache_clear()
    yield tmp_path / "expectations"
    settings.cache_clear()


def test_a_word_that_is_forgotten_is_named(expectations: Path) -> None:
    path = expectations / "teacher_training.json"
    written = json.loads(path.read_text("utf-8"))
    *_, template = written["suites"]["teacher_headcount"]
    del template["for_each"][2]["category"]
    path.write_text(json.dumps(written), "utf-8")

    with pytest.raises(ReferenceDataError, match=r"teacher_training.json, teacher_headcount: .* \$\{category\}"):
        suites(forms()["teacher_training"])
