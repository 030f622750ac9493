"""Where a page's figures come from: connections that see no more than the viewer does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from district_reports.database.engine import Role, engine
from district_reports.reference.csv_files import digest, read_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.users import Permission, Viewer

_AS = text(
    "SELECT set_config('district_reports.sees', :sees, true), set_config('district_reports.values', :values, true)"
)


@contextmanager
def reading(viewer: Viewer) -> Iterator[Connection]:
    """A transaction that reads as the pages' role, one moment of the warehouse.

    ``ledger.receipt``, ``ledger.submission`` and ``ledger.lock_exception`` hold the districts that the viewer sees, and
    ``findings.shown_finding`` what cells say only for those who may see it: the database sees to both. City tables are
    whole; a route that shows them needs ``Permission.SEE_CITY``.
    """
    with engine(Role.PAGES).connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            connection.execute(
                _AS,
                {
                    "sees": viewer.district_code or "*",
                    "values": "shown" if viewer.may(Permission.SEE_VALUES) else "",
                },
            )
            yield connection


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
