"""The limited child: whatever happens in there is a finding here."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from district_reports.errors import SystemFault
from district_reports.workbook.problem import Problem
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading import running
from district_reports.workbook.reading.child import ChildLimits, Reading, inspect, read
from district_reports.workbook.reading.reader import read_sheets
from fake_child import DONE, READY, FakeChild


@pytest.fixture(scope="module", params=["exec", "server"], autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every judgement is the same in both."""
    server = running.start_server() if request.param == "server" else None
    yield request.param
    if server is not None:
        server.stop()
        running._server = None


@pytest.fixture
def fake_child(fake_child: FakeChild, way: str) -> FakeChild:
    fake_child.way = way
    return fake_child


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "plain.xlsx"
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "封面"
    cover["A1"], cover["B1"] = "报表代码", "dropout_control"
    cover["A2"], cover["B2"] = "模板版本", 2020.1
    sheet = book.create_sheet("在校人数")
    sheet["A1"], sheet["B1"] = "学校标识码", 12
    book.create_sheet("别的")["A1"] = "不读"
    book.save(path)
    return path


def test_inspect_gives_the_cover(workbook: Path) -> None:
    inspection = inspect(workbook)
    assert inspection.problems == ()
    assert inspection.covers == (RawSheet("封面", (("报表代码", "模板版本"), ("dropout_control", 2020.1))),)


def test_inspect_without_a_cover(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    xlsxwriter.Workbook(path).close()
    assert inspect(path).covers == ()
    assert [sheet.title for sheet in inspect(path).others] == ["Sheet1"]


def test_inspect_gives_every_sheet_that_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for title in ("封面", "封 面"):
            book.add_worksheet(title).write_string(0, 0, "报表代码")
    assert [sheet.title for sheet in inspect(path).covers] == ["封面", "封 面"]


def test_read_gives_the_sheets_asked_for(workbook: Path) -> None:
    reading = read(workbook, ["在校人数"])
    assert reading.problems == ()
    assert reading.sheets == (RawSheet("在校人数", (("学校标识码",), (12.0,))),)
    assert [sheet.title for sheet in read(workbook, None).sheets] == ["封面", "在校人数", "别的"]


def test_arrow_in_the_child_does_without_pandas_and_numpy() -> None:
    """Its import takes over a second of every workbook's time."""
    statements = (
        "import sys; from district_reports.workbook.reading.child_main import _ArrowAlone",
        "sys.meta_path.insert(0, _ArrowAlone)",
        "import pyarrow; table = pyarrow.table({'a': pyarrow.array(['x', None], pyarrow.string())})",
        "assert table.column('a').to_pylist() == ['x', None]; assert not {'numpy', 'pandas'} & set(sys.modules)",
    )
    subprocess.run([sys.executable, "-c", "; ".join(statements)], check=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251"])
def test_the_child_reads_what_the_reader_reads(tmp_path: Path, encoding: str) -> None:
    """Behind its walls no module can be imported that a workbook makes the reader need."""
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for title in ("封面", "在校人数"):
            sheet = book.add_worksheet(title)
            for row in range(1000):
                sheet.write_row(row, 0, [f"{row}", row / 7, row % 2 == 0] if row < 3 else [f"{row}", row / 7])
                sheet.write_datetime(row, 4, date(2020, 7, 1 + row % 30))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
        parts[name] = parts[name].decode().replace("UTF-8", encoding, 1).encode(encoding)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    sheets = read_sheets(path)
    assert read(path, None) == Reading((), tuple(sheets))
    assert [cover.columns[0] for cover in inspect(path).covers] == [sheets[0].columns[0][:200]]


def test_what_the_guard_finds_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.7")
    assert inspect(path).problems == (Problem("F01", "not_workbook", {"kind": "PDF 文件"}),)
    assert read(path, None).problems == (Problem("F01", "not_workbook", {"kind": "PDF 文件"}),)


def test_a_reader_that_fails_is_a_finding(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row><c r='A1'"
    with zipfile.ZipFile(workbook, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert inspect(workbook).problems == (Problem("F01", "unreadable"),)


def test_an_abort_of_the_reader_is_a_finding(tmp_path: Path) -> None:
    # Three cells, and calamine asks for a block of memory that holds everything between them; the guard looks for
    # a corner only.
    path = tmp_path / "x.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("封面")
    sheet.write(0, 0, "报表代码")
    sheet.write(0, 700, "x")
    sheet.write(499_990, 0, "x")
    book.close()
    [problem] = inspect(path).problems
    assert (problem.rule, problem.variant) == ("F03", "memory")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "x.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("数据")
    for row in range(40_000):
        sheet.write_row(row, 0, [f"{row}-{column}" for column in range(10)])
    book.close()
    return path


def test_too_little_memory_is_a_finding(large: Path) -> None:
    [problem] = read(large, None, ChildLimits(memory=150 << 20)).problems
    assert (problem.rule, problem.variant) == ("F03", "memory")


@pytest.mark.parametrize(
    ("body", "variant"),
    [
        (["os.abort()"], "crash"),
        (["os.kill(os.getpid(), signal.SIGSEGV)"], "crash"),
        (["os.kill(os.getpid(), signal.SIGKILL)"], "memory"),
        (["os.kill(os.getpid(), signal.SIGXCPU)"], "time"),
        (["sys.exit(3)"], "crash"),
        ([], "crash"),
        (["os.write(fd, b'COVR' + b'x' * 100)"], "crash"),
        (["os.write(fd, b'COVR' + (4).to_bytes(8, 'big') + b'nill')", DONE], "crash"),
        (["os.write(fd, b'PROB' + (4).to_bytes(8, 'big') + b'null')", DONE], "crash"),
        ([DONE], "crash"),
    ],
)
def test_any_other_end_is_a_finding(workbook: Path, fake_child: FakeChild, body: list[str], variant: str) -> None:
    fake_child.does(READY, *body)
    [problem] = inspect(workbook).problems
    assert (problem.rule, problem.variant) == ("F03", variant)


def test_arrow_that_is_none_is_a_finding(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.does(READY, "os.write(fd, b'SHET' + (64).to_bytes(8, 'big') + b'\\xff' * 64)", DONE)
    assert read(workbook, None).problems == (Problem("F03", "crash"),)


def test_too_long_an_answer_is_a_finding(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.does(READY, "while True: os.write(fd, bytes(1 << 16))")
    assert read(workbook, None, ChildLimits(result=1 << 20)).problems == (Problem("F03", "memory"),)


# Faults of the system raise.


def test_a_child_that_does_not_start(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.does("raise ImportError('no such module')")
    with pytest.raises(SystemFault, match=r"did not start.*no such module"):
        inspect(workbook)


def test_no_python(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_server", None)
    monkeypatch.setattr(running.sys, "executable", "/nonexistent/python")
    with pytest.raises(SystemFault, match="can't be started"):
        inspect(workbook)


def test_a_file_that_is_gone_is_no_finding(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="could not open") as raised:
        inspect(tmp_path / "王小明.xlsx")
    assert "王小明" not in str(raised.value)


def test_an_end_from_outside_is_no_finding(workbook: Path, fake_child: FakeChild) -> None:
    fake_child.does(READY, "os.kill(os.getpid(), signal.SIGTERM)")
    with pytest.raises(SystemFault, match="from outside"):
        inspect(workbook)


# What the child can reach


def test_the_child_has_no_secrets_no_descriptors_and_no_network(
    workbook: Path, fake_child: FakeChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_WAREHOUSE_URL", "postgresql://secret")
    report = tmp_path / "report"
    fake_child.does(
        READY,
        f"open({str(report)!r}, 'w').write(repr((sorted(os.environ), sorted(map(int, os.listdir('/proc/self/fd'))))))",
        DONE,
    )
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        inspect(workbook)
    names, descriptors = eval(report.read_text())
    assert set(names) <= {
        "LANG", "ARROW_DEFAULT_MEMORY_POOL", "JE_ARROW_MALLOC_CONF", "MALLOC_ARENA_MAX", "OMP_NUM_THREADS",
        "LD_LIBRARY_PATH", "LC_CTYPE",
    }  # fmt: skip
    # The three standard ones, the pipe, the report and the listing itself.
    assert len(descriptors) == 6


def test_no_descriptor_is_left_open(workbook: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        inspect(workbook)
    assert len(os.listdir("/proc/self/fd")) == before
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
