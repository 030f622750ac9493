"""The register that the pages name districts by."""

from district_reports.reference.csv_files import digest, read_files
from district_reports.reference.register import Register
from district_reports.settings import settings

_parsed: dict[str, Register] = {}


def register() -> Register:
    """The register as its files stand; 30 ms to parse, so only when they have changed.

    Raises:
        ReferenceDataError: as ``Register.load``.
    """
    files = read_files(settings().reference)
    known = digest(files)
    found = _parsed.get(known)
    if found is None:
        found = Register.of_files(files)
        _parsed.clear()
        _parsed[known] = found
    return found


def district_names() -> dict[str, str]:
    """By code, in the order of the register; a district that was renamed goes by its latest name."""
    return {district.code: district.name for district in register().districts}
