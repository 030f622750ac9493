"""A reader that was taken over reaches nothing: each attack with the walls, without them, and with one kind alone."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.workbook.problem import Problem
from district_reports.workbook.reading.child import inspect, read, walls
from fake_child import FakeChild, alive

TESTS = Path(__file__).parents[1]
OF_FILES = {
    "read a key", "read another district's file", "list a folder", "read /etc/passwd", "read the parent's environment",
    "open the parent's memory", "write into a folder", "write where it is",
}  # fmt: skip
OF_THE_PARENT = {"read the parent's memory", "trace the parent", "signal the parent", "limit the parent"}
OF_ROOT = {"open the parent's memory", "trace the parent", "enter the parent's network"}
"""What others than root may be refused without us."""
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's"),
    pytest.mark.parametrize("fake_child", ["exec", "server"], indirect=True),
]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another user's place")


@pytest.fixture
def aims(tmp_path: Path) -> Iterator[dict[str, object]]:
    """What a service's user can reach, and a child is not to."""
    key, district = tmp_path / "home" / "key", tmp_path / "210203-西岗区" / "上报.xlsx"
    for path in (key, district):
        path.parent.mkdir(mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(b"secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {
            "folder": str(tmp_path), "key": str(key), "district": str(district),
            "written": str(tmp_path / "written"), "port": server.getsockname()[1],
        }  # fmt: skip


def outcomes(
    workbook: Path, fake_child: FakeChild, aims: dict[str, object], *without: str, beside: bool = False
) -> dict[str, str]:
    """What each attack gained, or its error, in a child without the walls named, or in the process beside it."""
    planted = f"import hostile_reader; hostile_reader.plant({aims}, {list(without)}, {beside})"
    fake_child.is_ours(f"sys.path.insert(0, {str(TESTS)!r}); {planted}")
    reading = read(workbook, None)
    assert reading.problems == ()
    names, told = reading.sheets[0].columns
    return dict(zip(map(str, names), map(str, told), strict=True))


def gained(told: dict[str, str]) -> set[str]:
    return {attack for attack, outcome in told.items() if outcome.startswith("gained")}


def end_grandchild(told: dict[str, str]) -> None:
    """See that it has outlived the child, and end it."""
    pid = int(told["leave a grandchild"].removeprefix("gained "))
    assert alive(pid)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("beside", [False, True])
def test_behind_the_walls_nothing_is_gained(
    workbook: Path, fake_child: FakeChild, aims: dict[str, object], beside: bool
) -> None:
    told = outcomes(workbook, fake_child, aims, beside=beside)
    assert (gained(told), len(told)) == (set(), 18)
    assert not Path(str(aims["written"])).exists()


def test_without_them_all_is_gained(workbook: Path, fake_child: FakeChild, aims: dict[str, object]) -> None:
    """So that the test above is not passed by attacks that never work."""
    told = outcomes(workbook, fake_child, aims, "all")
    end_grandchild(told)
    refused = told.keys() - gained(told)
    assert refused <= (set() if os.geteuid() == 0 else OF_ROOT), told


def test_the_filter_alone_refuses_all(workbook: Path, fake_child: FakeChild, aims: dict[str, object]) -> None:
    told = outcomes(workbook, fake_child, aims, "user", "capabilities", "Landlock")
    assert gained(told) == set()
    assert set(told.values()) == {"EPERM"}


def test_landlock_alone_refuses_files_and_the_parent(
    workbook: Path, fake_child: FakeChild, aims: dict[str, object]
) -> None:
    told = outcomes(workbook, fake_child, aims, "user", "capabilities", "seccomp")
    if told["leave a grandchild"].startswith("gained"):
        end_grandchild(told)
    assert {told[attack] for attack in OF_FILES} == {"EACCES"}
    assert gained(told).isdisjoint(OF_FILES | OF_THE_PARENT - {"limit the parent"})


@AS_ROOT
def test_nobody_alone_is_refused_what_is_the_services(
    workbook: Path, fake_child: FakeChild, aims: dict[str, object]
) -> None:
    told = outcomes(workbook, fake_child, aims, "Landlock", "seccomp")
    free = {"list a folder", "read /etc/passwd", "open a socket", "take a user namespace"}
    assert gained(told) <= free


@AS_ROOT
def test_a_service_that_is_not_root(workbook: Path, fake_child: FakeChild, aims: dict[str, object]) -> None:
    """Its children have its own user, and what that user may do."""
    assert gained(outcomes(workbook, fake_child, aims, "root")) == set()


def test_no_program_is_executed(workbook: Path, fake_child: FakeChild) -> None:
    shell = "reader.read_sheets = lambda *_: os.execv('/bin/sh', ['sh', '-c', 'kill -TERM $$'])"
    fake_child.is_ours(shell)
    assert inspect(workbook).problems == (Problem("F01", "unreadable"),)
    fake_child.is_ours(
        f"from district_reports.workbook.reading import walls; walls.raise_walls = lambda _: []; {shell}"
    )
    with pytest.raises(SystemFault, match="from outside"):
        inspect(workbook)


@pytest.mark.parametrize(
    ("without", "name", "why"),
    [
        ("landlock._CREATE = 9999", "no files (Landlock)", "Function not implemented"),
        ("system_calls._MODE_FILTER = 9999", "few system calls (seccomp)", "Invalid argument"),
        ("system_calls._ARCHITECTURES = dict()", "few system calls (seccomp)", "no list of system calls"),
    ],
)
def test_a_wall_that_the_system_has_not(
    workbook: Path, fake_child: FakeChild, without: str, name: str, why: str
) -> None:
    before = walls()
    fake_child.is_ours(f"from district_reports.workbook.reading import landlock, system_calls; {without}")
    assert inspect(workbook).covers
    after = walls()
    assert [wall for wall in after if wall.name != name] == [wall for wall in before if wall.name != name]
    [missing] = [wall.missing for wall in after if wall.name == name]
    assert why in missing


@pytest.mark.parametrize("broken", ["landlock._RESTRICT = 9999", "system_calls._SECCOMP = (9999, 9999)"])
def test_a_wall_that_can_not_be_raised_is_a_fault(workbook: Path, fake_child: FakeChild, broken: str) -> None:
    if any(wall.missing for wall in walls()):
        pytest.skip("the system has no such wall")
    fake_child.is_ours(f"from district_reports.workbook.reading import landlock, system_calls; {broken}")
    with pytest.raises(SystemFault, match=r"did not start.*(Landlock|seccomp)"):
        inspect(workbook)
