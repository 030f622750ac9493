"""The findings of a submission: by rule in the rule's own words, and place by place, a bounded number at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.checks.instructions import COLUMN, LEFT_OPEN, RuleText, content_texts, file_and_cell_texts
from district_reports.forms import forms
from district_reports.model.finding import Severity
from district_reports.pages.submissions.listing import page_number

ALL_SHOWN = 200
"""So many places are shown with their rules; where there are more, those of one rule at a time, so many a page."""


@dataclass(frozen=True)
class RuleFindings:
    """The findings of one rule and severity.

    ``texts`` is what the rule can say, without what it found; ``places`` those that this page shows, ``open`` whether
    the viewer asked for them.
    """

    rule: str
    severity: Severity
    title: str
    number: int
    explained: int
    texts: Sequence[RuleText]
    places: Sequence[Row[Any]]
    open: bool

    @property
    def pages(self) -> int:
        return -(-self.number // ALL_SHOWN)


@dataclass(frozen=True)
class Findings:
    """``rules`` the gravest first; ``page`` is the page of places of the rule that was asked for."""

    rules: Sequence[RuleFindings]
    page: int

    @property
    def total(self) -> int:
        return sum(rule.number for rule in self.rules)

    @property
    def all_shown(self) -> bool:
        return self.total <= ALL_SHOWN


def findings_by_rule(
    connection: Connection, submission_id: int, form: str | None, query: Mapping[str, str]
) -> Findings:
    """What the viewer of `connection` may see; ``rule``, ``severity`` and ``page`` of `query` choose the places."""
    counts = connection.execute(
        text(
            "SELECT rule, severity, findings, explained FROM findings.shown_rule_count"
            " WHERE submission_id = :id ORDER BY array_position(:severities, severity), rule"
        ),
        {"id": submission_id, "severities": [severity.value for severity in Severity]},
    ).all()
    page = page_number(query)
    requested = (query.get("rule", ""), query.get("severity", ""))
    if sum(row.findings for row in counts) <= ALL_SHOWN:
        rows = _places(connection, submission_id, "true", {}, 1)
    elif requested in {(row.rule, row.severity) for row in counts}:
        values = {"rule": requested[0], "severity": requested[1]}
        rows = _places(connection, submission_id, "rule = :rule AND severity = :severity", values, page)
    else:
        rows = []
    places: dict[tuple[str, str], list[Row[Any]]] = {}
    for place in rows:
        places.setdefault((place.rule, place.severity), []).append(place)
    return Findings([_rule(row, form, places.get((row.rule, row.severity), ()), requested) for row in counts], page)


def _rule(row: Row[Any], form: str | None, places: Sequence[Row[Any]], requested: tuple[str, str]) -> RuleFindings:
    texts: Sequence[RuleText] = _texts(form).get(row.rule, ())
    if row.findings == len(places):
        texts = _meant(texts, places)
    return RuleFindings(
        row.rule,
        Severity(row.severity),
        "或".join(dict.fromkeys(text.title for text in texts)),
        row.findings,
        row.explained,
        texts,
        places,
        (row.rule, row.severity) == requested,
    )


def _meant(texts: Sequence[RuleText], places: Sequence[Row[Any]]) -> Sequence[RuleText]:
    """Those of a rule's texts that any of `places` can be of: by the column, and by the remedy where that is shown."""

    def fits(text: RuleText, place: Row[Any]) -> bool:
        if text.marks and place.column_title not in text.marks:
            return False
        return place.fix is None or LEFT_OPEN in text.fix or COLUMN in text.fix or place.fix == text.fix

    return [text for text in texts if any(fits(text, place) for place in places)] or texts


def _places(
    connection: Connection, submission_id: int, which: str, values: Mapping[str, str], page: int
) -> Sequence[Row[Any]]:
    return connection.execute(
        text(
            "SELECT rule, severity, sheet, cell, column_title, row_number, explained, message, fix, value, explanation"
            f" FROM findings.shown_finding WHERE submission_id = :id AND {which} ORDER BY position"
            " LIMIT :limit OFFSET :offset"
        ),
        {"id": submission_id, **values, "limit": ALL_SHOWN, "offset": ALL_SHOWN * (page - 1)},
    ).all()


@lru_cache(maxsize=16)
def _texts(form: str | None) -> Mapping[str, tuple[RuleText, ...]]:
    """By rule what it says, for a file of `form`; None, or a form that is no longer declared, has file rules only."""
    declared = forms().get(form or "")
    texts: dict[str, tuple[RuleText, ...]] = {}
    for each in (*file_and_cell_texts(), *(content_texts(declared) if declared else ())):
        texts[each.code] = (*texts.get(each.code, ()), each)
    return texts
