"""The real thing: PostgreSQL, Airflow's four processes, a producer of partitions and a consumer."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from district_reports.database.embedded.server import EmbeddedServer
from district_reports.local.airflow.api import Client
from district_reports.local.airflow.commands import client, down, up
from district_reports.private import read_json
from district_reports.settings import Settings, load_settings
from local.airflow.watching import alive, eventually

DAGS = """
from airflow.sdk import DAG, Asset, PartitionedAssetTimetable, task

drops = Asset("drops", uri="x-test://drops")

with DAG("produce", schedule=None):

    @task(outlets=[drops])
    def emit(params, outlet_events):
        outlet_events[drops].add_partitions(params["keys"])

    emit()

with DAG("consume", schedule=PartitionedAssetTimetable(assets=drops)):

    @task
    def consume(dag_run):
        import sys, time

        assert "great_expectations" in sys.modules, "the worker is not warm"
        assert "district_reports.processing.ingest" in sys.modules, "our own package is not warm"
        time.sleep(60 if dag_run.partition_key == "slow" else 0)
        return dag_run.partition_key

    consume()
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A stack with DAGs of its own, in a folder with a space; down in the end."""
    root = tmp_path_factory.mktemp("a deployment")
    (root / "dags").mkdir()
    (root / "plugins").mkdir()
    (root / "sql").mkdir()
    shutil.copyfile(load_settings({}).bureau, root / "sql" / "bureau.csv")
    (root / "dags" / "partitions.py").write_text(DAGS)
    settings = load_settings({"DISTRICT_REPORTS_ROOT": str(root)})
    try:
        up(settings, print)
        yield settings
    finally:
        down(settings, print)


@pytest.fixture
def airflow(deployment: Settings) -> Client:
    up(deployment, print)
    return client(deployment)


def _leaders(settings: Settings) -> dict[str, int]:
    folder = settings.home / "airflow" / "processes"
    return {path.stem: int(read_json(path)["pid"]) for path in folder.glob("*.json")}


def _sessions(leaders: dict[str, int]) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) in leaders.values() and alive(process.pid):
                found.append(process.pid)
        except ProcessLookupError:
            continue
    return found


def _reader_server(leaders: dict[str, int]) -> int:
    """In a session of its own."""
    children = psutil.Process(leaders["scheduler"]).children()
    [found] = [child.pid for child in children if any("reader_server.py" in word for word in child.cmdline())]
    return found


def _consumed(airflow: Client) -> dict[str | None, str]:
    return {run.partition_key: run.state for run in airflow.runs("consume")}


def _emit(airflow: Client, *keys: str) -> None:
    run_id = airflow.trigger("produce", {"keys": list(keys)})
    assert airflow.wait("produce", run_id).state == "success"


@pytest.mark.slow
def test_a_key_becomes_a_run(airflow: Client) -> None:
    _emit(airflow, "210202|2020-05", "210203|2020-05")
    wanted = {"210202|2020-05": "success", "210203|2020-05": "success"}
    eventually(lambda: wanted.items() <= _consumed(airflow).items(), seconds=180)


def test_up_again_changes_nothing(deployment: Settings, airflow: Client) -> None:
    before = _leaders(deployment)
    up(deployment, print)
    assert _leaders(deployment) == before


def test_a_killed_scheduler_is_replaced_and_nothing_of_it_stays(deployment: Settings, airflow: Client) -> None:
    before = _leaders(deployment)
    server = _reader_server(before)
    os.kill(before["scheduler"], signal.SIGKILL)
    eventually(lambda: not alive(before["scheduler"]))
    eventually(lambda: not alive(server))
    up(deployment, print)
    after = _leaders(deployment)
    assert _sessions({"scheduler": before["scheduler"]}) == []
    assert {name for name in before if before[name] != after[name]} == {"scheduler"}
    _emit(airflow, "after a kill")
    eventually(lambda: _consumed(airflow).get("after a kill") == "success", seconds=180)


def test_down_leaves_nothing_not_even_a_running_task(deployment: Settings, airflow: Client) -> None:
    _emit(airflow, "slow")
    eventually(lambda: _consumed(airflow).get("slow") == "running", seconds=180)
    leaders = _leaders(deployment)
    assert set(leaders) == {"api-server", "scheduler", "dag-processor", "triggerer"}
    server = _reader_server(leaders)
    down(deployment, print)
    down(deployment, print)
    assert _sessions(leaders) == []
    assert not alive(server)
    assert not EmbeddedServer(deployment.home / "postgres").running()


@pytest.mark.parametrize("moment", ["Starting Airflow", pytest.param("Waiting for", marks=pytest.mark.slow)])
def test_down_after_a_killed_up(deployment: Settings, moment: str) -> None:
    down(deployment, print)
    with _up_in_a_process(deployment) as starter:
        assert starter.stderr is not None
        assert any(line.startswith(moment) for line in starter.stderr)
        starter.kill()
    leaders = _leaders(deployment)
    assert leaders
    down(deployment, print)
    assert _sessions(leaders) == []
    assert not EmbeddedServer(deployment.home / "postgres").running()


def test_an_interrupted_up_stops_what_it_started(deployment: Settings) -> None:
    down(deployment, print)
    with _up_in_a_process(deployment) as starter:
        assert starter.stderr is not None
        assert any(line.startswith("Waiting for") for line in starter.stderr)
        leaders = _leaders(deployment)
        starter.send_signal(signal.SIGINT)
        assert starter.wait(180) != 0
    assert _sessions(leaders) == []
    assert not EmbeddedServer(deployment.home / "postgres").running()


def _up_in_a_process(settings: Settings) -> subprocess.Popen[str]:
    ours = {"DISTRICT_REPORTS_ROOT": str(settings.root), "DISTRICT_REPORTS_HOME": str(settings.home)}
    environment = {**os.environ, **ours}
    # Ctrl-C is ignored by what a shell starts in the background, this test run perhaps.
    source = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from district_reports.local.airflow.__main__ import main; main(['up'])"
    )
    command = [sys.executable, "-c", source]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
