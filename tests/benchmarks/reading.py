"""How long a workbook of 50,000 × 20 cells takes to be guarded, read in the limited child and accounted for.

Side by side with the fastest readers alone, run after run, in this process: ``make bench``. None of them guards,
limits or counts anything.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import fastexcel
import xlsxwriter
from python_calamine import CalamineWorkbook

from district_reports.workbook.reading import child

SHEET = "疑似辍学台账"
ROWS, COLUMNS = 50_000, 20
HEAD_ROWS = 3


def write(path: Path) -> None:
    """A sheet such as a district reports: identifiers, names, codes, numbers and dates, all of one kind a column."""
    chance = random.Random(20200704)
    makers: tuple[Callable[[], object], ...] = (
        lambda: f"2102022008{chance.randrange(10**8):08d}",
        lambda: chance.choice("王李张刘陈") + chance.choice("伟芳娜敏静") + chance.choice("一二三四五六"),
        lambda: chance.choice(("是", "否", "厌学", "疑似辍学", "未劝返")),
        lambda: chance.randrange(10),
        lambda: chance.randrange(100_000) / 100,
        lambda: datetime(2020, chance.randrange(1, 7), chance.randrange(1, 29)),  # noqa: DTZ001 - as a cell holds it
    )
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write(0, 0, SHEET)
        sheet.write_row(HEAD_ROWS - 1, 0, [f"列{column}" for column in range(COLUMNS)])
        for row in range(ROWS):
            sheet.write_row(HEAD_ROWS + row, 0, [makers[column % len(makers)]() for column in range(COLUMNS)])


def by_fastexcel(path: Path) -> None:
    book = fastexcel.read_excel(path)
    batch = book.load_sheet(0, header_row=HEAD_ROWS - 1, schema_sample_rows=None, eager=True)
    assert (batch.num_rows, batch.num_columns) == (ROWS, COLUMNS)


def by_calamine(path: Path) -> None:
    assert len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) == ROWS + HEAD_ROWS


def ours(path: Path) -> None:
    reading = child.read(path, [SHEET])
    assert reading.sheets[0].height == ROWS + HEAD_ROWS, reading.problems


def main() -> None:
    """Print the median seconds of each, and each as a multiple of fastexcel."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    ways = {"fastexcel alone": by_fastexcel, "python-calamine alone": by_calamine, "guard, child, accounting": ours}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write(path)
        for _ in range(rounds):
            for name, way in ways.items():
                begun = time.perf_counter()
                way(path)
                taken[name].append(time.perf_counter() - begun)
    fastest = statistics.median(taken["fastexcel alone"])
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        sys.stdout.write(f"{name:26} {median:6.2f} s  {median / fastest:5.2f}\n")


if __name__ == "__main__":
    main()
