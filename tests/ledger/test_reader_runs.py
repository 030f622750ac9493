"""Runs of the limited child; what is made of them is tested in tests/storage/test_poison.py."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from sqlalchemy import Engine, text

from district_reports.ledger.reader_runs import KEPT, Asked, begin, died, end, forget_old, problem_of
from district_reports.workbook.problem import Problem

ASKED = Asked("f" * 64, "read", "1")


def test_a_run_that_is_just_ending_is_not_dead(loader: Engine) -> None:
    over = Event()

    def works() -> None:
        with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not over.is_set():
                end(connection, begin(connection, ASKED), None)

    with ThreadPoolExecutor(4) as workers:
        working = [workers.submit(works) for _ in range(4)]
        with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            seen = {died(connection, ASKED) for _ in range(1000)}
        over.set()
        for worker in working:
            worker.result()
    assert seen == {0}


def test_old_runs_are_forgotten(loader: Engine) -> None:
    old, young = Asked("e" * 64, "read", "1"), ASKED
    with loader.begin() as connection:
        for asked in (old, young):
            end(connection, begin(connection, asked), Problem("F03", "crash"))
        assert forget_old(connection) == 0
        connection.execute(
            text("UPDATE ledger.reader_run SET begun_at = begun_at - :age WHERE sha256 = :sha256"),
            {"age": KEPT + timedelta(minutes=1), "sha256": old.sha256},
        )
        assert forget_old(connection) == 1
        assert problem_of(connection, old) is None
        assert problem_of(connection, young) == Problem("F03", "crash")
