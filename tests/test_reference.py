"""The register: what a row means on a day, and that a wrong CSV file is named with its line."""

import time
from datetime import date
from pathlib import Path

import pytest

from district_reports.errors import ReferenceDataError
from district_reports.model.form import ReferenceCodes
from district_reports.reference.register import Register

COMMITTED = Path(__file__).parents[1] / "sql" / "reference"
DISTRICTS = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2016-01-01,
210282,普兰店市,涉农地区,2000-01-01,2016-01-01
210214,普兰店区,涉农地区,2016-01-01,
"""
SCHOOLS = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2219010001,澄帆小学,210202,小学,城区,公办,1990-09-01,2020-06-16
2219010001,澄帆小学,210214,小学,城区,公办,2020-06-16,
3219010002,霁舟初级中学,210202,初中,城区,公办,2020-07-01,
"""
MERGERS = "merged_on,district_code,into_code\n"


def folder(path: Path, districts: str = DISTRICTS, schools: str = SCHOOLS, **others: str) -> Path:
    for name, text in {"districts": districts, "schools": schools, **others}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_a_school_that_moves_belongs_to_one_district_on_each_day(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path))

    def codes(district: str, day: str) -> list[str]:
        return [school.code for school in register.schools_open(district, date.fromisoformat(day))]

    assert codes("210202", "2020-06-15") == ["2219010001"]
    assert codes("210202", "2020-06-16") == []
    assert codes("210214", "2020-06-16") == ["2219010001"]
    assert [row.district_code for row in register.schools_of("2219010001")] == ["210202", "210214"]
    assert register.schools_of("0000000000") == []


def test_neither_a_move_nor_a_merger_opens_a_school_anew(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path, mergers=MERGERS + "2020-07-05,210202,210214\n"))
    assert register.first_opened_on("2219010001") == date(1990, 9, 1)
    assert register.first_opened_on("3219010002") == date(2020, 7, 1)
    assert register.first_opened_on("0000000000") is None


def test_schools_of_some_types_only(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path))
    assert [s.name for s in register.schools_open("210202", date(2020, 7, 1), {"初中"})] == ["霁舟初级中学"]
    assert register.schools_open("210202", date(2020, 7, 1), {"小学"}) == []


def test_open_between_counts_both_days(tmp_path: Path) -> None:
    first, _ = Register.load(folder(tmp_path)).schools_of("2219010001")
    assert first.is_open_between(date(2020, 6, 1), date(2020, 6, 30))
    assert first.is_open_between(date(2020, 6, 15), date(2020, 6, 15))
    assert not first.is_open_between(date(2020, 6, 16), date(2020, 6, 30))


def test_a_renamed_district_keeps_its_history(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path))
    assert register.district("210282", date(2015, 12, 31)).name == "普兰店市"
    assert register.district("210282", date(2016, 1, 1)) is None
    assert register.district("999999", date(2020, 1, 1)) is None
    assert [d.code for d in register.districts_on(date(2020, 7, 4))] == ["210202", "210214"]


def test_code_lists_come_from_any_file_of_the_folder(tmp_path: Path) -> None:
    programmes = "programme,stage\n地方资助,小学\n寄宿生生活补助,小学\n寄宿生生活补助,初中\n"
    register = Register.load(folder(tmp_path, aid_programmes=programmes))
    assert register.codes(ReferenceCodes("aid_programmes", "programme")) == ("地方资助", "寄宿生生活补助")
    with pytest.raises(ReferenceDataError, match=r"aid_programmes.csv, line 1: .*'ceiling'"):
        register.codes(ReferenceCodes("aid_programmes", "ceiling"))
    with pytest.raises(ReferenceDataError, match=r"nowhere.csv is missing"):
        register.codes(ReferenceCodes("nowhere", "code"))


def test_any_changed_byte_changes_the_digest(tmp_path: Path) -> None:
    before = Register.load(folder(tmp_path)).digest
    assert Register.load(folder(tmp_path)).digest == before
    assert Register.load(folder(tmp_path, commitments="item\n8\n")).digest != before
    assert Register.load(folder(tmp_path, schools=SCHOOLS.replace("澄帆", "澄川"))).digest != before


def test_a_file_that_excel_saved_is_read(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path, districts="\ufeff" + DISTRICTS.replace("\n", "\r\n")))
    assert register.districts[0].code == "210202"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"districts": ""}, r"districts.csv is empty"),
        ({"districts": DISTRICTS.splitlines()[0]}, r"districts.csv is empty"),
        ({"schools": SCHOOLS.replace("sponsor", "owner")}, r"schools.csv, line 1: the columns must be school_code,"),
        ({"schools": SCHOOLS.replace(",城区,公办,2020-07-01", ",城区,2020-07-01")}, r"schools.csv, line 4: 7 values"),
        ({"schools": SCHOOLS.replace("2020-07-01", "2020-7-1")}, r"line 4: opened_on '2020-7-1' is not a date"),
        ({"schools": SCHOOLS.replace("2020-07-01", "2020-02-30")}, r"line 4: opened_on '2020-02-30'"),
        ({"schools": SCHOOLS.replace("2020-07-01,", "2020-07-01,2020-07-01")}, r"line 4: closed_on .* is not after"),
        ({"schools": SCHOOLS.replace("3219010002", "321901000")}, r"line 4: school_code '321901000' is not 10"),
        ({"schools": SCHOOLS.replace("初中,", "中学,")}, r"line 4: school_type '中学'"),
        ({"schools": SCHOOLS.replace("公办,2020-07", "国办,2020-07")}, r"line 4: sponsor '国办'"),
        ({"schools": SCHOOLS.replace(",210214,", ",210299,")}, r"line 3: districts.csv has no district '210299'"),
        ({"schools": SCHOOLS.replace(",210214,", ",210282,")}, r"line 3: .* after its end on 2016-01-01"),
        ({"schools": SCHOOLS.replace("2020-06-16,\n", "2020-06-15,\n")}, r"line 3: 2219010001 is valid already"),
        ({"districts": DISTRICTS.replace("210202,", "21020,")}, r"districts.csv, line 2: district_code '21020'"),
        ({"districts": DISTRICTS + "210202,中山,市内五区,2020-01-01,\n"}, r"districts.csv, line 5: 210202 is valid"),
        ({"districts": DISTRICTS.replace("中山区", "")}, r"districts.csv, line 2: name ''"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, wrong: dict[str, str], message: str) -> None:
    with pytest.raises(ReferenceDataError, match=message):
        Register.load(folder(tmp_path, **wrong))


def test_a_merger_is_one_row_of_one_file(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path, mergers=MERGERS + "2020-07-05,210202,210214\n"))
    eve, day = date(2020, 7, 4), date(2020, 7, 5)
    assert [d.code for d in register.districts_on(eve)] == ["210202", "210214"]
    assert [d.code for d in register.districts_on(day)] == ["210214"]
    assert register.district("210202", eve).name == "中山区"
    assert register.district("210202", day) is None

    assert [s.code for s in register.schools_open("210202", eve)] == ["3219010002"]
    assert [s.code for s in register.schools_open("210214", day)] == ["2219010001", "3219010002"]
    assert register.schools_open("210202", day) == []
    assert [(s.district_code, s.opened_on, s.closed_on) for s in register.schools_of("3219010002")] == [
        ("210202", date(2020, 7, 1), day),
        ("210214", day, None),
    ]
    # It had moved before: the merger has nothing to hand on.
    assert [s.district_code for s in register.schools_of("2219010001")] == ["210202", "210214"]


def test_a_school_that_opens_after_the_merger_opens_in_the_successor(tmp_path: Path) -> None:
    register = Register.load(folder(tmp_path, mergers=MERGERS + "2020-06-20,210202,210214\n"))
    assert [(s.district_code, s.opened_on) for s in register.schools_of("3219010002")] == [("210214", date(2020, 7, 1))]


def test_one_merger_after_the_other(tmp_path: Path) -> None:
    districts = DISTRICTS + "210213,金普新区,涉农地区,2016-01-01,\n"
    mergers = MERGERS + "2020-09-01,210214,210213\n2020-07-05,210202,210214\n"
    register = Register.load(folder(tmp_path, districts=districts, mergers=mergers))
    july, september = date(2020, 7, 5), date(2020, 9, 1)
    assert register.successors("210202") == [("210214", july), ("210213", september)]
    assert register.successors("210213") == []
    assert register.merged_into("210214", date(2020, 8, 31)) == ["210202"]
    assert register.merged_into("210213", date(2020, 8, 31)) == []
    assert register.merged_into("210213", september) == ["210214", "210202"]
    assert [s.district_code for s in register.schools_of("3219010002")] == ["210202", "210214", "210213"]
    assert len(register.schools_open("210213", september)) == 2


def test_a_city_without_mergers(tmp_path: Path) -> None:
    assert Register.load(folder(tmp_path)).mergers == ()
    assert Register.load(folder(tmp_path, mergers=MERGERS)).mergers == ()
    assert Register.load(COMMITTED).mergers == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2020-07-05,210202,210299", r"line 2: districts.csv has no district '210299'"),
        ("2020-07-05,210299,210214", r"line 2: districts.csv has no district '210299'"),
        ("2020-07-05,210202,21021", r"line 2: into_code '21021' is not 6 digits"),
        ("2020-7-5,210202,210214", r"line 2: merged_on '2020-7-5' is not a date"),
        ("2020-07-05,210202,210202", r"line 2: 210202 is not valid on 2020-07-05, so it can't take 210202 over"),
        ("2020-07-05,210202,210282", r"line 2: 210282 is not valid on 2020-07-05"),
        ("2020-07-05,210282,210214", r"line 2: districts.csv has 210282 valid from 2000-01-01 to 2016-01-01, not"),
        ("2016-01-01,210202,210214", r"line 2: districts.csv has 210202 valid from 2016-01-01 to now, not until"),
        ("2020-07-05,210202,210214\n2020-08-05,210202,210214", r"line 3: 210202 is merged twice|line 2: districts.csv"),
        ("2020-07-05,210202,210214\n2020-07-05,210214,210202", r"line 2: 210214 is not valid on 2020-07-05"),
        ("2020-07-05,210202,210214\n2020-08-05,210214,210202", r"line 3: 210202 is not valid on 2020-08-05"),
    ],
)
def test_a_merger_that_can_not_be_is_named_with_its_line(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(ReferenceDataError, match=f"mergers.csv, {message}"):
        Register.load(folder(tmp_path, mergers=f"{MERGERS}{rows}\n"))


def test_the_successor_must_have_begun_and_the_merged_district_may_say_its_end_itself(tmp_path: Path) -> None:
    districts = DISTRICTS.replace("中山区,市内五区,2016-01-01,", "中山区,市内五区,2016-01-01,2020-07-05")
    register = Register.load(folder(tmp_path, districts=districts, mergers=MERGERS + "2020-07-05,210202,210214\n"))
    assert len(register.schools_open("210214", date(2020, 7, 5))) == 2


def test_a_missing_file_and_a_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match=r"districts.csv is missing"):
        Register.load(tmp_path)
    folder(tmp_path)
    (tmp_path / "schools.csv").write_bytes(SCHOOLS.encode("gb18030"))
    with pytest.raises(ReferenceDataError, match=r"schools.csv is not UTF-8"):
        Register.load(tmp_path)


def test_the_register_of_dalian() -> None:
    register = Register.load(COMMITTED)
    districts = register.districts_on(date(2020, 7, 4))
    assert len(districts) == 13
    city = [district.name for district in districts if district.zone == "市内五区"]
    assert city == ["中山区", "西岗区", "沙河口区", "甘井子区", "高新园区"]


def test_the_register_loads_in_a_moment() -> None:
    def seconds() -> float:
        started = time.process_time()
        Register.load(COMMITTED)
        return time.process_time() - started

    assert min(seconds() for _ in range(5)) < 0.5  # 0.03 s on a machine that does nothing else
