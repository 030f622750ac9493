"""Nights with approvals, returns, revisions and revocations: everything that left is made again of the ledger alone."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine

from district_reports import failpoints
from district_reports.database.engine import Role, engine
from district_reports.publish import publish
from district_reports.publish.bundle.files import bundle_files
from district_reports.publish.outgoing.requests import What
from district_reports.publish.outgoing.work import work_off
from district_reports.publish.rebuilt.contents import content_faults
from district_reports.publish.rebuilt.releases import release_numbers, verify_releases
from district_reports.settings import settings
from outgoing.house import asked, read
from rebuilt.house import Releases
from rebuilt.ledgers import Ledgers
from rebuilt.restored import forget_all_but_the_ledger, restore
from rebuilt.year import Office, play, standing

TWO_MONTHS = ("approve", "approve", "revoke", "approve")
YEAR = ("approve", "approve", "wait", "approve", "return", "revoke", "approve", "approve")
NIGHTS = (3, 4, 8, 13, 18, 23, 24, 28, 33, 38, 43, 44, 48, 53, 58)
"""Those on which the officers decide, of five a month: at its end, and in some months on the one after as well."""


@pytest.mark.slow
def test_two_months_are_made_again_of_the_ledger(
    loader: Engine, reference_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(TWO_MONTHS)
    year = Ledgers(loader, reference_folder, monkeypatch, months=2, nights=2, merged_in=2)
    play(year.play(), office, range(4))
    assert Counter(office.done) == Counter(TWO_MONTHS)
    all_is_made_again()


@pytest.mark.slow
def test_a_year_is_made_again_of_the_ledger(
    loader: Engine, reference_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(YEAR)
    # Two districts are left after the merger, each of which knows the other by the city's total.
    year = Ledgers(loader, reference_folder, monkeypatch, months=12, nights=5, merged_in=11)
    assert len(play(year.play(), office, NIGHTS)) == 60
    done = Counter(office.done)
    assert done["approve"] >= 5, office.done
    assert {"return", "revoke", "wait"} <= done.keys()
    # Since each of these was prepared, another has left.
    assert all(standing(each).outdated for each, planned in office.prepared.items() if planned == "wait")
    all_is_made_again()


def all_is_made_again() -> None:
    """Nothing differs from the ledger, what left is safe, and after all but the ledger is forgotten it is as before."""
    found = verify_releases()
    assert found.problems == []
    assert found.notes == []
    versions = {version for (version,) in read(Role.READER, "SELECT version FROM outside.release")}
    assert versions >= {"v1.0", "v1.1"}
    lay, taken_back, told = lying(), revoked(), outside()
    assert lay
    assert taken_back
    forget_all_but_the_ledger()
    assert not settings().bundles.exists()
    restore()
    assert lying() == lay
    assert revoked() == taken_back
    assert outside() == told
    with engine(Role.READER).begin() as connection:
        assert [fault for each in release_numbers() for fault in content_faults(connection, each)] == []


def lying() -> Mapping[str, bytes]:
    """Every file below the folder of the bundles."""
    bundles = settings().bundles
    return {path.relative_to(bundles).as_posix(): path.read_bytes() for path in bundles.rglob("*") if path.is_file()}


def revoked() -> Mapping[object, Mapping[str, bytes]]:
    """What once left of each release that was taken back."""
    with engine(Role.READER).begin() as connection:
        return {
            release_id: bundle_files(connection, int(str(release_id)))
            for (release_id,) in read(Role.READER, "SELECT release_id FROM outside.revoked")
        }


def outside() -> list[tuple[object, ...]]:
    return read(
        Role.READER,
        "SELECT release, revoked.revoked_at, revoked.notice FROM outside.release"
        " LEFT JOIN outside.revoked USING (release_id) ORDER BY release_id",
    )


@pytest.mark.slow
@pytest.mark.parametrize("point", ["outgoing: before prepared", "outgoing: before leaving"])
def test_a_night_does_not_wait_for_what_leaves(releases: Releases, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == point:
            reached.set()
            assert go_on.wait(60)

    request_id = asked(What.PREPARE, release_id=releases.inside)
    if point == "outgoing: before leaving":
        work_off()
        asked(What.APPROVE, "李处长", prepared_id=standing(request_id).prepared_id)
    monkeypatch.setattr(failpoints, "hook", hold)
    job = Thread(target=work_off)
    job.start()
    try:
        assert reached.wait(60)
        night = publish().release_id
        assert job.is_alive()
    finally:
        go_on.set()
        job.join()
    monkeypatch.setattr(failpoints, "hook", None)
    assert read(Role.READER, "SELECT max(release_id) FROM city.release") == [(night,)]
    assert standing(request_id).state == ("ready" if point == "outgoing: before prepared" else "left")
