"""What must hold for any file whatever, and for whatever the child sends. Each gives its complaints in words."""

import math
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from district_reports.checks.file import in_words
from district_reports.checks.run import check_workbook, rejected_file
from district_reports.model.checked import CheckedWorkbook
from district_reports.reference.register import Register
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.names import address
from district_reports.workbook.problem import Refused
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading import child, child_main, reader, wire
from fuzz.seeds import REFERENCE
from traits.reading import values_in_the_xml, values_of

GUARD_SECONDS = 5
LONGEST = 600
DISTRICT, RECEIVED_ON = "210202", date(2020, 7, 4)
VERDICTS = ("rejected", "accepted_with_errors", "accepted")


@cache
def register() -> Register:
    return Register.load(REFERENCE)


def examine_file(path: Path, check: bool) -> list[str]:
    """Guard it, read it each way, compare with the XML, check it."""
    started = time.process_time()
    try:
        problems = guard(path)
    except Exception:
        return [f"the guard raised: {_last_lines()}"]
    complaints = ["the guard took long"] if time.process_time() - started > GUARD_SECONDS else []
    if problems:
        return [*complaints, *_in_words(problems)]
    small, large = _read(path, math.inf), _read(path, 0)
    as_is = _read(path, 32 << 10)
    for name, other in (("_LARGE = 0", large), ("_LARGE as it is", as_is)):
        if _comparable(small) != _comparable(other):
            complaints.append(f"{name} differs from cell by cell: {_difference(small, other)}")
    if isinstance(as_is, BaseException):
        if isinstance(as_is, Refused):
            complaints += _in_words([as_is.problem])
        return complaints
    complaints += _unaccounted(path, as_is)
    return [*complaints, *(_checked(as_is) if check else ())]


def _read(path: Path, large: float) -> list[RawSheet] | BaseException:
    reader._LARGE = large  # type: ignore[assignment]
    try:
        return reader.read_sheets(path)
    except BaseException as error:  # a Rust panic is no Exception; in the child it is a finding
        return error


def _comparable(read: list[RawSheet] | BaseException) -> object:
    if isinstance(read, BaseException):
        return "refused"
    return [(sheet.title, sheet.properties, dict(_cells(sheet))) for sheet in read]


def _cells(sheet: RawSheet) -> Iterator[tuple[str, str]]:
    for column, cells in enumerate(sheet.columns, 1):
        for row, cell in enumerate(cells, 1):
            if cell is not None:
                yield address(row, column), f"{type(cell).__name__} {cell!r}"


def _difference(one: list[RawSheet] | BaseException, other: list[RawSheet] | BaseException) -> str:
    if isinstance(one, BaseException) or isinstance(other, BaseException):
        return " / ".join(repr(each)[:200] if isinstance(each, BaseException) else "read" for each in (one, other))
    differing = [
        f"{left.title}!{place}: {dict(_cells(left)).get(place)} / {dict(_cells(right)).get(place)}"
        for left, right in zip(one, other, strict=False)
        for place in {place for place, _ in {*_cells(left)} ^ {*_cells(right)}}
    ]
    return "; ".join(sorted(differing)[:3]) or "titles or properties"


def _unaccounted(path: Path, sheets: list[RawSheet]) -> list[str]:
    try:
        held = values_in_the_xml(path)
    except Exception:  # the independent count reads sound XML only
        return []
    # A sheet in no namespace has no cells for that count; the reader may be more lenient.
    titles = {title for title, _ in held}
    read = [one for one in values_of(sheets) if one[0] in titles]
    if read == held:
        return []
    return [f"not accounted for: only in the XML {_less(held, read)}, only read {_less(read, held)}"]


def _less(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> list[tuple[str, str]]:
    left = list(one)
    for each in other:
        if each in left:
            left.remove(each)
    return left[:5]


def _in_words(problems: Sequence[child.Problem]) -> list[str]:
    try:
        return _sound(rejected_file([in_words(problem) for problem in problems], register(), RECEIVED_ON))
    except Exception:
        return [f"the problem has no words: {_last_lines()}"]


def _checked(sheets: Sequence[RawSheet]) -> list[str]:
    try:
        return _sound(check_workbook(sheets, register(), DISTRICT, RECEIVED_ON))
    except Exception:
        return [f"the checks raised: {_last_lines()}"]


def _sound(checked: CheckedWorkbook) -> list[str]:
    complaints = []
    if checked.verdict.value not in VERDICTS:
        complaints.append(f"verdict {checked.verdict}")
    if checked.verdict.value != "accepted" and not checked.findings:
        complaints.append(f"{checked.verdict} without a finding")
    for one in checked.findings:
        for text in (one.message, one.fix):
            if not text.strip() or len(text) > LONGEST or "{" in text or "}" in text:
                complaints.append(f"text of {one.rule} ({len(text)} characters): {text[:200]!r}")
    return complaints[:3]


def sent_by_the_child(path: Path, *, cover: bool) -> bytes:
    """What the child sends for the workbook at `path` after READY: before that it has read nothing of it."""
    said = bytearray()

    def send(tag: bytes, payload: bytes) -> None:
        said.extend(wire.frame(tag, payload))

    if cover:
        child_main._inspect(path.read_bytes(), send)
    else:
        child_main._read(path.read_bytes(), None, send)
    return bytes(said + wire.frame(wire.DONE))


def examine_answer(path: Path, check: bool) -> list[str]:
    """The file holds what a child has sent that a workbook has taken over: the parent must get over it."""
    sent = wire.frame(wire.READY, wire.ready_to_json("", [])) + path.read_bytes()
    child._run = lambda request, limits: child._Run(bytearray(sent), bytearray(), 0, None)
    complaints = []
    try:
        problems = child.inspect(path).problems
        reading = child.read(path, None)
        for sheet in reading.sheets:
            for column in sheet.columns:
                len(column)
    except child.FileNotOpened:
        return []
    except BaseException:
        return [f"the parent raised: {_last_lines()}"]
    if problems:
        complaints += _in_words(problems)
    return [*complaints, *(_checked(reading.sheets) if check and not reading.problems else ())]


def _last_lines() -> str:
    return " | ".join(traceback.format_exc().strip().splitlines()[-5:])[:1500]


EXAMINE: dict[str, Callable[[Path, bool], list[str]]] = {"file": examine_file, "answer": examine_answer}
