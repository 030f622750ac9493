"""The services of docker-compose.yaml do the main job together, as plain processes: no engine runs here."""

import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from compose_file import raw
from district_reports import clock
from district_reports.forms import forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import write_sample
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.storage.folders import district_folders
from running_deployment import eventually, run_sql

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]
DISTRICT = "210283"
SLOW = {"great_expectations", "pandas", "pyarrow", "psycopg", "sqlalchemy"}


@pytest.fixture(scope="module")
def answered(composed, tmp_path_factory):
    """The submission of last month's ledger, today being any day: production plays none."""
    form = forms()["dropout_control"]
    register = Register.load(composed.deployment.settings.reference)
    on = clock.today().replace(day=1) - timedelta(days=1)
    sample = Sample(register, register.district(DISTRICT, on), Period.containing(form.period_kind, on), on, 1)
    composed.deployment.drop(write_sample(form, sample, tmp_path_factory.mktemp("sample")), DISTRICT)
    (submission,) = composed.deployment.answered(DISTRICT)
    return submission


def test_every_service_runs(composed, answered):
    # The one is not run as it is, the embedded server stands in for it; the other has run and ended.
    assert set(composed.processes.names()) == set(raw()["services"]) - {"postgres", "init"}
    assert [name for name in composed.processes.names() if not composed.processes.runs(name)] == []


def test_the_server_that_stands_in_has_the_settings_of_postgres(composed):
    program, *settings = composed.services["postgres"]["command"]
    assert program == "postgres"
    told = dict(setting.removeprefix("-c").split("=") for setting in settings)
    shown = {name: run_sql(composed.metadata_url, f"SHOW {name}")[0][0] for name in told}
    assert shown == told


def test_init_has_laid_out_the_folders(composed):
    register = Register.load(composed.deployment.settings.reference)
    expected = [district.code for district in register.districts_on(clock.today())]
    assert [folder.code for folder in district_folders(composed.deployment.settings.uploads)] == expected


def test_the_celery_worker_answers_a_workbook(composed, answered):
    assert answered.outcome == "accepted"
    (path,) = composed.deployment.folder(DISTRICT).feedback.path.glob("控辍保学台账_*.xlsx")
    assert load_workbook(path).sheetnames
    (run,) = eventually(
        lambda: [run for run in composed.deployment.airflow.runs("ingest_dropout_control") if run.ended],
        "the run's end",
    )
    assert run.state == "success"
    # receive and ingest: Celery's results, in Airflow's database.
    results = run_sql(composed.metadata_url, "SELECT count(*) FROM celery_taskmeta WHERE status = 'SUCCESS'")
    assert results[0][0] >= 2


def imported(text: str) -> set[str]:
    """The modules that Python said it imported (``PYTHONPROFILEIMPORTTIME``)."""
    return set(re.findall(r"import time: +\d+ \| +\d+ \| +([\w.]+)", text))


def test_tasks_find_the_slow_imports_done(composed, answered):
    assert imported(composed.processes.log("worker").read_text(errors="replace")) >= SLOW
    (log,) = composed.logs.glob("dag_id=ingest_dropout_control/run_id=*/task_id=ingest/attempt=1.log")
    by_task = imported(log.read_text())
    assert "district_reports.forms._common" in by_task  # what goes through import_module is not told
    assert by_task & SLOW == set()


def test_health_checks(composed, answered):
    checked = composed.services.keys() - {"postgres", "init"}

    def well() -> bool:
        return all(composed.healthy(name).returncode == 0 for name in checked)

    eventually(well, "every service's health")
    composed.processes.stop(["api-server"])
    assert composed.healthy("api-server").returncode != 0
    composed.processes.stop(["redis"])
    assert composed.healthy("redis").returncode != 0
