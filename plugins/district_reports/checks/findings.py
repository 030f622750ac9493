"""From the failures of a frame to findings with an address, in the words of the expectation's ``meta``."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from district_reports.checks.bounded import Rest
from district_reports.checks.content import Failure
from district_reports.checks.rows import SheetRows
from district_reports.checks.suites import Expectation
from district_reports.checks.warning_ids import of_cell, of_sheet, spoken_of
from district_reports.checks.wording import cut, filled
from district_reports.errors import ReferenceDataError
from district_reports.model.finding import Finding, Severity
from district_reports.workbook.names import address
from district_reports.workbook.show import shown

_ALSO_WRONG = "这一格另有错误，照那一条改正。"


def without_contradiction(findings: Sequence[Finding]) -> list[Finding]:
    """No remark says that nothing needs to be changed of a cell in which something is wrong."""
    wrong = {(found.sheet, found.cell) for found in findings if found.cell and found.severity is Severity.CRITICAL}
    return [
        replace(found, fix=_ALSO_WRONG)
        if found.severity is Severity.INFO and (found.sheet, found.cell) in wrong
        else found
        for found in findings
    ]


def cell_findings(
    rows: SheetRows,
    frame: pd.DataFrame,
    expectations: Sequence[Expectation],
    failed: Sequence[Failure],
    words: Mapping[str, object],
) -> Iterator[Finding]:
    """A finding for each failing row, at the cell of the column that the rule marks.

    The marked column is ``meta["marks"]``, or the expectation's own column. A rule speaks once of a cell, with the
    first of its expectations that fails there.
    """
    told: set[tuple[str, str, int]] = set()
    rests: defaultdict[tuple[str, str], Rest] = defaultdict(Rest)
    key = tuple(each.title for each in rows.sheet.columns if each.key)
    position_of = {label: index for index, label in enumerate(rows.rows)}
    for failure in failed:
        meta = expectations[failure.position]["meta"]
        column = rows.sheet.by_name[meta.get("marks") or expectations[failure.position]["kwargs"]["column"]]
        spoken = spoken_of(expectations[failure.position], frame)
        for label in failure.labels:
            if (meta["rule"], column.name, label) in told:
                continue
            told.add((meta["rule"], column.name, label))
            if rests[meta["rule"], column.name].takes(meta["rule"], Severity(failure.severity), label):
                continue
            position = position_of[label]
            value = cut(shown(rows.raw[column.name][position]))
            known = _Known({**words, "value": value, "title": column.title, "key": key}, frame, label)
            yield Finding(
                rule=meta["rule"],
                severity=Severity(failure.severity),
                message=_filled(meta, "message", known),
                fix=_filled(meta, "fix", known),
                sheet=rows.sheet.title,
                cell=address(label, rows.places[column.name]),
                column=column.title,
                field=column.name,
                row=label,
                value=value or None,
                warning_id=of_cell(meta["rule"], rows, column.name, position, _at(frame, label, spoken))
                if failure.severity == Severity.WARNING
                else None,
            )
    for (_, name), rest in rests.items():
        yield from rest.findings(rows.sheet.title, rows.sheet.by_name[name])


def sheet_findings(
    sheet: str,
    name: str,
    frame: pd.DataFrame,
    expectations: Sequence[Expectation],
    failed: Sequence[Failure],
    words: Mapping[str, object],
    subject: str | None,
) -> Iterator[Finding]:
    """A finding about the sheet for each failing row of the frame called `name`; its value is that of `subject`."""
    for failure in failed:
        meta = expectations[failure.position]["meta"]
        spoken = spoken_of(expectations[failure.position], frame)
        for label in failure.labels:
            known = _Known(words, frame, label)
            about = known[subject] if subject else None
            yield Finding(
                rule=meta["rule"],
                severity=Severity(failure.severity),
                message=_filled(meta, "message", known),
                fix=_filled(meta, "fix", known),
                sheet=sheet,
                value=cut(str(about)) if subject else None,
                warning_id=of_sheet(meta["rule"], name, about, _at(frame, label, spoken))
                if failure.severity == Severity.WARNING
                else None,
            )


def _at(frame: pd.DataFrame, label: int, columns: Sequence[str]) -> dict[str, object]:
    return {name: frame.at[label, name] for name in columns}


def _filled(meta: Mapping[str, Any], part: str, known: Mapping[str, object]) -> str:
    try:
        return filled(meta[part], known)
    except KeyError as error:
        raise ReferenceDataError(f"rule {meta['rule']}: its {part} names {error}, which no column is called") from error


class _Known(Mapping[str, object]):
    """What a text may name: `words`, then the columns of a frame's row, None where a value is missing."""

    def __init__(self, words: Mapping[str, object], frame: pd.DataFrame, label: int) -> None:
        self._words = words
        self._frame = frame
        self._label = label

    def __getitem__(self, name: str) -> object:
        if name in self._words:
            return self._words[name]
        value = self._frame.at[self._label, name]
        return None if pd.isna(value) else value  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._words, *self._frame.columns})

    def __len__(self) -> int:
        return len({*self._words, *self._frame.columns})
