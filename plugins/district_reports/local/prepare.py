"""What must be there before Airflow's processes start, where something else starts them: ``python -m …prepare``.

The service ``init`` of docker-compose.yaml runs it. On one machine ``deployment.start`` does the same and starts them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from district_reports import clock
from district_reports.airflow_parts.pools import POOLS
from district_reports.database.engine import warehouse_url
from district_reports.errors import ConfigurationError, SystemFault
from district_reports.local.airflow.environment import METADATA_URL, airflow_home, airflow_users
from district_reports.local.airflow.keys import USER, password_file
from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.migration import migrate as migrate_airflow
from district_reports.local.airflow.migration import migration_needed
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out, require_share
from district_reports.warehouse.migrate import migrate

_TIMEOUT_SECONDS = 300.0


def prepare(progress: Callable[[str], None]) -> None:
    """Create the warehouse's database, migrate it and Airflow's, lay out the folders, make the pools and the password.

    Airflow's configuration and the addresses come from the environment. Safe to run again; no Airflow may run.

    Raises:
        SystemFault: a database can't be reached, or something could not be made.
    """
    metadata = os.environ.get(METADATA_URL)
    if not metadata:
        raise ConfigurationError(f"{METADATA_URL} is not set: the SQLAlchemy URL of Airflow's metadata database")
    home = airflow_home(settings())
    with locked(home / "lock", progress) as lock:
        _ensure_warehouse(progress)
        migrate(progress)
        register = Register.load(settings().reference)
        require_share(settings().uploads, settings().archive)
        lay_out(settings().uploads, register.districts_on(clock.today()))
        address = metadata.replace("postgresql+psycopg2://", "postgresql://", 1)
        if migration_needed(home, address):
            migrate_airflow(home, address, os.environ, lock, progress)
        _make_pools(progress)
        airflow_users(settings())
    progress(f"The UI's user is {USER}, with the password in {password_file(home)}")


def _ensure_warehouse(progress: Callable[[str], None]) -> None:
    import psycopg
    from psycopg import sql

    url = warehouse_url().set(drivername="postgresql")
    name = url.database or ""
    try:
        with psycopg.connect(
            url.set(database="postgres").render_as_string(hide_password=False), autocommit=True, connect_timeout=10
        ) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                progress(f"Created the database {name}")
    except psycopg.Error as error:
        raise SystemFault(f"can't create the database {name}: {error}") from error


def _make_pools(progress: Callable[[str], None]) -> None:
    """Make the pools, or set their slots, through Airflow's own command: there is no API server yet."""
    progress("Making the pools")
    pools = {name: {"slots": slots, "description": text} for name, (slots, text) in POOLS.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pools.json"
        path.write_text(json.dumps(pools), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "airflow", "pools", "import", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    if done.returncode:
        raise SystemFault("airflow pools import failed:\n" + done.stdout.decode("utf-8", "replace")[-2000:])


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    try:
        prepare(_say)
    except SystemFault as fault:
        sys.exit(str(fault))
