"""What a workbook that comes in says of its warnings, in a sheet 问题清单 that was handed back and filled in.

The sheet is no data: one that is not ours, or is broken, says nothing and costs nobody a report.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from district_reports.checks import verdict
from district_reports.checks.cleaning import clean, without_control
from district_reports.checks.structure import find_sheets
from district_reports.checks.warning_ids import is_warning_id
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.explanations import LONGEST, KnownExplanations
from district_reports.model.finding import Finding
from district_reports.workbook.names import comparable
from district_reports.workbook.problem_list import EXPLANATION, FORMERLY, PROBLEM_LIST, WARNING_ID
from district_reports.workbook.raw import Cell, CellError, NoResult, RawSheet
from district_reports.workbook.show import shown

HEADERS_WITHIN = 60
"""The headers stand in one of so many rows; above them is what the answer says of the whole file."""
LEAST_LETTERS = 2
"""Letters or Chinese characters of an explanation: 无, 否, / and ✓ explain nothing."""
NO_REASON = "“情况说明”里写的没有说明原因，请写明。"

_PLACE = ("规则", "工作表", "单元格", "栏目", "当前值")


@dataclass(frozen=True)
class _Line:
    """One line of the list: the warning's name where it is still there, else what is seen of it."""

    warning_id: str | None
    cell: str
    about: tuple[str, ...]
    text: str


def explain(
    checked: CheckedWorkbook, sheets: Sequence[RawSheet], known: KnownExplanations | None = None
) -> CheckedWorkbook:
    """`checked` with what `sheets` say of its warnings, and what stood before where they say nothing.

    A line that is there and empty takes back what stood.
    """
    said: dict[str, str | None] = {}
    without_reason: set[str] = set()
    places = _Places(checked.findings)
    for line in (line for sheet in find_sheets(sheets, PROBLEM_LIST) for line in _lines(sheet)):
        name = line.warning_id or (places.name(line) if line.text else None)
        if name is None:
            continue
        if explains(line.text):
            said[name] = line.text
        else:
            # Equal warnings are explained together, by whichever line does.
            said.setdefault(name, None)
            if line.text:
                without_reason.add(name)
    before = {}
    if known is not None and checked.form and checked.district and checked.period:
        before = dict(known(checked.form, checked.district, checked.period))
    valid = {**before, **said}
    findings = tuple(_with(found, valid, without_reason) for found in checked.findings)
    return replace(
        checked,
        findings=findings,
        reason=verdict.reason(checked.verdict, findings, checked.counts),
        explanations=said,
    )


def _with(found: Finding, valid: dict[str, str | None], without_reason: set[str]) -> Finding:
    if found.warning_id is None:
        return found
    text = valid.get(found.warning_id)
    if text is None and found.warning_id in without_reason:
        return replace(found, fix=found.fix + NO_REASON)
    return replace(found, explanation=text)


def explains(text: str) -> bool:
    """Whether `text` says why; one that doesn't is no explanation."""
    return sum(map(str.isalpha, text)) >= LEAST_LETTERS


def _lines(sheet: RawSheet) -> Iterator[_Line]:
    """The lines below the headers, wherever those stand; none of a sheet without them."""
    for row in range(1, min(HEADERS_WITHIN, sheet.height) + 1):
        titles = [comparable(shown(sheet.cell(row, column))) for column in range(1, len(sheet.columns) + 1)]
        titles = [FORMERLY.get(title, title) for title in titles]
        places = {title: column for column, title in reversed(list(enumerate(titles, 1)))}
        if EXPLANATION in places and (WARNING_ID in places or places.keys() >= set(_PLACE)):
            break
    else:
        return
    for below in range(row + 1, sheet.height + 1):
        text = explanation_in(sheet.cell(below, places[EXPLANATION]))
        if text is not None:
            words = {title: comparable(shown(sheet.cell(below, column))) for title, column in places.items()}
            name = words.get(WARNING_ID, "")
            rule, table, cell, column, value = (words.get(title, "") for title in _PLACE)
            yield _Line(name if is_warning_id(name) else None, cell, (rule, table, column, value), text[:LONGEST])


def explanation_in(cell: Cell) -> str | None:
    """What a cell of 情况说明 says, however long; None where a formula has nothing to say."""
    if isinstance(cell, CellError) or (isinstance(cell, NoResult) and not cell.empty):
        return None
    return clean(without_control(shown(cell)))


class _Places:
    """Warnings by what a list shows of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = findings

    @cached_property
    def _alike(self) -> Mapping[tuple[str, ...], Sequence[tuple[str, str]]]:
        """(name, cell) of the warnings about the same."""
        found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for one in self._findings:
            if one.warning_id is not None:
                about = (one.rule, one.sheet, one.column, one.value)
                alike = found.setdefault(tuple(comparable(text or "") for text in about), [])
                alike.append((one.warning_id, comparable(one.cell or "")))
        return found

    def name(self, line: _Line) -> str | None:
        """The one warning that a line without a name can mean: that of its cell, else the only one like it."""
        alike = self._alike.get(line.about, ())
        names = {name for name, cell in alike if cell == line.cell} or {name for name, _ in alike}
        return names.pop() if len(names) == 1 else None
