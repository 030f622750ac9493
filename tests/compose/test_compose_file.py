"""What docker-compose.yaml says, without an engine: who is told which secret, and who reaches whom."""

import os
import re
import shutil
import subprocess

import pytest
import yaml
from sqlalchemy import make_url

from compose_file import FILE, ROOT, make_secrets, raw, services, variables
from district_reports.database.roles import Role
from district_reports.local.airflow.environment import airflow_environment
from district_reports.settings import Settings

AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
# Where things are, and how many at once: what a machine of its own and containers do not have in common.
OWN = {
    "AIRFLOW_HOME",
    "AIRFLOW__API__HOST",
    "AIRFLOW__API__PORT",
    "AIRFLOW__CORE__DAGS_FOLDER",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__PARALLELISM",
    "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
}

# Who is told which secret, beside the logins that it works as.
TOLD = {
    "postgres": {"district_reports"},
    "redis": {"redis_password"},
    "init": {"district_reports", "district_reports_airflow", *Role},
    "api-server": {"district_reports_airflow", "airflow_fernet_key", "airflow_jwt_secret", "airflow_session_key"},
    "scheduler": {"district_reports_airflow", "airflow_fernet_key", "airflow_jwt_secret", "redis_password"},
    "dag-processor": {"district_reports_airflow", "airflow_fernet_key"},
    "triggerer": {"district_reports_airflow", "airflow_fernet_key"},
    "worker": {"district_reports_airflow", "redis_password"},
}


def test_services_and_their_health_checks():
    found = raw()["services"]
    assert set(found) == {"postgres", "redis", *AIRFLOW}
    assert {name for name, service in found.items() if "healthcheck" not in service} == {"init"}
    for name in AIRFLOW - {"init"}:
        waits = {other: condition["condition"] for other, condition in found[name]["depends_on"].items()}
        queue = {"redis": "service_healthy"} if name in ("scheduler", "worker") else {}
        assert waits == {"init": "service_completed_successfully", **queue}
    assert found["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert found["init"]["restart"] == "no"


def test_what_must_outlive_a_container_lies_in_a_named_volume():
    named = set(raw()["volumes"])
    mounts = {mount.split(":")[0] for service in services().values() for mount in service.get("volumes", [])}
    assert mounts == named == {"postgres", "home", "logs", "uploads"}


def test_the_example_makes_every_secret(tmp_path):
    made = {path.name: path for path in make_secrets(tmp_path).iterdir()}
    assert {name: told["file"] for name, told in raw()["secrets"].items()} == {
        name: f"./secrets/{name}" for name in made
    }
    assert all(len(path.read_text().strip()) >= 32 for path in made.values())
    assert len({path.read_text() for path in made.values()}) == len(made)
    # Closed to other users of the machine, open to whoever a container's user is.
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made.values()} == {0o444}


def test_each_service_is_told_what_it_needs_and_no_more():
    found = services()
    roles = {name: found[name]["environment"].get("DISTRICT_REPORTS_ROLES") for name in AIRFLOW}
    assert roles.pop("init") is None  # it makes all of them
    logins = {
        name: {Role[role.upper()].value for role in given.split(",") if role != "none"} for name, given in roles.items()
    }
    told = {name: set(service["secrets"]) for name, service in found.items()}
    assert told == {name: secrets | logins.get(name, set()) for name, secrets in TOLD.items()}
    assert set().union(*told.values()) == set(raw()["secrets"])
    for name, service in found.items():
        # What a service reads is mounted there; every secret that it is given is read.
        text = str([service.get("environment"), service["command"], service.get("healthcheck")])
        read = set(re.findall(r"/run/secrets/(\w+)", text))
        assert read <= told[name], name
        assert told[name] - read <= {"district_reports", "district_reports_airflow", *Role}, name


def test_no_secret_stands_in_the_file_or_in_an_environment():
    assert set(variables()) == {
        *(
            "AUTH_MANAGER",
            "INSTANCE_NAME",
            "PARALLELISM",
            "TRUSTED_PROXIES",
            "UI_ADDRESS",
            "UPLOADS",
            "WORKER_CONCURRENCY",
            "WORKER_MEMORY",
        ),
        *("POSTGRES_IMAGE", "REDIS_IMAGE", "PYTHON_IMAGE"),
    }
    for name, service in services().items():
        for key, value in service.get("environment", {}).items():
            assert not re.search(r"(PASSWORD|SECRET|KEY|AUTH)$", key), (name, key)
            assert not re.search(r"://[^/@]*:[^@%]+@", value), (name, key)
        assert not re.search(r"requirepass (?!\$\(cat)", str(service["command"])), name


def test_a_container_can_do_little_and_reach_few():
    found = services()
    for name, service in found.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"] <= 512, name
        assert "/tmp" in service["tmpfs"], name
    reached = {name: set(service["networks"]) for name, service in found.items()}
    assert {name for name, networks in reached.items() if "queue" in networks} == {"redis", "scheduler", "worker"}
    assert {name for name, networks in reached.items() if "front" in networks} == {"api-server"}
    assert {name for name, service in found.items() if "ports" in service} == {"api-server"}
    assert reached["redis"] == {"queue"}
    assert [name for name, made in raw()["networks"].items() if not made.get("internal")] == ["front"]
    # The key of the tokens lies in a volume that all share; it is hidden from who makes no tokens.
    hidden = {name for name in AIRFLOW if any("/keys:" in place for place in found[name]["tmpfs"])}
    assert hidden == AIRFLOW - {"init", "worker"}


@pytest.mark.parametrize("part", ["api-server", "scheduler", "dag-processor", "triggerer"])
def test_containers_behave_as_one_machine_does(tmp_path, part, monkeypatch):
    for name in os.environ:
        if re.match("OMP_|OPENBLAS_|GX_", name):
            # Whoever runs the tests may have some set; both would hand them on.
            monkeypatch.delenv(name)
    here = Settings(ROOT, tmp_path / "home", tmp_path / "uploads", None, None, production=True)
    ours = airflow_environment(here, make_url("postgresql://district_reports_airflow:x@127.0.0.1/airflow"), 8080, part)
    ours = {name: value for name, value in ours.items() if re.match("AIRFLOW|OMP_|OPENBLAS_|GX_|PYTHONUTF8", name)}
    service = services()[part]["environment"]
    theirs = {name.removesuffix("_CMD"): value for name, value in service.items()}
    kept = {name.removesuffix("_CMD") for name in service if name.endswith("_CMD")}

    own = OWN | kept
    if part != "api-server":
        assert set(ours) - {"AIRFLOW__API__HOST", "AIRFLOW__API__PORT"} <= set(theirs)
    else:
        assert OWN < set(ours) <= set(theirs)
    # The same keys here and there, but for the queue's.
    assert kept - set(ours) <= {"AIRFLOW__CELERY__BROKER_URL"}
    common = set(ours) & set(theirs) - own
    assert {name: theirs[name] for name in common} == {name: ours[name] for name in common}


def test_the_roles_are_those_of_one_machine(tmp_path):
    """There tasks are children of the scheduler; here a worker has them, and the scheduler has none."""
    here = Settings(ROOT, tmp_path / "home", tmp_path / "uploads", None, None, production=True)
    url = make_url("postgresql://district_reports_airflow:x@127.0.0.1/airflow")
    found = {name: services()[name]["environment"].get("DISTRICT_REPORTS_ROLES") for name in AIRFLOW - {"init"}}
    for part, theirs in (("api-server",) * 2, ("dag-processor",) * 2, ("triggerer",) * 2, ("scheduler", "worker")):
        assert found[theirs] == airflow_environment(here, url, 8080, part)["DISTRICT_REPORTS_ROLES"]
    assert found["scheduler"] == "none"


def test_the_image_holds_what_the_settings_name_and_nothing_private():
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == allowed
    assert {"dags", "plugins", "expectations", "sql", "requirements.lock"} < names
    assert all((ROOT / name).exists() for name in names)


@pytest.fixture(scope="module")
def docker_compose() -> list[str]:
    """The command; Debian's docker-compose, or the plugin of docker. Neither needs an engine to read a file."""
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    pytest.skip("neither docker-compose nor docker compose is installed")


def test_compose_reads_the_file_as_the_tests_do(docker_compose):
    arguments = ["--project-directory", str(ROOT), "--file", str(FILE), "config"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run([*docker_compose, *arguments], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout.replace("$$", "$"))
    ours = services()
    assert set(read["services"]) == set(ours)
    assert set(read["secrets"]) == set(raw()["secrets"])
    for name, service in ours.items():
        theirs = read["services"][name]
        for told in ("command", "environment"):
            assert theirs.get(told) == service.get(told)
        assert {secret["source"] if isinstance(secret, dict) else secret for secret in theirs["secrets"]} == set(
            service["secrets"]
        )
        assert set(theirs["networks"]) == set(service["networks"])
