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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook

from district_reports.warehouse.embedded import EmbeddedServer

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
OVERLAY = HERE / "fifth_form"
FORM, TITLE, SHEET, PERIOD = "training_institutions", "校外培训机构", "机构", "2020-Q2"
SOUND, MISTAKEN = "210202", "210213"
"""中山区 of 市内五区 sends a sound workbook, 金普新区 of 涉农地区 one with mistakes."""
COLUMNS = {title: "ABCDEFGHIJKLMNOPQ"[place] for place, title in enumerate(
    ["机构代码", "机构名称", "负责人", "办学许可", "办学许可证号", "培训类别", "在训学员数", "教学人员数", "资金账户监管", "预收费余额", "开展线上培训", "线上培训备案", "检查日期", "违规次数", "名单", "处罚措施", "备注"]
)}  # fmt: skip
ROWS, MISTAKEN_ROWS = 6, 120
"""So many that the ten rows with an error stay below the tenth at which F16 rejects the file."""

PLANTED: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("T01", "办学许可证号", {"办学许可证号": None}),
    ("T03", "检查日期", {"检查日期": "六月中旬"}),
    ("T04", "名单", {"名单": "灰名单"}),
    ("C04", "检查日期", {"检查日期": date(2020, 7, 1)}),
    ("G01", "处罚措施", {"名单": "黑名单"}),
    ("G03", "检查日期", {"违规次数": 1, "检查日期": None}),
    ("G04", "在训学员数", {"在训学员数": 501, "教学人员数": 10}),
    ("G05", "线上培训备案", {"开展线上培训": "是", "线上培训备案": "否"}),
    ("G06", "名单", {"名单": "白名单", "违规次数": 2}),
)
TWICE = (("C03", "机构代码"), ("G02", "办学许可证号"))
"""Two rows with the same value: each is marked."""


def institution(number: int) -> dict[str, object]:
    """A sound row."""
    return {
        "机构代码": f"5221020{number:04}",
        "机构名称": f"第{number}培训学校",
        "负责人": f"测试人{number}",
        "办学许可": "有证",
        "办学许可证号": f"教民{number:06}",
        "培训类别": "学科类",
        "在训学员数": 100 + number,
        "教学人员数": 10,
        "资金账户监管": "是" if number % 2 else "否",
        "预收费余额": 1000.5,
        "开展线上培训": "否",
        "线上培训备案": "否",
        "检查日期": date(2020, 6, 10),
        "违规次数": 0,
        "名单": "未列入",
    }


@dataclass(frozen=True)
class Tree:
    """A copy of the repository with the fifth form, and how to run Python there."""

    root: Path
    home: Path
    added: tuple[str, ...]
    environment: Mapping[str, str]

    def run(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """What a Python prints whose library is this tree's."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == status, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def command(self, *arguments: str) -> str:
        """What ``district-reports`` prints."""
        program = (
            "import sys, district_reports; from pathlib import Path;"
            f" assert Path(district_reports.__file__).is_relative_to({str(self.root)!r}), district_reports.__file__;"
            " from district_reports.cli import main; sys.exit(main())"
        )
        return self.run("-c", program, *arguments)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tree(postgres_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    folder = tmp_path_factory.mktemp("fifth form")
    root, home = folder / "a copy", folder / "home"
    home.mkdir()
    for name in ("plugins", "dags", "expectations", "sql"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    before = files_of(root)
    shutil.copytree(OVERLAY, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    added = tuple(sorted(files_of(root) - before))

    postgres_server.ensure_database("fifth_form")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISTRICT_REPORTS_")}
    environment |= {
        "PYTHONPATH": str(root / "plugins"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DISTRICT_REPORTS_HOME": str(home / "run"),
        "DISTRICT_REPORTS_UPLOADS": str(home / "uploads"),
        "DISTRICT_REPORTS_TODAY": "2020-07-04",
        "DISTRICT_REPORTS_WAREHOUSE_URL": postgres_server.url("fifth_form"),
    }
    made = Tree(root, home, added, environment)
    made.command("migrate")
    yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def ask(tree: Tree, postgres_server: EmbeddedServer) -> Callable[[str], list[Any]]:
    """The rows that a query of the tree's warehouse gives."""

    def rows(query: str) -> list[Any]:
        with psycopg.connect(postgres_server.url("fifth_form", "postgresql")) as connection:
            return connection.execute(query).fetchall()

    return rows


@dataclass(frozen=True)
class Filled:
    """A workbook that a clerk filled in, and the mistakes in it: rule and cell."""

    path: Path
    planted: set[tuple[str, str]]


def fill(template: Path, path: Path, rows: list[dict[str, object]]) -> None:
    """Type `rows` into a template, as a clerk does: into the columns by their headers."""
    book = load_workbook(template)
    cover = book["封面"]
    typed = {"填报人": "王敏", "联系电话": "0411-00000000", "填报日期": date(2020, 7, 3)}
    for label, value in cover.iter_rows(max_col=2):
        if label.value in typed:
            value.value = typed[label.value]
    for number, row in enumerate(rows, 4):
        for title, value in row.items():
            book[SHEET][f"{COLUMNS[title]}{number}"] = value
    book.save(path)


@pytest.fixture(scope="module")
def templates(tree: Tree) -> dict[str, Path]:
    written = {district: tree.home / f"template {district}.xlsx" for district in (SOUND, MISTAKEN)}
    for district, path in written.items():
        tree.command("template", FORM, "--district", district, "--period", PERIOD, "-o", str(path))
    return written


@pytest.fixture(scope="module")
def sound(tree: Tree, templates: dict[str, Path]) -> Filled:
    path = tree.home / "没有错的.xlsx"
    fill(templates[SOUND], path, [institution(number) for number in range(ROWS)])
    return Filled(path, set())


@pytest.fixture(scope="module")
def mistaken(tree: Tree, templates: dict[str, Path]) -> Filled:
    """One mistake a row, from row 4 on, and right rows after them."""
    rows = [institution(number) for number in range(MISTAKEN_ROWS)]
    planted = set()
    for place, (rule, title, changed) in enumerate(PLANTED):
        rows[place].update(changed)
        planted.add((rule, f"{COLUMNS[title]}{4 + place}"))
    for offset, (rule, title) in enumerate(TWICE):
        first = len(PLANTED) + 2 * offset
        rows[first + 1][title] = rows[first][title]
        planted |= {(rule, f"{COLUMNS[title]}{4 + place}") for place in (first, first + 1)}
    path = tree.home / "有错的.xlsx"
    fill(templates[MISTAKEN], path, rows)
    return Filled(path, planted)


@pytest.fixture(scope="module")
def taken_in(tree: Tree, sound: Filled, mistaken: Filled) -> dict[str, Any]:
    """Both workbooks dropped, received and ingested; what the logs say of the answers."""
    program = str(HERE / "take_in.py")
    told = tree.run(program, FORM, PERIOD, f"{SOUND}={sound.path}", f"{MISTAKEN}={mistaken.path}")
    answers: dict[str, Any] = json.loads(told.splitlines()[-1])
    return answers


def feedback(tree: Tree, district: str) -> Path:
    (folder,) = (tree.home / "uploads").glob(f"{district}-*")
    return folder / "反馈"


def test_three_files_are_added_and_none_is_changed(tree):
    assert tree.added == (
        f"expectations/{FORM}.json",
        f"plugins/district_reports/forms/{FORM}.py",
        f"sql/summaries/city_{FORM}.sql",
    )
    overlaid = set(tree.added)
    for name in ("plugins", "dags", "expectations", "sql"):
        for path in (REPOSITORY / name).rglob("*.*"):
            relative = str(path.relative_to(REPOSITORY))
            if path.is_file() and "__pycache__" not in relative and ".egg-info" not in relative:
                assert relative not in overlaid
                assert (tree.root / relative).read_bytes() == path.read_bytes(), relative


def test_the_template_is_the_forms_own(templates):
    book = load_workbook(templates[SOUND])

    assert book.sheetnames == ["封面", SHEET, "填表说明", "代码表"]
    headers = [re.sub(r"[\s*#]|（.*）", "", str(cell.value)) for cell in book[SHEET][3]]
    assert headers == list(COLUMNS)
    assert book["封面"]["B1"].value == FORM
    instructions = {cell.value for row in book["填表说明"].iter_rows() for cell in row}
    assert {"G01", "G02", "G03", "G04", "G05", "G06", "C03", "C04"} <= instructions


def test_the_tables_keep_a_persons_name_out_of_the_facts(tree, ask):
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'training_institution' AND"
    facts = {row[0] for row in ask(f"{columns} table_schema = 'facts'")}
    identities = {row[0] for row in ask(f"{columns} table_schema = 'identities'")}

    assert {"institution_no", "institution_name", "trainee_count", "prepaid_amount", "listing"} <= facts
    assert {"principal_name", "remark"} & facts == set()
    assert {"principal_name", "remark"} <= identities


def test_a_check_finds_each_mistake_at_its_cell_and_no_other(tree, sound, mistaken):
    printed = tree.command("check", "--json", str(sound.path), str(mistaken.path))
    right, wrong = (json.loads(line) for line in printed.splitlines())

    assert (right["outcome"], right["findings"]) == ("accepted", [])
    assert wrong["outcome"] == "accepted_with_errors"
    assert sorted((one["rule"], one["cell"]) for one in wrong["findings"]) == sorted(mistaken.planted)
    assert {one["rule"] for one in wrong["findings"] if one["severity"] == "warning"} == {"G04", "G05", "G06"}
    assert [one["message"] for one in wrong["findings"] if one["rule"] == "G04"] == [
        "501 名学员只有 10 名教学人员，每人超过 50 名。"
    ]


def test_both_are_loaded_by_the_real_steps(taken_in, ask):
    errors = len({cell[1:] for rule, cell in _planted_errors()})
    assert taken_in[SOUND]["outcome"] == "accepted"
    assert taken_in[MISTAKEN]["outcome"] == "accepted_with_errors"
    assert (taken_in[MISTAKEN]["critical"], taken_in[MISTAKEN]["warning"]) == (errors, 3)

    loaded = ask("SELECT district_code, count(*) FROM facts.training_institution GROUP BY 1 ORDER BY 1")
    assert loaded == [(SOUND, ROWS), (MISTAKEN, MISTAKEN_ROWS - errors)]
    assert ask("SELECT count(*) FROM identities.training_institution WHERE principal_name LIKE '测试人%'") == [
        (ROWS + MISTAKEN_ROWS - errors,)
    ]


def _planted_errors() -> set[tuple[str, str]]:
    """Rule and cell of the planted mistakes that quarantine their row."""
    warnings = {"G04", "G05", "G06"}
    single = {(rule, f"A{place}") for place, (rule, _, _) in enumerate(PLANTED) if rule not in warnings}
    return single | {
        (rule, f"A{len(PLANTED) + 2 * at + half}") for at, (rule, _) in enumerate(TWICE) for half in (0, 1)
    }


def test_the_answer_names_the_mistakes(tree, taken_in, mistaken):
    (answer,) = feedback(tree, MISTAKEN).glob(f"{TITLE}_{PERIOD}_*_部分接收_*.xlsx")
    (passed,) = feedback(tree, SOUND).glob(f"{TITLE}_{PERIOD}_*_通过_*.xlsx")

    header, *rows = load_workbook(answer)["问题清单"].iter_rows(values_only=True)
    cell, rule = header.index("单元格"), header.index("规则")
    assert {(row[rule], row[cell]) for row in rows} == mistaken.planted
    assert load_workbook(passed)["问题清单"]["A2"].value == "没有问题。"


def test_publishing_makes_the_city_table(tree, taken_in, ask):
    tree.command("publish")

    figures = (
        "level, area_code, institution_count, whitelisted_count, supervised_count, supervised_rate,"
        " online_unfiled_count, inspected_count, violation_count, trainee_count, prepaid_amount, districts_accepted"
    )
    rows = ask(f"SELECT {figures} FROM city.current_city_{FORM} WHERE period = '{PERIOD}'")
    assert len(rows) == 13 + 2 + 1
    by_area = {(level, area): list(map(_plain, values)) for level, area, *values in rows}
    first = [institution(number) for number in range(ROWS)]
    assert by_area["district", SOUND] == [ROWS, 0, 3, 50.0, 0, ROWS, 0, _trainees(first), ROWS * 1000.5, 1]
    assert by_area["zone", "市内五区"] == by_area["district", SOUND]

    # What stands in force of the other: the rows with warnings (G04, G05, G06), and those without any mistake.
    kept = [institution(number) for number in (6, 7, 8, *range(len(PLANTED) + 2 * len(TWICE), MISTAKEN_ROWS))]
    kept[0]["在训学员数"] = 501
    supervised = sum(row["资金账户监管"] == "是" for row in kept)
    rate = round(100 * supervised / len(kept), 2)
    money = len(kept) * 1000.5
    theirs = [len(kept), 1, supervised, rate, 1, len(kept), 2, _trainees(kept), money, 1]
    assert by_area["district", MISTAKEN] == by_area["zone", "涉农地区"] == theirs

    city = by_area["city", "全市"]
    additive = [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [city[place] for place in additive] == [
        by_area["district", SOUND][place] + theirs[place] for place in additive
    ]
    assert city[3] == round(100 * (3 + supervised) / (ROWS + len(kept)), 2)
    assert by_area["district", "210203"] == [None] * 9 + [0]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else float(value)


def _trainees(rows: list[dict[str, Any]]) -> int:
    return sum(row["在训学员数"] for row in rows)


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
    assert list(dag["tasks"]) == ["validate", "load", "answer"]
    assert f"uploads_{FORM}" in dag["schedule"]
    assert parsed["dags"]["receive_uploads"]["tasks"][f"signal_{FORM}"]["outlets"] == [f"uploads_{FORM}"]


def contract_test(tree: Tree, *arguments: str, status: int = 0) -> str:
    tests = [str(HERE / name) for name in ("test_forms.py", "test_expectations.py")]
    options = ("-p", "no:cacheprovider", "--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml"))
    return tree.run("-m", "pytest", *options, "-v", "-k", FORM, *arguments, *tests, status=status)


def test_it_passes_the_contract_test(tree):
    printed = contract_test(tree)

    ours = re.findall(rf"::(test_\w+)\[{FORM}\] PASSED", printed)
    assert len(ours) > 20
    assert {"test_a_summary_publishes_the_form", "test_every_rule_can_be_evaluated"} <= set(ours)


def test_the_contract_test_names_the_file_that_is_missing(tree):
    """On a tree of its own, since it takes the files away."""
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
    child = tree.root / "plugins" / "district_reports" / "workbook" / "child_main.py"
    request = {"task": "inspect", "path": str(sound.path), "parent": os.getpid(), "memory": 1 << 30, "cpu_seconds": 60}
    done = subprocess.run(
        [sys.executable, "-I", "-v", str(child), str(writing)],
        input=json.dumps(request).encode(),
        pass_fds=(writing,),
        capture_output=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    os.close(reading)
    imported = re.findall(r"(?:code object from|matches) '?(\S.*district_reports.*?\.pyc?)", done.stderr.decode())
    assert imported
    assert [path for path in imported if not path.startswith(str(tree.root))] == []
