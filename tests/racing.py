"""Two and more workers on one key, and what must come of it.

The order of receipts is told by a model in plain Python, which knows nothing of leases, transactions or tables.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count, product
from threading import Lock

from sqlalchemy import Engine, text

from district_reports.ledger.leases import Claim, mark_answered
from district_reports.ledger.versions import Decision
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal
from submitted import RULES, case, checked, claimed, note_withdrawal, receive

BOOKS = {"x": checked([case(1)]), "y": checked([case(2)]), "z": checked([case(3)], quarantined=[(9, {})])}
BOOKS["z"] = replace(BOOKS["z"], verdict=Outcome.ACCEPTED_WITH_ERRORS)
BOOKS["bad"] = checked([case(4)], verdict=Outcome.REJECTED)
DISTRICTS = ("210202", "210203", "210204", "210211", "210212", "210213", "210214", "210224", "210281", "210283")
KEYS = product(DISTRICTS, (f"{year}-{month:02}" for year in range(2000, 2020) for month in range(1, 13)))
WORKERS = 3
_files = count(1)


@dataclass
class Race:
    """One key; what was sent for it, by submission: a content, or the submission that is taken back."""

    loader: Engine
    district: str
    period: str
    sent: dict[int, str | int] = field(default_factory=dict)
    made: Counter[int] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def send(self, what: str | int) -> int:
        drop = {"file_name": f"{next(_files)}.xlsx"}
        with self.lock if isinstance(what, int) else _nothing():
            if isinstance(what, int):
                made = note_withdrawal(self.loader, what, **drop)
            else:
                made = receive(self.loader, what, district=self.district, period=self.period, **drop)
            self.sent[made] = what
        return made

    def claim(self, seconds: float = 60) -> Claim | None:
        return claimed(self.loader, district=self.district, period=self.period, seconds=seconds)

    def decide(self, taken: Claim) -> Decision:
        while taken.submission_id not in self.sent:
            time.sleep(0.001)  # its sender has committed and not said so yet
        what = self.sent[taken.submission_id]
        if isinstance(what, int):
            decision = decide_withdrawal(self.loader, taken, RULES)
        else:
            decision = decide(self.loader, taken, self.book(what))
        with self.lock:
            self.made[taken.submission_id] += not decision.already
        return decision

    def book(self, content: str) -> CheckedWorkbook:
        return replace(BOOKS[content], district=self.district, period=self.period)

    def answer(self, taken: Claim) -> None:
        with self.loader.begin() as connection:
            mark_answered(connection, taken, "反馈/answer.xlsx")

    def unfinished(self) -> bool:
        return bool(self.rows("SELECT 1 AS one FROM ledger.submission WHERE {key} AND state <> 'answered'"))

    def rows(self, select: str) -> list:
        with self.loader.begin() as connection:
            key = f"district_code = '{self.district}' AND period = '{self.period}'"
            return list(connection.execute(text(select.format(key=key))))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@dataclass
class Expected:
    """What the order of receipts makes of what was sent."""

    outcomes: dict[int, str] = field(default_factory=dict)
    stands: str | None = None


def model(sent: Sequence[tuple[int, str | int]]) -> Expected:
    """`sent` in the order of receipts. A group is one content and all who sent it while it stood on top."""
    expected = Expected()
    groups: list[tuple[str, set[int]]] = []
    before: str | None = None
    for submission, what in sent:
        if isinstance(what, int):
            if groups and what in groups[-1][1]:
                groups.pop()
                before = groups[-1][0] if groups else None
                expected.outcomes[submission] = "withdrawn"
            else:
                expected.outcomes[submission] = "refused"
            continue
        if what == before:
            expected.outcomes[submission] = "duplicate"
        else:
            expected.outcomes[submission] = "rejected" if what == "bad" else "accepted"
        before = what
        if what != "bad":
            if not groups or groups[-1][0] != what:
                groups.append((what, set()))
            groups[-1][1].add(submission)
    expected.stands = groups[-1][0] if groups else None
    return expected


def outcomes(race: Race) -> dict[int, str]:
    """In the order of receipts, in the model's words."""
    found = {}
    for row in race.rows(
        "SELECT submission_id, outcome, withdraws FROM ledger.submission WHERE {key} ORDER BY receipt_id"
    ):
        plain = "accepted" if row.outcome == "accepted_with_errors" else row.outcome
        found[row.submission_id] = plain if row.withdraws is None else {"rejected": "refused"}.get(plain, "withdrawn")
    return found


def stands(race: Race) -> str | None:
    """The content in force, by the ledger and by the facts, which must agree."""
    ids = [row.submission_id for row in race.rows("SELECT submission_id FROM ledger.in_force WHERE {key}")]
    rows = race.rows(
        "SELECT f.submission_id, student_name FROM facts.dropout_case f JOIN identities.dropout_case i"
        " USING (submission_id, row_number) WHERE {key} AND known_until IS NULL"
    )
    assert [row.submission_id for row in rows] == ids
    return {"张小1": "x", "张小2": "y", "张小3": "z"}[rows[0].student_name] if rows else None


def agreement(loader: Engine) -> dict[str, int]:
    """Over the whole warehouse: how often its parts contradict each other; every number must be 0."""
    questions = {
        "undecided or unanswered": "SELECT count(*) FROM ledger.submission WHERE state <> 'answered'",
        "facts that are not as many as counted": """
            SELECT count(*) FROM ledger.submission s
            LEFT JOIN LATERAL (SELECT coalesce(sum(loaded), 0) AS said, coalesce(sum(quarantined), 0) AS aside
                               FROM ledger.sheet_count c WHERE c.submission_id = s.submission_id) AS counted ON true
            WHERE said <> (SELECT count(*) FROM facts.dropout_case f WHERE f.submission_id = s.submission_id)
                        + (SELECT count(*) FROM facts.compulsory_enrolment f WHERE f.submission_id = s.submission_id)
                OR aside <> (SELECT count(*) FROM quarantine.quarantined_row q WHERE q.submission_id = s.submission_id)
                OR (SELECT count(*) FROM facts.dropout_case f WHERE f.submission_id = s.submission_id)
                <> (SELECT count(*) FROM identities.dropout_case i WHERE i.submission_id = s.submission_id)""",
        "rows known now and not in force": """
            SELECT count(*) FROM facts.compulsory_enrolment
            WHERE known_until IS NULL AND submission_id NOT IN (SELECT submission_id FROM ledger.in_force)""",
        "versions ended by something earlier": """
            SELECT count(*) FROM ledger.submission s JOIN ledger.submission r ON r.submission_id = s.replaced_by
            WHERE r.receipt_id < s.receipt_id""",
        "keys without exactly one last version": """
            SELECT count(*) FROM (
                SELECT count(*) FILTER (WHERE replaced_by IS NULL) AS last FROM ledger.submission
                WHERE outcome IN ('accepted', 'accepted_with_errors') GROUP BY form, district_code, period
            ) AS keys WHERE last <> 1""",
    }
    with loader.begin() as connection:
        return {name: connection.execute(text(question)).scalar_one() for name, question in questions.items()}


def contradictions(loader: Engine) -> dict[str, int]:
    return {name: number for name, number in agreement(loader).items() if number}


def at_once(pool: ThreadPoolExecutor, *jobs: Callable[[], None]) -> None:
    for done in [pool.submit(job) for job in jobs]:
        done.result()


def work(race: Race) -> None:
    """A run of the key, and the next, until nothing is left: as if every event had been sent again and again."""
    while True:
        taken = race.claim()
        if taken is None:
            if not race.unfinished():
                return
            time.sleep(0.003)
            continue
        race.decide(taken)
        race.decide(taken)
        race.answer(taken)
