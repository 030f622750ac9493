"""What the plants are made with: people whom nobody else has, districts in turn, rows, and what each raises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from independent.book import CASES, ENROLMENT, HARDSHIP, PAYMENT, RECORD, SCHOOL, Row
from recomputed.people import resident
from recomputed.periods import Period
from reconciliation import sound
from reconciliation.draft import Draft, Placed, Side, Version
from reconciliation.sound import Person

SPRING, AUTUMN, NEXT = "2020-S1", "2019-S2", "2020-S2"
LATEST = "2020-09"
"""The month of the latest ledger, but where a district has none of it."""
WHOLE = ("210204", "210211", "210213", "210283", "210202")
"""Districts that have sent everything, aid of the semester that has begun included."""


@dataclass(frozen=True)
class Expected:
    """An item that must be there: its rule, what it was planted as, and its rows."""

    rule: str
    planted_as: str
    sides: tuple[Placed, ...]


@dataclass
class Planter:
    """Plants into a draft; `expected` are the items, `near` names what looks like one and is none."""

    draft: Draft
    expected: list[Expected] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    _numbers: count = field(default_factory=lambda: count(1000))
    _turns: count = field(default_factory=count)

    # -- who and where ------------------------------------------------------------------------------------------------

    def child(self, *, x: bool = False) -> Person:
        """A child that nobody else has; with `x`, one whose ID ends with an X."""
        number = next(self._numbers)
        while x and not resident(number).endswith("X"):
            number = next(self._numbers)
        return Person(number)

    def teacher(self) -> Person:
        return Person(next(self._numbers), grown=True)

    def number(self) -> str:
        """A teacher's number that nobody else has."""
        return f"P{next(self._numbers)}"

    def districts(self, many: int, among: tuple[str, ...] = WHOLE) -> list[str]:
        """The next ones in turn, all different."""
        first = next(self._turns)
        step = 1 + first // len(among) % (len(among) - 1)
        return [among[(first + step * at) % len(among)] for at in range(many)]

    # -- rows ---------------------------------------------------------------------------------------------------------

    def paid(
        self, who: Person, district: str, semester: str = SPRING, day: date | None = None, **cells: object
    ) -> Placed:
        row = sound.payment(who, district, Period.of(semester), day)
        return self._put(PAYMENT, district, semester, row, cells)

    def listed(self, who: Person, district: str, semester: str = SPRING, **cells: object) -> Placed:
        return self._put(HARDSHIP, district, semester, sound.hardship(who, district, Period.of(semester)), cells)

    def case(
        self,
        who: Person,
        district: str,
        discovered: date = date(2020, 3, 2),
        month: str = LATEST,
        **cells: object,
    ) -> Placed:
        return self._put(CASES, district, month, sound.case(who, district, discovered), cells)

    def poor(
        self, who: Person, district: str, discovered: date = date(2020, 3, 2), month: str = LATEST, **cells: object
    ) -> Placed:
        """A case for poverty."""
        return self.case(who, district, discovered, month, **{"主要原因": "因贫", **cells})

    def taught(
        self, who: Person, district: str, number: str, quarter: str = "2020-Q2", course: int = 2, **cells: object
    ) -> Placed:
        row = sound.record(who, district, number, Period.of(quarter), course)
        return self._put(RECORD, district, quarter, row, cells)

    def _put(self, sheet: str, district: str, period: str, row: Row, cells: dict[str, object]) -> Placed:
        version: Version = cells.pop("version", "standing")  # type: ignore[assignment]
        wrong, instead = bool(cells.pop("wrong", False)), cells.pop("instead", None)
        assert instead is None or isinstance(instead, Placed)
        if "身份证件号" in cells and "学籍号" not in cells and row.get("学籍号"):
            cells["学籍号"] = f"G{cells['身份证件号']}"
        row.update(cells)
        return self.draft.put(sheet, district, period, row, version=version, wrong=wrong, instead=instead)

    def school(self, code: str, quarter: str) -> tuple[Placed, Placed]:
        """The school's row in 在校人数 of the quarter's last month and in 学校, where they stand."""
        month = f"{Period.of(quarter).last:%Y-%m}"
        return self.enrolled(code, month), self._of_school(SCHOOL, code, quarter)

    def enrolled(self, code: str, month: str) -> Placed:
        return self._of_school(ENROLMENT, code, month)

    def counted(self, code: str, quarter: str, actual: int, pupils: int) -> tuple[Placed, Placed]:
        """Let the ledger say `actual` and 办学条件 `pupils`."""
        ledger, facility = self.school(code, quarter)
        ledger.cells.update({"应在校人数": actual, "实际在校人数": actual})
        facility.cells.update({"在校生数": pupils, "乡村小规模": "否"})
        return ledger, facility

    def _of_school(self, sheet: str, code: str, period: str) -> Placed:
        last = Period.of(period).last
        home = next(
            district
            for district in self.draft.register.reporting(last)
            if any(school.code == code for school in self.draft.register.schools(district, last))
        )
        rows = self.draft.standing(sheet, home, period)
        return next(row for row in rows if row.cells["学校标识码"] == code)

    # -- what comes of it ---------------------------------------------------------------------------------------------

    def item(self, rule: str, planted_as: str, *sides: Placed) -> None:
        self.expected.append(Expected(rule, planted_as, sides))

    def nothing(self, planted_as: str) -> None:
        self.near.append(planted_as)

    def expected_sides(self) -> dict[tuple[str, frozenset[Side]], str]:
        """Rule and rows of each item, and what it was planted as; two of the same are a mistake of the plants."""
        found: dict[tuple[str, frozenset[Side]], str] = {}
        for one in self.expected:
            key = one.rule, frozenset(self.draft.side(side) for side in one.sides)
            assert key not in found, f"{one.planted_as} is {found[key]}"
            found[key] = one.planted_as
        return found


Plant = Callable[[Planter], None]
