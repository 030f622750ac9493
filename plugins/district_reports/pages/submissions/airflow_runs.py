"""The DAG runs behind a submission: the one that took it in, and a restatement of its key."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from sqlalchemy import Row

from district_reports.pages.airflow import Reply, ask

RESTATE = "restate_submissions"
_RUN_ID = re.compile(r"[A-Za-z0-9_.~:+-]{1,250}")
_LOOKED_AT = "100"


def run_path(dag_id: str, run_id: str) -> str:
    """The path of a run in Airflow's UI."""
    return f"/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}"


def is_run_id(written: str) -> bool:
    """Whether it could be one: Airflow allows no other characters unless it is told to."""
    return _RUN_ID.fullmatch(written) is not None


async def path_of_run(request: Request, row: Row[Any]) -> str:
    """The path in Airflow's UI of the run that decided a submission with a form; of all runs of its key where that
    can't be told, since a restatement decided it, or the run is gone or not found."""
    dag_id, key = f"ingest_{row.form}", f"{row.district_code}|{row.period}"
    query = {"partition_key_prefix_pattern": key, "order_by": "-id", "limit": _LOOKED_AT}
    reply = await ask(request, "GET", f"/dags/{dag_id}/dagRuns", query=query)
    runs = reply.body["dag_runs"] if reply.ok else []
    moments = [moment for moment in (row.checked_at, row.decided_at) if moment is not None]
    spanning = [run for run in runs if run["partition_key"] == key and _spans(run, moments)]
    if moments and spanning:
        return run_path(dag_id, spanning[-1]["dag_run_id"])
    return f"/dags/{dag_id}/runs?{urlencode({'partition_key_pattern': key})}"


async def restate(request: Request, row: Row[Any], *, dry_run: bool, publish: bool) -> Reply:
    """Start a restatement of the submission's form, district and period, as the viewer; the run, or Airflow's no."""
    conf = {
        "form": row.form,
        "district": row.district_code,
        "period": row.period,
        "dry_run": dry_run,
        "publish": publish,
    }
    return await ask(request, "POST", f"/dags/{RESTATE}/dagRuns", json={"logical_date": None, "conf": conf})


def _spans(run: Mapping[str, Any], moments: list[datetime]) -> bool:
    """Whether all of `moments` lie within the run."""
    if run["start_date"] is None:
        return False
    begun = datetime.fromisoformat(run["start_date"])
    ended = datetime.fromisoformat(run["end_date"]) if run["end_date"] else None
    return all(begun <= moment and (ended is None or moment <= ended) for moment in moments)
