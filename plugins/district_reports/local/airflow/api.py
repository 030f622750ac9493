"""A small client of Airflow's REST API: as much as the command line and the tests need."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from district_reports.errors import SystemFault

_PAGE = 100
_TIMEOUT_SECONDS = 30.0
# Not through a proxy: the server is on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ApiError(SystemFault):
    """The API refused, or could not be reached (``status`` 0)."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Run:
    """A DAG run; ``state`` is queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str
    partition_key: str | None
    queued_at: str | None
    start_date: str | None
    end_date: str | None

    @property
    def ended(self) -> bool:
        return self.state in ("success", "failed")


def health(url: str) -> dict[str, Any]:
    """What ``/monitor/health`` says; needs no login.

    Raises:
        ApiError: no answer.
    """
    found: dict[str, Any] = _ask("GET", f"{url}/api/v2/monitor/health")
    return found


class Client:
    """Airflow at `url`, as `user`; logs in when needed."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url.rstrip("/")
        self._login = {"username": user, "password": password}
        self._token: str | None = None

    @property
    def url(self) -> str:
        """Where Airflow answers, without a slash at the end."""
        return self._url

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, partition_key: str | None = None) -> str:
        """Start a run; returns its id. A DAG that goes by partitions needs a `partition_key`.

        Raises:
            ApiError: there is no such DAG, or it can't be reached.
        """
        body = {"logical_date": None, "conf": dict(conf or {}), "partition_key": partition_key}
        return str(self.call("POST", f"/dags/{quote(dag_id)}/dagRuns", body)["dag_run_id"])

    def runs(self, dag_id: str, state: str | None = None) -> list[Run]:
        """All runs of a DAG, newest first, of one `state` if given.

        Raises:
            ApiError: there is no such DAG, or it can't be reached.
        """
        given = {"order_by": "-id", **({"state": state} if state else {})}
        return [_run(each) for each in self.pages(f"/dags/{quote(dag_id)}/dagRuns", "dag_runs", given)]

    def run(self, dag_id: str, run_id: str) -> Run:
        """One run.

        Raises:
            ApiError: there is no such run, or it can't be reached.
        """
        return _run(self.call("GET", f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"))

    def wait(self, dag_id: str, run_id: str, seconds: float = 600.0) -> Run:
        """Wait until a run has ended, well or badly.

        Raises:
            ApiError: it hasn't within `seconds`, or can't be reached.
        """
        deadline = time.monotonic() + seconds
        while not (run := self.run(dag_id, run_id)).ended:
            if time.monotonic() > deadline:
                raise ApiError(f"{dag_id} {run_id} is still {run.state} after {seconds:.0f} s")
            time.sleep(0.5)
        return run

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Create the pool, or set its slots. A task whose pool doesn't exist is never started.

        Raises:
            ApiError: refused, or can't be reached.
        """
        body = {"slots": slots, "description": description, "include_deferred": False}
        try:
            self.call("POST", "/pools", {**body, "name": name})
        except ApiError as error:
            if error.status != 409:
                raise
            # The same thing has another name in this call.
            self.call("PATCH", f"/pools/{quote(name)}", {**body, "pool": name})

    def pages(self, path: str, key: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
        """The entries under `key` of all pages of `path`.

        Raises:
            ApiError: refused, or can't be reached.
        """
        found: list[dict[str, Any]] = []
        while True:
            query = urlencode({**given, "limit": _PAGE, "offset": len(found)})
            page = self.call("GET", f"{path}?{query}")
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request to ``/api/v2`` + `path`, logging in (again) if need be.

        Raises:
            ApiError: refused, or can't be reached.
        """
        for attempt in (1, 2):
            if self._token is None:
                self._token = str(_ask("POST", f"{self._url}/auth/token", self._login)["access_token"])
            try:
                return _ask(method, f"{self._url}/api/v2{path}", body, self._token)
            except ApiError as error:
                if error.status != 401 or attempt == 2:
                    raise
                self._token = None  # it was good for a day
        raise AssertionError("unreachable")


def _run(entry: Mapping[str, Any]) -> Run:
    names = ("dag_id", "state", "partition_key", "queued_at", "start_date", "end_date")
    return Run(run_id=entry["dag_run_id"], **{name: entry[name] for name in names})


def _ask(method: str, url: str, body: Mapping[str, Any] | None = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with _opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            answer = response.read()
            return json.loads(answer) if answer else None
    except urllib.error.HTTPError as error:
        said = error.read(2000).decode("utf-8", "replace")
        raise ApiError(f"{method} {url}: {error.code} {said}", error.code) from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # refused, timed out, cut off, or not JSON
        raise ApiError(f"{method} {url}: {error}") from error
