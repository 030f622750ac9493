"""The worklist as the contract tells it, night by night: numbers, spells, states; by the oracle's items.

What an item rests on is taken from the rows that were sent. Nothing here is the library's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from independent.book import CASES, ENROLMENT, FIRST_ROW, HARDSHIP, PAYMENT, RECORD, SCHOOL, Row
from recomputed.plan import Report
from recomputed.register import Register
from reconciliation.draft import Side
from reconciliation.oracle import RULES, Item, identifier, name

OPEN, PARTLY, EXPLAINED, RULED, RESOLVED = "待核对", "部分已说明", "已说明", "已裁定", "已消除"
ALL = "全部"
Subject = tuple[str, tuple[str, ...]]
Value = tuple[Any, ...]
"""A district, a sheet, and values of a row."""

# Of each rule, the values of a row that the item rests on, by sheet.
PAID = ("资助项目", "发放金额")
_NAMED: Mapping[str, Callable[[Row], tuple[object, ...]]] = dict.fromkeys(
    (HARDSHIP, PAYMENT, CASES, RECORD), lambda row: (name(str(row["姓名"])),)
)
_NUMBERED: Mapping[str, Callable[[Row], tuple[object, ...]]] = dict.fromkeys(
    (HARDSHIP, PAYMENT, CASES), lambda row: (identifier(row["身份证件号"]),)
)


def _cells(*titles: str) -> Callable[[Row], tuple[object, ...]]:
    return lambda row: tuple(row.get(title) for title in titles)


_AFTER_DISCOVERY = {CASES: _cells("发现日期"), PAYMENT: _cells(*PAID, "发放日期")}
RESTS_ON: Mapping[str, Mapping[str, Callable[[Row], tuple[object, ...]]]] = {
    "X01": {PAYMENT: _cells(*PAID)},
    "X02": _AFTER_DISCOVERY,
    "X03": _AFTER_DISCOVERY,
    "X04": {CASES: _cells("发现日期"), HARDSHIP: _cells()},
    "X05": _NAMED,
    "X06": _NUMBERED,
    "X08": {ENROLMENT: _cells("实际在校人数"), SCHOOL: _cells("在校生数")},
    "X09": {RECORD: lambda row: (identifier(row["身份证件号"]), name(str(row["姓名"])))},
}


@dataclass
class Known:
    """An item that was seen: its number, when, and what was said of it in which spell."""

    number: int
    first_seen: date
    last_seen: date
    since: date
    districts: frozenset[str]
    basis: frozenset[Value]
    present: bool = True
    spell: int = 1
    said: set[tuple[int, str]] = field(default_factory=set)
    closed: dict[int, bool] = field(default_factory=dict)
    gone_on: date = date.min
    """The last night that no longer saw it."""

    def state(self, home: Callable[[str], str]) -> str:
        if not self.present:
            return RESOLVED
        if self.closed.get(self.spell):
            return RULED
        said = {home(district) for spell, district in self.said if spell == self.spell}
        if self.districts <= said:
            return EXPLAINED
        return PARTLY if said & self.districts else OPEN


@dataclass(frozen=True)
class Told:
    """What the worklist tells of an item."""

    rule: str
    state: str
    spell: int
    first_seen: date
    last_seen: date
    since: date


@dataclass(frozen=True)
class Counts:
    """Items of a rule in an area at a release; `oldest` are days, of the open ones."""

    open: int
    new: int
    explained: int
    ruled: int
    resolved: int
    oldest: int | None


class Model:
    """Every item that was ever seen, by rule and subject as districts are today."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.known: dict[Subject, Known] = {}
        self._today = date.min
        self._compared: set[str] = set()

    def home(self, district: str) -> str:
        return self.register.at_home(district, self._today)

    def night(
        self, today: date, items: Iterable[Item], in_force: Iterable[Report], numbers: Mapping[Subject, int]
    ) -> None:
        """What a night makes of the items; `numbers` are those that were given to what is seen for the first time."""
        self._today = today
        # What a merged district had is its successor's.
        self.known = {(rule, tuple(map(self.home, subject))): one for (rule, subject), one in self.known.items()}
        self._compared = {self.home(report.district) for report in in_force}
        reports = {(report.form, report.period, report.district): report for report in in_force}
        seen = {(item.rule, item.subject): item for item in items}
        for subject, one in self.known.items():
            one.districts = frozenset(map(self.home, one.districts))
            one.basis = self._at_home(one.basis)
            if subject not in seen and one.present:
                one.present, one.gone_on = False, today
        for subject, item in seen.items():
            basis = self._at_home(_rests_on(item.rule, side, reports) for side in item.sides)
            one = self.known.get(subject)
            if one is None:
                self.known[subject] = Known(numbers[subject], today, today, today, item.districts, basis)
                continue
            if not one.present or one.basis != basis:
                one.spell, one.since = one.spell + 1, today
            one.present, one.basis, one.districts, one.last_seen = True, basis, item.districts, today

    def _at_home(self, basis: Iterable[Value]) -> frozenset[Value]:
        return frozenset((self.home(district), sheet, *values) for district, sheet, *values in basis)

    def told(self) -> dict[int, Told]:
        """By number."""
        return {
            one.number: Told(rule, one.state(self.home), one.spell, one.first_seen, one.last_seen, one.since)
            for (rule, _), one in self.known.items()
        }

    def counted(self, release: date, before: date) -> dict[tuple[str, str, str], Counts]:
        """The worklist of a release by area and rule, since that of the day `before`; where any report was compared."""
        found = {}
        for level, code, districts in self._areas(release):
            if not districts & self._compared:
                continue
            for rule in (*RULES, ALL):
                touched = [
                    one for (other, _), one in self.known.items() if rule in (other, ALL) and one.districts & districts
                ]
                found[level, code, rule] = self._counts(touched, release, before)
        return found

    def _areas(self, day: date) -> Iterator[tuple[str, str, set[str]]]:
        districts = self.register.reporting(day)
        yield "city", "全市", set(districts)
        for zone in {self.register.zone(district, day) for district in districts}:
            yield "zone", zone, {district for district in districts if self.register.zone(district, day) == zone}
        for district in districts:
            yield "district", district, {district}

    def _counts(self, touched: list[Known], release: date, before: date) -> Counts:
        states = [one.state(self.home) for one in touched]
        days = [
            (release - one.first_seen).days
            for one, state in zip(touched, states, strict=True)
            if state in (OPEN, PARTLY)
        ]
        return Counts(
            open=len(days),
            new=sum(one.first_seen > before for one in touched),
            explained=states.count(EXPLAINED),
            ruled=states.count(RULED),
            resolved=sum(not one.present and one.gone_on > before for one in touched),
            oldest=max(days, default=None),
        )


def _rests_on(rule: str, side: Side, reports: Mapping[tuple[str, str, str], Report]) -> Value:
    row = reports[side.form, side.period, side.district].book.sheets[side.sheet].rows[side.row - FIRST_ROW]
    return side.district, side.sheet, *RESTS_ON[rule][side.sheet](row)
