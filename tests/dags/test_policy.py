"""What every DAG keeps to, read from the DAGs as Airflow parses them."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from district_reports.airflow_parts.pools import POOLS
from district_reports.forms import forms

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
LONGEST_FUNCTION, LONGEST_TASK = 40, 7
"""Lines of a function in a DAG file: ingest() holds a whole DAG, a task makes one call."""
HEAVY = ("great_expectations", "pandas", "pyarrow", "numpy", "scipy", "openpyxl", "airflow")
AIRFLOW = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
}


def python(*arguments: str, **environment: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return done.stdout


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    printed = python(
        str(Path(__file__).with_name("describe_dags.py")),
        str(DAGS),
        AIRFLOW_HOME=str(home),
        **AIRFLOW,
    )
    described: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return described


def test_there_are_these_dags_and_no_others(parsed):
    assert parsed["errors"] == {}
    ingests = {f"ingest_{form}" for form in forms()}
    assert set(parsed["dags"]) == {
        "receive_uploads",
        "publish_city_tables",
        "release_outside",
        "restate_submissions",
        "maintenance",
        "fill_templates",
        *ingests,
    }


def test_every_dag_says_what_it_is(parsed):
    for dag_id, dag in parsed["dags"].items():
        assert dag["doc"], dag_id
        assert "district-reports" in dag["tags"], dag_id
        assert dag["catchup"] is False, dag_id


def test_every_task_has_an_owner_a_timeout_and_a_pool_that_is_made(parsed):
    for dag_id, dag in parsed["dags"].items():
        for task_id, task in dag["tasks"].items():
            where = f"{dag_id}.{task_id}"
            assert task["owner"] == "data-engineering", where
            assert task["pool"] in POOLS, where
            assert 0 < task["timeout"] <= 3600, where
            # Receiving is tried again by its next run, seconds later.
            assert task["retries"] >= 1 or dag_id == "receive_uploads", where


def test_the_schedules(parsed):
    schedules = {dag_id: dag["schedule"] for dag_id, dag in parsed["dags"].items()}

    assert "AssetOrTimeSchedule(asset_condition=AssetAll(" in schedules["receive_uploads"]
    assert "Asset(name='uploads_waiting'" in schedules["receive_uploads"]
    assert "DeltaTriggerTimetable(delta=datetime.timedelta(seconds=300)" in schedules["receive_uploads"]
    assert "'0 2 * * *', timezone='Asia/Shanghai'" in schedules["publish_city_tables"]
    assert "'40 * * * *', timezone='Asia/Shanghai'" in schedules["release_outside"]
    assert "'30 3 * * *', timezone='Asia/Shanghai'" in schedules["maintenance"]
    assert "'0 5 * * *', timezone='Asia/Shanghai'" in schedules["fill_templates"]
    for form in forms():
        assert f"PartitionedAssetTimetable(asset_condition=Asset(name='uploads_{form}'" in schedules[f"ingest_{form}"]
    assert parsed["dags"]["receive_uploads"]["max_active_runs"] == 1


def test_a_night_sweeps_reconciles_and_publishes(parsed):
    tasks = parsed["dags"]["publish_city_tables"]["tasks"]
    assert tasks["sweep"]["downstream"] == ["reconcile"]
    # Neither waits for the other: a list that can't be placed keeps no release back.
    assert tasks["reconcile"]["downstream"] == ["publish", "tell_districts"]
    assert tasks["publish"]["downstream"] == tasks["tell_districts"]["downstream"] == []
    assert tasks["publish"]["pool"] != tasks["tell_districts"]["pool"], "a share that hangs would hold the one slot"


def test_what_leaves_the_house_is_worked_off_by_one_run_and_keeps_no_night_waiting(parsed):
    dag = parsed["dags"]["release_outside"]
    assert (list(dag["tasks"]), dag["max_active_runs"]) == (["work_off"], 1)
    assert dag["tasks"]["work_off"]["pool"] != parsed["dags"]["publish_city_tables"]["tasks"]["publish"]["pool"]


def test_restating_is_by_hand_begins_dry_and_is_bounded(parsed):
    dag = parsed["dags"]["restate_submissions"]
    assert "NullTimetable" in dag["schedule"]
    assert dag["params"]["dry_run"]["value"] is True
    assert dag["params"]["form"]["schema"]["enum"] == ["all", *forms()]
    assert all(param["schema"]["title"] and param["description"] for param in dag["params"].values())
    assert dag["tasks"]["restate"]["at_once"] == 2
    assert dag["tasks"]["publish"]["outlets"] == ["city_tables"]
    assert [dag["tasks"][name]["downstream"] for name in ("plan", "restate", "publish")] == [
        ["restate"],
        ["publish", "report"],
        ["report"],
    ]


def test_receiving_signals_every_form_and_each_is_ingested_by_one_task(parsed):
    receive = parsed["dags"]["receive_uploads"]["tasks"]
    assert receive["receive"]["outlets"] == [f"uploads_{form}" for form in forms()]
    for form in forms():
        assert list(parsed["dags"][f"ingest_{form}"]["tasks"]) == ["ingest"]


def test_parsing_imports_nothing_that_costs_seconds(parsed):
    assert parsed["heavy"] == []


def test_dag_files_are_wiring():
    files = sorted(DAGS.glob("*.py"))
    assert len(files) == 7
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno is not None
                holds_others = any(isinstance(inner, ast.FunctionDef) for inner in ast.walk(node) if inner is not node)
                most = LONGEST_FUNCTION if holds_others else LONGEST_TASK
                assert node.end_lineno - node.lineno < most, f"{file.name}: {node.name}"


def test_airflow_does_not_execute_the_library_as_plugins(tmp_path):
    """A module that it does execute is known by its bare stem, and may shadow one of the standard library."""
    printed = python(
        "-c",
        "import json, sys; from airflow import plugins_manager as p; p.ensure_plugins_loaded();"
        " from airflow._shared.module_loading import find_path_from_directory as find;"
        f" folder = {str(ROOT / 'plugins')!r};"
        " files = {n: getattr(m, '__file__', None) or '' for n, m in list(sys.modules.items())};"
        " loaded = [n for n, f in files.items() if f.startswith(folder) and not n.startswith('district_reports')];"
        " print(json.dumps([loaded, [*find(folder, '.airflowignore')], len([*find(folder, '.no-such-file')])]))",
        AIRFLOW_HOME=str(tmp_path),
        **AIRFLOW,
    )

    loaded, looked_into, without_the_file = json.loads(printed.splitlines()[-1])
    assert [name for name in loaded if name != "district_reports_plugin"] == []
    assert [path for path in looked_into if "/district_reports/" in path] == []
    assert without_the_file > 50


@pytest.mark.parametrize(
    "statement",
    ["import district_reports", "from district_reports.cli import _parser; _parser().format_help()"],
    ids=["the library", "the command line"],
)
def test_the_top_level_imports_nothing_that_costs_seconds(statement):
    printed = python("-c", f"{statement}; import sys; print([name for name in {HEAVY!r} if name in sys.modules])")

    assert printed == "[]\n"


def test_the_command_line_answers_at_once():
    command = [str(Path(sys.executable).with_name("district-reports")), "--help"]
    begun = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    ended = os.times()
    took = ended.children_user + ended.children_system - begun.children_user - begun.children_system
    # The processor's time: by the clock a busy machine takes as long as it likes.
    assert took < 1
