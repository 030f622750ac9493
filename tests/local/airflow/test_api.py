"""The client against a small server that answers as Airflow does."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from district_reports.errors import SystemFault
from district_reports.local.airflow.api import ApiError, Client
from district_reports.local.airflow.health import wait_until_healthy, wait_until_parsed

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Airflow(ThreadingHTTPServer):
    """Answers from ``answers`` ("METHOD path" without query → status, body) and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, Any]] = {"POST /auth/token": (201, {"access_token": "fresh"})}
        self.asked: list[tuple[str, str, Any]] = []
        self.good_tokens = {"fresh"}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Airflow

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        self.server.asked.append((self.command, self.path, body))
        key = f"{self.command} {self.path.partition('?')[0]}"
        status, content = self.server.answers.get(key, (404, {"detail": "not found"}))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if "/api/" in self.path and "/monitor/" not in self.path and token not in self.server.good_tokens:
            status, content = 401, {"detail": "log in"}
        data = json.dumps(content(self.path) if callable(content) else content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = answer

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""


@pytest.fixture
def airflow() -> Iterator[Airflow]:
    with Airflow() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def client(airflow: Airflow) -> Client:
    return Client(airflow.url, "admin", "secret")


def _run(state: str, run_id: str = "manual__1+00:00", key: str | None = None) -> dict[str, Any]:
    return {
        "dag_id": "d", "dag_run_id": run_id, "state": state, "partition_key": key,
        "queued_at": None, "start_date": None, "end_date": None,
    }  # fmt: skip


def test_trigger_and_wait(airflow: Airflow, client: Client) -> None:
    states = iter(["queued", "running", "success"])
    airflow.answers["POST /api/v2/dags/d/dagRuns"] = (200, _run("queued"))
    airflow.answers["GET /api/v2/dags/d/dagRuns/manual__1%2B00%3A00"] = (200, lambda _: _run(next(states)))
    run_id = client.trigger("d", {"a": 1}, partition_key="210202|2020-05")
    assert client.wait("d", run_id).state == "success"
    assert airflow.asked[1][2] == {"logical_date": None, "conf": {"a": 1}, "partition_key": "210202|2020-05"}


def test_wait_gives_up(airflow: Airflow, client: Client) -> None:
    airflow.answers["GET /api/v2/dags/d/dagRuns/r"] = (200, _run("running", "r"))
    with pytest.raises(ApiError, match="still running"):
        client.wait("d", "r", seconds=0.1)


def test_runs_of_all_pages(airflow: Airflow, client: Client) -> None:
    def page(path: str) -> dict[str, Any]:
        offset = int(path.rpartition("offset=")[2])
        count = min(100, 250 - offset)
        return {"dag_runs": [_run("success", str(offset + n)) for n in range(count)], "total_entries": 250}

    airflow.answers["GET /api/v2/dags/d/dagRuns"] = (200, page)
    assert [run.run_id for run in client.runs("d")] == [str(n) for n in range(250)]


def test_an_expired_login_is_renewed_once(airflow: Airflow, client: Client) -> None:
    airflow.answers["GET /api/v2/dags/d/dagRuns"] = (200, {"dag_runs": [], "total_entries": 0})
    client.runs("d")
    airflow.good_tokens = {"newer"}
    airflow.answers["POST /auth/token"] = (201, {"access_token": "newer"})
    assert client.runs("d") == []
    airflow.good_tokens = set()
    with pytest.raises(ApiError) as refused:
        client.runs("d")
    assert refused.value.status == 401


def test_a_pool_that_exists_is_changed(airflow: Airflow, client: Client) -> None:
    airflow.answers["POST /api/v2/pools"] = (409, {"detail": "exists"})
    airflow.answers["PATCH /api/v2/pools/ingest"] = (200, {})
    client.ensure_pool("ingest", 8, "Submissions under way")
    assert airflow.asked[-1][2]["slots"] == 8


def test_nobody_there() -> None:
    with pytest.raises(ApiError) as refused:
        Client("http://127.0.0.1:9", "admin", "secret").runs("d")
    assert refused.value.status == 0


def _health(beat: datetime, status: str = "healthy") -> dict[str, Any]:
    names = ("scheduler", "dag_processor", "triggerer")
    return {name: {"status": status, f"latest_{name}_heartbeat": beat.isoformat()} for name in names}


def test_a_beat_from_before_the_start_does_not_count(airflow: Airflow) -> None:
    airflow.answers["GET /api/v2/monitor/health"] = (200, _health(SINCE - timedelta(seconds=5)))
    with pytest.raises(SystemFault, match="no sign of life from scheduler"):
        wait_until_healthy(airflow.url, ["scheduler"], SINCE, lambda: None, lambda _: None, seconds=0.1)
    wait_until_healthy(airflow.url, [], SINCE, lambda: None, lambda _: None)


def test_waiting_ends_when_there_is_nothing_to_wait_for() -> None:
    def ended() -> None:
        raise SystemFault("the scheduler has ended")

    with pytest.raises(SystemFault, match="has ended"):
        wait_until_healthy("http://127.0.0.1:9", [], SINCE, ended, lambda _: None)


def test_every_dag_file_must_be_parsed_anew(airflow: Airflow, client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from airflow.sdk import DAG")
    (tmp_path / "helper.py").write_text("nothing here")
    dag = {"dag_id": "d", "relative_fileloc": "a.py", "last_parsed_time": (SINCE - timedelta(1)).isoformat()}
    airflow.answers["GET /api/v2/importErrors"] = (200, {"import_errors": [], "total_entries": 0})
    airflow.answers["GET /api/v2/dags"] = (200, {"dags": [dag], "total_entries": 1})
    with pytest.raises(SystemFault, match=r"not parsed .* a\.py"):
        wait_until_parsed(client, tmp_path, SINCE, lambda: None, seconds=0.1)
    dag["last_parsed_time"] = SINCE.isoformat()
    assert wait_until_parsed(client, tmp_path, SINCE, lambda: None) == ["d"]


def test_a_dag_that_cannot_be_imported_is_told(airflow: Airflow, client: Client, tmp_path: Path) -> None:
    error = {"filename": "a.py", "stack_trace": "SyntaxError: no\n", "timestamp": SINCE.isoformat()}
    airflow.answers["GET /api/v2/importErrors"] = (200, {"import_errors": [error], "total_entries": 1})
    with pytest.raises(SystemFault, match=r"a\.py: SyntaxError: no"):
        wait_until_parsed(client, tmp_path, SINCE, lambda: None)
