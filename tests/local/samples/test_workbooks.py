"""Sample workbooks: no check finds a mistake in them, and they are the same for the same seed."""

from datetime import date
from pathlib import Path

import pytest

from district_reports.cli import USAGE_ERROR, main
from district_reports.forms import forms
from district_reports.local.samples.forms import generator
from district_reports.local.samples.mistakes import mistakes_of
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, write_sample, write_samples
from district_reports.model.finding import Outcome
from district_reports.model.period import Period

RECEIVED = date(2020, 7, 4)
# The largest and the smallest; schools that moved in or out or closed in June; a code that occurs in no ID.
TELLING = ("210211", "210293", "210213", "210214", "210292", "210291")
TRUE_OF_THE_CITY = {"B04", "B07"}
"""Warnings that a sound city has in 2020: slow lines at rural schools (item 12), resource rooms to come (item 15)."""
SCALE = 0.03


def test_every_form_has_sample_rows_and_mistakes() -> None:
    for key in forms():
        assert callable(generator(key)), f"write local/samples/forms/{key}.py"
        assert mistakes_of(key).contents, f"write local/samples/mistakes/{key}.py"


@pytest.fixture(scope="module")
def samples(city_register, tmp_path_factory) -> dict[str, list[Path]]:
    """The paths of all samples by district."""
    by_district: dict[str, list[Path]] = {}
    for path in write_samples(tmp_path_factory.mktemp("samples"), city_register, scale=SCALE):
        by_district.setdefault(path.parent.name[:6], []).append(path)
    return by_district


def test_a_folder_for_each_district_a_workbook_for_each_form(samples, city_register) -> None:
    assert list(samples) == [district.code for district in city_register.districts_on(SAMPLE_DAY)]
    assert {len(paths) for paths in samples.values()} == {len(forms())}
    assert (samples["210202"][0].parent.name, samples["210202"][0].suffix) == ("210202-中山区", ".xlsx")


@pytest.mark.parametrize("district", TELLING)
def test_a_sample_is_accepted_without_a_finding(samples, check, district) -> None:
    for path in samples[district]:
        checked = check(path, RECEIVED)
        found = [(finding.rule, finding.cell) for finding in checked.findings if finding.rule not in TRUE_OF_THE_CITY]
        assert found == [], path.name
        assert checked.verdict is Outcome.ACCEPTED


@pytest.mark.parametrize("form", forms())
@pytest.mark.parametrize("district", ["210213", "210293"])
def test_a_period_follows_from_the_one_before(samples, check, city_register, tmp_path, form, district) -> None:
    """No school jumps (C06), no open case gets lost (D07), and the earlier period is as sound as the later one."""
    (path,) = (each for each in samples[district] if each.name.startswith(forms()[form].title))
    before = Period.containing(forms()[form].period_kind, SAMPLE_DAY).previous()
    found = city_register.district(district, before.last_day)
    folder = tmp_path / path.parent.name
    folder.mkdir()
    earlier = write_sample(forms()[form], Sample(city_register, found, before, before.last_day, scale=SCALE), folder)

    then = check(earlier, forms()[form].due_on(before))
    assert {finding.rule for finding in then.findings} <= TRUE_OF_THE_CITY
    now = check(path, RECEIVED, earlier)
    assert now.not_checked == ()
    assert {finding.rule for finding in now.findings} <= TRUE_OF_THE_CITY


def test_the_same_seed_writes_the_same_bytes(samples, city_register, tmp_path) -> None:
    again = write_samples(tmp_path / "again", city_register, districts=2, scale=SCALE)
    assert [path.read_bytes() for path in again] == [
        path.read_bytes() for district in ("210202", "210203") for path in samples[district]
    ]
    other = write_samples(tmp_path / "other", city_register, districts=1, seed=2, scale=SCALE)
    assert all(one.read_bytes() != another.read_bytes() for one, another in zip(other, again, strict=False))


def test_the_command_writes_the_districts_asked_for(tmp_path, capsys) -> None:
    assert main(["sample", "--out", str(tmp_path), "--districts", "1", "--scale", "0.01", "--seed", "3"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert sorted(said) == sorted(str(path) for path in tmp_path.glob("210202-中山区/*.xlsx"))
    assert len(said) == len(forms())


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "viel"])
def test_a_scale_that_is_none_is_wrong_usage(tmp_path, scale) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sample", "--out", str(tmp_path), f"--scale={scale}"])
    assert ended.value.code == USAGE_ERROR
