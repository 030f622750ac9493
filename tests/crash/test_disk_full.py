"""No room for the archive, the snapshots, the records of broken contents, the answers, or the database.

Really full where a small file system can be mounted in a namespace of the trial's own; in any case by limits on the
size of files, which say no in the same places.
"""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest

from crash import disks
from crash.city import elsewhere
from crash.processes import apart
from crash.server import broken_at, limit_session
from crash.standard import Standard
from crash.trial import Outcome, in_a_house
from district_reports.database.embedded.server import EmbeddedServer

KIB, MIB = 1 << 10, 1 << 20


def more(*values: object) -> list[object]:
    """The same for ``make slow``."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def really(usual: Standard, whole: Callable[[], Outcome]) -> None:
    """`whole`, in a namespace of its own, ends as if nothing had happened."""

    def allowed() -> Outcome | str:
        try:
            disks.enter_own_namespace()
        except disks.NotAllowed as why:
            return str(why)
        return whole()

    told = apart(allowed)
    if isinstance(told, str):
        warnings.warn(f"nothing can be mounted here ({told}): only limits on files were tried", stacklevel=2)
    else:
        assert told.differs_from(usual.rest) == []


# From the first byte on: the copy and the archived original (7 kB), notes, Parquet, findings, answers.
@pytest.mark.parametrize("size", [0, *more(30), 1_000, *more(4_000), 6_500])
def test_files_may_not_grow(usual: Standard, size: int) -> None:
    assert usual.differences(disks.with_files_up_to(size)) == []


# Four files of 7 kB are copied, archived and moved; then come three times two Parquet files, and the answers.
@pytest.mark.parametrize("left", [0, *more(4, 8, 16), 24, *more(32, 48), 64, *more(80, 96)])
def test_the_disk_of_home_and_folders_is_full(usual: Standard, tmp_path: Path, left: int) -> None:
    def whole() -> Outcome:
        disks.mount_small(tmp_path / "small", 2 * MIB)
        full = disks.in_a_full_house(tmp_path / "small", left * KIB)
        return in_a_house(usual.city, full, tmp_path / "small")

    really(usual, whole)


def test_a_session_may_not_write(usual: Standard) -> None:
    limit = partial(limit_session, usual.city.server)

    assert usual.differences(broken_at(usual.city, "decide: held", limit)) == []


@pytest.mark.parametrize("log_too", [False, *more(True)], ids=["the table", "the log"])
def test_the_disk_of_the_database_is_full(
    usual: Standard, tmp_path: Path, log_too: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")
    small = tmp_path / "small"

    def whole() -> Outcome:
        disks.mount_small(small, 400 * MIB)
        server = EmbeddedServer(small / "postgres", warehouses="all")
        server.start()
        try:
            city = elsewhere(usual.city, tmp_path / "city", server)

            def no_room() -> None:
                if log_too:
                    # The next record needs a new segment of the log, for which there is no room either.
                    with psycopg.connect(server.url("postgres", "postgresql"), autocommit=True) as connection:
                        connection.execute("SELECT pg_switch_wal()")
                disks.fill(small, 0)

            return in_a_house(city, broken_at(city, "decide: held", no_room, lambda: disks.make_room(small)))
        finally:
            server.stop()

    really(usual, whole)
