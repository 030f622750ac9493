"""The proof: a fifth form, 校外培训机构 (work plan, item 23), is three new files and nothing else.

``fifth_form/`` holds the three under their right paths. They are added to a copy of the repository, and every step runs
in processes whose library is that copy's: template, checks, tables, load, answer, city table, DAG, contract test.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

import answer_book
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.publish.summary import summaries
from embedded_server import make_database, warehouse_on
from institution_book import HEADERS, ROWS, SHEET, WARNINGS, fill, loaded_rows, mistaken_rows, sound_rows
from other_tree import REPOSITORY, Tree, copy_with, files_of

HERE = Path(__file__).parent
FORM, TITLE, PERIOD = "training_institutions", "校外培训机构", "2020-Q2"
SOUND, MISTAKEN, SILENT = "210202", "210213", "210203"
"""中山区 of 市内五区 sends a sound workbook, 金普新区 of 涉农地区 one with mistakes, 西岗区 none."""
DATABASE = "fifth_form"


@pytest.fixture(scope="session")
def tree(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The copy, its warehouse migrated; once a worker, since tests that run side by side come in any order."""
    folder = tmp_path_factory.mktemp("fifth form")
    make_database(postgres_server, DATABASE)
    made = copy_with(HERE / "fifth_form", folder, warehouse_on(postgres_server, DATABASE))
    made.command("migrate")
    yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def ask(tree: Tree, postgres_server: EmbeddedServer) -> Callable[[str], list[Any]]:
    """The rows that a query of the tree's warehouse gives."""

    def rows(query: str) -> list[Any]:
        with psycopg.connect(postgres_server.url(DATABASE, "postgresql")) as connection:
            return connection.execute(query).fetchall()

    return rows


@pytest.fixture(scope="session")
def template(tree: Tree) -> Callable[[str], Path]:
    """Has the command line write a district's template."""

    def written(district: str) -> Path:
        path = tree.home / f"template {district}.xlsx"
        tree.command("template", FORM, "--district", district, "--period", PERIOD, "-o", str(path))
        return path

    return written


@pytest.fixture(scope="session")
def sound(tree: Tree, template: Callable[[str], Path]) -> Path:
    return fill(template(SOUND), tree.home / "没有错的.xlsx", sound_rows())


@pytest.fixture(scope="session")
def told(tree: Tree, template: Callable[[str], Path], sound: Path) -> list[dict[str, Any]]:
    """What a check says of both workbooks and, once they are received and ingested, the log of the answers."""
    mistaken = fill(template(MISTAKEN), tree.home / "有错的.xlsx", mistaken_rows()[0])
    program = str(HERE / "check_and_take_in.py")
    printed = tree.run(program, FORM, PERIOD, f"{SOUND}={sound}", f"{MISTAKEN}={mistaken}")
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture(scope="session")
def taken_in(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Both are received and ingested: outcome and counts by district."""
    return told[2]


def test_three_files_are_added_and_none_is_changed(tree):
    assert tree.added == (
        f"expectations/{FORM}.json",
        f"plugins/district_reports/forms/{FORM}.py",
        f"sql/summaries/city_{FORM}.sql",
    )
    others = [name for name in files_of(tree.root) if name not in tree.added and "__pycache__" not in name]
    assert len(others) > 100
    assert [name for name in others if (tree.root / name).read_bytes() != (REPOSITORY / name).read_bytes()] == []


def test_the_template_is_the_forms_own(template):
    book = load_workbook(template(SOUND))

    assert book.sheetnames == ["封面", SHEET, "填表说明", "代码表"]
    headers = [re.sub(r"[\s*#]|（.*）", "", str(cell.value)) for cell in book[SHEET][3]]
    assert tuple(headers) == HEADERS
    assert book["封面"]["B1"].value == FORM
    instructions = {str(cell.value).partition(" ")[0] for row in book["填表说明"].iter_rows() for cell in row}
    assert {"G01", "G02", "G03", "G04", "G05", "G06", "C03", "C04"} <= instructions


def test_the_tables_keep_a_persons_name_out_of_the_facts(tree, ask):
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'training_institution' AND"
    facts = {row[0] for row in ask(f"{columns} table_schema = 'facts'")}
    identities = {row[0] for row in ask(f"{columns} table_schema = 'identities'")}

    assert {"institution_no", "institution_name", "trainee_count", "prepaid_amount", "listing"} <= facts
    assert {"principal_name", "remark"} & facts == set()
    assert {"principal_name", "remark"} <= identities


def test_a_check_finds_each_mistake_at_its_cell_and_no_other(told):
    right, wrong, _ = told

    assert (right["outcome"], right["findings"]) == ("accepted", [])
    assert wrong["outcome"] == "accepted_with_errors"
    assert sorted((one["rule"], one["cell"]) for one in wrong["findings"]) == sorted(mistaken_rows()[1])
    assert {one["rule"] for one in wrong["findings"] if one["severity"] == "warning"} == WARNINGS
    assert [one["message"] for one in wrong["findings"] if one["rule"] == "G04"] == [
        "501 名学员只有 10 名教学人员，每人超过 50 名。"
    ]


def test_both_are_loaded_by_the_real_steps(taken_in, ask):
    errors = len(mistaken_rows()[0]) - len(loaded_rows())
    assert taken_in[SOUND]["outcome"] == "accepted"
    assert taken_in[MISTAKEN]["outcome"] == "accepted_with_errors"
    assert (taken_in[MISTAKEN]["critical"], taken_in[MISTAKEN]["warning"]) == (errors, len(WARNINGS))

    loaded = ask("SELECT district_code, count(*) FROM facts.training_institution GROUP BY 1 ORDER BY 1")
    assert loaded == [(SOUND, ROWS), (MISTAKEN, len(loaded_rows()))]
    named = ask("SELECT count(*) FROM identities.training_institution WHERE principal_name LIKE '测试人%'")
    assert named == [(ROWS + len(loaded_rows()),)]


def test_the_answer_names_the_mistakes(tree, taken_in):
    (answer,) = (tree.home / "uploads").glob(f"{MISTAKEN}-*/反馈/{TITLE}_{PERIOD}_*_部分接收_*.xlsx")
    (passed,) = (tree.home / "uploads").glob(f"{SOUND}-*/反馈/{TITLE}_{PERIOD}_*_通过_*.xlsx")

    assert {(row["规则"], row["单元格"]) for row in answer_book.problems(answer)} == mistaken_rows()[1]
    assert answer_book.problems(passed) == []


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the city table must say of `rows`."""
    return {
        "institution_count": len(rows),
        "whitelisted_count": sum(row["名单"] == "白名单" for row in rows),
        "supervised_count": sum(row["资金账户监管"] == "是" for row in rows),
        "supervised_rate": round(100 * sum(row["资金账户监管"] == "是" for row in rows) / len(rows), 2),
        "online_unfiled_count": sum(row["开展线上培训"] == "是" and row["线上培训备案"] == "否" for row in rows),
        "inspected_count": sum(row["检查日期"] is not None for row in rows),
        "violation_count": sum(row["违规次数"] for row in rows),
        "trainee_count": sum(row["在训学员数"] for row in rows),
        "prepaid_amount": sum(row["预收费余额"] for row in rows),
    }


def test_publishing_makes_the_city_table(tree, taken_in, ask):
    tree.command("publish")

    names = list(figures(sound_rows()))
    selected = ", ".join(f"{name}::double precision" for name in names)
    rows = ask(
        f"SELECT area_code, districts_accepted, {selected} FROM city.current_city_{FORM} WHERE period = '{PERIOD}'"
    )
    assert len(rows) == 13 + 2 + 1
    said = {area: (accepted, dict(zip(names, values, strict=True))) for area, accepted, *values in rows}
    assert said[SOUND] == said["市内五区"] == (1, figures(sound_rows()))
    assert said[MISTAKEN] == said["涉农地区"] == (1, figures(loaded_rows()))
    assert said["全市"] == (2, figures([*sound_rows(), *loaded_rows()]))
    assert said[SILENT] == (0, dict.fromkeys(names))


def test_its_figures_can_be_traced(tree, taken_in, ask):
    tree.command("publish")
    (summary,) = (each for each in summaries(tree.root / "sql" / "summaries") if each.form == FORM)
    columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'city' AND table_name ="
    published = [name for (name,) in ask(f"{columns} 'city_{FORM}'")]
    assert "supervised_rate" in summary.figures(published)
    assert [name for name in summary.figures(published) if name not in summary.origins] == []

    asked = ("--period", PERIOD, "--district", SOUND, "--column", "supervised_count", "--json")
    told = json.loads(tree.command("trace", f"city_{FORM}", *asked))

    (part,) = told["parts"]
    assert (part["sheet"], part["file"]["outcome"]) == (SHEET, "accepted")
    rows = [number for first, last in part["rows"] for number in range(first, last + 1)]
    supervised = [4 + place for place, row in enumerate(sound_rows()) if row["资金账户监管"] == "是"]
    assert rows == supervised
    assert told["value"] == told["recomputed"] == len(rows)


def test_airflow_makes_its_dag_and_its_signal(tree):
    printed = tree.run(
        str(REPOSITORY / "tests" / "dags" / "describe_dags.py"),
        str(tree.root / "dags"),
        AIRFLOW_HOME=str(tree.home / "airflow"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__PLUGINS_FOLDER=str(tree.root / "plugins"),
    )
    parsed = json.loads(printed.splitlines()[-1])

    assert parsed["errors"] == {}
    dag = parsed["dags"][f"ingest_{FORM}"]
    assert list(dag["tasks"]) == ["ingest"]
    assert f"uploads_{FORM}" in dag["schedule"]
    assert f"uploads_{FORM}" in parsed["dags"]["receive_uploads"]["tasks"]["receive"]["outlets"]


def contract_test(tree: Tree, *arguments: str, status: int = 0) -> str:
    tests = [str(HERE / name) for name in ("test_forms.py", "test_expectations.py")]
    options = ("-p", "no:cacheprovider", "--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml"))
    return tree.run("-m", "pytest", *options, "-v", "-k", FORM, *arguments, *tests, status=status)


@pytest.mark.slow
def test_it_passes_the_contract_test(tree):
    printed = contract_test(tree)

    ours = re.findall(rf"::(test_\w+)\[{FORM}\] PASSED", printed)
    assert len(ours) > 20
    assert {"test_a_summary_publishes_the_form", "test_every_rule_can_be_evaluated"} <= set(ours)


@pytest.mark.slow
def test_the_contract_test_names_the_file_that_is_missing(tree):
    expectations, _, summary = (tree.root / name for name in tree.added)
    kept = {path: path.read_bytes() for path in (expectations, summary)}
    for path in kept:
        path.unlink()
    try:
        printed = contract_test(tree, "-k", f"{FORM} and (suite or summary)", status=1)
    finally:
        for path, content in kept.items():
            path.write_bytes(content)

    assert f"expectations/{FORM}.json is missing" in printed
    assert f"sql/summaries/city_{FORM}.sql is missing" in printed


def test_the_reading_child_is_of_the_same_library(tree, sound):
    """It runs isolated, with neither PYTHONPATH nor the working folder: it must find its own library."""
    reading, writing = os.pipe()
    child = tree.root / "plugins" / "district_reports" / "workbook" / "reading" / "child_main.py"
    request = {"task": "inspect", "path": str(sound), "parent": os.getpid(), "memory": 1 << 30, "cpu_seconds": 60}
    done = subprocess.run(
        [sys.executable, "-I", "-v", str(child), str(writing)],
        input=json.dumps(request).encode(),
        pass_fds=(writing,),
        capture_output=True,
        check=False,
        timeout=400,
    )
    os.close(writing)
    os.close(reading)
    imported = re.findall(r"(?:code object from|matches) '?(\S.*district_reports.*?\.pyc?)", done.stderr.decode())
    assert imported
    assert [path for path in imported if not path.startswith(str(tree.root))] == []


def test_samples_are_made_of_the_other_forms(tree):
    written = tree.command("sample", "--out", str(tree.home / "samples"), "--districts", "1").splitlines()

    assert len(written) >= 4
    assert [path for path in written if TITLE in path] == []
