"""What the tests of the pages look at: a few districts' workbooks, received, decided, answered and published.

Two months of the ledger of three districts, and one period of every other form of 中山区, from small samples.
中山区's ledger of June came wrong first and right afterwards, 西岗区's came with errors, 沙河口区's was rejected, and
a file of 旅顺口区 has no identity.
"""

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import SAMPLE_DAY, district_folder, write_sample
from district_reports.model.form import FIRST_DATA_ROW
from district_reports.model.period import Period
from district_reports.processing import ingest
from district_reports.publish.release import publish
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, lay_out

LEDGER = "dropout_control"
ZHONGSHAN, XIGANG, SHAHEKOU, LVSHUN = "210202", "210203", "210204", "210212"
MAY, JUNE = "2020-05", "2020-06"
CHILD = "王不可见"
"""The name of a child in a finding: only those who may see values may ever see it."""


def build(folder: Path, environ: pytest.MonkeyPatch) -> None:
    """Fill the warehouse and the folders that the settings name; `folder` is for the workbooks on their way."""
    register = Register.load(settings().reference)
    folders = {each.code: each for each in lay_out(settings().uploads, register.districts)}
    _play("2020-06-03", environ)
    for district in (ZHONGSHAN, SHAHEKOU, LVSHUN):
        drop(sample(register, LEDGER, district, date(2020, 5, 31), folder), folders, district)
    work()
    publish()
    _play("2020-07-04", environ)
    ledgers = {
        district: sample(register, LEDGER, district, SAMPLE_DAY, folder)
        for district in (ZHONGSHAN, XIGANG, SHAHEKOU, LVSHUN)
    }
    for district in (ZHONGSHAN, XIGANG):
        drop(_spoilt(ledgers[district], folder), folders, district)
    drop(_without_column(ledgers[SHAHEKOU], folder), folders, SHAHEKOU)
    unnamed = folder / "无法识别.xlsx"
    openpyxl.Workbook().save(unnamed)
    drop(unnamed, folders, LVSHUN)
    work()
    for district in (ZHONGSHAN, LVSHUN):
        drop(ledgers[district], folders, district)
    for form in forms():
        if form != LEDGER:
            drop(sample(register, form, ZHONGSHAN, SAMPLE_DAY, folder), folders, ZHONGSHAN)
    work()
    publish()


def sample(register: Register, form_key: str, district_code: str, on: date, folder: Path) -> Path:
    form = forms()[form_key]
    district = next(each for each in register.districts if each.code == district_code)
    sample = Sample(register, district, Period.containing(form.period_kind, on), on, 1, 0.02)
    return write_sample(form, sample, district_folder(folder, district))


def _play(day: str, environ: pytest.MonkeyPatch) -> None:
    environ.setenv("DISTRICT_REPORTS_TODAY", day)
    settings.cache_clear()


def drop(workbook: Path, folders: dict[str, DistrictFolder], district: str) -> None:
    shutil.copyfile(workbook, folders[district].drop.path / workbook.name)


def work() -> None:
    """Receive what lies there and take every submission through its steps, as the DAGs do."""
    receive(
        engine("loader"),
        Register.load(settings().reference),
        stable_files=lambda paths: stable_files(paths, sleep=lambda _: None, quiet=Quiet(0, 0)),
    )
    with engine("loader").begin() as connection:
        waiting = connection.execute(
            text(
                "SELECT form, district_code, period FROM ledger.submission WHERE state = 'received' ORDER BY receipt_id"
            )
        ).all()
    for form, district, period in waiting:
        step = ingest.validate(form, f"{district}|{period}", "test")
        assert step is not None
        ingest.load(step)
        ingest.answer(step)


def _spoilt(workbook: Path, folder: Path) -> Path:
    """A copy whose first child is :data:`CHILD`, in a grade that is no number."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["疑似辍学台账"]
    columns = {str(cell.value).rstrip("*#"): cell.column for cell in sheet[FIRST_DATA_ROW - 1]}
    sheet.cell(FIRST_DATA_ROW, columns["年级"]).value = f"九十九（{CHILD}）"
    sheet.cell(FIRST_DATA_ROW, columns["姓名"]).value = CHILD
    target = folder / f"初稿-{workbook.parent.name}.xlsx"
    book.save(target)
    return target


def _without_column(workbook: Path, folder: Path) -> Path:
    book = openpyxl.load_workbook(workbook)
    book["在校人数"].cell(FIRST_DATA_ROW - 1, 1).value = "不认识的表头"
    target = folder / "漏列.xlsx"
    book.save(target)
    return target
