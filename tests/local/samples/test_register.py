"""The made-up register: what is committed is what the generator writes, and it is plausible."""

from collections import Counter
from datetime import date
from pathlib import Path

from district_reports.local.samples.register import main, register_files
from district_reports.reference.register import KINDERGARTEN, SCHOOL_TYPES, Register

COMMITTED = Path(__file__).parents[3] / "sql" / "reference"


def test_the_committed_files_are_what_the_generator_writes() -> None:
    for name, content in register_files().items():
        assert (COMMITTED / name).read_bytes() == content, (
            f"run python -m district_reports.local.samples.register ({name})"
        )


def test_another_seed_gives_another_register_of_the_same_size(tmp_path: Path) -> None:
    main(tmp_path)
    assert (tmp_path / "schools.csv").read_bytes() == register_files()["schools.csv"]
    other = register_files(seed=1)["schools.csv"]
    assert other != register_files()["schools.csv"]
    assert other.count(b"\n") == register_files()["schools.csv"].count(b"\n")


def test_sizes_are_plausible() -> None:
    rows = Register.load(COMMITTED).schools_open
    day = date(2020, 6, 30)
    schools = [school for district in Register.load(COMMITTED).districts_on(day) for school in rows(district.code, day)]
    types = Counter(school.school_type for school in schools)
    assert set(types) == set(SCHOOL_TYPES)
    assert 1150 <= types[KINDERGARTEN] <= 1250
    assert 850 <= len(schools) - types[KINDERGARTEN] <= 950
    assert Counter(school.area_type for school in schools).keys() == {"城区", "镇区", "乡村"}


def test_names_are_unique_and_some_schools_open_close_and_move_in_2020() -> None:
    register = Register.load(COMMITTED)
    codes = {school.code for school in register.schools}
    assert len({school.name for school in register.schools}) == len(codes)
    moved = [code for code in codes if len(register.schools_of(code)) > 1]
    assert len(moved) == 5
    for code in moved:
        first, second = register.schools_of(code)
        assert first.closed_on == second.opened_on
        assert first.district_code != second.district_code
    assert sum(school.opened_on.year == 2020 for school in register.schools) - len(moved) == 25
    assert sum(school.closed_on is not None for school in register.schools) - len(moved) == 25
