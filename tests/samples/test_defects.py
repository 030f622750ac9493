"""Workbooks with planted mistakes: the checks find what the answer key says, where it says, and nothing else."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from district_reports.checks.file import check_file
from district_reports.checks.run import check_workbook, titles_to_read
from district_reports.forms import forms
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome, Severity
from district_reports.model.form import Form
from district_reports.model.history import History
from district_reports.model.period import Period
from district_reports.reference import Register
from district_reports.samples.defects import ANSWER_KEY, Planted, defective_samples
from district_reports.workbook.reader import read_sheets

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")
RECEIVED = date(2020, 7, 4)
# Every rule that a workbook can break (forms.md, "Rules"); X rules are about several.
RULES = """
F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F12 F13 F14 F15 F16 F17 F18 F19
T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11 T12 T13
C01 C02 C03 C04 C05 C06 C07 C08 C09 C10
A01 A02 A03 A04 A05 A06 A07 A08 A09
B01 B02 B03 B04 B05 B06 B07 B08 B09 B10
D01 D02 D03 D04 D05 D06 D07 D08 D09
E01 E02 E03 E04 E05 E06 E07 E08
"""
Place = tuple[str, str, str | None, str | None]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Planted]]:
    folder = tmp_path_factory.mktemp("defects")
    return folder, defective_samples(folder, REGISTER)


def check(folder: Path, file: str, earlier: str | None = None) -> CheckedWorkbook:
    """The verdict on a defective workbook; `earlier` is the one that was accepted for the period before."""

    def history_of(form: Form, district: str, period: Period) -> History:
        if earlier is None:
            return History()
        before = period.previous()
        sheets = read_sheets(folder / earlier, titles_to_read())
        accepted = check_workbook(sheets, REGISTER, district, form.due_on(before))
        assert (accepted.verdict, accepted.findings) == (Outcome.ACCEPTED, ())
        return History(before.text, {table: rows.to_pylist() for table, rows in accepted.rows.items()})

    # Through the guard and the limited child only where the file is no workbook to begin with.
    if any(f"-{rule}-" in file for rule in ("F01", "F02", "F03", "F04")):
        return check_file(folder / file, REGISTER, file[:6], RECEIVED)
    return check_workbook(read_sheets(folder / file, titles_to_read()), REGISTER, file[:6], RECEIVED, history_of)


def by_file(key: Iterable[Planted]) -> dict[str, list[Planted]]:
    files: dict[str, list[Planted]] = defaultdict(list)
    for one in key:
        files[one.file].append(one)
    return files


def without_infos(places: Counter[Place]) -> Counter[Place]:
    return Counter({place: count for place, count in places.items() if place[1] != "info"})


def test_every_rule_is_planted(planted: tuple[Path, list[Planted]]) -> None:
    _, key = planted
    assert sorted({one.rule for one in key}) == sorted(RULES.split())


def test_exactly_the_planted_mistakes_are_found(planted: tuple[Path, list[Planted]]) -> None:
    """F17 is not among them: it takes a ledger of what was decided, see the test of ingesting."""
    folder, key = planted
    for file, mistakes in by_file(one for one in key if one.rule != "F17").items():
        expected = Counter((one.rule, one.severity, one.sheet, one.cell) for one in mistakes)
        earlier = next((one.needs for one in mistakes if one.needs), None)
        findings = check(folder, file, earlier).findings
        found = Counter((one.rule, one.severity.value, one.sheet, one.cell) for one in findings)
        assert without_infos(found) == without_infos(expected), file
        assert not expected - found, file


def test_without_the_earlier_workbook_nothing_but_what_needs_it_is_missed(
    planted: tuple[Path, list[Planted]],
) -> None:
    folder, key = planted
    needing = {one.file: one for one in key if one.needs and one.rule != "F17"}
    assert {one.rule for one in key if one.needs} == {"C06", "D07", "F17"}
    for file in needing:
        found = Counter(one.rule for one in check(folder, file).findings)
        expected = Counter(one.rule for one in key if one.file == file and not one.needs)
        assert not expected - found
        assert not {"C06", "D07"} & set(found)


def test_gathered_mistakes_load_in_part_and_a_file_has_one_mistake_of_its_own(
    planted: tuple[Path, list[Planted]],
) -> None:
    folder, key = planted
    gathered = [file for file in by_file(key) if "内容错误" in file]
    assert len(gathered) == len(forms())
    for file in gathered:
        assert check(folder, file).verdict is Outcome.ACCEPTED_WITH_ERRORS, file
    for file, mistakes in by_file(key).items():
        of_file = {one.rule for one in mistakes if one.rule.startswith("F")}
        assert len(of_file) == (0 if file in gathered else 1), file


def test_the_key_is_written_beside_the_workbooks(planted: tuple[Path, list[Planted]]) -> None:
    folder, key = planted
    written = json.loads((folder / ANSWER_KEY).read_text(encoding="utf-8"))
    assert [Planted(**one) for one in written] == key
    assert list(written[0]) == ["file", "sheet", "cell", "rule", "severity", "needs"]
    assert {one["severity"] for one in written} == {severity.value for severity in Severity}
    files = {str(path.relative_to(folder)) for path in folder.glob("*/*.xlsx")}
    assert files == {one.file for one in key} | {one.needs for one in key if one.needs}


def test_the_same_seed_plants_the_same(tmp_path: Path, planted: tuple[Path, list[Planted]]) -> None:
    folder, key = planted
    assert defective_samples(tmp_path, REGISTER) == key
    for file in {one.file for one in key}:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()
