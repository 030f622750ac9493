"""The whole deployment on one machine: server, warehouse, folders and Airflow, started and stopped together."""

from collections.abc import Callable

from district_reports import clock
from district_reports.airflow_parts.pools import POOLS
from district_reports.database.bootstrap import make_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.local.airflow.commands import Address, client, down, up
from district_reports.local.doctor.files import secure_home
from district_reports.publish.upgraded import fit_keys
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out, require_share
from district_reports.warehouse.migrate import migrate

Progress = Callable[[str], None]


def make_ready(progress: Progress) -> None:
    """All that is there before Airflow: start the embedded server (unless a warehouse is configured), make logins,
    migrate, lay out folders. Safe to run again.

    Raises:
        SystemFault: the home is dangerous, or the server could not be started.
    """
    secure_home(settings(), progress)
    if settings().warehouse_url is None:
        server = EmbeddedServer(settings().home / "postgres")
        if not server.running():
            progress("Starting PostgreSQL")
        server.start(progress)
    make_warehouse(settings(), progress)
    migrate(progress)
    fit_keys(progress)
    register = Register.load(settings().reference)
    require_share(settings().uploads, settings().archive)
    lay_out(settings().uploads, register.districts_on(clock.today()))


def start(progress: Progress) -> Address:
    """Make the warehouse and the folders ready, and start all.

    Safe to run again: what runs is left alone. The warehouse comes first, since ``receive_uploads`` begins at once.

    Raises:
        SystemFault: as :func:`make_ready`, or Airflow could not be started; it is stopped again then.
    """
    make_ready(progress)
    address = up(settings(), progress)
    airflow = client(settings())
    for name, (slots, description) in POOLS.items():
        airflow.ensure_pool(name, slots, description)
    return address


def stop(progress: Progress) -> None:
    """Stop everything, however it was started and however that ended."""
    down(settings(), progress)
