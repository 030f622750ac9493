"""Sample workbooks: right in every respect, plausible, and the same for the same seed."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook, titles_to_read
from district_reports.forms import forms
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.reference import Register
from district_reports.samples.forms import Rows, generator
from district_reports.samples.sample import Sample
from district_reports.samples.workbooks import SAMPLE_DAY, write_samples
from district_reports.workbook.reader import read_sheets

REGISTER = Register.load(Path(__file__).parents[2] / "sql" / "reference")
RECEIVED = date(2020, 7, 4)
# The largest and the smallest; schools that moved in or out or closed in June; a code that occurs in no ID.
TELLING = ("210211", "210293", "210213", "210214", "210292", "210291")


def ledger(district: str, month: str = "2020-06", seed: int = 1) -> Rows:
    period = Period.parse(month)
    found = REGISTER.district(district, period.last_day)
    assert found is not None
    return generator("dropout_control")(Sample(REGISTER, found, period, period.last_day, seed))


def test_every_form_has_sample_rows() -> None:
    for key in forms():
        assert callable(generator(key)), f"write samples/forms/{key}.py"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The paths of all samples by district."""
    by_district: dict[str, list[Path]] = {}
    for path in write_samples(tmp_path_factory.mktemp("samples"), REGISTER):
        by_district.setdefault(path.parent.name[:6], []).append(path)
    return by_district


def test_a_folder_for_each_district_a_workbook_for_each_form(samples: dict[str, list[Path]]) -> None:
    assert list(samples) == [district.code for district in REGISTER.districts_on(SAMPLE_DAY)]
    assert {len(paths) for paths in samples.values()} == {len(forms())}
    assert (samples["210202"][0].parent.name, samples["210202"][0].suffix) == ("210202-中山区", ".xlsx")


@pytest.mark.parametrize("district", TELLING)
def test_a_sample_is_accepted_without_a_finding(samples: dict[str, list[Path]], district: str) -> None:
    for path in samples[district]:
        checked = check_workbook(read_sheets(path, titles_to_read()), REGISTER, district, RECEIVED)
        assert [(finding.rule, finding.cell) for finding in checked.findings] == []
        assert checked.verdict is Outcome.ACCEPTED


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, samples: dict[str, list[Path]]) -> None:
    again = write_samples(tmp_path / "again", REGISTER, districts=2)
    assert [path.read_bytes() for path in again] == [
        path.read_bytes() for district in ("210202", "210203") for path in samples[district]
    ]
    other = write_samples(tmp_path / "other", REGISTER, districts=1, seed=2)
    assert other[0].read_bytes() != again[0].read_bytes()


def test_the_spread_is_plausible_and_no_id_occurs_in_two_districts() -> None:
    ledgers = [ledger(district.code)["dropout_case"] for district in REGISTER.districts_on(SAMPLE_DAY)]
    assert all(1 <= len(cases) <= 70 for cases in ledgers)
    assert max(map(len, ledgers)) > 35
    cases = [case for cases in ledgers for case in cases]
    assert len({case["resident_id"] for case in cases}) == len(cases)
    assert set(Counter(case["case_status"] for case in cases)) == {"未劝返", "劝返中", "已返校", "已安置", "已核销"}
    assert set(Counter(case["dropout_kind"] for case in cases)) == {"疑似辍学", "辍学", "失学"}
    assert not any(case["reason"] == "因贫" for case in cases)
    assert {case["grade"] for case in cases} == {None, *range(1, 10)}


def test_months_follow_from_one_another() -> None:
    """A case open at the end of May is in the ledger of June (D07), and no school jumps by 30 % (C06)."""
    may, june = ledger("210211", "2020-05"), ledger("210211")
    still_open = {case["resident_id"] for case in may["dropout_case"] if case["case_status"] in ("未劝返", "劝返中")}
    assert still_open
    assert still_open <= {case["resident_id"] for case in june["dropout_case"]}
    before = {row["school_code"]: row["expected_enrolment"] for row in may["compulsory_enrolment"]}
    for row in june["compulsory_enrolment"]:
        if before.get(row["school_code"], 0) >= 20:
            assert abs(row["expected_enrolment"] / before[row["school_code"]] - 1) < 0.3


def test_enrolment_rows_are_the_schools_open_on_the_last_day() -> None:
    moved = "3219060102"
    assert [row.district_code for row in REGISTER.schools_of(moved)] == ["210213", "210214"]
    assert moved not in {row["school_code"] for row in ledger("210213")["compulsory_enrolment"]}
    assert moved in {row["school_code"] for row in ledger("210214")["compulsory_enrolment"]}


@pytest.mark.parametrize("month", ["2019-09", "2020-01", "2020-10"])
def test_any_month_can_be_made(month: str) -> None:
    period = Period.parse(month)
    for case in ledger("210213", month)["dropout_case"]:
        assert case["discovered_on"] <= period.last_day
        if case["returned_on"]:
            assert period.first_day <= case["returned_on"] <= period.last_day
