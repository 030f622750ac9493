"""A year of a small city, night by night: reports, corrections, late and undecided ones, renamings, a merger.

Five districts report all forms in 2020. The register changes as registers do: some changes are entered in time, others
long after the day that they tell of.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from district_reports.clock import ZONE
from district_reports.forms import forms
from district_reports.ledger.leases import Claim
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from publish.random_reports import NIL_FORMS, ROWS
from submitted import claimed, finish, receive, report, submit

FIRST, LAST = date(2020, 1, 1), date(2020, 12, 31)
MERGED, INTO, MERGED_ON, ENTERED_ON = "210203", "210202", date(2020, 7, 15), date(2020, 9, 10)
DISTRICTS = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2016-01-01,
210203,西岗区,市内五区,2016-01-01,
210204,沙河口区,市内五区,2016-01-01,
210213,金普新区,涉农地区,2016-01-01,
210214,普兰店区,涉农地区,2016-01-01,
"""
SCHOOLS = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
2102030001,西岗第一小学,210203,小学,城区,公办,1990-09-01,
"""
CODES = ("210202", "210203", "210204", "210213", "210214")


def _renamed_in_another_zone(folder: Path) -> None:
    row = "210213,金普新区,涉农地区,2016-01-01,"
    edit(folder, "districts", row, f"{row}2020-05-01\n210213,金州区,市内五区,2020-05-01,")


def _school_renamed(folder: Path) -> None:
    row = "2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,"
    edit(folder, "schools", row, f"{row}2020-09-01\n2102020001,中山实验小学,210202,小学,城区,公办,2020-09-01,")


def _merged(folder: Path) -> None:
    text = f"merged_on,district_code,into_code\n{MERGED_ON},{MERGED},{INTO}\n"
    (folder / "mergers.csv").write_text(text, encoding="utf-8")


def _name_was_wrong_all_along(folder: Path) -> None:
    edit(folder, "districts", "210214,普兰店区", "210214,普兰店市")


def _task_entered(folder: Path) -> None:
    path = folder / "commitments.csv"
    header, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    for row in rows:
        if row[0] == "dry_toilets_converted":
            row[header.index("target")] = "12"
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    path.write_text(written.getvalue(), encoding="utf-8")


def _programme_ended(folder: Path) -> None:
    edit(
        folder,
        "aid_programmes",
        "寄宿生生活补助,小学,500,是,2016-01-01,",
        "寄宿生生活补助,小学,500,是,2016-01-01,2020-08-01",
    )


CHANGES: dict[date, Callable[[Path], None]] = {
    date(2020, 4, 20): _renamed_in_another_zone,
    date(2020, 6, 2): _programme_ended,
    date(2020, 8, 25): _school_renamed,
    ENTERED_ON: _merged,
    date(2020, 10, 12): _task_entered,
    date(2020, 11, 3): _name_was_wrong_all_along,
}


def edit(folder: Path, table: str, old: str, new: str) -> None:
    """Replace a text of a reference file that is there."""
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{table}.csv has no {old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


class Year:
    """``nights`` are the days on which the city tables are published; what happened since the last one comes before."""

    def __init__(self, loader: Engine, folder: Path, environ: pytest.MonkeyPatch, nights: int, seed: int) -> None:
        self._loader, self._folder, self._environ, self._random = loader, folder, environ, Random(seed)
        self._waiting: list[tuple[date, CheckedWorkbook]] = []
        self._count = 0
        span = (LAST - FIRST).days
        self.nights = sorted({FIRST + timedelta(days=span * (night + 1) // nights) for night in range(nights)})
        (folder / "districts.csv").write_text(DISTRICTS, encoding="utf-8")
        (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")

    def play(self) -> Iterator[date]:
        """Let happen what happens up to each night, and give its day; the deployment's clock plays it."""
        events = sorted(self._reports(), key=lambda event: event[0])
        changes = dict(CHANGES)
        self._load(FIRST)
        for night in self.nights:
            while changes and min(changes) <= night:
                day = min(changes)
                changes.pop(day)(self._folder)
                self._load(day)
            while events and events[0][0] <= night:
                self._happen(*events.pop(0))
            self._decide_some(night)
            self._play_day(night)
            yield night

    def _play_day(self, day: date) -> None:
        self._environ.setenv("DISTRICT_REPORTS_TODAY", day.isoformat())
        settings.cache_clear()

    def _load(self, day: date) -> None:
        self._play_day(day)
        load_reference(lambda _: None)

    def _reports(self) -> Iterator[tuple[date, str, str, Period]]:
        """(day of receipt, form, district, period): most in time, some late, a third once more as a correction."""
        for form in forms().values():
            if form.key not in ROWS:
                continue
            period = Period.containing(form.period_kind, FIRST).previous()
            while form.due_on(period) <= LAST:
                for district in CODES:
                    if district == MERGED and period.last_day >= ENTERED_ON:
                        continue
                    day = period.last_day + timedelta(days=self._random.randint(-9, 12))
                    yield day, form.key, district, period
                    while self._random.random() < 0.3:
                        day += timedelta(days=self._random.randint(1, 60))
                        yield day, form.key, district, period
                period = Period.containing(form.period_kind, period.last_day + timedelta(days=1))

    def _happen(self, day: date, form: str, district: str, period: Period) -> None:
        chance = self._random.random()
        nil = form in NIL_FORMS and chance < 0.1
        verdict = Outcome.REJECTED if 0.1 <= chance < 0.25 else Outcome.ACCEPTED
        sheets = {} if nil else ROWS[form](self._random, district, period.text)
        workbook = report(form, sheets, district=district, period=period.text, verdict=verdict)
        self._count += 1
        key = {"form": form, "period": period.text, "district": district}
        received_at = datetime.combine(day, time(9), ZONE)
        if chance > 0.9 and not any(self._key(each) == key for _, each in self._waiting):
            receive(self._loader, f"drop {self._count}", received_at=received_at, **key)
            self._waiting.append((day + timedelta(days=self._random.randint(1, 30)), workbook))
        elif not any(self._key(each) == key for _, each in self._waiting):
            submit(self._loader, f"drop {self._count}", workbook, received_at=received_at)

    @staticmethod
    def _key(workbook: CheckedWorkbook) -> dict[str, str | None]:
        return {"form": workbook.form, "period": workbook.period, "district": workbook.district}

    def _decide_some(self, night: date) -> None:
        for day, workbook in [each for each in self._waiting if each[0] <= night]:
            self._waiting.remove((day, workbook))
            taken: Claim | None = claimed(self._loader, **self._key(workbook))
            assert taken is not None
            finish(self._loader, taken, workbook)
