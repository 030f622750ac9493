"""Workbooks with planted mistakes: the checks find what the answer key says, where it says, and nothing else."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook, titles_to_read
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.reference import Register
from district_reports.samples.defects import Planted, defective_samples
from district_reports.workbook.reader import read_sheets

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Planted]]:
    folder = tmp_path_factory.mktemp("defects")
    return folder, defective_samples(folder, REGISTER)


def check(folder: Path, file: str) -> CheckedWorkbook:
    return check_workbook(read_sheets(folder / file, titles_to_read()), REGISTER, file[:6], date(2020, 7, 4))


def test_exactly_the_planted_mistakes_are_found(planted: tuple[Path, list[Planted]]) -> None:
    folder, key = planted
    by_file: dict[str, set[tuple[str, str | None, str | None]]] = defaultdict(set)
    for mistake in key:
        by_file[mistake.file].add((mistake.rule, mistake.sheet, mistake.cell))
    for file, expected in by_file.items():
        found = {(finding.rule, finding.sheet, finding.cell) for finding in check(folder, file).findings}
        assert found == expected, file


def test_the_workbook_of_gathered_mistakes_loads_in_part(planted: tuple[Path, list[Planted]]) -> None:
    folder, key = planted
    (file,) = {mistake.file for mistake in key if mistake.rule == "C01"}
    assert check(folder, file).verdict is Outcome.ACCEPTED_WITH_ERRORS
    rules = {mistake.rule for mistake in key if mistake.file == file}
    assert " ".join(sorted(rules)) == (
        "C01 C02 C03 C04 C05 C07 C09 C10 D01 D02 D03 D04 D05 D06 D08 D09 T01 T02 T03 T04 T05 T08 T09 T10 T13"
    )


def test_the_same_seed_plants_the_same(tmp_path: Path, planted: tuple[Path, list[Planted]]) -> None:
    folder, key = planted
    assert defective_samples(tmp_path, REGISTER) == key
    for file in {mistake.file for mistake in key}:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()
