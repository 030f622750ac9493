"""Rows of the whole city, made once, and a short way to check a workbook."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from district_reports.checks.declared import titles_to_read
from district_reports.checks.run import check_workbook
from district_reports.cli import main
from district_reports.forms import forms
from district_reports.local.samples import ANSWER_KEY, DEFECTS, Planted
from district_reports.local.samples.forms import Rows, generator
from district_reports.local.samples.sample import Sample
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.model.form import Form
from district_reports.model.history import History
from district_reports.model.knowledge import Knowledge
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.workbook.reading.reader import read_sheets

RowsOf = Callable[..., Rows]


@pytest.fixture(scope="session")
def city_register() -> Register:
    """The repository's register."""
    return Register.load(Path(__file__).parents[3] / "sql" / "reference")


@pytest.fixture(scope="session")
def rows_of(city_register: Register) -> RowsOf:
    """One district's rows of a form and period, at the whole city's scale unless said otherwise."""

    @cache
    def made(form: str, district: str, period: str, scale: float = 1.0) -> Rows:
        parsed = Period.parse(period)
        found = city_register.district(district, parsed.last_day)
        assert found is not None
        last_day = min(parsed.last_day, date(2020, 6, 30)) if form == "student_aid" else parsed.last_day
        return generator(form)(Sample(city_register, found, parsed, last_day, scale=scale))

    return made


@pytest.fixture(scope="session")
def city_of(city_register: Register, rows_of: RowsOf) -> Callable[[str, str, str], list[dict[str, object]]]:
    """The rows of a table over all districts."""

    def made(form: str, table: str, period: str) -> list[dict[str, object]]:
        districts = city_register.districts_on(Period.parse(period).last_day)
        return [row for district in districts for row in rows_of(form, district.code, period)[table]]

    return made


@pytest.fixture(scope="session")
def check(city_register: Register) -> Callable[..., CheckedWorkbook]:
    """The verdict on a workbook in its district's folder; `earlier` was accepted for the period before."""

    def checked(path: Path, received_on: date, earlier: Path | None = None) -> CheckedWorkbook:
        district = path.parent.name[:6]

        def history_of(form: Form, code: str, period: Period) -> History:
            if earlier is None:
                return History()
            before = period.previous()
            sheets = read_sheets(earlier, titles_to_read())
            accepted = check_workbook(sheets, city_register, code, forms()[form.key].due_on(before))
            assert accepted.verdict is Outcome.ACCEPTED
            return History(before.text, {table: rows.to_pylist() for table, rows in accepted.rows.items()})

        sheets = read_sheets(path, titles_to_read())
        return check_workbook(sheets, city_register, district, received_on, Knowledge(history_of))

    return checked


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbooks with planted mistakes that `district-reports sample --defects` writes."""
    out = tmp_path_factory.mktemp("samples")
    assert main(["sample", "--out", str(out), "--districts", "1", "--scale", "0.01", "--defects"]) == 0
    return out / DEFECTS


@pytest.fixture(scope="session")
def key(folder: Path) -> list[Planted]:
    """Their answer key."""
    return [Planted(**one) for one in json.loads((folder / ANSWER_KEY).read_text(encoding="utf-8"))]
