"""Workbooks with planted mistakes: the checks find what the answer key says, where it says, and nothing else."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cache

import pytest

from district_reports.checks.file import check_file
from district_reports.checks.instructions import all_texts
from district_reports.checks.suites import suites
from district_reports.forms import forms
from district_reports.local.samples import ANSWER_KEY, Planted, defective_samples
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome, Severity

RECEIVED = date(2020, 7, 4)
Place = tuple[str, str, str | None, str | None]


@pytest.fixture(scope="module")
def check_defective(folder, city_register, check):
    """The verdict on a defective workbook, with or without the one that was accepted before."""

    @cache
    def checked(file: str, earlier: str | None = None) -> CheckedWorkbook:
        # Through the guard and the limited child only where the file is no workbook to begin with.
        if any(f"-{rule}-" in file for rule in ("F01", "F02", "F03", "F04")):
            return check_file(folder / file, city_register, file[:6], RECEIVED)
        return check(folder / file, RECEIVED, folder / earlier if earlier else None)

    return checked


def by_file(key: Iterable[Planted]) -> dict[str, list[Planted]]:
    files: dict[str, list[Planted]] = defaultdict(list)
    for one in key:
        files[one.file].append(one)
    return files


def without_infos(places: Counter[Place]) -> Counter[Place]:
    return Counter({place: count for place, count in places.items() if place[1] != "info"})


def test_every_rule_is_planted(key) -> None:
    assert {one.rule for one in key} == {text.code for text in all_texts()}


def test_what_needs_an_earlier_workbook_is_what_the_rules_compare_with_history(key) -> None:
    """But for F17, which asks the ledger."""
    for form in forms().values():
        needing = {one.rule for one in key if one.needs and f"/{form.title}-" in one.file}
        assert needing - {"F17"} == set(suites(form).needs_history), form.key


@pytest.mark.slow
def test_exactly_the_planted_mistakes_are_found(key, check_defective) -> None:
    """F17 is not among them: it takes a ledger of what was decided, see test_history.py."""
    for file, mistakes in by_file(one for one in key if one.rule != "F17").items():
        expected = Counter((one.rule, one.severity, one.sheet, one.cell) for one in mistakes)
        earlier = next((one.needs for one in mistakes if one.needs), None)
        findings = check_defective(file, earlier).findings
        found = Counter((one.rule, one.severity.value, one.sheet, one.cell) for one in findings)
        assert without_infos(found) == without_infos(expected), file
        assert not expected - found, file


@pytest.mark.slow
def test_without_the_earlier_workbook_only_what_needs_it_is_missed(key, check_defective) -> None:
    needing = {one.rule for one in key if one.needs}
    for file in {one.file for one in key if one.needs and one.rule != "F17"}:
        found = Counter(one.rule for one in check_defective(file).findings)
        expected = Counter(one.rule for one in key if one.file == file and not one.needs)
        assert not expected - found
        assert not needing & set(found)


def test_gathered_mistakes_load_in_part_and_a_file_has_one_mistake_of_its_own(key, check_defective) -> None:
    gathered = [file for file in by_file(key) if "内容错误" in file]
    assert len(gathered) == len(forms())
    for file in gathered:
        assert check_defective(file).verdict is Outcome.ACCEPTED_WITH_ERRORS, file
    for file, mistakes in by_file(key).items():
        of_file = {one.rule for one in mistakes if one.rule.startswith("F")}
        assert len(of_file) == (0 if file in gathered else 1), file


def test_the_key_names_every_workbook_beside_it(folder, key) -> None:
    written = json.loads((folder / ANSWER_KEY).read_text(encoding="utf-8"))
    assert list(written[0]) == ["file", "sheet", "cell", "rule", "severity", "needs"]
    assert {one["severity"] for one in written} == {severity.value for severity in Severity}
    files = {str(path.relative_to(folder)) for path in folder.glob("*/*.xlsx")}
    assert files == {one.file for one in key} | {one.needs for one in key if one.needs}


@pytest.mark.slow
def test_the_same_seed_plants_the_same(tmp_path, city_register, folder, key) -> None:
    assert defective_samples(tmp_path, city_register) == key
    for file in {one.file for one in key}:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()
