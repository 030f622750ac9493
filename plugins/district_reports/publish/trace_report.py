"""A trace for people (plain lines) and for programs (JSON)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from district_reports.forms import forms
from district_reports.printing import printable
from district_reports.publish.trace import Part, Trace
from district_reports.publish.traced_cell import Because, Cause, SubmissionFile, Unreported
from district_reports.publish.traced_items import TracedItem

_INDENT = "  "
_BECAUSE = {
    Cause.APPLIES: "it stands on the rows with {} only",
    Cause.UNPUBLISHED: "it was not published",
    Cause.PREVIOUS: "no report has one before it to compare with, or none is accepted",
    Cause.UNREPORTED: "no district of the area has an accepted report",
    Cause.FORMULA: "a figure that it is made of is null, or 0 where it would divide",
    Cause.REFERENCE: "the reference data have no value for it",
    Cause.UNNAMED: "{}.csv names no {} here",
    Cause.FOLLOWED: "{}.{} is null",
    Cause.UNMEASURED: "{} has no {}",
    Cause.EARLIER: "no earlier period of {} is named to take {} from, and the reference data have no value for it",
}


def row_ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of each run: 4, 5, 6, 9 → (4, 6), (9, 9)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def as_json(trace: Trace) -> str:
    """One object; rows as [first, last] pairs, amounts as texts that keep their decimals."""
    return json.dumps(_object(trace), ensure_ascii=False, indent=1, default=_plain)


def _object(trace: Trace) -> dict[str, Any]:
    told = {name: getattr(trace, name) for name in Trace.__dataclass_fields__ if name != "statements"}
    return {
        **told,
        "because": _because(trace.because),
        "agrees": trace.agrees,
        "release": asdict(trace.release),
        "parts": [{**asdict(part), "rows": row_ranges(part.rows)} for part in trace.parts],
        "items": [asdict(item) for item in trace.items],
        "unreported": [asdict(each) for each in trace.unreported],
        "inputs": [_object(each) for each in trace.inputs],
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else dict(value)  # type: ignore[call-overload]


def as_text(trace: Trace, limit: int) -> str:
    """Lines; of each sheet at most `limit` runs of rows."""
    release = trace.release
    told = (
        f"release {release.release_id} of {_moment(release.released_at)}, known at {release.known_at:%Y-%m-%d %H:%M:%S}"
    )
    if release.as_of is not None:
        told += " (made later, as of that moment)"
    return "\n".join([*_lines(trace, limit), "", told])


def as_sql(trace: Trace) -> str:
    """The statements that were run, each ended by a semicolon, those of its inputs after its own."""
    own = [f"-- {_title(trace)}\n{statement};" for statement in trace.statements]
    return "\n\n".join([*own, *(as_sql(each) for each in trace.inputs if each.statements or each.inputs)])


def _title(trace: Trace) -> str:
    area = f"{trace.area_code} {trace.area_name}" if trace.area_name not in ("", trace.area_code) else trace.area_code
    key = "".join(f", {name}={value}" for name, value in trace.key.items())
    return f"{trace.table}.{trace.column}, {trace.period}, {area}{key}"


def _lines(trace: Trace, limit: int) -> Iterator[str]:
    yield f"{_title(trace)}: {_value(trace.value)}"
    for line in trace.meaning:
        yield f"{_INDENT}{line}"
    if trace.because is not None:
        yield f"{_INDENT}null: {_because(trace.because)}"
    for each in trace.unreported:
        yield f"{_INDENT}not in it: {_silent(each)}"
    for item in trace.items:
        yield f"{_INDENT}{_item(item)}"
    place = attrgetter("place")
    for _, parts in groupby(sorted(trace.parts, key=place), place):
        for line in _submission(list(parts), limit):
            yield _INDENT + line
    counted = [part for part in trace.parts if not part.beside]
    if counted and trace.value is not None:
        yield f"{_INDENT}{_total(trace, counted)}"
    if not trace.agrees:
        yield (
            f"{_INDENT}ATTENTION: what is named here gives {_value(trace.recomputed)}, published was "
            f"{_value(trace.value)}: the summary has changed since, or its trace line is wrong"
        )
    for made_of in trace.inputs:
        for line in _lines(made_of, limit):
            yield _INDENT + line


def _item(item: TracedItem) -> str:
    districts = "、".join(item.district_names)
    return f"item {item.item_id}, {item.rule}, {districts}: {item.state}, first seen {item.first_seen}"


def _because(because: Because | None) -> str | None:
    return None if because is None else _BECAUSE[because.cause].format(*because.about)


def _total(trace: Trace, counted: Sequence[Part]) -> str:
    added = sum((part.value for part in counted), Decimal(0))
    if trace.additive:
        return f"together {_value(added)}"
    return f"together {_value(trace.recomputed)} distinct; the parts, {_value(added)}, may share some"


def _submission(parts: Sequence[Part], limit: int) -> Iterator[str]:
    first = parts[0]
    district = f"{first.district_code} {first.district_name}".rstrip()
    if first.file is None:
        yield f"{district}: nothing came{_adds(first)}"
        return
    yield f"{'beside it ' if first.beside else ''}{_receipt(first.file)}, {district}"
    yield f"{_INDENT}{printable(first.file.file_name)}, archived as {first.file.archived_as}"
    for part in parts:
        yield f"{_INDENT}{_sheet(part, limit)}"


def _receipt(file: SubmissionFile) -> str:
    form = forms()[file.form].title if file.form in forms() else file.form
    words = [f"receipt {file.receipt_id}", f"{form} {file.period}", file.outcome or "undecided then"]
    if file.nil_return:
        words.append("nil return")
    if file.origin_receipt_id != file.receipt_id:
        words.append(f"a withdrawal that brought back receipt {file.origin_receipt_id}, whose file this is")
    elif file.withdraws is not None:
        words.append("a withdrawal")
    if file.recheck_of is not None:
        words.append(f"submission {file.recheck_of} checked again")
    return ", ".join([*words, f"received {_moment(file.received_at)}"])


def _sheet(part: Part, limit: int) -> str:
    if part.table is None:
        return f"counts {_value(part.value)}"
    if part.row_count == 0:
        nil = part.file is not None and part.file.nil_return
        why = "nil return, no rows" if nil else "no rows in the sheet" if part.empty else "no row of this kind"
        return f"{part.sheet}: {why}{_adds(part)}"
    if not part.rows:
        return f"{part.sheet}{_adds(part)}"
    runs = row_ranges(part.rows)
    shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs[:limit])
    more = f" and {len(runs) - limit} more runs" if len(runs) > limit else ""
    return f"{part.sheet}: {part.row_count} rows ({shown}{more}){_adds(part)}"


def _adds(part: Part) -> str:
    return "" if part.value is None else f" → {_value(part.value)}"


def _silent(each: Unreported) -> str:
    because = {"missing": "nothing came"}.get(each.because, f"receipt {each.receipt_id} {each.because}")
    return f"{each.district_code} {each.district_name} ({because})"


def _value(value: object) -> str:
    if value is None:
        return "null"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
