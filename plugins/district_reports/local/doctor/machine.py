"""Clocks, free space and versions."""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import version

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.local.doctor.note import Note, State
from district_reports.settings import Settings
from district_reports.storage.folders import district_folders

_APART_SECONDS = 120.0
_LEAST_BYTES = 5 << 30
_PACKAGES = ("apache-airflow", "great-expectations", "pandas", "SQLAlchemy", "openpyxl")
_PROBE = ".clock.tmp"


def of_clocks(settings: Settings) -> Iterator[Note]:
    """How far the clocks of the database and of the share are from this machine's."""
    try:
        with engine(Role.LOADER).connect() as connection:
            ours = time.time()
            theirs = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
        yield _clock("the database's clock", float(theirs or 0) - ours)
    except (SystemFault, DBAPIError) as error:
        yield Note("clock", State.WARNING, f"the database can't be asked: {type(error).__name__}", "Is it running?")
    try:
        for folder in district_folders(settings.uploads)[:1]:
            with folder.received.opened() as opened:
                opened.remove(_PROBE)
                ours = time.time()
                stamped = opened.create_empty(_PROBE).st_mtime
                opened.remove(_PROBE)
            yield _clock("the share's clock", stamped - ours)
    except (SystemFault, OSError) as error:
        yield Note("clock", State.WARNING, f"the share's clock can't be asked: {type(error).__name__}", "See above")


def _clock(whose: str, apart: float) -> Note:
    told = f"{whose} is {abs(apart):.1f} s {'ahead of' if apart > 0 else 'behind'} this machine's"
    if abs(apart) > _APART_SECONDS:
        return Note("clock", State.WARNING, told, "Let all machines take their time from one server (NTP)")
    return Note("clock", State.OK, told)


def of_space(settings: Settings) -> Iterator[Note]:
    """What is free where the archive and the uploads lie."""
    for what, path in (("home", settings.home), ("uploads", settings.uploads)):
        existing = next(folder for folder in (path, *path.parents) if folder.exists())
        usage = shutil.disk_usage(existing)
        told = f"{what}: {usage.free / 2**30:.1f} GiB of {usage.total / 2**30:.0f} are free"
        if usage.free < _LEAST_BYTES:
            yield Note("space", State.WARNING, told, "Nothing can be received on a full disk; make room")
        else:
            yield Note("space", State.OK, told)


def of_versions() -> Iterator[Note]:
    """What runs: for whoever asks."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Note("versions", State.OK, f"Python {platform.python_version()}, {packages}, Linux {os.uname().release}")
    try:
        with engine(Role.LOADER).connect() as connection:
            yield Note("versions", State.OK, f"PostgreSQL {connection.scalar(text('SHOW server_version'))}")
    except (SystemFault, DBAPIError):
        return


def of_user(settings: Settings) -> Iterator[Note]:
    """As whom we run."""
    if os.geteuid() == 0 and settings.production:
        yield Note("user", State.WARNING, "the service runs as root", "Run it as a user of its own")
    else:
        yield Note("user", State.OK, f"we run as the user {os.geteuid()}")
