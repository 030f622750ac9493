"""The services of docker-compose.yaml as plain processes of this machine: its commands, in its environment."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from compose_file import ROOT, make_secrets, services
from conftest import run_on
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import dispose_engines
from district_reports.local.airflow.api import Client
from district_reports.local.airflow.keys import USER, password
from district_reports.local.airflow.lock import locked
from district_reports.local.airflow.processes import Processes, Program
from district_reports.settings import settings
from running_deployment import House, lives_in, say

HOST = "127.0.0.1"


@dataclass(frozen=True, repr=False)
class Composed:
    """The running services."""

    services: Mapping[str, Any]
    environments: Mapping[str, dict[str, str]]
    processes: Processes
    deployment: House
    metadata_url: str
    folder: Path

    @property
    def logs(self) -> Path:
        """The tasks' logs."""
        return Path(self.environments["worker"]["AIRFLOW__LOGGING__BASE_LOG_FOLDER"])

    def healthy(self, name: str) -> subprocess.CompletedProcess[str]:
        """The health check of a service, once."""
        kind, *check = self.services[name]["healthcheck"]["test"]
        command = check if kind == "CMD" else ["sh", "-c", *check]
        return subprocess.run(
            command, env=self.environments[name], cwd=self.folder, capture_output=True, text=True, timeout=180
        )


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """All services but ``postgres``, which is the embedded server, with its volumes in a temporary folder."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server is installed")
    home = tmp_path_factory.mktemp("compose")
    server = EmbeddedServer(home / "postgres")
    try:
        with pytest.MonkeyPatch.context() as environ, locked(home / "lock", say) as lock:
            processes = Processes(home / "processes", home / "logs", lock)
            try:
                yield _start(home, server, processes, environ)
            finally:
                dispose_engines()
                processes.stop(processes.names(), grace=5.0)
    finally:
        settings.cache_clear()
        server.stop()
    left = [process.info for process in psutil.process_iter(["pid", "name"]) if lives_in(process, home)]
    assert left == [], "processes of the services are left behind"


def _start(home: Path, server: EmbeddedServer, processes: Processes, environ: pytest.MonkeyPatch) -> Composed:
    environ.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")
    say("starting the services of docker-compose.yaml (a minute)")
    told, made = services(), make_secrets(home)
    _stand_in(server, told["postgres"], made)
    postgres = server.address("postgres").removeprefix("postgresql+psycopg://").partition("/")[0]
    redis, api = _free_port(), _free_port()
    places = {
        "postgres:5432": postgres,
        "redis:6379": f"{HOST}:{redis}",
        "redis-cli": f"redis-cli -p {redis}",
        "exec redis-server -": f"exec redis-server - --bind {HOST} --port {redis}",
        "api-server:8080": f"{HOST}:{api}",
        "/opt/district-reports": str(ROOT),
        **_volumes(home, told["worker"]),
    }
    found = {
        name: _replaced(service, {**places, "/run/secrets": str(_mounted(home, name, service, made))})
        for name, service in told.items()
    }
    environments = {name: _environment(service, home) for name, service in found.items()}
    environments["api-server"] |= {"AIRFLOW__API__HOST": HOST, "AIRFLOW__API__PORT": str(api)}
    # The worker and its tasks say what they import.
    environments["worker"]["PYTHONPROFILEIMPORTTIME"] = "1"
    # Where the image starts its commands.
    folder = Path(environments["init"]["DISTRICT_REPORTS_HOME"])
    for name in ("ROOT", "HOME", "UPLOADS", "ENV", "WAREHOUSE_URL"):
        environ.setenv(f"DISTRICT_REPORTS_{name}", environments["worker"][f"DISTRICT_REPORTS_{name}"])
    environ.setenv("DISTRICT_REPORTS_PASSWORDS", str(made))
    environ.delenv("DISTRICT_REPORTS_ROLES", raising=False)
    environ.delenv("DISTRICT_REPORTS_TODAY", raising=False)
    settings.cache_clear()

    processes.start(Program("redis", tuple(found["redis"]["command"]), environments["redis"], folder))
    subprocess.run(found["init"]["command"], env=environments["init"], cwd=folder, check=True, timeout=600)
    for name in found.keys() - {"postgres", "redis", "init"}:
        processes.start(Program(name, tuple(found[name]["command"]), environments[name], folder))
    airflow = Client(f"http://{HOST}:{api}", USER, password(folder / "airflow"))
    return Composed(
        found, environments, processes, House(settings(), airflow), server.url("airflow", "postgresql"), folder
    )


def _stand_in(server: EmbeddedServer, postgres: Mapping[str, Any], made: Path) -> None:
    """Start the server with what the image of PostgreSQL makes at its first start: an administrator, a database."""
    told = postgres["environment"]
    name = told["POSTGRES_USER"]
    server._access += f"host all {name} {HOST}/32 scram-sha-256\n"
    server.start()
    password = (made / Path(told["POSTGRES_PASSWORD_FILE"]).name).read_text().strip()
    run_on(
        server,
        f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{password}'",
        f"CREATE DATABASE {told['POSTGRES_DB']} OWNER {name}",
    )


def _mounted(home: Path, name: str, service: Mapping[str, Any], made: Path) -> Path:
    """/run/secrets of a service: what it names, and no other."""
    folder = home / "mounted" / name
    folder.mkdir(parents=True)
    for secret in service.get("secrets", []):
        (folder / secret).symlink_to(made / secret)
    return folder


def _volumes(home: Path, worker: Mapping[str, Any]) -> dict[str, str]:
    """Where a volume is mounted → its folder here, a mount within another one first."""
    mounts = [mount.split(":") for mount in worker["volumes"]]
    for name, _ in mounts:
        (home / "volumes" / name).mkdir(parents=True)
    return {target: str(home / "volumes" / name) for name, target in sorted(mounts, key=lambda mount: -len(mount[1]))}


def _replaced(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, places) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, places) for each in value]
    if isinstance(value, str):
        for there, here in places.items():
            value = value.replace(there, here)
    return value


def _environment(service: Mapping[str, Any], home: Path) -> dict[str, str]:
    """As in a container: what the file says, what an image says, and nothing of this process."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "HOME": str(home),
        "HOSTNAME": socket.gethostname(),
        "LANG": "C.UTF-8",
        **service.get("environment", {}),
    }


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        return attempt.getsockname()[1]
