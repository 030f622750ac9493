"""Bring the warehouse up to date: migrations, the forms' tables, the register, the token key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from district_reports.database.engine import engine
from district_reports.database.roles import COMPARER, OWNER, Role
from district_reports.errors import ConfigurationError
from district_reports.forms import forms
from district_reports.ledger import token_keys
from district_reports.settings import settings
from district_reports.warehouse.correction_views import ensure_correction_views
from district_reports.warehouse.evolve import ensure_tables
from district_reports.warehouse.named_rows import ensure_named_rows
from district_reports.warehouse.reference_tables import changed_tables, keep_unkept, load_table, loaded, validated
from district_reports.warehouse.tokens import TokenKey, ensure_token_key, token_key

# Any number will do, if only this program takes it in this database.
_MIGRATION_LOCK = 7_210_200_001
ALONE = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_MIGRATION_LOCK)
"""Whoever changes schemas or reference data waits here for the others."""

_MAY_GIVE = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role AND pg_has_role(:owner, oid, 'SET'))")


def _silent(_: str) -> None:
    """Tell nobody."""


def migrate(progress: Callable[[str], None] = _silent) -> None:
    """Bring the warehouse up to this version of the program, its forms and its reference data, in one transaction.

    Safe to run again, and by two at once: the second waits, then finds nothing to do. The logins and the database are
    there before (:mod:`district_reports.database.bootstrap`).

    Raises:
        ConfigurationError: no server, a role is missing that somebody else makes here, or the token key is not the one
            that made the tokens in the warehouse.
        ReferenceDataError: a CSV is wrong.
        SystemFault: a form changed in a way that would lose data.
    """
    # Nothing is begun with broken reference data.
    _, reference = validated(settings().reference)
    with engine(Role.MIGRATOR).begin() as connection:
        connection.execute(ALONE)
        _require_comparer(connection)
        _require_insider(connection)
        if _alembic(connection, "upgrade", "head"):
            progress("migrated the schemas")
        for line in ensure_tables(connection, forms().values()):
            progress(line)
        ensure_correction_views(connection, forms().values())
        ensure_named_rows(connection, forms().values())
        keep_unkept(connection)
        for table in changed_tables(connection, reference):
            load_table(connection, table)
            progress(loaded(table))
        # Last, under the lock: whoever makes the key also notes it.
        for line in _note_key(connection):
            progress(line)


def downgrade() -> None:
    """Drop everything that :func:`migrate` made, data included.

    The logins stay, and so do the token key and the archive on disk.
    """
    with engine(Role.MIGRATOR).begin() as connection:
        connection.execute(ALONE)
        _alembic(connection, "downgrade", "base")
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS migrations CASCADE")


def require_current(connection: Connection) -> None:
    """Refuse a warehouse with other schemas than this program's.

    Raises:
        ConfigurationError: it was never migrated, or by another version.
    """
    from alembic.script import ScriptDirectory

    version, ours = _version(connection), ScriptDirectory(settings().migrations).get_current_head()
    if version != ours:
        raise ConfigurationError(
            f"the warehouse has schemas of version {version}, this program needs {ours}; run `district-reports migrate`"
        )


def _require_comparer(connection: Connection) -> None:
    """Where no administrator is configured, nobody has made the role yet that came with 0015."""
    if not connection.scalar(_MAY_GIVE, {"role": COMPARER, "owner": OWNER}):
        raise ConfigurationError(
            f"{OWNER} can't give functions to {COMPARER}; let an administrator of the server run `CREATE ROLE "
            f"{COMPARER} NOLOGIN` if it is not there, and `GRANT {COMPARER} TO {OWNER} WITH INHERIT FALSE, SET TRUE` "
            '(docs/operations.md, "Logins and passwords")'
        )


def _require_insider(connection: Connection) -> None:
    """Nor the login that came with 0017."""
    if not connection.scalar(
        text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": Role.INSIDER}
    ):
        raise ConfigurationError(
            f"there is no role {Role.INSIDER}; let an administrator of the server run `CREATE ROLE {Role.INSIDER} LOGIN"
            f" PASSWORD '…'` and `GRANT CONNECT ON DATABASE {connection.engine.url.database} TO {Role.INSIDER}` "
            '(docs/operations.md, "Logins and passwords")'
        )


def _alembic(connection: Connection, command: str, revision: str) -> bool:
    """Run an Alembic command on an open connection, without a file of settings; whether it changed the version."""
    from alembic import command as commands
    from alembic.config import Config

    config = Config()
    # Alembic reads % as interpolation.
    config.set_main_option("script_location", _escaped(settings().migrations))
    config.attributes["connection"] = connection
    before = _version(connection)
    run: Callable[[Any, str], None] = getattr(commands, command)
    run(config, revision)
    return before != _version(connection)


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _version(connection: Connection) -> str | None:
    if connection.scalar(text("SELECT to_regclass('migrations.alembic_version')")) is None:
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM migrations.alembic_version"))
    return version


def _note_key(connection: Connection) -> list[str]:
    """Make the token key if there is none yet, and keep its fingerprint."""
    known = token_keys.fingerprints(connection)
    # A warehouse that knows a key never gets a new one by accident: every known person would be counted twice.
    key = token_key() if known else ensure_token_key()
    check_key(key, known)
    if key.version in known:
        return []
    token_keys.note(connection, key.version, key.fingerprint)
    return [f"token key: version {key.version}"]


def check_key(key: TokenKey, known: dict[int, str]) -> None:
    """Refuse a key that shares its version with another.

    Raises:
        ConfigurationError: `known` has another fingerprint for this version.
    """
    if known.get(key.version, key.fingerprint) != key.fingerprint:
        raise ConfigurationError(
            f"token key v{key.version} is not the one that made the tokens in this warehouse; put that one back in "
            f"{settings().keys}, or name a new one token-v{key.version + 1}.key"
        )
