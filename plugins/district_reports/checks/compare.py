"""Compute the derived columns that look at other rows, sheets and periods.

They look at every row read, also quarantined ones (docs/contract.md, "Rules"); see :mod:`.derive` for the signature.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from district_reports.checks.context import Column, Context
from district_reports.checks.rows import SheetRows
from district_reports.model import derived
from district_reports.model.condition import Condition
from district_reports.model.form import Type

Columns = Mapping[str, Column]
Computed = tuple[Column, Type]
Key = tuple[Any, ...]
_OTHERS_NAMED = 5


def change(value: Any, previous: Any, at_least: int) -> float | None:
    """By how many per cent `value` differs from `previous`; None where that is missing or below `at_least`."""
    if value is None or previous is None or previous < at_least or not previous:
        return None
    return float((value - previous) * 100 / previous)


def _rows_with_key(kind: derived.RowsWithKey, own: Columns, rows: SheetRows, context: Context) -> Computed:
    keys = _keys(rows.values, kind.columns)
    counts = Counter(keys)
    return [None if None in key else counts[key] for key in keys], Type.INTEGER


def _other_rows_with_key(kind: derived.OtherRowsWithKey, own: Columns, rows: SheetRows, context: Context) -> Computed:
    keys = _keys(rows.values, kind.columns)
    numbers: dict[Key, list[int]] = {key: [] for key, count in Counter(keys).items() if count > 1 and None not in key}
    if not numbers:
        return [None] * len(keys), Type.TEXT
    for key, row in zip(keys, rows.rows, strict=True):
        if key in numbers:
            numbers[key].append(row)
    return [
        _others(numbers[key], row) if key in numbers else None for key, row in zip(keys, rows.rows, strict=True)
    ], Type.TEXT


def _others(numbers: Sequence[int], row: int) -> str:
    named = [other for other in numbers[: _OTHERS_NAMED + 1] if other != row][:_OTHERS_NAMED]
    left = len(numbers) - 1 - len(named)
    return f"第 {'、'.join(map(str, named))} {f'等 {len(numbers) - 1} 行' if left else '行'}"


def _matching_rows(kind: derived.MatchingRows, own: Columns, rows: SheetRows, context: Context) -> Computed:
    sheet = context.sheets[kind.table]
    theirs = _keys(sheet.values, [there for _, there in kind.on])
    counts: Counter[Key] = Counter()
    seen: set[tuple[Key, Any]] = set()
    for index in _meeting(sheet, kind.where, kind.doubtful):
        if kind.distinct is not None:
            what = (theirs[index], sheet.values[kind.distinct][index])
            if what[1] is None or what in seen:
                continue
            seen.add(what)
        counts[theirs[index]] += 1
    ours = _keys(own, [here for here, _ in kind.on])
    return [None if None in key else counts[key] for key in ours], Type.INTEGER


def _earliest_date(kind: derived.EarliestDate, own: Columns, rows: SheetRows, context: Context) -> Computed:
    sheet = context.sheets[kind.table]
    theirs = _keys(sheet.values, [there for _, there in kind.on])
    earliest: dict[Key, date] = {}
    for index in _meeting(sheet, kind.where, doubtful=False):
        day: Any = sheet.values[kind.column][index]
        if day is not None and day < earliest.get(theirs[index], date.max):
            earliest[theirs[index]] = day
    return [earliest.get(key) for key in _keys(own, [here for here, _ in kind.on])], Type.DATE


def _keys(columns: Columns, names: "list[str] | tuple[str, ...]") -> list[Key]:
    return list(zip(*(columns[name] for name in names), strict=True))


def _meeting(sheet: SheetRows, where: tuple[Condition, ...], doubtful: bool) -> Iterator[int]:
    """The indices of the rows that meet every condition; a broken cell meets it if `doubtful`."""
    for index in range(len(sheet.rows)):
        if all(
            doubtful if index in sheet.broken[one.column] else one.holds(sheet.values[one.column][index])
            for one in where
        ):
            yield index


def _overlapping_rows(kind: derived.OverlappingRows, own: Columns, rows: SheetRows, context: Context) -> Computed:
    spans: dict[Any, list[int]] = {}
    columns = (rows.values[name] for name in (kind.by, kind.start, kind.end))
    for index, (who, start, end) in enumerate(zip(*columns, strict=True)):
        if who is not None and start is not None and end is not None and start <= end:
            spans.setdefault(who, []).append(index)
    same = _keys(rows.values, (kind.by, *kind.same))
    told = Counter(same[index] for indices in spans.values() for index in indices)
    counts: list[int | None] = [None] * len(rows.rows)
    for indices in spans.values():
        starts: list[Any] = sorted(rows.values[kind.start][index] for index in indices)
        ends: list[Any] = sorted(rows.values[kind.end][index] for index in indices)
        for index in indices:
            begun = bisect_right(starts, rows.values[kind.end][index])
            over = bisect_left(ends, rows.values[kind.start][index])
            # Rows that are the same thing told twice begin on one day, so they are among those that overlap.
            counts[index] = begun - over - told[same[index]]
    return counts, Type.INTEGER


def _previous_number(kind: derived.PreviousNumber, own: Columns, rows: SheetRows, context: Context) -> Computed:
    rows_then = context.history.rows.get(rows.sheet.table, ()) if context.history else ()
    previous = {row[kind.by]: row[kind.column] for row in rows_then}
    return [previous.get(key) for key in own[kind.by]], Type.INTEGER


DERIVE: dict[type, Callable[..., Computed]] = {
    derived.RowsWithKey: _rows_with_key,
    derived.OtherRowsWithKey: _other_rows_with_key,
    derived.MatchingRows: _matching_rows,
    derived.EarliestDate: _earliest_date,
    derived.OverlappingRows: _overlapping_rows,
    derived.PreviousNumber: _previous_number,
}
