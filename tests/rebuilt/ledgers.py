"""Nights of a city of three districts that report one form: late reports, corrections, restatements, a merger.

What is withdrawn comes back as a correction. The district that is merged is entered as such long after the day.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from district_reports.clock import ZONE
from district_reports.ledger.rechecks import record_recheck
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.period import Period, PeriodKind
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from submitted import case, checked, claimed, finish, submit, withdraw

MERGED, INTO, MERGED_ON = "210203", "210202", date(2020, 3, 1)
"""西岗区, and 中山区 that it was merged into."""
CODES = (INTO, MERGED, "210213")
_DISTRICTS = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2016-01-01,
210203,西岗区,市内五区,2016-01-01,
210213,金普新区,涉农地区,2016-01-01,
"""
_SCHOOLS = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
"""


class Ledgers:
    """`months` of 2020 from January on, with so many `nights` in each; ``merged_in`` is the month of the entry."""

    def __init__(
        self, loader: Engine, folder: Path, environ: pytest.MonkeyPatch, *, months: int, nights: int, merged_in: int
    ) -> None:
        self._loader, self._folder, self._environ = loader, folder, environ
        self._random = Random(20200704)
        self._months, self._nights, self._merged_in = months, nights, merged_in
        self._drops = 0
        self._last: dict[tuple[str, str], int] = {}
        (folder / "districts.csv").write_text(_DISTRICTS, encoding="utf-8")
        (folder / "schools.csv").write_text(_SCHOOLS, encoding="utf-8")

    def play(self) -> Iterator[date]:
        """Let happen what happens up to each night, and give its day; the deployment's clock plays it."""
        period = Period.parse("2019-12")
        for month in range(1, self._months + 1):
            days = [date(2020, month, 1) + timedelta(days=27 * n // self._nights + 3) for n in range(self._nights)]
            for number, day in enumerate(days):
                self._play_day(day)
                if (month, number) == (1, 0) or (month, number) == (self._merged_in, 0):
                    self._load_register(merged=month == self._merged_in)
                self._report(period, day, late=number > 0)
                if (number > 0 or month > 1) and self._random.random() < 0.6:
                    self._revise(day)
                yield day
            period = Period.containing(PeriodKind.MONTH, period.last_day + timedelta(days=1))

    def _play_day(self, day: date) -> None:
        self._environ.setenv("DISTRICT_REPORTS_TODAY", day.isoformat())
        settings.cache_clear()

    def _load_register(self, *, merged: bool) -> None:
        if merged:
            text = f"merged_on,district_code,into_code\n{MERGED_ON},{MERGED},{INTO}\n"
            (self._folder / "mergers.csv").write_text(text, encoding="utf-8")
        load_reference(lambda _: None)

    def _report(self, period: Period, day: date, *, late: bool) -> None:
        """Two report on the first night of the month, the third on the second."""
        for district in CODES[2:] if late else CODES[:2]:
            gone = district == MERGED and day.month >= self._merged_in
            if not gone and (district, period.text) not in self._last:
                self._submit(district, period.text, day)

    def _revise(self, day: date) -> None:
        """One report so far is corrected, withdrawn or judged anew."""
        district, period = self._random.choice(sorted(self._last))
        chance = self._random.random()
        if chance < 0.2:
            withdraw(self._loader, self._last[district, period], received_at=_at(day))
            self._submit(district, period, day)
        elif chance < 0.4:
            self._restate(district, period)
        else:
            self._submit(district, period, day)

    def _submit(self, district: str, period: str, day: date) -> None:
        self._drops += 1
        workbook = self._workbook(district, period)
        decision = submit(self._loader, f"drop {self._drops}", workbook, received_at=_at(day))
        self._last[district, period] = decision.submission_id

    def _restate(self, district: str, period: str) -> None:
        with self._loader.begin() as connection:
            again = record_recheck(connection, self._last[district, period])
        assert again is not None
        taken = claimed(self._loader, form="dropout_control", district=district, period=period)
        assert taken is not None
        finish(self._loader, taken, self._workbook(district, period, rules_hash="rules-2"))
        self._last[district, period] = again

    def _workbook(self, district: str, period: str, **other: str) -> CheckedWorkbook:
        """Many who are tired of school, which a correction changes, and few who went away for work."""
        first = 100 * CODES.index(district)
        many, few = self._random.randint(12, 30), Random(f"{district} {period}").randint(0, 8)
        cases = [case(first + number) for number in range(many)]
        cases += [case(first + 50 + number, reason="外出务工") for number in range(few)]
        return checked(cases, district=district, period=period, enrolment=(4000, 3900), **other)  # type: ignore[arg-type]


def _at(day: date) -> datetime:
    return datetime.combine(day, time(9), ZONE)
