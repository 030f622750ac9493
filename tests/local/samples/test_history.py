"""Planted mistakes that look back: found through the real steps, from the drop to the answer, on a real warehouse."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.ledger.records import findings_of
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.period import Period
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out

PLAYED = "2020-07-04"


@pytest.fixture
def drop(warehouse_url: str, city_register: Register, monkeypatch: pytest.MonkeyPatch):
    """Drop a workbook on a day that is played, and take it through its steps; its outcome and findings."""

    def dropped(workbook: Path, form: str, period: Period, day: str) -> tuple[str, Counter]:
        monkeypatch.setenv("DISTRICT_REPORTS_TODAY", day)
        settings.cache_clear()
        loader: Engine = engine("loader")
        district = workbook.parent.name[:6]
        folder = next(each for each in lay_out(settings().uploads, city_register.districts) if each.code == district)
        shutil.copyfile(workbook, folder.drop.path / workbook.name)
        receive(loader, city_register, stable_files=lambda paths: stable_files(paths, sleep=lambda _: None))
        step = ingest.validate(form, f"{district}|{period.text}", "run")
        assert step is not None
        told = ingest.load(step)
        ingest.answer(step)
        with loader.begin() as connection:
            found = findings_of(connection, step.submission_id)
        return str(told["outcome"]), Counter((one.rule, one.severity.value, one.sheet, one.cell) for one in found)

    return dropped


@pytest.mark.parametrize(
    "form",
    [pytest.param(form, marks=[] if form == "dropout_control" else [pytest.mark.slow]) for form in forms()],
)
def test_what_needs_an_earlier_period_is_found_once_that_is_accepted(folder, key, drop, form) -> None:
    of_form = [one for one in key if one.file.split("/")[1].startswith(f"{forms()[form].title}-内容错误")]
    (needs,) = {one.needs for one in of_form if one.needs}
    period = Period.containing(forms()[form].period_kind, SAMPLE_DAY)
    before = period.previous()

    assert drop(folder / needs, form, before, forms()[form].due_on(before).isoformat()) == ("accepted", Counter())
    outcome, found = drop(folder / of_form[0].file, form, period, PLAYED)
    assert outcome == "accepted_with_errors"
    expected = Counter((one.rule, one.severity, one.sheet, one.cell) for one in of_form)
    assert not expected - found
    assert {place[1] for place in found - expected} <= {"info"}


@pytest.mark.slow
def test_the_same_file_again_is_a_duplicate(folder, key, drop) -> None:
    (twin,) = (one for one in key if one.rule == "F17")
    (form,) = (form for form in forms().values() if Path(twin.file).name.startswith(form.title))
    period = Period.containing(form.period_kind, SAMPLE_DAY)

    assert drop(folder / twin.needs, form.key, period, PLAYED) == ("accepted", Counter())
    assert drop(folder / twin.file, form.key, period, PLAYED) == (
        "duplicate",
        Counter([("F17", "info", None, None)]),
    )


def test_the_ledger_knows_who_was_late(folder, key, drop) -> None:
    (late,) = (one for one in key if one.rule == "F19")
    (form,) = (form for form in forms().values() if Path(late.file).name.startswith(form.title))
    before = Period.containing(form.period_kind, SAMPLE_DAY).previous()

    assert drop(folder / late.file, form.key, before, PLAYED) == (
        "accepted",
        Counter([("F19", "warning", None, None)]),
    )
    with engine("loader").begin() as connection:
        (received,) = connection.scalars(text("SELECT received_at::date::text FROM ledger.receipt"))
    assert received == PLAYED
