"""Who may see and do what on the pages: one table of users, and one of what each role may.

The table is a CSV file (``DISTRICT_REPORTS_USERS``, by default ``users.csv`` in its home) with the columns
``user,role,district_code``: the name under which somebody logs in to Airflow, ``engineer``, ``officer``, ``approver``
or ``district``, and for the latter the code of the district. Who is not in it sees nothing. It is read anew for each
request, so that who leaves is out at once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from district_reports.errors import ConfigurationError, ReferenceDataError
from district_reports.reference.csv_files import read_table

COLUMNS = ["user", "role", "district_code"]


class Permission(StrEnum):
    """What a role may do; a page or a button asks for one of these."""

    SEE_REPORTS = "see_reports"
    """Progress, submissions and data quality, of the districts that the viewer sees."""
    SEE_OUTSIDE = "see_outside"
    """What has left the house of the city's figures, and a district's own rows of it as they are."""
    SEE_CITY = "see_city"
    """The city's figures as they are inside, and every district."""
    SEE_VALUES = "see_values"
    """What stands in the cells that a finding is about: it may be a child's name or number."""
    OPEN_FILES = "open_files"
    """The archived original and the marked copy."""
    GRANT_EXTENSIONS = "grant_extensions"
    RULE = "rule"
    """Close an item of the worklist, or open it again."""
    PREPARE_RELEASE = "prepare_release"
    """Prepare a release for outside, and see what was prepared."""
    APPROVE_RELEASE = "approve_release"
    """Let a release out that somebody else prepared, return it, or take back what is outside."""
    OPERATE = "operate"
    """Restate and answer again; the links into Airflow."""
    SEE_ACCESS_LOG = "see_access_log"
    """Who has looked at what."""


class Role(StrEnum):
    """Whose eyes: an engineer of the city's, an officer of the bureau's, one who may also let figures out of the house,
    a district's own people."""

    ENGINEER = "engineer"
    OFFICER = "officer"
    APPROVER = "approver"
    DISTRICT = "district"


# An officer answers for figures and deadlines, and needs no child's name for either.
_OFFICERS = frozenset(
    {
        Permission.SEE_REPORTS,
        Permission.SEE_OUTSIDE,
        Permission.SEE_CITY,
        Permission.GRANT_EXTENSIONS,
        Permission.RULE,
        Permission.PREPARE_RELEASE,
    }
)
MAY: Mapping[Role, frozenset[Permission]] = {
    Role.ENGINEER: frozenset(Permission),
    Role.OFFICER: _OFFICERS,
    Role.APPROVER: _OFFICERS | {Permission.APPROVE_RELEASE},
    Role.DISTRICT: frozenset(
        {Permission.SEE_REPORTS, Permission.SEE_VALUES, Permission.OPEN_FILES, Permission.SEE_OUTSIDE}
    ),
}


@dataclass(frozen=True)
class Viewer:
    """Somebody who is logged in and has a role; ``district_code`` is None for those who see every district."""

    name: str
    role: Role
    district_code: str | None = None

    def may(self, permission: Permission) -> bool:
        return permission in MAY[self.role]

    def sees(self, district_code: str) -> bool:
        return self.district_code in (None, district_code)


FIRST = Viewer("admin", Role.ENGINEER)
"""Who is in the table of a new deployment: the engineer who set it up, and as whom we ask Airflow ourselves."""


def viewers(table: Path) -> dict[str, Viewer]:
    """Everybody in the table, by name.

    Raises:
        ConfigurationError: the table can't be read, or a row makes no sense; nobody is let in then.
    """
    try:
        header, rows = read_table({table.name: table.read_bytes()}, table.name)
    except (OSError, ReferenceDataError) as error:
        raise ConfigurationError(f"the table of users {table} cannot be read: {error}") from error
    if header != COLUMNS:
        raise ConfigurationError(f"{table}: the header must be {','.join(COLUMNS)}")
    found: dict[str, Viewer] = {}
    for line, (name, role, district_code) in rows:
        if not re.fullmatch(r"[^\s,:]+", name) or name in found:
            raise ConfigurationError(f"{table}, line {line}: no name, a space or colon in it, or a second row")
        if role not in set(Role):
            raise ConfigurationError(f"{table}, line {line}: the role must be one of {', '.join(Role)}")
        if (role == Role.DISTRICT) != bool(re.fullmatch(r"[0-9]{6}", district_code)):
            raise ConfigurationError(f"{table}, line {line}: a district's user has a district_code, and nobody else")
        found[name] = Viewer(name, Role(role), district_code or None)
    return found


def lay_out(table: Path, others: Iterable[Viewer] = ()) -> None:
    """Make the table of a new deployment, with :data:`FIRST` and `others` in it; one that is there stays as it is."""
    if not table.exists():
        table.parent.mkdir(parents=True, exist_ok=True)
        rows = [(viewer.name, viewer.role, viewer.district_code or "") for viewer in (FIRST, *others)]
        table.write_text("".join(f"{','.join(row)}\n" for row in [COLUMNS, *rows]), encoding="utf-8")
