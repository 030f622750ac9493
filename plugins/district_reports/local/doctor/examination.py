"""Everything that the doctor looks at, in order."""

from collections.abc import Iterator

from district_reports.local.doctor import database, files, machine, shares, walls
from district_reports.local.doctor.note import Note, State
from district_reports.settings import Settings


def examine(settings: Settings) -> Iterator[Note]:
    """Look at files, share, database, reading child, clocks, space and versions; changes nothing.

    What needs the database says so where it does not run. An empty file is made on the share for a moment, to read its
    clock.
    """
    if settings.home.is_dir():
        yield from files.of_home(settings)
        yield from files.of_keys(settings)
    else:
        yield Note("home", State.WARNING, f"{settings.home} is not there", "district-reports start makes it")
    yield from machine.of_user(settings)
    yield from shares.of_uploads(settings)
    yield from walls.of_reader()
    yield from database.of_roles()
    yield from machine.of_clocks(settings)
    yield from machine.of_space(settings)
    yield from machine.of_versions()
