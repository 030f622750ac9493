"""The folder 模板: what is offered, made anew and taken away, and that a clerk's own workbook is never touched."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.ledger import locks, periods
from district_reports.model.period import Period
from district_reports.reference.csv_files import read_files
from district_reports.reference.register import DISTRICTS, SCHOOLS, Register
from district_reports.settings import load_settings, settings
from district_reports.storage.folders import lay_out
from district_reports.upkeep.template_folder import Filled, fill_templates
from submitted import XIGANG, ZHONGSHAN, case, checked, submit, withdraw

PLAYED = date(2020, 7, 4)
OPEN = {
    *("控辍保学台账_2020-05_模板.xlsx", "控辍保学台账_2020-06_模板.xlsx", "控辍保学台账_2020-07_模板.xlsx"),
    *("办学条件_2020-Q2_模板.xlsx", "办学条件_2020-Q3_模板.xlsx"),
    *("教师培训_2020-Q2_模板.xlsx", "教师培训_2020-Q3_模板.xlsx"),
    "学生资助_2020-S1_模板.xlsx",
}
"""May is overdue, and taken until 20 July."""
MAY, JUNE, JULY = LEDGERS = sorted(name for name in OPEN if name.startswith("控辍"))

Fill = Callable[..., Filled]


@pytest.fixture(scope="session")
def register() -> Register:
    """Two districts of the repository's register with their schools."""
    files = read_files(load_settings({}).reference)
    for name in (DISTRICTS, SCHOOLS):
        header, *lines = files[name].decode().splitlines()
        kept = [line for line in lines if ZHONGSHAN in line.split(",") or XIGANG in line.split(",")]
        files[name] = "\n".join([header, *kept]).encode()
    return Register.of_files(files)


@pytest.fixture
def fill_all(loader: Engine, register: Register) -> Fill:
    """Bring the folders of the two districts up to date, on a day that is played."""
    deployment = settings()
    lay_out(deployment.uploads, register.districts)
    return lambda day=PLAYED: fill_templates(loader, register, deployment.uploads, deployment.home / "templates", day)


@pytest.fixture
def fill(fill_all: Fill, monkeypatch: pytest.MonkeyPatch) -> Fill:
    """The same for the ledger alone: the other forms take the same way, and time."""
    ledger = {"dropout_control": forms()["dropout_control"]}
    monkeypatch.setattr(periods, "forms", lambda: ledger)
    return fill_all


@pytest.fixture
def folder(fill_all: Fill) -> Path:
    """中山区's folder 模板, not made yet."""
    (found,) = settings().uploads.glob(f"{ZHONGSHAN}-*")
    return found / "模板"


def inside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def student(path: Path) -> object:
    return load_workbook(path)["疑似辍学台账"]["B4"].value


def test_what_is_to_be_sent_is_offered_once(fill_all: Fill, folder: Path) -> None:
    assert fill_all() == Filled(written=2 * len(OPEN))
    assert inside(folder) == OPEN
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / JULY).unlink()

    assert fill_all() == Filled(written=1, left=2 * len(OPEN) - 1)
    assert {path.stat().st_mtime_ns == times[path] for path in folder.iterdir() if path.name != JULY} == {True}
    assert inside(folder) == OPEN
    assert {path.name for path in folder.parent.iterdir()} == {"上报", "预检", "已接收", "反馈", "模板"}
    assert list((settings().home / "templates").glob("*.xlsx")) == []


def test_an_accepted_report_takes_its_template_away_and_is_in_the_next(
    loader: Engine, fill: Fill, folder: Path
) -> None:
    fill()
    assert student(folder / JULY) is None
    submit(loader, "a", checked([case(1)], period="2020-06"))
    assert fill() == Filled(written=1, left=2 * len(LEDGERS) - 2, removed=1)
    assert inside(folder) == {MAY, JULY}
    assert student(folder / JULY) == "张小1"

    second = submit(loader, "b", checked([case(2)], period="2020-06"))
    assert fill().written == 1
    assert student(folder / JULY) == "张小2"
    withdraw(loader, second.submission_id)
    assert fill().written == 1
    assert student(folder / JULY) == "张小1"


def test_what_the_clerk_has_changed_is_hers(loader: Engine, fill: Fill, folder: Path) -> None:
    fill()
    hers = {}
    for name in (JUNE, JULY):
        book = load_workbook(folder / name)
        book["封面"]["B7"] = "李霁"
        book.save(folder / name)
        hers[name] = (folder / name).read_bytes()
    submit(loader, "a", checked([case(1)], period="2020-06"))
    for day in (PLAYED, PLAYED, date(2020, 12, 1)):
        fill(day)
        assert {name: (folder / name).read_bytes() for name in hers} == hers


def test_an_overdue_report_has_a_template_until_it_is_locked_and_again_while_it_is_reopened(
    loader: Engine, fill: Fill, folder: Path
) -> None:
    fill()
    (folder / MAY).unlink()
    assert fill(date(2020, 7, 20)).written == 1
    assert MAY in inside(folder)
    assert fill(date(2020, 7, 21)).removed == 2
    assert inside(folder) == {JUNE, JULY}

    ledger, may = forms()["dropout_control"], Period.parse("2020-05")
    with loader.begin() as connection:
        locks.grant(connection, ledger, ZHONGSHAN, may, date(2020, 7, 25), reason="补报", by="officer")
    assert fill(date(2020, 7, 22)).written == 1
    assert inside(folder) == {MAY, JUNE, JULY}
    assert fill(date(2020, 7, 26)).removed == 1
    assert inside(folder) == {JUNE, JULY}


def test_what_was_written_before_a_kill_is_known_again(loader: Engine, fill: Fill, folder: Path) -> None:
    fill()
    (settings().home / "templates" / "written.json").unlink()
    (folder / ".0123.tmp").write_bytes(b"half")
    fill()
    submit(loader, "a", checked([case(1)], period="2020-06"))
    fill()
    assert student(folder / JULY) == "张小1"
    assert inside(folder) == {MAY, JULY}


def test_a_workbook_of_another_origin_is_left(fill: Fill, folder: Path) -> None:
    folder.mkdir()
    (folder / JULY).write_bytes(b"mine")
    assert fill().edited == 1
    assert fill().edited == 1
    fill(date(2021, 3, 1))
    assert (folder / JULY).read_bytes() == b"mine"


@pytest.mark.parametrize("spoil", [Path.touch, lambda place: place.symlink_to(place.parent / "上报")])
def test_a_folder_that_can_not_be_written_is_named_and_the_others_are_done(
    fill: Fill, folder: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(folder)
    with pytest.raises(SystemFault, match=f"{ZHONGSHAN}-中山区/模板 is a link, or no folder"):
        fill()
    (other,) = settings().uploads.glob(f"{XIGANG}-*/模板")
    assert inside(other) == set(LEDGERS)
    assert list((folder.parent / "上报").iterdir()) == []
