"""``district-reports check`` over whatever lies in a folder, as another program runs it."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from district_reports import cli
from district_reports.checks import paths
from district_reports.errors import FileNotOpened, SystemFault
from district_reports.model.knowledge import NOTHING_KNOWN
from district_reports.printing import json_line, printable
from district_reports.workbook.reading import child
from fake_child import READY, FakeChild
from ledger_book import write_book

PROGRAM = Path(sys.executable).with_name("district-reports")
NOT_UTF8 = b"\xb1\xa8\xb1\xed.xlsx"
LINES = "两\n行.xlsx"
TURNED = "a\u202excod.xlsx"
SEPARATED = "a\u2028b\x85c.xlsx"


def check(*arguments: object, seconds: float = 240, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [PROGRAM, "check", "--received-on", "2020-07-04", *arguments]
    return subprocess.run(command, capture_output=True, timeout=seconds, check=False, **options)


def told(ran: subprocess.CompletedProcess[bytes]) -> dict[str, dict]:
    """What was said in JSON, by the file's name."""
    assert b"Traceback" not in ran.stderr
    lines = [json.loads(line) for line in ran.stdout.decode().splitlines()]
    by_name = {one["file"].rpartition("/")[2]: one for one in lines}
    assert len(by_name) == len(lines)
    return by_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One sound workbook, deep below, and everything that is none."""
    folder = tmp_path / "来件"
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "a 空").mkdir()
    write_book(folder / "b" / "c" / "台账.xlsx")
    (folder / "空.xlsx").touch()
    (folder / "~$台账.xlsx").write_bytes(b"\x05user")
    for name in (os.fsencode(folder) + b"/" + NOT_UTF8, folder / LINES, folder / TURNED, folder / SEPARATED):
        Path(os.fsdecode(name)).write_bytes(b"%PDF-1.7")
    os.mkfifo(folder / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(folder)
        one.bind("socket.xlsx")
        os.chdir(here)
    (folder / "dangling.xlsx").symlink_to("nowhere")
    (folder / "loop.xlsx").symlink_to("loop.xlsx")
    (folder / "link.xlsx").symlink_to("b/c/台账.xlsx")
    (folder / "b" / "up").symlink_to(folder)
    return folder


def test_every_file_of_a_folder_has_one_outcome_and_says_why(folder: Path) -> None:
    ran = check("--json", folder)

    outcomes = told(ran)
    books = [outcomes.pop(name) for name in ("台账.xlsx", "link.xlsx")]
    assert [(book["form"], book["period"]) for book in books] == [("dropout_control", "2020-06")] * 2
    assert set(outcomes) == {
        "空.xlsx", os.fsdecode(NOT_UTF8), LINES, TURNED, SEPARATED, "pipe.xlsx", "socket.xlsx", "dangling.xlsx",
        "loop.xlsx",
    }  # fmt: skip
    for one in outcomes.values():
        assert (one["outcome"], [found["rule"] for found in one["findings"]]) == ("rejected", ["F01"])
    messages = {name: one["findings"][0]["message"] for name, one in outcomes.items()}
    assert messages["pipe.xlsx"] == "文件其实是“命名管道”，不是 Excel 工作簿。"
    assert messages["socket.xlsx"] == "文件其实是“套接字”，不是 Excel 工作簿。"
    assert messages["dangling.xlsx"] == "文件打不开：文件已不在，或链接指向的文件不存在。"
    assert messages["loop.xlsx"] == "文件打不开：链接绕成了圈。"
    assert ran.returncode == 1
    assert sorted(ran.stderr.decode().splitlines()) == [
        f"district-reports: {folder}/b/up: left out: a link to a folder",
        f"district-reports: {folder}/~$台账.xlsx: left out: a lock file of Excel or WPS",
    ]
    # The name is the file's own, byte for byte, and the order is that of the names.
    names = [json.loads(line)["file"] for line in ran.stdout.decode().splitlines()]
    assert all(os.path.lexists(name) for name in names)
    assert names == sorted(names)


@pytest.mark.slow
def test_the_text_view_has_a_line_for_each_name(folder: Path) -> None:
    ran = check(folder)
    lines = ran.stdout.decode().split("\n")
    assert b"Traceback" not in ran.stderr
    for name in (r"\xb1\xa8\xb1\xed.xlsx", r"两\n行.xlsx", r"a\u202excod.xlsx", r"a\u2028b\x85c.xlsx"):
        assert f"{folder}/{name}" in lines


def test_a_terminal_that_is_not_utf8(folder: Path) -> None:
    ran = check(folder / "空.xlsx", env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert ran.returncode == 1
    assert ran.stdout.isascii()
    assert b"F01" in ran.stdout
    assert ran.stderr == b""


def test_a_file_twice_is_checked_once(folder: Path) -> None:
    ran = check("--json", folder / "空.xlsx", folder / "空.xlsx")
    assert len(ran.stdout.splitlines()) == 1


@pytest.mark.parametrize("name", ["nothing.xlsx", os.fsdecode(NOT_UTF8)])
def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path, name: str) -> None:
    ran = check(tmp_path / name)
    assert ran.returncode == 2
    assert b"no file" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_folder_without_files_is_wrong_usage(tmp_path: Path) -> None:
    ran = check(tmp_path)
    assert (ran.returncode, ran.stderr) == (2, b"district-reports: there is no file to check\n")


def test_each_line_comes_when_it_is_known_and_a_reader_may_leave(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.xlsx").touch()
    with subprocess.Popen(
        [PROGRAM, "check", "--json", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert json.loads(program.stdout.readline())["outcome"] == "rejected"
        assert program.poll() is None
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(120) == 1


def test_interrupted_it_leaves_no_child(tmp_path: Path) -> None:
    book = write_book(tmp_path / "a.xlsx")
    script = tmp_path / "hangs.py"
    script.write_text(
        f"import os, sys, time; open({str(tmp_path / 'pid')!r}, 'w').write(f'{{os.getpid()}} '); "
        "sys.stdin.read(); time.sleep(60)"
    )
    statements = (
        "import signal, sys; from pathlib import Path; from district_reports import cli",
        # A shell's background job ignores it, and so do its children.
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "from district_reports.workbook.reading import running",
        f"running.MAIN = Path({str(script)!r}); sys.exit(cli.main(['check', {str(book)!r}]))",
    )
    program = subprocess.Popen([sys.executable, "-c", "\n".join(statements)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.2)
    program.send_signal(signal.SIGINT)
    _, words = program.communicate(timeout=120)
    assert (program.returncode, words) == (130, b"district-reports: interrupted\n")
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


# In this process, for what no file brings about.


@pytest.fixture
def two_files(tmp_path: Path, tmp_settings) -> list[str]:
    for name in ("1.xlsx", "2.xlsx"):
        (tmp_path / name).touch()
    return [str(tmp_path / "1.xlsx"), str(tmp_path / "2.xlsx")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SystemFault("the reading process did not start"), "SystemFault: the reading process did not start"),
        (ZeroDivisionError("王小明"), "not checked: ZeroDivisionError at check.py:"),
    ],
)
def test_what_breaks_for_one_file_is_said_and_the_others_are_checked(
    two_files, monkeypatch, capsys, error: Exception, words: str
) -> None:
    real = paths.check_file

    def breaks(path: Path, *arguments: object, **named: object) -> object:
        if path.name == "1.xlsx":
            raise error
        return real(path, *arguments, **named)

    monkeypatch.setattr(paths, "check_file", breaks)
    assert cli.main(["check", "--json", *two_files]) == 1
    out, complaint = capsys.readouterr()
    assert [json.loads(line)["file"] for line in out.splitlines()] == two_files[1:]
    assert complaint.startswith(f"district-reports: {two_files[0]}: {words}")
    assert "王小明" not in complaint
    assert len(complaint.splitlines()) == 1


def test_a_file_that_goes_while_it_is_read_is_not_opened(two_files, monkeypatch, capsys) -> None:
    real = child.read

    def gone(path: Path, titles: object) -> object:
        path.unlink()
        return real(path, titles)

    monkeypatch.setattr(paths.check_file, "__defaults__", (NOTHING_KNOWN, gone))
    assert cli.main(["check", "--json", *two_files]) == 1
    out, complaint = capsys.readouterr()
    assert [json.loads(line)["findings"][0]["message"] for line in out.splitlines()] == [
        "文件打不开：文件已不在，或链接指向的文件不存在。"
    ] * 2
    assert complaint == ""


def test_a_file_that_the_system_withholds(two_files, monkeypatch, capsys) -> None:
    """Root may read everything, so the refusal is put in."""
    real = os.open

    def refused(path: object, *arguments: int) -> int:
        if str(path) == two_files[0]:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", refused)
    assert cli.main(["check", *two_files]) == 1
    out, _ = capsys.readouterr()
    assert "文件打不开：没有读取权限。" in out
    assert f"{two_files[1]}\n  退回" in out


def test_a_folder_that_can_not_be_listed_is_not_passed_over(two_files, tmp_path, monkeypatch, capsys) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    real = os.scandir

    def refused(path: object) -> object:
        if str(path) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert cli.main(["check", "--json", str(closed)]) == 1
    out, complaint = capsys.readouterr()
    assert json.loads(out)["outcome"] == "rejected"
    assert complaint == f"district-reports: {closed}: left out: can't be listed: Permission denied\n"


def test_the_child_says_that_it_could_not_open_the_file(tmp_path: Path, fake_child: FakeChild) -> None:
    fake_child.does(READY, "os.write(fd, b'FALT' + (3).to_bytes(8, 'big') + b'why' + b'DONE' + bytes(8))")
    with pytest.raises(FileNotOpened, match="why"):
        child.read(tmp_path / "a.xlsx", None)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("台账　6月.xlsx", "台账　6月.xlsx"),
        (os.fsdecode(b"\xff\n"), r"\xff\n"),
        ("a\x1b[31mb\u200f", r"a\x1b[31mb\u200f"),
    ],
)
def test_printable(name: str, shown: str) -> None:
    assert printable(name) == shown


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff\xb1.xlsx"), "a\u2028\x85\u2029\x7f.xlsx", "台账 \U0001f600.xlsx"])
def test_json_line(name: str) -> None:
    line = json_line(json.dumps({"file": name}, ensure_ascii=False))
    assert json.loads(line.encode().decode()) == {"file": name}
    assert len(line.splitlines()) == 1
