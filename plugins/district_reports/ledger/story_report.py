"""The story of a submission as text for engineers: no value of a cell, no name and no number of a person."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from district_reports import clock
from district_reports.checks.wording import cut
from district_reports.forms import forms
from district_reports.ledger.file_history import FileHistory, in_force
from district_reports.ledger.findings_by_rule import RuleFindings, findings_by_rule, places_of
from district_reports.ledger.story import Action, NextStep, Step, next_step, steps, verdict_of
from district_reports.printing import printable
from district_reports.reference.register import Register
from district_reports.settings import settings

PLACES = 10
"""Of one rule, that are listed; the rest are counted."""
_STEPS = {
    "dropped": "dropped into 上报",
    "dropped_to_check": "dropped into 预检",
    "rechecking": "the city checked an earlier file again",
    "withdrawal_by_district": "the district asked to take a report back",
    "withdrawal_by_office": "the bureau took a report back",
    "archived": "archived and registered",
    "checked": "checked",
    "decided": "decided",
    "answered": "answer put into 反馈",
    "not_answered": "nothing new to tell, so no answer",
    "duplicate_of": "has the same content as another",
    "superseded": "replaced by a newer one",
    "withdrawn": "withdrawn",
    "rechecked": "checked again",
    "repeated": "the same content came again",
    "restored": "in force again after a later one was withdrawn",
}
_ACTIONS = {
    Action.NOTHING: "nothing",
    Action.WAIT: "wait: the verdict usually comes within a minute; if not, see the runs of the form's DAG in Airflow",
    Action.CORRECT: "the district corrects what the rules name and drops the whole file into 上报 again",
    Action.CORRECT_ROWS: "the district corrects the rows that were not loaded and drops the whole file into 上报 again",
    Action.REPORT: "no data are in force for this period: the district reports again",
    Action.REPORT_CHECKED: "a pre-check is no report: the district drops the file into 上报",
    Action.CORRECT_AND_REPORT: "the district corrects what the rules name and drops the file into 上报",
    Action.SEE_LATER: "a later file speaks for this report; go by that one",
    Action.SEE_SAME: "another file has the same content; go by its verdict",
}
_DISTRICT_ACTS = frozenset(Action) - {Action.NOTHING, Action.WAIT, Action.SEE_LATER, Action.SEE_SAME}


def as_text(connection: Connection, one: FileHistory, register: Register, today: date) -> Iterator[str]:
    """What it is, its verdict and reason, what happened, rows, findings by rule, what to do next, and its answer.

    `connection` must be that of a viewer who sees no values.
    """
    row, verdict = one.row, verdict_of(one.row)
    yield f"receipt {row.receipt_id} (submission {row.submission_id}): {_key(row, register)}"
    yield f"{'pre-check: ' if verdict.precheck else ''}{verdict.key.replace('_', ' ')}"
    if row.reason:
        yield f"reason: {printable(row.reason)}"
    if row.form is not None:
        yield f"in force: {_in_force(one)}"
    yield from ["", "what happened"]
    yield from (f"  {_step(step)}" for step in steps(row, one.by_id))
    if one.counts:
        yield from ["", "rows"]
    for count in one.counts:
        numbers = f"{count.loaded} loaded, {count.quarantined} quarantined, {count.ignored} ignored"
        yield f"  {printable(cut(count.sheet))}: {count.rows_read} read, {numbers}"
    yield from ["", "findings by rule"]
    rules = findings_by_rule(connection, row.submission_id, row.form).rules
    for rule in rules:
        yield from _rule(connection, row.submission_id, rule)
    if not rules:
        yield "  none"
    yield from ["", "what to do next", f"  {_next(next_step(one, today), one)}"]
    yield from ["", "answer", f"  {_answer(row)}"]


def _key(row: Row[Any], register: Register) -> str:
    names = {each.code: each.name for each in register.districts}
    district = f"{row.district_code} {names.get(row.district_code, '')}".rstrip()
    if row.form is None:
        return f"{district}, not identified"
    title = f" {forms()[row.form].title}" if row.form in forms() else ""
    return f"{district}, {row.form}{title}, {row.period}"


def _in_force(one: FileHistory) -> str:
    standing = in_force(one.row)
    if standing is None:
        return "nothing for this form, district and period"
    if standing == one.row.submission_id:
        return "this file"
    return f"receipt {one.by_id[standing].receipt_id}" if standing in one.by_id else f"submission {standing}"


def _step(step: Step) -> str:
    moment = f"{step.moment.astimezone(clock.ZONE):%Y-%m-%d %H:%M}" if step.moment else "still to come   "
    verdict = f": {step.verdict.key.replace('_', ' ')}" if step.verdict else ""
    return f"{moment}  {_STEPS[step.key]}{verdict}{_receipt(step.other)}"


def _rule(connection: Connection, submission_id: int, rule: RuleFindings) -> Iterator[str]:
    explained = f", {rule.explained} explained" if rule.explained else ""
    yield f"  {rule.severity} {rule.rule} {rule.title}: {rule.number}{explained}"
    for text in rule.texts:
        yield f"    {text.message} → {text.fix}"
    places = rule.places or places_of(connection, submission_id, (rule.rule, rule.severity))
    yield f"    at {_places(places, rule.number)}"


def _places(places: Sequence[Row[Any]], number: int) -> str:
    listed = [printable(cut(f"{each.sheet or 'the file'} {each.cell or ''}".rstrip())) for each in places[:PLACES]]
    return "; ".join(listed) + (f"; and {number - len(listed)} more" if number > len(listed) else "")


def _next(step: NextStep, one: FileHistory) -> str:
    told = f"{_ACTIONS[step.action]}{_receipt(step.other)}"
    if step.locked:
        return f"{told}; the period was locked after {one.taken_until}: district-reports unlock comes first"
    if step.action in _DISTRICT_ACTS and one.taken_until is not None:
        return f"{told}, until {one.taken_until}"
    return told


def _answer(row: Row[Any]) -> str:
    if row.answered_as is None:
        return "none of its own" if row.answered_at else "not written yet"
    path = settings().uploads / row.answered_as
    # The answer to a file without a form bears the name that a clerk gave the file, which may be a child's.
    name = path.name if row.form is not None else f"*_回执{row.receipt_id}.xlsx"
    return f"{Path(path.parent, name)} (in 历史 beside it once a newer answer has taken its place)"


def _receipt(other: Row[Any] | None) -> str:
    return f": receipt {other.receipt_id}" if other is not None else ""
