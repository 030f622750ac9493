"""What one district had wrong most, by form and rule, and whether it became fewer from period to period."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from district_reports.ledger import quality
from district_reports.ledger.quality import FORM, TOTAL
from district_reports.model.finding import Severity
from district_reports.model.period import Period
from district_reports.pages.quality.filters import Filters
from district_reports.pages.quality.rules import Trend, Words, all_words, trend

LISTED = 15


@dataclass(frozen=True)
class Mistake:
    """One rule in the files of one form; None is the form of files that could not be told.

    ``files`` have it, of ``files_of``. ``course``: the first period that was reported and the latest (none where the
    form could not be told), with the findings in the first file of each. ``place``: the first one in the latest file
    that has any, of the submission ``latest_id``.
    """

    form: str | None
    rule: str
    severity: Severity
    words: Words
    findings: int
    explained: int
    files: int
    files_of: int
    course: Sequence[tuple[str, int]]
    latest_id: int
    place: Row[Any] | None

    @property
    def trend(self) -> Trend | None:
        return trend(self.course[-1][1], self.course[0][1]) if len(self.course) > 1 else None


@dataclass(frozen=True)
class Mistakes:
    """``files`` were decided in the span; ``rules`` counts all, of which the :data:`LISTED` worst are in ``worst``."""

    files: int
    rules: int
    worst: Sequence[Mistake]


def read_mistakes(connection: Connection, filters: Filters) -> Mistakes:
    """Those of the district of `filters`, whose findings of the asked severities count."""
    scope = filters.scope()
    files = quality.files(connection, scope)
    rows = quality.rules_by_period(connection, scope)
    periods = _periods(rows)
    found: dict[tuple[str | None, str, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if row.rule is not None:
            found[row.form, row.rule, row.severity].append(row)
    worst = sorted(found.items(), key=lambda one: (-sum(row.findings for row in one[1]), one[0][1], one[0][0] or ""))
    listed = [(key, each, max(row.latest_id for row in each)) for key, each in worst[:LISTED]]
    places = {
        (row.submission_id, row.rule, row.severity): row
        for row in quality.first_places(connection, [(latest, rule, level) for (_, rule, level), _, latest in listed])
    }
    files_of = {row.form: row.files for row in files if row.level == FORM}
    words = all_words()
    return Mistakes(
        files=next((row.files for row in files if row.level == TOTAL), 0),
        rules=len(worst),
        worst=[
            Mistake(
                form=form,
                rule=rule,
                severity=Severity(severity),
                words=words.get(rule, Words()).of(form),
                findings=sum(row.findings for row in each),
                explained=sum(row.explained for row in each),
                files=sum(row.files for row in each),
                files_of=files_of[form],
                course=_course(periods.get(form or "", ()), {row.period: row.at_first for row in each}),
                latest_id=latest,
                place=places.get((latest, rule, severity)),
            )
            for (form, rule, severity), each, latest in listed
        ],
    )


def _periods(rows: Sequence[Row[Any]]) -> Mapping[str, Sequence[str]]:
    """The periods that were reported, the earliest first, by form."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.form is not None and row.period is not None:
            found[row.form].add(row.period)
    return {form: sorted(each, key=lambda text: Period.parse(text).first_day) for form, each in found.items()}


def _course(periods: Sequence[str], at_first: Mapping[str, int]) -> list[tuple[str, int]]:
    ends = dict.fromkeys([*periods[:1], *periods[-1:]])
    return [(period, at_first.get(period, 0)) for period in ends]
