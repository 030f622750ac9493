"""How long a workbook of 50,000 × 20 cells takes to be marked with 5,000 findings, its self-check included.

Each round in a process of its own, which also unzips the sheet and lets expat parse it, with nothing done to what it
finds: ``make bench``. Seconds of the clock, and of the processor, which a busy machine does not lengthen as much. The
memory is the highest of the marking process, the interpreter included.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

import reading

from district_reports.model.finding import Finding, Outcome, Severity
from district_reports.workbook.marking.answer import Answer
from district_reports.workbook.marking.marked import write_marked
from district_reports.workbook.names import address

FINDINGS = 5_000
ALONE, MARKED, AGAIN = "unzip and expat alone", "marked, and checked", "the copy marked again"
MEMORY = "memory at its highest"
SECONDS, MEBIBYTES = 4, 300
"""What issue 6 allows."""


def an_answer() -> Answer:
    """Findings all over the sheet, a tenth of them right beside it, where no cell is."""
    chance = random.Random(20200704)
    places = [
        (chance.randrange(4, reading.ROWS + 4), chance.randrange(1, 2 + chance.randrange(1, reading.COLUMNS + 2)))
        for _ in range(FINDINGS)
    ]
    at = datetime(2020, 7, 4, 9, 15, tzinfo=UTC)
    return Answer(
        form_title="控辍保学台账",
        period="2020-06",
        district="中山区",
        file_name="台账.xlsx",
        received_at=at,
        decided_at=at,
        outcome=Outcome.ACCEPTED_WITH_ERRORS,
        reason="有错误的行没有入库。",
        receipt_no=1,
        counts=(),
        findings=[
            Finding(
                rule="T01",
                severity=list(Severity)[number % 3],
                message="“姓名”必须填写，现在是空的。",
                fix=f"在 {address(row, column)} 填写“姓名”。",
                sheet=reading.SHEET,
                cell=address(row, column),
                column="姓名",
                row=row,
                value="王伟",
                warning_id=f"{number:016x}",
            )
            for number, (row, column) in enumerate(places)
        ],
    )


def unzip_and_parse(path: Path) -> None:
    with zipfile.ZipFile(path) as archive, archive.open("xl/worksheets/sheet1.xml") as sheet:
        expat.ParserCreate().ParseFile(sheet)


def once(path: Path) -> dict[str, tuple[float, float]]:
    """Seconds of the clock and of the processor of each, and the peak memory in MiB."""
    answer, marked = an_answer(), path.with_name("marked.xlsx")
    ways: dict[str, Callable[[], None]] = {
        ALONE: lambda: unzip_and_parse(path),
        MARKED: lambda: write_marked(path, answer, marked),
        AGAIN: lambda: write_marked(marked, answer, path.with_name("again.xlsx")),
    }
    taken = {}
    for name, way in ways.items():
        clock, processor = time.perf_counter(), time.process_time()
        way()
        taken[name] = time.perf_counter() - clock, time.process_time() - processor
    # Not by getrusage: there, a process begins with the size of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    memory = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
    return {**taken, MEMORY: (memory, memory)}


def measured(folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """The medians of each."""
    path = folder / "book.xlsx"
    reading.write(path)
    found = []
    for _ in range(rounds):
        command = [sys.executable, __file__, "--once", str(path)]
        found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {
        name: (statistics.median(one[name][0] for one in found), statistics.median(one[name][1] for one in found))
        for name in found[0]
    }


def main() -> None:
    """Print the median seconds of each, each as a multiple of unzipping and expat alone, and the memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        sys.stdout.write(json.dumps(once(options.once)))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.rounds)
    memory, _ = found.pop(MEMORY)
    floor = found[ALONE][1]
    for name, (clock, processor) in found.items():
        sys.stdout.write(f"{name:26} {clock:6.2f} s  {processor:6.2f} s of CPU  {processor / floor:5.2f}\n")
    sys.stdout.write(f"{MEMORY:26} {memory:6.0f} MiB\n")


if __name__ == "__main__":
    main()
