"""The whole stack up, and the whole stack down: database server, Airflow's tables, its four processes.

``python -m district_reports.local.airflow up`` (or ``down``) does it without the rest of the command line.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from district_reports.database.bootstrap import make_metadata
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import metadata_url
from district_reports.errors import SystemFault
from district_reports.local.airflow.api import Client
from district_reports.local.airflow.environment import HOST, airflow_environment, airflow_home
from district_reports.local.airflow.health import wait_until_healthy, wait_until_parsed
from district_reports.local.airflow.keys import USER, password, password_file
from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.migration import migrate, migration_needed
from district_reports.local.airflow.ports import choose_port, kept_port
from district_reports.local.airflow.processes import Processes, Program
from district_reports.settings import Settings

_API_SERVER = "api-server"
# The scheduler ends first, as long as the API server takes what its last tasks have to say.
_SCHEDULER = "scheduler"
# Without these two ports: task logs are read from the folder, all on this machine.
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    _API_SERVER: ("--proxy-headers",),
    _SCHEDULER: ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Address:
    """Where the stack answers, and who may ask. The password is in the file, not here."""

    url: str
    user: str
    password_file: Path


def up(settings: Settings, progress: Progress) -> Address:
    """Start what isn't running and wait until all of it works. What runs with the same settings is left alone.

    If this fails or is interrupted, what it has started is stopped again.

    Raises:
        SystemFault: something couldn't be started, or a DAG can't be imported.
    """
    home = airflow_home(settings)
    with locked(home / "lock", progress) as lock:
        server = None if settings.warehouse_url else EmbeddedServer(settings.home / "postgres")
        had_server = server is not None and server.running()
        processes = _processes(home, lock)
        running = [name for name in processes.names() if processes.runs(name)]
        try:
            if server is not None:
                server.start(progress)
            make_metadata(settings, progress)
            url = metadata_url(settings)
            port = kept_port(home) if _API_SERVER in running else None
            if port is None:
                port = choose_port(home)
            environments = {part: airflow_environment(settings, url, port, part) for part in _ARGUMENTS}
            if migration_needed(home, url):
                _stop(processes, progress)
                migrate(home, url, environments[_SCHEDULER], lock, progress)
            return _start(settings, processes, environments, port, progress)
        except BaseException:
            progress("Stopping what was started")
            processes.stop(set(processes.names()) - set(running))
            if server is not None and not had_server:
                server.stop()
            raise


def down(settings: Settings, progress: Progress) -> None:
    """Stop everything, whoever started it and however that ended; nothing to stop is fine too.

    Raises:
        SystemFault: something couldn't be stopped.
    """
    home = airflow_home(settings)
    server = EmbeddedServer(settings.home / "postgres")
    if not home.exists():
        server.stop()
        return
    with locked(home / "lock", progress) as lock:
        try:
            _stop(_processes(home, lock), progress)
        finally:
            if server.running():
                progress("Stopping PostgreSQL")
                server.stop()


def client(settings: Settings) -> Client:
    """A client of the stack that is up, logged in as its user when first used.

    Raises:
        SystemFault: it was never started.
    """
    home = airflow_home(settings)
    port = kept_port(home)
    if port is None:
        raise SystemFault(f"no Airflow was ever started in {settings.home}")
    return Client(f"http://{HOST}:{port}", USER, password(home))


def _start(
    settings: Settings,
    processes: Processes,
    environments: Mapping[str, Mapping[str, str]],
    port: int,
    progress: Progress,
) -> Address:
    home = airflow_home(settings)
    since = datetime.now(UTC)
    started: list[str] = []
    for name, arguments in _ARGUMENTS.items():
        # -P: the folder it runs in is not a place to import from.
        command = (sys.executable, "-P", "-m", "airflow", name, *arguments)
        if processes.start(Program(name, command, environments[name], home)):
            started.append(name)
    address = Address(f"http://{HOST}:{port}", USER, password_file(home))
    progress(f"Starting Airflow at {address.url} ({', '.join(started)})" if started else "Airflow runs already")

    def check() -> None:
        for name in _ARGUMENTS:
            if not processes.runs(name):
                raise SystemFault(f"{name} has ended; {processes.log(name)} says:\n{processes.log_tail(name)}")

    wait_until_healthy(address.url, started, since, check, progress)
    if "dag-processor" in started:
        dags = wait_until_parsed(client(settings), settings.root / "dags", since, check)
        progress(f"{len(dags)} DAGs are ready")
    return address


def _stop(processes: Processes, progress: Progress) -> None:
    names = processes.names()
    if names:
        progress("Stopping Airflow")
    processes.stop(name for name in names if name == _SCHEDULER)
    # The triggerer would wait 10 s for triggers that we don't have.
    processes.stop((name for name in names if name != _SCHEDULER), grace=6.0)


def _processes(home: Path, lock: int) -> Processes:
    return Processes(home / "processes", home / "logs" / "processes", lock)
