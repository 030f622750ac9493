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
from district_reports.database.bootstrap import make_metadata, make_warehouse
from district_reports.database.engine import metadata_url
from district_reports.errors import SystemFault
from district_reports.local.airflow.environment import airflow_home, ensure_passwords
from district_reports.local.airflow.keys import USER, password_file
from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.migration import migrate as migrate_airflow
from district_reports.local.airflow.migration import migration_needed
from district_reports.local.doctor.files import secure_home
from district_reports.publish.upgraded import fit_keys
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out, require_share
from district_reports.warehouse.migrate import migrate

_TIMEOUT_SECONDS = 300.0


def prepare(progress: Callable[[str], None]) -> None:
    """Make logins and databases, migrate both, lay out the folders, make the pools and the password.

    Airflow's configuration and the addresses come from the environment. Safe to run again; no Airflow may run.

    Raises:
        SystemFault: a database can't be reached, or something could not be made.
    """
    secure_home(settings(), progress)
    home = airflow_home(settings())
    with locked(home / "lock", progress) as lock:
        make_warehouse(settings(), progress)
        make_metadata(settings(), progress)
        migrate(progress)
        fit_keys(progress)
        register = Register.load(settings().reference)
        require_share(settings().uploads, settings().archive)
        lay_out(settings().uploads, register.districts_on(clock.today()))
        address = metadata_url(settings())
        if migration_needed(home, address):
            migrate_airflow(home, address, os.environ, lock, progress)
        _make_pools(progress)
        ensure_passwords(settings())
    progress(f"The UI's user is {USER}, with the password in {password_file(home)}")


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
