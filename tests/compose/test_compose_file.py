"""What docker-compose.yaml says, without an engine: it refuses to run without its secrets, and names none."""

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from compose_file import EXAMPLE, FILE, ROOT, raw, secrets, services, variables
from district_reports.local.airflow.environment import airflow_environment
from district_reports.settings import Settings

AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
# Where things are, and how many at once: what a machine of its own and containers do not have in common.
OWN = {
    "AIRFLOW_HOME",
    "AIRFLOW__API__HOST",
    "AIRFLOW__API__PORT",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CORE__DAGS_FOLDER",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__PARALLELISM",
    "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return secrets()


def test_services_and_their_health_checks():
    found = raw()["services"]
    assert set(found) == {"postgres", "redis", *AIRFLOW}
    assert {name for name, service in found.items() if "healthcheck" not in service} == {"init"}
    for name in AIRFLOW - {"init"}:
        waits = {other: condition["condition"] for other, condition in found[name]["depends_on"].items()}
        assert waits == {"init": "service_completed_successfully", "redis": "service_healthy"}
    assert found["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert found["init"]["restart"] == "no"


def test_what_must_outlive_a_container_lies_in_a_named_volume(made):
    named = set(raw()["volumes"])
    mounts = {mount.split(":")[0] for service in services(made).values() for mount in service.get("volumes", [])}
    assert mounts == named == {"postgres", "home", "logs", "uploads"}


def test_every_secret_is_named_and_empty_in_the_example(made):
    required = {match["name"] for match in variables() if match["complaint"]}
    assert required == set(made)
    assert all(len(value) >= 32 for value in made.values())
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    assert lines == [f"{name}=" for name in made]


def test_no_secret_has_a_default_or_stands_in_the_file(made):
    assert {match["name"] for match in variables() if match["default"] is not None} == {
        "AIRFLOW_USERS",
        "PARALLELISM",
        "UI_ADDRESS",
        "UPLOADS",
        "WORKER_CONCURRENCY",
    }
    values = []
    for service in raw()["services"].values():
        for key, value in service["environment"].items():
            values += [value] if re.search(r"(PASSWORD|SECRET|KEY|AUTH)$", key) else []
            values += re.findall(r"://[^:@/]*:(.*)@", value)
        values += [after for word, after in pairwise(service["command"]) if word == "--requirepass"]
    # The password of PostgreSQL alone stands in the addresses of six services.
    assert len(values) > 6 * 3
    assert {value for value in values if not re.fullmatch(r"\$\{\w+:\?[^}]+\}", value)} == set()


def test_containers_behave_as_one_machine_does(made, tmp_path):
    here = Settings(ROOT, tmp_path / "home", tmp_path / "uploads", None, None, production=True)
    ours = airflow_environment(here, "postgresql+psycopg2://owner@127.0.0.1/airflow", 8080)
    ours = {name: value for name, value in ours.items() if re.match("AIRFLOW|OMP_|OPENBLAS_|GX_|PYTHONUTF8", name)}
    theirs = services(made)["api-server"]["environment"]

    assert OWN < set(ours) <= set(theirs)
    assert {name: theirs[name] for name in set(ours) - OWN} == {name: ours[name] for name in set(ours) - OWN}


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


def config(command: list[str], given: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """What Compose makes of the file with `given` as its .env."""
    path = folder / "env"
    path.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    arguments = ["--project-directory", str(ROOT), "--file", str(FILE), "--env-file", str(path), "config"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment)


def test_compose_reads_the_file_as_the_tests_do(docker_compose, made, tmp_path):
    done = config(docker_compose, made, tmp_path)
    assert done.returncode == 0, done.stderr
    theirs = yaml.safe_load(done.stdout)["services"]
    ours = services(made)
    assert set(theirs) == set(ours)
    for name, service in ours.items():
        assert theirs[name].get("command") == service["command"]
        assert theirs[name]["environment"] == service["environment"]


def test_compose_refuses_a_secret_that_is_not_set(docker_compose, made, tmp_path):
    first, *_ = made
    missing = {other: value for other, value in made.items() if other != first}
    for given in (missing, *({**made, name: ""} for name in made)):
        done = config(docker_compose, given, tmp_path)
        assert done.returncode != 0
        assert "fill in .env, see .env.example" in done.stderr
