"""Files that programs really write, while calls really wait: none is taken early, and none late.

The times are the real ones divided by 25, but for one trial. A call comes every 0.4 s, as Airflow's every 10 s.
On a busy machine a writer may pause for longer than it meant to: early is what was taken before its time was over.
"""

import io
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from district_reports.receiving.stability import Quiet, stable_files
from district_reports.receiving.summary import ReceiveSummary
from district_reports.storage.dropped import look_through
from district_reports.storage.folders import DistrictFolder
from district_reports.storage.share import Place

TIMES = 25
QUIET = Quiet(whole=5 / TIMES, plain=30 / TIMES, unfinished=600 / TIMES)
PERIOD = 10 / TIMES
TRIALS = 50
TIMEOUT_SECONDS = 120

Writer = Callable[[Path, bytes, random.Random], None]


def chunks(content: bytes, dice: random.Random) -> Iterator[bytes]:
    """Pieces of `content`, with pauses between them that are often longer than a whole file must be quiet."""
    cuts = sorted(dice.randrange(1, len(content)) for _ in range(4))
    for start, stop in zip([0, *cuts], [*cuts, len(content)], strict=True):
        yield content[start:stop]
        if stop < len(content):
            time.sleep(dice.uniform(0.1, 2) * QUIET.whole)


def grow(path: Path, content: bytes, dice: random.Random) -> None:
    """As the Explorer copies, opening once."""
    with path.open("wb", buffering=0) as file:
        for chunk in chunks(content, dice):
            file.write(chunk)


def grow_by_appending(path: Path, content: bytes, dice: random.Random) -> None:
    """As a transfer that is resumed, opening anew, with the original's mtime set each time."""
    for chunk in chunks(content, dice):
        with path.open("ab") as file:
            file.write(chunk)
        os.utime(path, (1.6e9, 1.6e9))


def fill(path: Path, content: bytes, dice: random.Random) -> None:
    """The space is reserved first: the length never changes."""
    with path.open("wb", buffering=0) as file:
        file.truncate(len(content))
        for chunk in chunks(content, dice):
            file.write(chunk)


def fill_in_parts(path: Path, content: bytes, dice: random.Random) -> None:
    """As programs that fetch in several parts at once: the ends are there before the middle is."""
    with path.open("wb", buffering=0) as file:
        file.truncate(len(content))
        for start in (0, *range(len(content) // 8192 * 8192, 0, -8192)):
            file.seek(start)
            file.write(content[start : start + 8192])
            time.sleep(dice.uniform(0.1, 2) * QUIET.whole)


def rename(path: Path, content: bytes, dice: random.Random) -> None:
    """Under a temporary name until it is whole: WinSCP, rsync, Excel."""
    names = (f"{path.name}.filepart", f".{path.name}.Xy12Zz", f"5D4F{dice.randrange(16**4):04X}")
    temporary = path.with_name(dice.choice(names))
    grow(temporary, content, dice)
    time.sleep(2 * QUIET.whole)
    temporary.rename(path)


def replace(path: Path, content: bytes, dice: random.Random) -> None:
    """As Excel saves over an earlier version that was there for a moment only."""
    path.write_bytes(content[: len(content) // 2])
    time.sleep(dice.uniform(0.1, 2) * QUIET.whole)
    other = path.with_name(f"~{path.name}.tmp")
    other.write_bytes(content)
    other.replace(path)


def at_once(path: Path, content: bytes, dice: random.Random) -> None:
    path.write_bytes(content)


class Trials:
    """A folder that calls look through every :data:`PERIOD`, and programs that write into it."""

    def __init__(self, drop: Path) -> None:
        self.drop = drop
        self.calls: list[float] = []
        self.finished: dict[str, float] = {}
        self.taken: dict[str, float] = {}
        self.early: list[str] = []

    def write(self, name: str, writer: Writer, content: bytes, seed: int) -> None:
        dice = random.Random(seed)
        time.sleep(dice.uniform(0, 3 * PERIOD))
        writer(self.drop / name, content, dice)
        self.finished[name] = time.monotonic()

    def call(self, contents: dict[str, bytes]) -> None:
        """As receiving asks: for all, and then for those that are left."""
        self.calls.append(time.monotonic())
        waiting = {look.place for look in look_through(Place(self.drop.parent) / self.drop.name).files}
        while found := stable_files(sorted(waiting), quiet=QUIET).taken:
            for look in found:
                name = look.place.name
                self.taken[name] = time.monotonic()
                quiet = QUIET.plain if look.place.path.suffix == ".csv" else QUIET.unfinished
                # ctime, since some writers set the mtime.
                untouched = time.time() - look.place.path.stat().st_ctime
                if look.place.path.read_bytes() != contents[name] and untouched < quiet:
                    self.early.append(name)
                look.place.path.unlink()
                waiting.remove(look.place)

    def run(self, writers: dict[str, tuple[Writer, bytes]]) -> None:
        contents = {name: content for name, (_, content) in writers.items()} | {"first.xlsx": b"PK\x05\x06" + bytes(18)}
        # Measures the clock of the file system.
        (self.drop / "first.xlsx").write_bytes(contents["first.xlsx"])
        self.call(contents)
        assert self.taken.pop("first.xlsx")
        threads = [
            threading.Thread(target=self.write, args=(name, writer, content, seed))
            for seed, (name, (writer, content)) in enumerate(writers.items())
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + TIMEOUT_SECONDS
        while len(self.taken) < len(writers) and time.monotonic() < end:
            next_call = time.monotonic() + PERIOD
            self.call(contents)
            time.sleep(max(0.0, next_call - time.monotonic()))
        for thread in threads:
            thread.join()


@pytest.fixture
def trials(deployment, tmp_path: Path) -> Trials:
    (tmp_path / "drop").mkdir()
    return Trials(tmp_path / "drop")


@pytest.fixture
def workbook(ledger_workbook: Path) -> bytes:
    return ledger_workbook.read_bytes()


SLOW = (grow, grow_by_appending, fill, rename, replace)


def test_growing_paused_and_finished_files_are_never_taken_early(trials: Trials, workbook: bytes) -> None:
    writers = {f"{number}.xlsx": (SLOW[number % len(SLOW)], workbook) for number in range(TRIALS)}
    trials.run(writers)
    assert trials.early == []
    assert trials.taken.keys() == writers.keys()


def test_a_file_filled_in_parts_is_not_taken_early(trials: Trials, workbook: bytes) -> None:
    file = io.BytesIO(workbook)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("large", random.Random(1).randbytes(50_000))
    writers = {f"{number}.xlsx": (fill_in_parts, file.getvalue()) for number in range(10)}
    trials.run(writers)
    assert trials.early == []
    assert trials.taken.keys() == writers.keys()


def test_csv_files_that_pause_are_not_taken_early(trials: Trials) -> None:
    content = "学籍号,姓名\n".encode("gb18030") * 500
    writers = {f"{number}.csv": (grow, content) for number in range(10)}
    trials.run(writers)
    assert trials.early == []
    assert trials.taken.keys() == writers.keys()


def test_files_complete_at_once_are_taken_by_the_next_call(trials: Trials, workbook: bytes) -> None:
    writers = {f"{number}.xlsx": (at_once, workbook) for number in range(TRIALS)}
    trials.run(writers)
    assert trials.taken.keys() == writers.keys()
    for name, finished in trials.finished.items():
        # The first call that could see it takes it, and waits for no other file when it has been quiet for long enough.
        _, *later = [call for call in trials.calls if call >= finished] or [0.0]
        assert trials.taken[name] < min(later, default=float("inf"))


SLOW_WRITER = """
import sys, time
content = open(sys.argv[1], "rb").read()
with open(sys.argv[2], "wb", buffering=0) as file:
    file.write(content[:3000])
    time.sleep(6.5)
    file.write(content[3000:])
"""


@pytest.mark.slow
def test_receiving_with_the_true_times(run, folder: DistrictFolder, ledger_workbook: Path) -> None:
    path = folder.drop.path / "台账.xlsx"
    with subprocess.Popen([sys.executable, "-c", SLOW_WRITER, ledger_workbook, path]) as writer:
        while (summary := run(stable_files=stable_files)) != ReceiveSummary(received=1):
            assert summary in (ReceiveSummary(), ReceiveSummary(unsettled=1))
            time.sleep(0.2)
    assert writer.returncode == 0
    # Five seconds from its last change on; the clock of files goes in steps.
    assert time.time() - (folder.received.path / "台账.xlsx").stat().st_mtime > 4.9
    assert (folder.received.path / "台账.xlsx").read_bytes() == ledger_workbook.read_bytes()
