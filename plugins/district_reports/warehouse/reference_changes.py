"""What changed between the reference data in the warehouse and those in the files, in words.

The rows of districts and schools are spans of one code's life, so their changes are told as events: one opens, closes,
moves, is renamed. Of any other table, rows are added, removed or changed; rows are the same when they agree in every
text column, so that a new ceiling or date is a change and a new name is another row.

An event that is new is news, however late it is entered. An event that was known, whose day has come, and that is gone
or altered is a *correction of the past*: periods that were decided may have been decided otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from district_reports.warehouse.reference_tables import Kind, ReferenceTable, Value, kind_of

SHOWN_OF_A_KIND = 20
CORRECTION = "correction of the past"
_KEY_WIDTH = 60

Row = dict[str, Value]


@dataclass(frozen=True)
class Change:
    """One change in a sentence without its subject's table; changes of one ``kind`` are counted together."""

    kind: str
    words: str


@dataclass(frozen=True)
class History:
    """How the rows of a table tell the life of a code, and the words for it, with ``{columns}`` of the row in them.

    ``becomes`` has the words for a changed column, with ``{old}``, ``{new}`` and ``{day}``.
    """

    code: str
    name: str
    start: str
    end: str
    begins: tuple[str, str]
    ends: tuple[str, str]
    becomes: Mapping[str, tuple[str, str]]


HISTORIES = {
    "districts": History(
        code="district_code",
        name="name",
        start="valid_from",
        end="valid_to",
        begins=("begins", "begins on {valid_from} in {zone}"),
        ends=("ends", "ends on {valid_to}"),
        becomes={"name": ("renamed", "is renamed {old} → {new} on {day}")},
    ),
    "schools": History(
        code="school_code",
        name="school_name",
        start="opened_on",
        end="closed_on",
        begins=("opens", "opens on {opened_on} in {district_code}"),
        ends=("closes", "closes on {closed_on}"),
        becomes={
            "school_name": ("renamed", "is renamed {old} → {new} on {day}"),
            "district_code": ("moves", "moves from {old} to {new} on {day}"),
        },
    ),
}
_BECOMES = ("changes", "changes its {column} from {old} to {new} on {day}")


@dataclass(frozen=True)
class _Event:
    """Equal are events of one kind on one day with one result, wherever they come from."""

    day: date
    kind: str
    column: str | None
    result: Value
    words: str = field(compare=False)


def in_words(before: ReferenceTable | None, after: ReferenceTable, today: date) -> list[str]:
    """The changes from `before` to `after`, a line each; of each kind the first 20 and how many more there are."""
    if before is None:
        return [f"{after.name}: new, {len(after.rows)} rows"]
    lines: list[str] = []
    counts: Counter[str] = Counter()
    for change in changes(before, after, today):
        counts[change.kind] += 1
        if counts[change.kind] <= SHOWN_OF_A_KIND:
            lines.append(f"{after.name}: {change.words}")
    lines += [
        f"{after.name}: and {count - SHOWN_OF_A_KIND} more ({kind})"
        for kind, count in counts.items()
        if count > SHOWN_OF_A_KIND
    ]
    return lines or [f"{after.name}: the same rows, written otherwise"]


def changes(before: ReferenceTable, after: ReferenceTable, today: date) -> Iterator[Change]:
    """Every change, by code or key."""
    common = [column for column in after.columns if column in before.columns]
    for verb, columns in (("added", _without(after.columns, common)), ("removed", _without(before.columns, common))):
        if columns:
            yield Change("columns", f"columns {verb}: {', '.join(columns)}")
    history = HISTORIES.get(after.name)
    old, new = _grouped(before, common, history), _grouped(after, common, history)
    for key in sorted(old.keys() | new.keys()):
        if history is None:
            yield from _row_changes(" ".join(filter(None, key)), old.get(key, []), new.get(key, []))
        else:
            yield from _life_changes(history, old.get(key, []), new.get(key, []), today)


def _without(columns: Iterable[str], others: Sequence[str]) -> list[str]:
    return [column for column in columns if column not in others]


def _grouped(table: ReferenceTable, common: Sequence[str], history: History | None) -> dict[tuple[str, ...], list[Row]]:
    """The rows (of the common columns) by code, or by all text columns; in the order of their dates."""
    key = [history.code] if history else [column for column in common if kind_of(column) is Kind.TEXT]
    dates = [history.start] if history else [column for column in common if kind_of(column) is Kind.DATE]
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for values in table.rows:
        row = {column: value for column, value in zip(table.columns, values, strict=True) if column in common}
        groups[tuple(str(row[column] or "") for column in key)].append(row)
    for rows in groups.values():
        rows.sort(key=lambda row: [str(row[column] or "") for column in dates])
    return groups


def _row_changes(key: str, old: Sequence[Row], new: Sequence[Row]) -> Iterator[Change]:
    label = key if len(key) <= _KEY_WIDTH else f"{key[:_KEY_WIDTH]}…"
    old, new = _rest(old, new), _rest(new, old)
    for was, now in zip(old, new, strict=False):
        altered = [
            f"{column} {_shown(was[column])} → {_shown(now[column])}" for column in was if was[column] != now[column]
        ]
        yield Change("changed", f"{label}: {', '.join(altered)}")
    for row in new[len(old) :]:
        yield Change("added", f"added {label}{_numbers(row)}")
    for row in old[len(new) :]:
        yield Change("removed", f"removed {label}{_numbers(row)}")


def _rest(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """The rows that `others` do not have, or have less often."""
    counts = [Counter(tuple(row.items()) for row in side) for side in (rows, others)]
    return [dict(row) for row in (counts[0] - counts[1]).elements()]


def _numbers(row: Row) -> str:
    """What is in a row beside its key."""
    rest = [f"{column} {_shown(value)}" for column, value in row.items() if kind_of(column) is not Kind.TEXT and value]
    return f" ({', '.join(rest)})" if rest else ""


def _shown(value: Value) -> str:
    return "nothing" if value is None else str(value)


def _life_changes(history: History, old: Sequence[Row], new: Sequence[Row], today: date) -> Iterator[Change]:
    latest = (new or old)[-1]
    subject = f"{latest[history.code]} {latest[history.name]}"
    if not new:
        yield _corrected(f"{subject} is no longer in the file", _day(old[0], history.start) <= today, "removed")
        return
    known, stated = _events(history, old), _events(history, new)
    for event in known:
        if event not in stated:
            words = f"{subject} no longer {event.words}"
            yield _corrected(words, event.day <= today, "withdrawn")
    for event in stated:
        if event not in known:
            # Between events that were known, it rewrites what came after; behind them it is news.
            rewrites = bool(known) and event.day < known[-1].day and event.day <= today
            yield _corrected(f"{subject} {event.words}", rewrites, event.kind)
    yield from _first_rows(history, subject, old, new, today)


def _first_rows(
    history: History, subject: str, old: Sequence[Row], new: Sequence[Row], today: date
) -> Iterator[Change]:
    """What was altered in a row that begins a life; of later rows the events tell it."""
    starts = {row[history.start]: row for row in _beginnings(history, old)}
    for now in _beginnings(history, new):
        was = starts.get(now[history.start])
        for column in now if was else ():
            if was and column not in (history.start, history.end) and was[column] != now[column]:
                words = f"{subject}: {column} {_shown(was[column])} → {_shown(now[column])} from its beginning"
                yield _corrected(words, _day(now, history.start) <= today, "changes")


def _beginnings(history: History, rows: Sequence[Row]) -> list[Row]:
    ends = {row[history.end] for row in rows}
    return [row for row in rows if row[history.start] not in ends]


def _corrected(words: str, past: bool, kind: str) -> Change:
    return Change(CORRECTION, f"{CORRECTION}: {words}") if past else Change(kind, words)


def _events(history: History, rows: Sequence[Row]) -> list[_Event]:
    """The events of a code's rows, which come oldest first; where two rows meet, something became something else."""
    events: list[_Event] = []
    for index, row in enumerate(rows):
        previous = rows[index - 1] if index else None
        if previous is None or previous[history.end] != row[history.start]:
            kind, words = history.begins
            events.append(_Event(_day(row, history.start), kind, None, None, words.format(**row)))
        else:
            for column, value in row.items():
                if column not in (history.start, history.end) and value != previous[column]:
                    kind, words = history.becomes.get(column, _BECOMES)
                    day = _day(row, history.start)
                    words = words.format(column=column, old=_shown(previous[column]), new=_shown(value), day=day)
                    events.append(_Event(day, kind, column, value, words))
        following = rows[index + 1] if index + 1 < len(rows) else None
        if row[history.end] is not None and (following is None or following[history.start] != row[history.end]):
            kind, words = history.ends
            events.append(_Event(_day(row, history.end), kind, None, None, words.format(**row)))
    return events


def _day(row: Row, column: str) -> date:
    value = row[column]
    assert isinstance(value, date)
    return value
