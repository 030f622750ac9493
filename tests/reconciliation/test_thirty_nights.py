"""Thirty nights: numbers stay, what is mended is gone, what comes back is open; what was said holds, or falls."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import Role, engine
from district_reports.publish.release import publish
from district_reports.reconciliation.reconcile import reconcile
from district_reports.warehouse.reference_load import load_reference
from recomputed.conftest import PLANNING
from recomputed.play import on_day
from recomputed.register import Register
from reconciliation.conftest import with_mergers
from reconciliation.desk import Desk
from reconciliation.oracle import Oracle, reports_in_force
from reconciliation.product import items
from reconciliation.story import MERGED, SUCCESSOR, Story
from reconciliation.thirty_nights import DAYS, EXPECTED, FIRST_NIGHT, SAYINGS, SUBJECTS, Ruled, Said
from reconciliation.worklist_model import Counts, Known, Model, Told

NIGHTS = 30
RELEASED_IN = (1, 3, 6, 8, 13, 19, 20, 22, 25, 27, 30)
"""Nights that a release is made in, too."""
_SAID = """
    INSERT INTO reconciliation.explanation (item_id, spell, district_code, explanation, receipt_id)
    VALUES (:item, :spell, :district, '已核实。', :receipt)
"""
_RULED = """
    INSERT INTO reconciliation.ruling (item_id, spell, closes, reason, ruled_by)
    VALUES (:item, :spell, :closes, '材料齐全。', '王科长')
"""


def told_at(reader: Engine, moment: datetime) -> dict[int, Told]:
    """What the worklist says of each item, as known at a moment."""
    with reader.begin() as connection:
        rows = connection.execute(text("SELECT * FROM reconciliation.items_as_known(:moment)"), {"moment": moment})
        return {
            row.item_id: Told(row.rule, row.state, row.spell, row.first_seen, row.last_seen, row.spell_since)
            for row in rows
        }


class Nights:
    """Plays the story and writes the model's worklist beside the library's."""

    def __init__(self, register: Register, environ: pytest.MonkeyPatch) -> None:
        self.desk = Desk(engine(Role.LOADER), environ)
        self.story, self.model, self.register = Story(self.desk, register), Model(register), register
        self.moments: list[tuple[datetime, dict[int, Told]]] = []

    def night(self, number: int) -> None:
        today = FIRST_NIGHT + timedelta(days=number - 1)
        self.desk.morning(today)
        if number in DAYS:
            DAYS[number](self.story)
        reconcile()
        in_force = reports_in_force(self.desk.sent, today)
        expected = Oracle(in_force, self.register, today).items()
        found = items(engine(Role.PUBLISHER))
        numbers = {(rule, sides): item for item, (rule, _, sides) in found.items()}
        assert sorted(found.values(), key=str) == sorted(
            ((one.rule, one.districts, one.sides) for one in expected), key=str
        ), f"night {number}"
        given = {(one.rule, one.subject): numbers[one.rule, one.sides] for one in expected}
        before = {one.number for one in self.model.known.values()}
        self.model.night(today, expected, in_force, given)
        for subject, item in given.items():
            one = self.model.known[subject]
            assert one.number == item, f"night {number}: {subject[0]} has another number"
            assert one.first_seen < today or item not in before, f"night {number}: the number was another's"
        self.look(f"night {number}")

    def say(self, saying: Said | Ruled) -> None:
        one = self.known(saying.item)
        values = {"item": one.number, "spell": one.spell}
        if isinstance(saying, Said):
            one.said.add((one.spell, saying.district))
            with engine(Role.LOADER).begin() as connection:
                about = {"district": saying.district, "receipt": self.desk.receipt()}
                connection.execute(text(_SAID), {**values, **about})
        else:
            one.closed[one.spell] = saying.closes
            with engine(Role.PAGES).begin() as connection:
                connection.execute(text("SET LOCAL district_reports.sees = '*'"))
                connection.execute(text(_RULED), {**values, "closes": saying.closes})

    def known(self, item: str) -> Known:
        """What the model knows of an item, by the districts of today."""
        rule, subject = SUBJECTS[item]
        today = (rule, subject)
        if today not in self.model.known:
            today = (rule, tuple(MERGED if part == SUCCESSOR else part for part in subject))
        return self.model.known[today]

    def state(self, item: str) -> str:
        """The library's word."""
        return self.moments[-1][1][self.known(item).number].state

    def history(self, number: int) -> tuple[set[tuple[int, str]], dict[int, bool]]:
        """Who explained the item in which spell, and how it was ruled last in which."""
        with engine(Role.PUBLISHER).begin() as connection:
            said = connection.execute(
                text("SELECT spell, district_code FROM reconciliation.explanation WHERE item_id = :item"),
                {"item": number},
            ).all()
            ruled = connection.execute(
                text("SELECT spell, closes FROM reconciliation.ruling WHERE item_id = :item ORDER BY ruling_id"),
                {"item": number},
            ).all()
        return {(row.spell, row.district_code) for row in said}, {row.spell: row.closes for row in ruled}

    def released(self) -> dict[str, dict[tuple[str, str, str], Counts]]:
        """By the day of the release: what was counted, where anything could be."""
        found: dict[str, dict[tuple[str, str, str], Counts]] = {}
        with engine(Role.INSIDER).begin() as connection:
            counted = "SELECT * FROM city.city_reconciliation WHERE open_count IS NOT NULL"
            for row in connection.execute(text(counted)):
                counts = Counts(
                    row.open_count, row.new_count, row.explained_count, row.ruled_count, row.resolved_count,
                    row.oldest_days,
                )  # fmt: skip
                found.setdefault(row.period, {})[row.level, row.area_code, row.rule] = counts
        return found

    def look(self, when: str) -> None:
        """The worklist is the model's; keep what it says now."""
        with engine(Role.PUBLISHER).begin() as connection:
            moment = connection.scalar(text("SELECT clock_timestamp()"))
        told = told_at(engine(Role.PUBLISHER), moment)
        assert told == self.model.told(), when
        self.moments.append((moment, told))


@pytest.fixture
def nights(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    root = with_mergers(tmp_path / "root")
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(root))
    on_day(date(2019, 8, 1), monkeypatch)
    load_reference(lambda _: None)
    return Nights(Register(root / "sql" / "reference"), monkeypatch)


@pytest.mark.slow
def test_each_release_counts_the_worklist_of_its_night_and_keeps_it(nights: Nights) -> None:
    for name, value in PLANNING.items():
        nights.desk.environ.setenv(name, value)
    before, released = date.min, {}
    for number in range(1, NIGHTS + 1):
        nights.night(number)
        if number in RELEASED_IN:
            today = nights.desk.today
            publish()
            released[str(today)] = nights.model.counted(today, before)
            before = today
            # Those of the nights before, too: they are never made anew.
            now = nights.released()
            assert now.keys() == released.keys()
            for day, counts in now.items():
                assert counts == released[day], f"night {number}: {day}"
        for saying in SAYINGS.get(number, ()):
            nights.say(saying)


def test_thirty_nights(nights: Nights) -> None:
    for number in range(1, NIGHTS + 1):
        nights.night(number)
        expected = {item: at for item, every in EXPECTED.items() for at in every if at.night == number}
        for item, at in expected.items():
            assert nights.state(item) == at.state, f"night {number}: {item}"
        for saying in SAYINGS.get(number, ()):
            nights.say(saying)
        nights.look(f"the day after night {number}")
        for item, at in expected.items():
            assert nights.state(item) == (at.then or at.state), f"the day after night {number}: {item}"
    # All that was said and ruled is kept, of the spell in which it was.
    for item in SUBJECTS:
        known = nights.known(item)
        assert nights.history(known.number) == (known.said, known.closed), item
    # Former nights say what they said then.
    for moment, told in nights.moments:
        assert told_at(engine(Role.PUBLISHER), moment) == told
