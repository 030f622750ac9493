"""A request begins the job in Airflow: its own metadata database, and the DAG as its processor keeps it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from district_reports.settings import load_settings

PROGRAM = """
from district_reports.pages.outgoing.asking import DAG, begin_job
from airflow.models import DagRun
from airflow.utils.session import create_session

assert begin_job("officer")
with create_session() as session:
    (run,) = session.query(DagRun).filter(DagRun.dag_id == DAG).all()
    print(run.state, run.triggering_user_name, run.run_type)
"""


@pytest.mark.slow
def test_a_request_begins_the_job_in_airflow(tmp_path: Path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DISTRICT_REPORTS"))},
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(load_settings({}).root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DISTRICT_REPORTS_HOME": str(tmp_path / "home"),
    }

    def run(*command: str) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    airflow = (sys.executable, "-m", "airflow")
    run(*airflow, "db", "migrate")
    run(*airflow, "dags", "reserialize")
    assert run(sys.executable, "-c", PROGRAM).splitlines()[-1] == "queued officer manual"
