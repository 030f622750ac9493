"""Whether the reader hands on every cell that the XML holds, over every workbook below a folder.

``make survey FOLDER=…`` runs this after the verdicts. Each workbook that the guard lets through is read by
`read_sheets` in a process of its own, with limits, and compared cell by cell with `held_values`: none may be absent,
none may come from nowhere, and each must be what it is (a date, for a number, is fine).
"""

import argparse
import json
import math
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from held_values import Address, Held, held_values, reference_of, unescaped

_MEMORY, _SECONDS = 3 << 30, 120
_NAMED = 8
_SUFFIXES = {".xlsx", ".xlsm", ".xltx", ".xltm"}


def compare(path: Path) -> dict[str, Any]:
    """``state`` (same, different, refused, unreadable, not counted) and what differs, as text, by sheet."""
    from district_reports.workbook.guard.guard import guard
    from district_reports.workbook.reading.reader import read_sheets

    problems = [problem for problem in guard(path) if problem.rule != "F04"]
    if problems:
        return {"state": "refused", "why": f"{problems[0].rule} {problems[0].variant}"}
    try:
        sheets = read_sheets(path, None)
    except BaseException as error:
        # A Rust panic is no Exception.
        return {"state": "unreadable", "why": f"{type(error).__name__}: {error}"}
    try:
        held = held_values(path)
    except Exception as error:
        return {"state": "not counted", "why": f"{type(error).__name__}: {error}"}
    by_title = {sheet.title: sheet for sheet in sheets}
    found = {title: ["the whole sheet is absent"] for title, cells in held.items() if cells and title not in by_title}
    for title, sheet in by_title.items():
        columns = {
            (row, column): cell
            for column, cells in enumerate(sheet.columns, 1)
            for row, cell in enumerate(cells, 1)
            if cell is not None and not (isinstance(cell, str) and not cell.strip())
        }
        if differences := list(_differences(columns, held.get(title, {}))):
            found[title] = differences
    return {"state": "different" if found else "same", "cells": sum(map(len, held.values())), "sheets": found}


def _differences(read: dict[Address, Any], held: dict[Address, Held]) -> Iterator[str]:
    absent = sorted(held.keys() - read.keys())
    invented = sorted(read.keys() - held.keys())
    changed = sorted(address for address in held.keys() & read.keys() if not _same(read[address], held[address]))
    for what, some in (("absent", absent), ("from nowhere", invented), ("changed", changed)):
        if some:
            named = [
                f"{reference_of(one)} {held.get(one)!r:.80} read as {read.get(one)!r:.60}" for one in some[:_NAMED]
            ]
            yield f"{len(some)} {what}: {'; '.join(named)}"


def _same(cell: Any, held: Held) -> bool:
    kind = type(cell).__name__
    match held.type:
        case "no such string":
            return False
        case "formula":
            return kind == "NoResult"
        case "e":
            return kind == "CellError" and cell.text.strip() == held.text.strip()
        case "b":
            return cell is (held.text.strip().lower() in ("1", "true"))
        case "s" | "str" | "inlineStr":
            return isinstance(cell, str) and _plain(cell) in (_plain(held.text), _plain(unescaped(held.text)))
        case "d":
            return isinstance(cell, date) or kind == "TimeOfDay" or _plain(str(cell)) == _plain(held.text)
    if kind == "TimeOfDay":
        return True
    try:
        number = float(held.text)
    except ValueError:
        return isinstance(cell, str) and _plain(cell) == _plain(held.text)
    if isinstance(cell, date):
        # Days of 1900 and of 1904, and Excel's 29 February 1900.
        return any(abs(_serial(cell) - (number + shift)) < 1e-5 for shift in (0, 1462, 1))
    if isinstance(cell, str):
        return _plain(cell) == _plain(held.text)
    return isinstance(cell, float | int) and (math.isclose(cell, number, rel_tol=1e-15) or str(cell) == str(number))


def _plain(text: str) -> str:
    # White space at the ends of a run counts or not, by xml:space, which programs forget.
    return "".join(text.split())


def _serial(day: date) -> float:
    seconds = day.hour * 3600 + day.minute * 60 + day.second + day.microsecond / 1e6 if isinstance(day, datetime) else 0
    return day.toordinal() - date(1899, 12, 30).toordinal() + seconds / 86400


def compare_apart(path: Path) -> dict[str, Any]:
    """:func:`compare` in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--one", str(path)], capture_output=True, text=True, check=False)
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().splitlines()[-1:] or [""]
        return {"state": "unreadable", "why": f"ended with {done.returncode} {said[0]}"}
    return told


def main() -> int:
    """0 when no value of any workbook was absent, invented or changed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="or one workbook")
    parser.add_argument("--jobs", type=int, default=2, help="workbooks at a time")
    parser.add_argument("--one", action="store_true", help="compare one workbook here, and print it as JSON")
    options = parser.parse_args()
    if options.one:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        json.dump(compare(options.folder), sys.stdout, ensure_ascii=False)
        return 0
    files = sorted(path for path in options.folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    states: Counter[str] = Counter()
    cells = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for path, told in zip(files, pool.map(compare_apart, files), strict=True):
            states[told["state"]] += 1
            cells += told.get("cells", 0)
            if told["state"] in ("unreadable", "not counted"):
                sys.stdout.write(f"{path}: {told['state']}: {told['why']}\n")
            for title, differences in told.get("sheets", {}).items():
                sys.stdout.writelines(f"{path} [{title}]: {line}\n" for line in differences)
    sys.stdout.write(f"{len(files)} workbooks, {cells} cells with a value: ")
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in states.most_common()) + "\n")
    return int(states["different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
