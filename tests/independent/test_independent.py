"""Workbooks made from forms.md alone, by one who has not read the program: each has one defect, or none.

`check` finds each defect at its place, and nothing else that is critical or a warning.
"""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from district_reports.checks.file import check_file
from district_reports.reference import Register
from independent import cases_dropout, cases_file, cases_schools, cases_student_aid, fine_content, fine_files
from independent.case import SEVERITY, SOUND, Case, Place

DEFECTS = [*cases_file.CASES, *cases_student_aid.CASES, *cases_dropout.CASES, *cases_schools.CASES]
FINE = [*fine_content.CASES, *fine_files.CASES]
OWN, CITY = Path(__file__).parent / "reference", Path(__file__).parents[2] / "sql" / "reference"


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """Districts and schools made up here; the other tables, whose columns the contract leaves open, are the city's."""
    folder = tmp_path_factory.mktemp("reference")
    for source in (CITY, OWN):
        for table in source.glob("*.csv"):
            shutil.copy(table, folder / table.name)
    return Register.load(folder)


def numbered(cases: list[Case]) -> list[object]:
    """The cases under short ASCII ids: form, rule and running number."""
    seen: Counter[tuple[str, str]] = Counter()
    params = []
    for case in cases:
        rule = case.name[:3] if case.expected else "fine"
        seen[case.form, rule] += 1
        params.append(pytest.param(case, id=f"{case.form}-{rule}-{seen[case.form, rule]}"))
    return params


def compared(case: Case, found: list[Place], messages: list[str]) -> str:
    """What is missing and what is unexpected, or "" if neither."""
    left = list(zip(found, messages, strict=True))
    missing = []
    for place in case.expected:
        match = next((one for one in left if place.covers(one[0])), None)
        if match is None:
            missing.append(place)
        else:
            left.remove(match)
    unexpected = [(place, message) for place, message in left if place.severity != "info"]
    missing += [place for place in case.infos if not any(place.covers(one) for one in found)]
    if not missing and not unexpected:
        return ""
    lines = [f"{case.form}: {case.name}"]
    lines += [f"  missing     {' '.join(map(str, place))}" for place in missing]
    lines += [f"  unexpected  {' '.join(map(str, place))}  {message}" for place, message in unexpected]
    return "\n".join(lines)


@pytest.mark.parametrize("case", numbered([*DEFECTS, *FINE]))
def test_check_finds_what_was_planted_and_nothing_else(case: Case, register: Register, tmp_path: Path) -> None:
    checked = check_file(case.write(tmp_path / "填报.xlsx"), register, "210283", case.received_on)

    found = [Place(one.rule, one.severity.value, one.sheet, one.cell) for one in checked.findings]
    difference = compared(case, found, [one.message for one in checked.findings])
    if difference:
        pytest.fail(difference, pytrace=False)


def test_every_rule_that_asks_no_warehouse_is_planted() -> None:
    planted = {place.rule for case in DEFECTS for place in case.expected}

    assert planted == {rule for rule, severity in SEVERITY.items() if severity != "info"}
    assert {case.form for case in DEFECTS} == {case.form for case in FINE} == set(SOUND)
    assert len(DEFECTS) >= 110
