"""Workbooks made from the written contract alone, by one who has not read the program: each has one defect, or none.

`check` finds each defect at its place, and nothing else that is critical or a warning.
"""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from district_reports.checks.file import check_file
from district_reports.checks.run import check_workbook
from district_reports.model.checked import CheckedWorkbook
from district_reports.reference.register import Register
from district_reports.workbook.reading.reader import read_sheets
from independent import (
    cases_cells,
    cases_dropout,
    cases_file,
    cases_schools,
    cases_sent,
    cases_student_aid,
    fine_content,
    fine_files,
)
from independent.case import ANY, SEVERITY, SOUND, Case, Place

SENT = [*cases_cells.CASES, *cases_sent.DEFECTS]
DEFECTS = [*cases_file.CASES, *cases_student_aid.CASES, *cases_dropout.CASES, *cases_schools.CASES, *SENT]
DISTRICT = "210283"
USUAL, USUAL_FINE = 1, 6
"""Cases of a rule, and sound ones, that every run of the suite checks; `make slow` checks all."""
FINE = [*fine_content.CASES, *fine_files.CASES, *cases_cells.FINE, *cases_sent.FINE]
# The guard's limited child takes seconds to start: it reads the files whose parts are in question and the sound ones.
GUARDED = [*cases_file.FILES, *fine_content.SOUND_ONES, *fine_files.COVER, *fine_files.LAYOUT, *cases_sent.OTHER_SHEETS]
READ_HERE = [case for case in (*DEFECTS, *FINE) if case not in GUARDED]
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
    """The cases under short ASCII ids: form, rule and running number. All but the first few are slow."""
    seen: Counter[tuple[str, str]] = Counter()
    of_rule: Counter[str] = Counter()
    params = []
    for case in cases:
        rule = case.name[:3] if case.expected else "fine"
        seen[case.form, rule] += 1
        number = seen[case.form, rule]
        of_rule[rule] += 1
        marks = [pytest.mark.slow] if of_rule[rule] > (USUAL if case.expected else USUAL_FINE) else []
        params.append(pytest.param(case, id=f"{case.form}-{rule}-{number}", marks=marks))
    return params


def compare(case: Case, checked: CheckedWorkbook) -> None:
    """Fail with what is missing and what is unexpected."""
    found = [Place(one.rule, one.severity.value, one.sheet, one.cell) for one in checked.findings]
    messages = [one.message for one in checked.findings]
    left = list(zip(found, messages, strict=True))
    missing = []
    for place in case.expected:
        match = next((one for one in left if place.covers(one[0])), None)
        if match is None:
            missing.append(place)
        else:
            left.remove(match)
    # About a whole file or sheet more than one sentence may be said; a cell has each of its findings once.
    said = [place for place in case.expected if place.cell in (None, ANY)]
    unexpected = [
        (place, message)
        for place, message in left
        if place.severity != "info" and not (place.cell is None and any(one.covers(place) for one in said))
    ]
    missing += [place for place in case.infos if not any(place.covers(one) for one in found)]
    lines = [f"{case.form}: {case.name}"]
    lines += [f"  missing     {' '.join(map(str, place))}" for place in missing]
    lines += [f"  unexpected  {' '.join(map(str, place))}  {message}" for place, message in unexpected]
    if missing or unexpected:
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.mark.parametrize("case", numbered(GUARDED))
def test_a_file(case: Case, register: Register, tmp_path: Path) -> None:
    compare(case, check_file(case.write(tmp_path / "填报.xlsx"), register, DISTRICT, case.received_on))


@pytest.mark.parametrize("case", numbered(READ_HERE))
def test_a_workbook(case: Case, register: Register, tmp_path: Path) -> None:
    sheets = read_sheets(case.write(tmp_path / "填报.xlsx"))

    compare(case, check_workbook(sheets, register, DISTRICT, case.received_on))


def test_every_rule_that_asks_no_warehouse_is_planted() -> None:
    planted = {place.rule for case in DEFECTS for place in case.expected}

    assert planted == {rule for rule, severity in SEVERITY.items() if severity != "info"}
    assert {case.form for case in DEFECTS} == {case.form for case in FINE} == set(SOUND)
    assert len(DEFECTS) >= 110
