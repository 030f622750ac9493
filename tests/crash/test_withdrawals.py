"""kill -9 at every boundary that a withdrawal passes: the report is taken back once, and all agrees."""

import os
import re
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from crash.city import FOLDER
from crash.processes import apart, fork
from crash.recorded import recorded
from crash.standard import Standard
from crash.trial import Outcome, in_a_house
from crash.work import run_to_rest
from district_reports import failpoints
from district_reports.settings import settings


def drop_the_notice() -> None:
    """Let the first report and its correction be decided, and the clerk take the correction back."""
    folder = settings().uploads / FOLDER
    for path in (folder / "上报").iterdir():
        if not path.name.startswith(("1", "2")):
            path.unlink()
    with recorded():
        run_to_rest("the one before")
    (notice,) = (folder / "反馈").glob("2 更正_回执*_已收到.txt")
    said = notice.read_text("utf-8-sig").replace("撤回：否", "撤回：是").splitlines()
    # Without the moment of receipt, so that it has one content in all trials.
    needed = [line for line in said if line.startswith(("回执号", "撤回", "识别码"))]
    (folder / "上报" / "撤回.txt").write_text("\n".join(needed), encoding="utf-8-sig")


def after(usual: Standard, hook: Callable[[str], None]) -> Outcome:
    """What a deployment holds at rest whose worker passed the boundaries of the withdrawal with `hook`."""

    def work() -> None:
        failpoints.hook = hook
        run_to_rest("the killed one")

    def disturb() -> None:
        drop_the_notice()
        fork(work).wait()

    return apart(lambda: in_a_house(usual.city, disturb))


def kill_at(place: int) -> Callable[[str], None]:
    numbers = count()

    def hook(_: str) -> None:
        if next(numbers) == place:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def boundaries(usual: Standard, passed: Path) -> tuple[list[str], Outcome]:
    """What a worker passes that finds the notice, and what its deployment holds at rest."""

    def note(point: str) -> None:
        with passed.open("a", encoding="utf-8") as file:
            file.write(f"{point}\n")

    rest = after(usual, note)
    assert rest.problems == ()
    assert any("'restores': 1" in line for line in rest.lines)
    return passed.read_text(encoding="utf-8").splitlines(), rest


OF_THE_DECISION = ("load: ", "withdraw: ")


@pytest.mark.parametrize("decision", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_killed_at_a_boundary_of_a_withdrawal(usual: Standard, sources: Path, tmp_path: Path, decision: bool) -> None:
    points, rest = boundaries(usual, tmp_path / "passed")
    named = re.findall(r'failpoint\("(withdraw: [^"]+)"\)', (sources / "warehouse" / "unload.py").read_text("utf-8"))
    assert set(named) <= set(points)
    assert len(named) == 4
    for place, point in enumerate(points):
        if point.startswith(OF_THE_DECISION) == decision and point not in points[:place]:
            assert after(usual, kill_at(place)).differs_from(rest) == [], f"killed at {point} ({place})"
