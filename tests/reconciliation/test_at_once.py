"""Two runs at once, and a run beside a release, come one after the other; a number is given once."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from district_reports import failpoints
from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.reconciliation.reconcile import reconcile
from submitted import XIGANG, ZHONGSHAN, case, checked, submit

Job = Callable[[], object]


def two_names(loader: Engine, content: str, *children: int) -> None:
    """Let both districts' ledgers have these children, under two names."""
    for district in (ZHONGSHAN, XIGANG):
        cases = [{**case(child), "student_name": f"{district}的学生{child}"} for child in children]
        submit(loader, f"{content} {district}", checked(cases, district=district))


def in_turn(monkeypatch: pytest.MonkeyPatch, first: Job, second: Job) -> None:
    """Begin `second` while `first` stands before its commit; it must not get any further until then."""
    standing, go_on = threading.Event(), threading.Event()
    passed: list[tuple[str, str]] = []

    def hook(point: str) -> None:
        name = threading.current_thread().name
        passed.append((name, point))
        if name == "first" and point.endswith("before commit"):
            standing.set()
            assert go_on.wait(60)

    monkeypatch.setattr(failpoints, "hook", hook)
    workers = [threading.Thread(target=job, name=name) for job, name in ((first, "first"), (second, "second"))]
    workers[0].start()
    assert standing.wait(60)
    workers[1].start()
    workers[1].join(1)
    assert {name for name, _ in passed} == {"first"}
    go_on.set()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    assert {name for name, _ in passed} == {"first", "second"}


@pytest.mark.parametrize("first", [reconcile, publish])
@pytest.mark.parametrize("second", [reconcile, publish])
def test_they_come_one_after_the_other(
    loader: Engine, monkeypatch: pytest.MonkeyPatch, first: Job, second: Job
) -> None:
    two_names(loader, "a", 1, 2)
    reconcile()
    two_names(loader, "b", 2, 3, 4)
    in_turn(monkeypatch, first, second)
    with engine("publisher").connect() as connection:
        items = connection.execute(text("SELECT item_id, first_run FROM reconciliation.item ORDER BY 1")).all()
        runs = connection.scalars(text("SELECT run_id FROM reconciliation.run ORDER BY known_at")).all()
        # What the second found was no news.
        latest = connection.execute(text("SELECT run_id, count(*) FROM reconciliation.observation GROUP BY 1")).all()
    assert [tuple(item) for item in items] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert runs == list(range(1, len(runs) + 1))
    assert dict(map(tuple, latest)) == {1: 2, 2: 4}
