"""The findings of a submission: by rule in the rule's own words, and place by place, a bounded number at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.checks.instructions import LEFT_OPEN, NAMED, RuleText, content_texts, file_and_cell_texts
from district_reports.forms import forms
from district_reports.model.finding import Severity

ALL_SHOWN = 200
"""Up to so many places are all listed; of more, only those of the requested rule, so many a page."""


@dataclass(frozen=True)
class RuleFindings:
    """The findings of one rule and severity.

    ``texts`` are the messages and remedies of the rule, without what it found in the file; ``places`` are those that
    are listed, and ``open`` says that they were requested.
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
    """``rules`` has the gravest first; ``page`` is the page of places of the requested rule."""

    rules: Sequence[RuleFindings]
    page: int

    @property
    def total(self) -> int:
        return sum(rule.number for rule in self.rules)

    @property
    def open_warnings(self) -> int:
        """The warnings that nobody has explained."""
        return sum(rule.number - rule.explained for rule in self.rules if rule.severity is Severity.WARNING)

    @property
    def all_shown(self) -> bool:
        return self.total <= ALL_SHOWN


def findings_by_rule(
    connection: Connection, submission_id: int, form: str | None, requested: tuple[str, str] = ("", ""), page: int = 1
) -> Findings:
    """What the viewer of `connection` may see of the findings of a submission.

    Where not all places can be listed, `requested` (rule, severity) and `page` say which ones are.
    """
    counts = connection.execute(
        text(
            "SELECT rule, severity, findings, explained FROM findings.shown_rule_count"
            " WHERE submission_id = :id ORDER BY array_position(:severities, severity), rule"
        ),
        {"id": submission_id, "severities": [severity.value for severity in Severity]},
    ).all()
    rows: Sequence[Row[Any]] = []
    if sum(row.findings for row in counts) <= ALL_SHOWN:
        rows = places_of(connection, submission_id)
    elif requested in {(row.rule, row.severity) for row in counts}:
        rows = places_of(connection, submission_id, requested, page)
    places: dict[tuple[str, str], list[Row[Any]]] = {}
    for place in rows:
        places.setdefault((place.rule, place.severity), []).append(place)
    return Findings([_rule(row, form, places.get((row.rule, row.severity), ()), requested) for row in counts], page)


def places_of(
    connection: Connection, submission_id: int, of: tuple[str, str] = ("", ""), page: int = 1
) -> Sequence[Row[Any]]:
    """One page of the places of findings, in the order of the file: of one (rule, severity), or of all.

    Unless the viewer of `connection` may see values, what quotes the workbook (message, fix, value, explanation) is
    None, and a sheet or column is named in our own words.
    """
    rule, severity = of
    return connection.execute(
        text(
            "SELECT rule, severity, sheet, cell, column_title, row_number, explained, message, fix, value, explanation"
            " FROM findings.shown_finding"
            " WHERE submission_id = :id AND (:rule = '' OR (rule, severity) = (:rule, :severity))"
            " ORDER BY position LIMIT :limit OFFSET :offset"
        ),
        {
            "id": submission_id,
            "rule": rule,
            "severity": severity,
            "limit": ALL_SHOWN,
            "offset": ALL_SHOWN * (page - 1),
        },
    ).all()


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
    """The texts of a rule that fit any of `places`: by the column, and by the remedy where that is shown."""

    def fits(text: RuleText, place: Row[Any]) -> bool:
        if text.marks and place.column_title not in text.marks:
            return False
        return (
            place.fix is None
            or any(open_place in text.fix for open_place in (LEFT_OPEN, *NAMED.values()))
            or place.fix == text.fix
        )

    return [text for text in texts if any(fits(text, place) for place in places)] or texts


@lru_cache(maxsize=16)
def _texts(form: str | None) -> Mapping[str, tuple[RuleText, ...]]:
    """By rule what it says, for a file of `form`; None, or a form that is no longer declared, has file rules only."""
    declared = forms().get(form or "")
    texts: dict[str, tuple[RuleText, ...]] = {}
    for each in (*file_and_cell_texts(), *(content_texts(declared) if declared else ())):
        texts[each.code] = (*texts.get(each.code, ()), each)
    return texts
