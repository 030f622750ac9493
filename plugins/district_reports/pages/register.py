"""The register as the pages need it: read once, and again when a file of it has changed."""

from functools import lru_cache
from pathlib import Path

from district_reports.reference import Register
from district_reports.settings import settings


def register() -> Register:
    """The register as its files are now. Reading it takes 0.1 s, so it is kept until one of them changes.

    Raises:
        ReferenceDataError: a file is missing, empty or wrong.
    """
    folder = settings().reference
    states = ((path.name, path.stat()) for path in sorted(folder.glob("*.csv")))
    return _load(folder, tuple((name, state.st_mtime_ns, state.st_size, state.st_ino) for name, state in states))


def district_names() -> dict[str, str]:
    """By code, in the order of the register; a district that was renamed goes by its latest name."""
    return {district.code: district.name for district in register().districts}


@lru_cache(maxsize=1)
def _load(folder: Path, _states: tuple[tuple[str, int, int, int], ...]) -> Register:
    return Register.load(folder)
