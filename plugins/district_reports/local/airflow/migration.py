"""Airflow's own tables. ``airflow db migrate`` takes ten seconds, so it runs only when there is something to do."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import URL

from district_reports.errors import SystemFault
from district_reports.private import read_json, write_json

_TIMEOUT_SECONDS = 600.0


def migration_needed(folder: Path, database_url: URL) -> bool:
    """Whether the tables behind `database_url` are other than this Airflow left them."""
    return read_json(folder / "migrated.json") != _present(database_url)


def migrate(
    folder: Path, database_url: URL, environment: Mapping[str, str], lock: int, progress: Callable[[str], None]
) -> None:
    """Create Airflow's tables or bring them up to date. No Airflow process may run.

    The child holds `lock` (a descriptor) as well: if we are killed, a stop waits until it has ended.

    Raises:
        SystemFault: it failed, or took ten minutes.
    """
    progress("Preparing Airflow's tables")
    command = [sys.executable, "-P", "-m", "airflow", "db", "migrate"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SystemFault("airflow db migrate has not ended in ten minutes") from error
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").splitlines()[-15:]
        raise SystemFault("airflow db migrate failed:\n" + "\n".join(said))
    write_json(folder / "migrated.json", _present(database_url))


def _present(database_url: URL) -> dict[str, str | None]:
    """Airflow's version, and the revision of its tables: a note about a database since thrown away must not count."""
    import psycopg

    try:
        address = database_url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, connect_timeout=10) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        found = None
    except psycopg.Error as error:
        raise SystemFault(f"can't reach Airflow's database: {error}") from error
    return {"airflow": version("apache-airflow"), "revision": str(found[0]) if found else None}
