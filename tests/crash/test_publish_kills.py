"""kill -9 at every boundary of a release: the former one stays whole and current, and the next is published."""

import os
import signal
from itertools import count

from sqlalchemy import text

from crash.processes import apart, fork
from crash.standard import Standard
from crash.trial import go_on, in_a_house
from district_reports import failpoints
from district_reports.database.engine import engine
from district_reports.publish import publish
from district_reports.settings import settings

NEXT_DAY = "2020-07-05"


def rows_by_release() -> dict[str, dict[int, int]]:
    """How many rows of each release every city table holds."""
    with engine("migrator").begin() as connection:
        tables = connection.scalars(
            text(
                "SELECT table_name FROM information_schema.columns JOIN information_schema.tables"
                " USING (table_schema, table_name)"
                " WHERE table_schema = 'city' AND column_name = 'release_id' AND table_type = 'BASE TABLE'"
            )
        ).all()
        found = {}
        for table in tables:
            rows = connection.execute(text(f'SELECT release_id, count(*) FROM city."{table}" GROUP BY 1'))
            found[table] = {row[0]: row[1] for row in rows}
        return found


def test_no_release_is_ever_half_there(usual: Standard) -> None:
    def killed_at(place: int) -> int:
        def work() -> None:
            numbers = count()

            def hook(_: str) -> None:
                if next(numbers) == place:
                    os.kill(os.getpid(), signal.SIGKILL)

            failpoints.hook = hook
            publish()

        return fork(work).wait()

    def disturb() -> None:
        go_on()
        passed: list[str] = []
        failpoints.hook = passed.append
        first = publish()
        failpoints.hook = None
        assert {"reconcile: rule done", "publish: begun", "publish: table filled", "publish: before commit"} <= set(
            passed
        )
        whole = rows_by_release()
        # On another day a release has a run of its own to make again, and passes the same points.
        os.environ["DISTRICT_REPORTS_TODAY"] = NEXT_DAY
        settings.cache_clear()
        for place, point in enumerate(passed):
            assert killed_at(place) == -signal.SIGKILL
            if point != "publish: committed":
                assert rows_by_release() == whole, point
        last = publish()
        counted = rows_by_release()
        assert last.rows == first.rows
        # The one that was killed after its commit is whole as well, and so is its run.
        assert len(counted["release"]) == 3
        with engine("migrator").begin() as connection:
            assert connection.scalar(text("SELECT count(*) FROM reconciliation.run")) == 2
        for table, rows in first.rows.items():
            assert set(counted[table].values()) <= {rows}, table
            assert len(counted[table]) == 3 * bool(rows), table

    apart(lambda: in_a_house(usual.city, disturb).digest)
