"""Races for one key: one decision each, and what stands is what the order of receipts says, however they came about.

The order is told by a model in plain Python, which knows nothing of leases, transactions or tables.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from district_reports.errors import LeaseLost
from district_reports.ledger.leases import Claim, mark_answered, resume
from district_reports.ledger.receipts import Identity, record_receipt
from district_reports.model.finding import Outcome
from district_reports.warehouse import load
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal
from racing import BOOKS, KEYS, WORKERS, Race, at_once, contradictions, model, outcomes, stands, work
from submitted import FORM, MAY, RULES, a_drop, case, checked, claimed, note_withdrawal, receive, submit

WHAT = {
    "the same content": lambda _: ["x", "x"],
    "different contents": lambda pick: pick.sample(["x", "y", "z"], 2),
    "any three": lambda pick: pick.choices(["x", "y", "bad"], k=3),
}


@pytest.mark.parametrize(
    "what", ["the same content", "different contents", pytest.param("any three", marks=pytest.mark.slow)]
)
def test_of_many_races_each_has_one_decision_in_the_order_of_receipts(loader: Engine, what: str) -> None:
    pick = random.Random(what)
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(30):
            race = Race(loader, *next(KEYS))
            for content in WHAT[what](pick):
                race.send(content)
            at_once(pool, *[lambda race=race: work(race)] * WORKERS)
            expected = model(list(race.sent.items()))
            assert outcomes(race) == expected.outcomes
            assert stands(race) == expected.stands
            assert race.made == dict.fromkeys(race.sent, 1)
            decided = race.rows("SELECT decided_at FROM ledger.submission WHERE {key} ORDER BY receipt_id")
            assert decided == sorted(decided)
    assert contradictions(loader) == {}


def test_a_withdrawal_races_a_correction(loader: Engine) -> None:
    """Both are sent and decided at once; who came first decides."""
    firsts: Counter[str] = Counter()
    with ThreadPoolExecutor(WORKERS + 1) as pool:
        for number in range(20):
            race = Race(loader, *next(KEYS))
            if number % 2:
                race.send("z")
            first = race.send("x")
            jobs = [
                lambda race=race, first=first: race.send(first) and work(race),
                lambda race=race: race.send("y") and work(race),
            ]
            if number < len(jobs):
                # Once in either order, since a busy machine may have no race at all.
                for job in (jobs[number], jobs[1 - number]):
                    job()
            else:
                at_once(pool, *jobs)
            expected = model(sorted(race.sent.items(), key=lambda item: receipt_order(race)[item[0]]))
            assert outcomes(race) == expected.outcomes
            assert stands(race) == expected.stands == "y"
            assert race.made == dict.fromkeys(race.sent, 1)
            firsts.update(each for each in expected.outcomes.values() if each in ("withdrawn", "refused"))
    assert contradictions(loader) == {}
    assert set(firsts) == {"withdrawn", "refused"}


def receipt_order(race: Race) -> dict[int, int]:
    rows = race.rows("SELECT submission_id, receipt_id FROM ledger.submission WHERE {key}")
    return {row.submission_id: row.receipt_id for row in rows}


def test_in_disorder_what_stands_is_the_same(loader: Engine) -> None:
    """Workers die after their claim, wake after their lease, and wear a submission out until others pass it."""
    lost = 0
    with ThreadPoolExecutor(WORKERS + 2) as pool:
        for number in range(12):
            race, asleep = Race(loader, *next(KEYS)), []
            jobs = [
                lambda race=race, asleep=asleep, seed=f"{number}{n}": stumble(race, asleep, random.Random(seed))
                for n in range(WORKERS)
            ]
            sends = [lambda race=race, seed=f"s{number}{n}": send_some(race, random.Random(seed)) for n in range(2)]
            race.send("x")
            at_once(pool, *jobs, *sends)
            work(race)
            for taken in asleep:
                try:
                    assert race.decide(taken).already
                except LeaseLost:
                    lost += 1
            order = receipt_order(race)
            expected = model(sorted(race.sent.items(), key=lambda item: order[item[0]]))
            # Which of two equal files is the duplicate may hang on who was quicker; what stands must not.
            assert blurred(outcomes(race)) == blurred(expected.outcomes)
            assert stands(race) == expected.stands
            assert race.made == dict.fromkeys(race.sent, 1)
    assert contradictions(loader) == {}
    assert lost


def blurred(outcomes: dict[int, str]) -> dict[int, str]:
    return {
        submission: {"duplicate": "taken", "accepted": "taken"}.get(one, one) for submission, one in outcomes.items()
    }


def send_some(race: Race, pick: random.Random) -> None:
    for _ in range(3):
        reports = [submission for submission, what in list(race.sent.items()) if isinstance(what, str)]
        race.send(pick.choice(reports) if pick.random() < 0.45 else pick.choice(["x", "y"]))


def stumble(race: Race, asleep: list[Claim], pick: random.Random) -> None:
    """A worker whose leases are over as soon as they begin, now and then."""
    for _ in range(14):
        taken = race.claim(pick.choice([0, 60]))
        if taken is None:
            continue
        if taken.lease_until.timestamp() < time.time() and pick.random() < 0.6:
            asleep.append(taken)
            continue
        try:
            race.decide(taken)
            race.answer(taken)
        except LeaseLost:
            continue


@dataclass
class Unheard:
    """An engine whose commits go well and are never heard of: the connection breaks before the answer."""

    engine: Engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection
        raise OperationalError("COMMIT", None, ConnectionError("server closed the connection unexpectedly"))


def test_a_decision_whose_acknowledgement_was_lost_stands_once(loader: Engine) -> None:
    first = submit(loader, "x", checked([case(1)]))
    receive(loader, "y")
    taken = claimed(loader)
    with pytest.raises(OperationalError):
        decide(Unheard(loader), taken, checked([case(2)]))
    with loader.begin() as connection:
        again = resume(connection, taken.submission_id, taken.lease_token, 60)
    told = decide(loader, again, checked([case(2)]))
    assert (told.already, told.outcome, told.replaces) == (True, Outcome.ACCEPTED, (first.submission_id,))
    with loader.begin() as connection:
        mark_answered(connection, again, None)

    note_withdrawal(loader, taken.submission_id)
    withdrawal = claimed(loader)
    with pytest.raises(OperationalError):
        decide_withdrawal(Unheard(loader), withdrawal, RULES)
    told = decide_withdrawal(loader, withdrawal, RULES)
    assert (told.already, told.restores, told.replaces) == (True, first.submission_id, (taken.submission_id,))
    with loader.begin() as connection:
        mark_answered(connection, withdrawal, None)
        names = connection.scalars(text("SELECT count(*) FROM facts.dropout_case GROUP BY submission_id")).all()
    assert names == [1, 1, 1]
    assert contradictions(loader) == {}


def test_two_files_of_a_key_that_are_decided_at_the_same_moment_come_one_after_the_other(loader, monkeypatch) -> None:
    """The lease of the older one is over and the key was given on; its worker still has the token."""
    receive(loader, "old")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET attempts = 2"))
    older = claimed(loader, seconds=0)
    receive(loader, "new")
    newer = claimed(loader)
    assert older.submission_id < newer.submission_id
    real = load.store_findings

    def slow(*arguments: object) -> None:
        real(*arguments)
        time.sleep(0.3)

    monkeypatch.setattr(load, "store_findings", slow)
    with ThreadPoolExecutor(2) as pool:
        at_once(
            pool,
            lambda: decide(loader, older, BOOKS["x"]),
            lambda: decide(loader, newer, BOOKS["y"]),
        )
    with loader.begin() as connection:
        mark_answered(connection, older, None)
        mark_answered(connection, newer, None)
        standing = connection.scalars(text("SELECT submission_id FROM ledger.submission WHERE replaced_by IS NULL"))
        assert standing.all() == [newer.submission_id]
    assert contradictions(loader) == {}


def test_a_withdrawal_waits_for_a_drop_that_is_being_noted(loader: Engine) -> None:
    """Else its receipt might be the later one, and the drop come to light behind its back."""
    first = submit(loader, "x", BOOKS["x"])
    with ThreadPoolExecutor(1) as pool, loader.begin() as connection:
        identity = Identity(form=FORM, period=MAY)
        receipt_id, _ = record_receipt(connection, a_drop("y", file_name="open"), identity)
        noted = pool.submit(note_withdrawal, loader, first.submission_id)
        with pytest.raises(TimeoutError):
            noted.result(0.2)
        connection.commit()
        withdrawal = noted.result(60)
    with loader.begin() as connection:
        row = connection.execute(
            text("SELECT receipt_id FROM ledger.submission WHERE submission_id = :id"), {"id": withdrawal}
        ).one()
    assert row.receipt_id > receipt_id


STOPPED = """
import sys
from district_reports.errors import LeaseLost
from district_reports.database.engine import engine
from submitted import case, checked, claimed, decide
taken = claimed(engine("loader"), seconds=0.5)
print("claimed", flush=True)
sys.stdin.readline()
try:
    decide(engine("loader"), taken, checked([case(1)]))
except LeaseLost:
    print("lost", flush=True)
"""


@pytest.mark.slow
def test_a_process_that_is_stopped_for_longer_than_its_lease_writes_nothing(loader: Engine) -> None:
    receive(loader, "x")
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        process.send_signal(signal.SIGSTOP)
        process.stdin.write("\n")
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while (quick := claimed(loader)) is None:
            assert time.monotonic() < deadline, "the lease does not end"
            time.sleep(0.05)
        assert decide(loader, quick, checked([case(2)])).outcome is Outcome.ACCEPTED
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == "lost\n"
        assert process.wait(60) == 0
    with loader.begin() as connection:
        mark_answered(connection, quick, None)
        names = connection.scalars(text("SELECT student_name FROM identities.dropout_case")).all()
    assert names == ["张小2"]
    assert contradictions(loader) == {}
