"""Releases rebuilt from the ledger, one or all: hashes, figures, protection, bundle."""

from collections.abc import Callable

from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.publish.disclosure.binding import DoesNotAddUp
from district_reports.publish.disclosure.prepare import left_releases
from district_reports.publish.rebuilt.bundle import bundle_faults, unknown_folders
from district_reports.publish.rebuilt.contents import content_faults, has_contents, outside_content_faults
from district_reports.publish.rebuilt.figures import rebuild_figures
from district_reports.publish.rebuilt.found import Found
from district_reports.publish.rebuilt.protection import examine_left, protection_faults
from district_reports.publish.revisions import former_release


class NoSuchRelease(Exception):
    """There is no release of that number, or it has not left; the message says which."""


def _silent(_: str) -> None:
    """Tell nobody."""


def verify_release(release_id: int, progress: Callable[[str], None] = _silent) -> Found:
    """Rebuild one release, and examine all that had left when it did.

    Raises:
        NoSuchRelease: there is none.
        SystemFault: a summary is wrong, or the solver gave up.
        sqlalchemy.exc.DBAPIError, OSError: warehouse or folder can't be read.
    """
    if release_id not in release_numbers():
        raise NoSuchRelease(f"there is no release {release_id}")
    found = Found()
    left = _left()
    found.add(_rebuilt(release_id, release_id in left, progress), f"release {release_id}, ")
    if release_id in left:
        found.add(_examined(release_id, progress))
    return found


def verify_releases(progress: Callable[[str], None] = _silent) -> Found:
    """Rebuild every release, and examine all that has left; what :func:`verify_release` raises."""
    found, left = Found(), _left()
    for release_id in release_numbers():
        found.add(_rebuilt(release_id, release_id in left, progress), f"release {release_id}, ")
    if left:
        found.add(_examined(left[-1], progress))
    with engine(Role.READER).begin() as connection:
        found.problems += unknown_folders(connection)
    return found


def compare_contents() -> list[str]:
    """Compare the hashes of the current release and of all that has left, inside and outside; the problems.

    Nothing is made again, so that it takes no longer with the nights that have passed.
    """
    with engine(Role.READER).begin() as connection:
        current, left = former_release(connection), left_releases(connection)
        numbers = sorted({*left, *([] if current is None else [current.release_id])})
        return [
            f"release {number}, {fault}"
            for number in numbers
            for faults in (content_faults, *([outside_content_faults] if number in left else []))
            for fault in faults(connection, number)
        ]


def release_numbers() -> list[int]:
    """Of every release, the first first."""
    with engine(Role.READER).begin() as connection:
        return list(connection.scalars(text("SELECT release_id FROM city.release ORDER BY release_id")))


def _left() -> list[int]:
    with engine(Role.READER).begin() as connection:
        return left_releases(connection)


def _rebuilt(release_id: int, left: bool, progress: Callable[[str], None]) -> Found:
    progress(f"release {release_id}")
    found = Found()
    with engine(Role.READER).begin() as connection:
        found.problems += content_faults(connection, release_id)
        if not has_contents(connection, release_id):
            found.notes.append("made before content hashes were kept")
    found.add(rebuild_figures(release_id))
    if left:
        with engine(Role.PUBLISHER).connect() as connection:
            found.add(protection_faults(connection, release_id))
            connection.rollback()
        with engine(Role.READER).begin() as connection:
            found.problems += outside_content_faults(connection, release_id)
            found.add(bundle_faults(connection, release_id))
    return found


def _examined(release_id: int, progress: Callable[[str], None]) -> Found:
    progress(f"what has left up to release {release_id}")
    with engine(Role.READER).begin() as connection:
        try:
            examined = examine_left(connection, release_id)
        except DoesNotAddUp as refused:
            return Found(problems=[f"what has left can't be examined: {refused}"])
    return Found(problems=[f"what has left narrows down {unsafe}" for unsafe in examined.unsafe])
