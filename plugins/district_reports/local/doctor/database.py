"""The logins of the warehouse: that none of them is more than it should be."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import engine
from district_reports.database.roles import AIRFLOW, COMPARER, OWNER, Role
from district_reports.errors import SystemFault
from district_reports.local.doctor.note import Note, State

_POWERS = """
SELECT rolname FROM pg_roles
WHERE rolname = ANY(:logins) AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)
ORDER BY rolname
"""
_OWNED = """
SELECT DISTINCT login.rolname, owner.rolname AS owner
FROM pg_roles AS login
JOIN pg_roles AS owner ON owner.rolname = ANY(:owners)
WHERE login.rolname = ANY(:logins)
    AND (pg_has_role(login.oid, owner.oid, 'SET') OR pg_has_role(login.oid, owner.oid, 'USAGE'))
ORDER BY 1, 2
"""
_OPEN = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"


def of_roles() -> Iterator[Note]:
    """Ask the warehouse about its logins; a note of that where it does not answer."""
    logins = [role.value for role in Role if role is not Role.MIGRATOR]
    try:
        with engine(Role.READER).connect() as connection:
            powers = list(connection.scalars(text(_POWERS), {"logins": [*logins, Role.MIGRATOR.value, AIRFLOW]}))
            owners = connection.execute(text(_OWNED), {"logins": [*logins, AIRFLOW], "owners": [OWNER, COMPARER]}).all()
            everybody = connection.scalar(text(_OPEN))
    except (SystemFault, DBAPIError) as error:
        yield Note("roles", State.WARNING, f"the warehouse can't be asked: {type(error).__name__}", "Is it running?")
        return
    for name in powers:
        yield Note(
            "roles",
            State.DANGER,
            f"{name} may more than work in the warehouse (superuser, roles, databases, row security)",
            f"Mend: ALTER ROLE {name} NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS NOREPLICATION",
        )
    for name, owner in owners:
        yield Note("roles", State.DANGER, f"{name} can become {owner}", f"Mend: REVOKE {owner} FROM {name}")
    if everybody:
        yield Note(
            "roles",
            State.WARNING,
            "every login of the server can enter the warehouse",
            "district-reports migrate, with an administrator's address, closes it",
        )
    if not powers and not owners and not everybody:
        yield Note("roles", State.OK, f"{len(logins) + 2} logins, each with its own rights and no more")
