"""Nights, in a city where two districts tell of one child under two names: what they leave, and what a kill in one.

The first night finds an item. Then the neighbours explain it, mend that name, and write two others wrong: in the second
night, which is the one that is disturbed, an item is gone, two are new, and both districts get another list.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import ledger_book
from crash.city import City, build, pull_down, write_worklist
from crash.processes import apart, fork
from crash.recorded import recorded
from crash.trial import Outcome, in_a_house
from crash.work import run_to_rest
from district_reports import failpoints
from district_reports.publish import publish
from district_reports.reconciliation.delivery import tell_districts
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings

NEIGHBOURS = "210203-西岗区"
_COVER = {"填报单位代码": "210203", "填报单位": "西岗区"}
_SCHOOLS = [
    {"学校标识码": "2102030001", "应在校人数": 900, "实际在校人数": 899},
    {"学校标识码": "2102030002", "应在校人数": 700, "实际在校人数": 698},
]
_NAMES = ({1: "学生甲", 2: "学生2", 3: "学生3"}, {1: "学生1", 2: "学生乙", 3: "学生丙"})
"""Of each of their reports, by child; the first letter of crash/city.py's name the same children 学生1 to 学生3."""


@dataclass(frozen=True)
class Nights:
    """``points`` are the boundaries that the second night passes, ``seconds`` what it takes."""

    city: City
    points: tuple[str, ...]
    rest: Outcome
    seconds: float

    def differences(self, disturb: Callable[[], object]) -> list[str]:
        """What is otherwise after a second night that `disturb` went before."""
        return _after(self.city, disturb).differs_from(self.rest)

    def killed_at_random(self, seed: str) -> tuple[float, list[str]]:
        """Kill the second night at a moment drawn from `seed`; the seconds, and the differences."""
        after = Random(seed).uniform(0, self.seconds)
        return after, self.differences(lambda: _killed_after(after))

    def killed_at_all(self) -> list[str]:
        """Kill it where it first comes to each of its boundaries, one night after the other; the differences."""
        return self.differences(lambda: [_killed_when(point.__eq__) for point in dict.fromkeys(self.points)])


def nights(city: City) -> Nights:
    """Learn what the second night is like undisturbed."""
    _write_books(city)
    _learn(city)
    passed: list[str] = []
    took = 0.0

    def noted() -> tuple[Outcome, list[str], float]:
        def note() -> None:
            nonlocal took
            failpoints.hook = passed.append
            begun = time.monotonic()
            night()
            took = time.monotonic() - begun
            failpoints.hook = None

        return _lived(city, note), passed, took

    rest, passed, took = apart(noted)
    assert not rest.problems, rest.problems
    return Nights(city, tuple(passed), rest, took)


def night() -> None:
    """What the nightly job does, one step after the other."""
    reconcile()
    publish()
    tell_districts()


def killed_at(place: int) -> Callable[[], None]:
    """A night that is killed at its `place`-th boundary, counted from 0."""

    def disturb() -> None:
        numbers = count()
        _killed_when(lambda _: next(numbers) == place)

    return disturb


def _killed_when(comes: Callable[[str], bool]) -> None:
    def hook(point: str) -> None:
        if comes(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        failpoints.hook = hook
        night()

    assert fork(work).wait() == -signal.SIGKILL


def _killed_after(seconds: float) -> None:
    worker = fork(night)
    time.sleep(seconds)
    worker.send(signal.SIGKILL)
    worker.wait()


def _after(city: City, disturb: Callable[[], object]) -> Outcome:
    return apart(lambda: _lived(city, disturb))


def _lived(city: City, disturb: Callable[[], object]) -> Outcome:
    def both_nights() -> None:
        _until_the_second(city)
        disturb()
        night()

    return in_a_house(city, both_nights)


def _until_the_second(city: City) -> None:
    """Let both districts have reported and the first night have passed; the neighbours explain and correct."""
    with recorded():
        _send(city, "初报.xlsx")
        run_to_rest("the one before")
        night()
        _send(city, "待核对.xlsx")
        run_to_rest("the one before")
        _send(city, "更正.xlsx")
        run_to_rest("the one before")


def _send(city: City, name: str) -> None:
    folder = settings().uploads / NEIGHBOURS / "上报"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_books(city) / name, folder / name)


def _books(city: City) -> Path:
    return city.folder / "neighbours"


def _write_books(city: City) -> None:
    _books(city).mkdir()
    for name, children in zip(("初报.xlsx", "更正.xlsx"), _NAMES, strict=True):
        cases = [ledger_book.case(number, 姓名=called, 学校标识码="2102030002") for number, called in children.items()]
        ledger_book.write_book(_books(city) / name, cases=cases, enrolment=_SCHOOLS, cover=_COVER)
    write_worklist(_books(city) / "待核对.xlsx", "已核实，是同一名学生")


def _learn(city: City) -> None:
    """As crash/trial.py's: what is forked from this process has everything imported and recorded."""
    before = dict(os.environ)
    home = city.folder / "nights"
    database = build(city, home)
    try:
        _until_the_second(city)
    finally:
        pull_down(city, home, database)
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()
