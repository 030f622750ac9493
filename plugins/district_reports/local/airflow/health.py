"""Wait until Airflow really works: it answers, its scheduler's heart beats, and every DAG file has been parsed."""

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from district_reports.errors import SystemFault
from district_reports.local.airflow.api import ApiError, Client, health

_BEATING = ("scheduler", "dag-processor", "triggerer")


def wait_until_healthy(
    url: str,
    started: Collection[str],
    since: datetime,
    check: Callable[[], None],
    progress: Callable[[str], None],
    seconds: float = 300.0,
) -> None:
    """Wait until the API server answers and all others are well, with a sign of life after `since` if just `started`.

    An older sign of life may come from a process that was killed. `check` is called between the attempts and raises if
    there is nothing to wait for any more.

    Raises:
        SystemFault: not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    missing = ["api-server"]
    told: list[str] = []
    while missing:
        check()
        try:
            missing = _missing(health(url), started, since)
        except ApiError:
            missing = ["api-server", *_BEATING]
        if missing and missing != told:
            progress("Waiting for " + ", ".join(missing))
            told = missing
        if missing and time.monotonic() > deadline:
            raise SystemFault(f"no sign of life from {', '.join(missing)} within {seconds:.0f} s")
        if missing:
            time.sleep(0.5)


def wait_until_parsed(
    client: Client, dags: Path, since: datetime, check: Callable[[], None], seconds: float = 300.0
) -> list[str]:
    """Wait until every DAG file in `dags` has been parsed after `since`; returns the ids of the DAGs.

    Raises:
        SystemFault: a file can't be imported (its error is told), or is not parsed within `seconds`.
    """
    deadline = time.monotonic() + seconds
    expected = {path.name for path in dags.glob("*.py") if _may_hold_dags(path)}
    while True:
        check()
        errors = client.pages("/importErrors", "import_errors", {})
        fresh = [error for error in errors if _time(error["timestamp"]) >= since]
        if fresh:
            raise SystemFault("\n".join(f"{error['filename']}: {error['stack_trace'].strip()}" for error in fresh))
        known = client.pages("/dags", "dags", {"order_by": "dag_id"})
        found = [dag for dag in known if _time(dag["last_parsed_time"]) >= since]
        missing = expected - {dag["relative_fileloc"] for dag in found}
        if not missing:
            return [str(dag["dag_id"]) for dag in found]
        if time.monotonic() > deadline:
            raise SystemFault(f"not parsed within {seconds:.0f} s: {', '.join(sorted(missing))}")
        time.sleep(0.5)


def _missing(answer: dict[str, dict[str, str | None]], started: Collection[str], since: datetime) -> list[str]:
    missing = []
    for name in _BEATING:
        key = name.replace("-", "_")
        beat = _time(answer[key][f"latest_{key}_heartbeat"])
        if answer[key]["status"] != "healthy" or (name in started and beat < since):
            missing.append(name)
    return missing


def _may_hold_dags(path: Path) -> bool:
    text = path.read_bytes().lower()
    return b"dag" in text and b"airflow" in text  # Airflow looks into no other file


def _time(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)
