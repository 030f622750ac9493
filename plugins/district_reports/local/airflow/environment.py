"""The environment in which Airflow's processes and tasks run: all of its configuration.

Airflow also writes an ``airflow.cfg``; whatever it says, these variables say it louder.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from district_reports.clock import ZONE
from district_reports.database.engine import without_user
from district_reports.database.roles import Role as Login
from district_reports.errors import ConfigurationError
from district_reports.local.airflow.keys import USER, keys, password, password_file
from district_reports.pages import PREFIX
from district_reports.reference.bureau import names
from district_reports.settings import Settings
from district_reports.users import lay_out, viewers

HOST = "127.0.0.1"
FORWARDED_ALLOW_IPS = "FORWARDED_ALLOW_IPS"
_LEAST_PARALLELISM = 4
_FERNET, _SESSION, _JWT = "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"


@dataclass(frozen=True)
class _Need:
    """What one of Airflow's processes is told of secrets: logins of the warehouse, and Airflow's keys."""

    logins: frozenset[Login]
    keys: frozenset[str]


# Connections are decrypted wherever Airflow's database is read. Tokens are checked by the API server, which makes those
# of users; the executor makes those of tasks. Tasks are children of the scheduler, which hands them what they need.
_NEEDS = {
    "api-server": _Need(frozenset({Login.PAGES, Login.READER}), frozenset({_FERNET, _SESSION, _JWT})),
    "scheduler": _Need(frozenset({Login.LOADER, Login.PUBLISHER}), frozenset({_FERNET, _JWT})),
    "dag-processor": _Need(frozenset(), frozenset({_FERNET})),
    "triggerer": _Need(frozenset({Login.READER}), frozenset({_FERNET})),
}


def airflow_home(settings: Settings) -> Path:
    """Airflow's folder: keys, logs, records of its processes."""
    return settings.home / "airflow"


def airflow_environment(settings: Settings, metadata_url: URL, port: int, part: str) -> dict[str, str]:
    """The whole environment of the Airflow process `part` (``scheduler``, …), with API `port` and no secret too many.

    `metadata_url` is the address of Airflow's database with login and password.
    ``AIRFLOW…`` variables of another installation are left out. A ``%`` is taken as it is from the environment (only
    ``airflow.cfg`` interpolates), but ``$NAME`` and ``~`` would be expanded.

    Raises:
        ConfigurationError: a value holds something that Airflow would expand.
    """
    need = _NEEDS[part]
    chosen = {
        **_places(settings, metadata_url, port),
        **_keys(settings, need),
        **_behaviour(),
        **_names(settings),
        **_pace(),
        **_ours(settings, need),
    }
    for name, value in chosen.items():
        if name.startswith("AIRFLOW") and os.path.expanduser(os.path.expandvars(value)) != value:
            raise ConfigurationError(f"{name} holds a $NAME or ~ that Airflow would expand; use another path")
    addresses = {f"DISTRICT_REPORTS_{login.name}_URL" for login in Login if login not in need.logins}
    # Where no bytecode is written, each process compiles Airflow and Great Expectations anew.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AIRFLOW") and name not in ("PYTHONDONTWRITEBYTECODE", *addresses)
    }
    # So that a task which calls `airflow` gets this one, whether or not the caller's environment was activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return {**kept, **chosen, **_without_proxy(kept), "PATH": path}


def ensure_passwords(settings: Settings) -> None:
    """Lay out the table of users if there is none, and make a password for everybody in it who has none."""
    lay_out(settings.users)
    for user in (*viewers(settings.users), USER):
        password(airflow_home(settings), user)


def _places(settings: Settings, metadata_url: URL, port: int) -> dict[str, str]:
    home = airflow_home(settings)
    ensure_passwords(settings)
    address = metadata_url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.root / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(home)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address.replace("$", "%24"),  # "$" would be expanded
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
    }


def _keys(settings: Settings, need: _Need) -> dict[str, str]:
    secret = keys(airflow_home(settings))
    made = {_FERNET: secret.fernet, _SESSION: secret.session, _JWT: secret.jwt}
    return {name: made[name] for name in need.keys}


def _behaviour() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__AUTH_MANAGER": "district_reports.airflow_parts.accounts.Accounts",
        "AIRFLOW__CORE__EXECUTOR": "district_reports.airflow_parts.executor.WarmLocalExecutor",
        # LocalExecutor starts 32 workers otherwise.
        "AIRFLOW__CORE__PARALLELISM": str(max(_LEAST_PARALLELISM, os.cpu_count() or 1)),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": ZONE.key,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",  # events to a paused DAG are lost
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks DNS, which may be slow
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "120",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "180",
        # Whose X-Forwarded-For is believed: the addresses of proxies, none without a word. The API server's own name.
        FORWARDED_ALLOW_IPS: os.environ.get(FORWARDED_ALLOW_IPS, "none"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _names(settings: Settings) -> dict[str, str]:
    """What Airflow's own head says: the bureau's names and sign in the place of Airflow's."""
    return {
        "AIRFLOW__API__INSTANCE_NAME": str(names(settings.bureau)["zh"]),
        "AIRFLOW__API__THEME": json.dumps({"icon": f"{PREFIX}/assets/bureau.svg"}),
    }


def _pace() -> dict[str, str]:
    """Intervals: short enough that a file is answered within 10 s, long enough that quiet hours cost next to nothing.

    docs/performance.md says what each costs.
    """
    return {
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
        # A file that changes is parsed at once all the same.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        # A task's supervisor misses its end about every third time and notices one such interval (5 s) later.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # A task that lost patience with a busy server would tell it a second time that it starts, and be refused.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        # After a killed scheduler: what it had queued is queued anew after 30 s, what it had running after 120 s.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    }


def _ours(settings: Settings, need: _Need) -> dict[str, str]:
    """What our own library reads, spelled out: the processes run in another folder than the caller."""
    return {
        "DISTRICT_REPORTS_ROOT": str(settings.root),
        "DISTRICT_REPORTS_HOME": str(settings.home),
        "DISTRICT_REPORTS_UPLOADS": str(settings.uploads),
        "DISTRICT_REPORTS_USERS": str(settings.users),
        "DISTRICT_REPORTS_BUNDLES": str(settings.bundles),
        "DISTRICT_REPORTS_ENV": "production" if settings.production else "development",
        # Without the administrator who may be in it.
        "DISTRICT_REPORTS_WAREHOUSE_URL": (
            without_user(settings.warehouse_url).render_as_string() if settings.warehouse_url else ""
        ),
        "DISTRICT_REPORTS_PASSWORDS": str(settings.passwords_folder or ""),
        "DISTRICT_REPORTS_ROLES": ",".join(sorted(login.name.lower() for login in need.logins)) or "none",
        "DISTRICT_REPORTS_TODAY": settings.today or "",
        # Airflow hides its database from tasks; the nightly `airflow db clean` needs it.
        "DISTRICT_REPORTS_METADATA_URL": settings.metadata_url or "",
        # Set before the workers fork: one task, one core.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONUTF8": "1",
    }


def _without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """Tasks talk to the API server directly, whatever proxy the machine uses."""
    hosts = [host for name in ("no_proxy", "NO_PROXY") if (host := environment.get(name))]
    value = ",".join(dict.fromkeys([*",".join(hosts).split(","), HOST, "localhost"])).strip(",")
    return {"no_proxy": value, "NO_PROXY": value}
