"""The figures, counted by the database. A file belongs to the month in which it came, at Asia/Shanghai time.

The files that count are those that a district reported itself and that are decided: a duplicate, a withdrawal, a
pre-check, and what was checked again are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.ledger.first_tries import ALL_FIRST_FILES, OWN_TRY
from district_reports.model.finding import Severity

TOTAL, MONTH, FORM, DISTRICT, FORM_AND_DISTRICT = "total", "month", "form", "district", "form and district"
"""The values of the column ``level``, which says what a row of the result counts."""
MONTH_AND_SEVERITY, RULE = "month and severity", "rule"
"""Levels of findings only; RULE is by form, district, rule and severity."""

NO_FORM = ""
"""Stands in a scope for the files whose form was not recognised."""


@dataclass(frozen=True)
class Scope:
    """Which files and findings are asked for: files received from `since` on and before `until`.

    ``forms`` and ``district_codes`` are None for every one. ``severities`` and ``rule`` (None: every one) are of
    findings. With ``before``, files from then until `since` are counted as well, apart (``in_span`` is false).
    """

    since: datetime
    until: datetime
    forms: tuple[str, ...] | None
    district_codes: tuple[str, ...] | None
    severities: tuple[str, ...]
    rule: str | None
    before: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """As the statements name them."""
        return {
            "since": self.before or self.since,
            "span_since": self.since,
            "until": self.until,
            "forms": None if self.forms is None else list(self.forms),
            "district_codes": None if self.district_codes is None else list(self.district_codes),
            "severities": list(self.severities),
            "rule": self.rule,
        }


_DECIDED = "outcome IN ('accepted', 'accepted_with_errors', 'rejected')"
_IN_SCOPE = """received_at >= :since AND received_at < :until
    AND (CAST(:forms AS text[]) IS NULL OR coalesce(form, '') = ANY(CAST(:forms AS text[])))
    AND (CAST(:district_codes AS text[]) IS NULL OR district_code = ANY(CAST(:district_codes AS text[])))"""
_MONTH = "date_trunc('month', received_at AT TIME ZONE 'Asia/Shanghai')::date AS month"
_MONTH_TEXT = "to_char(month, 'YYYY-MM') AS month"
_IN_SPAN = "received_at >= :span_since AS in_span"
_COUNTED = f"""
    WITH counted AS MATERIALIZED (
        SELECT submission_id, form, district_code, period, outcome, received_at, receipt_id, {_MONTH}, {_IN_SPAN}
        FROM ledger.report
        WHERE {OWN_TRY} AND {_DECIDED} AND {_IN_SCOPE}
    )
"""
_LEVEL = f"""CASE GROUPING(month, form, district_code)
        WHEN 7 THEN '{TOTAL}' WHEN 3 THEN '{MONTH}' WHEN 5 THEN '{FORM}' WHEN 6 THEN '{DISTRICT}'
        ELSE '{FORM_AND_DISTRICT}' END AS level"""
_FILES = text(
    f"""
    {_COUNTED}
    SELECT {_LEVEL}, {_MONTH_TEXT}, form, district_code,
        count(*) AS files, count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
        coalesce(sum(rows_read), 0)::bigint AS rows_read, coalesce(sum(quarantined), 0)::bigint AS quarantined, in_span
    FROM counted
    LEFT JOIN (
        SELECT submission_id, sum(rows_read) AS rows_read, sum(quarantined) AS quarantined
        FROM ledger.sheet_count GROUP BY submission_id
    ) AS rows USING (submission_id)
    GROUP BY in_span, GROUPING SETS ((), (month), (form), (district_code), (form, district_code))
    """
)
_OF_RULES = """
    FROM counted
    JOIN findings.shown_rule_count AS found USING (submission_id)
    WHERE severity = ANY(CAST(:severities AS text[])) AND (CAST(:rule AS text) IS NULL OR rule = :rule)
"""
_RULES = text(
    f"""
    {_COUNTED}
    SELECT CASE GROUPING(month) WHEN 0 THEN '{MONTH_AND_SEVERITY}' ELSE '{RULE}' END AS level,
        {_MONTH_TEXT}, form, district_code, rule, severity,
        count(*) AS files, sum(findings)::bigint AS findings, sum(explained)::bigint AS explained, in_span
    FROM (
        SELECT in_span, month, counted.form, counted.district_code, rule, severity, findings, explained
        {_OF_RULES}
    ) AS found
    GROUP BY in_span, GROUPING SETS ((month, severity), (form, district_code, rule, severity))
    """
)
_FILES_WITH = text(
    f"""
    {_COUNTED}
    SELECT submission_id, counted.receipt_id, counted.received_at, counted.form, counted.period,
        counted.district_code, counted.outcome, sum(findings)::bigint AS findings, sum(explained)::bigint AS explained
    {_OF_RULES}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY counted.receipt_id DESC
    LIMIT :most
    """
)
_BY_PERIOD = text(
    f"""
    {_COUNTED}
    SELECT form, period, rule, severity, count(*) AS files, max(submission_id) AS latest_id,
        coalesce(sum(findings), 0)::bigint AS findings, coalesce(sum(explained), 0)::bigint AS explained,
        coalesce(sum(findings) FILTER (WHERE is_first), 0)::bigint AS at_first
    FROM (
        SELECT *, receipt_id = min(receipt_id) OVER (PARTITION BY form, period, district_code) AS is_first FROM counted
    ) AS counted
    LEFT JOIN (
        SELECT submission_id, rule, severity, findings, explained FROM findings.shown_rule_count
        WHERE severity = ANY(CAST(:severities AS text[])) AND (CAST(:rule AS text) IS NULL OR rule = :rule)
    ) AS found USING (submission_id)
    GROUP BY form, period, rule, severity
    """
)
_FIRST_PLACES = text(
    """
    SELECT sought.submission_id, sought.rule, sought.severity, sheet, cell, column_title
    FROM unnest(CAST(:ids AS bigint[]), CAST(:rules AS text[]), CAST(:severities AS text[]))
        AS sought (submission_id, rule, severity)
    CROSS JOIN LATERAL (
        SELECT sheet, cell, column_title FROM findings.shown_finding AS each
        WHERE each.submission_id = sought.submission_id AND each.rule = sought.rule AND each.severity = sought.severity
        ORDER BY position LIMIT 1
    ) AS place
    """
)
# Settled: right without another file of the district's, by a re-check, or by a withdrawal that brought back what was
# right. Hours and whether it is settled are asked of what was not right in the span itself only, causes of the newest.
_FIRSTS = text(
    f"""
    SELECT form, period, district_code, {_MONTH_TEXT}, in_span, outcome = 'accepted' AS is_right,
        (extract(epoch FROM corrected_at - received_at) / 3600)::double precision AS hours,
        coalesce(said.withdrawn OR said.became = 'accepted', false) AS settled,
        CASE WHEN was_wrong AND received_at >= :causes_since THEN ARRAY(
            SELECT rule FROM findings.shown_rule_count AS found
            WHERE found.submission_id = first.submission_id AND severity = '{Severity.CRITICAL}' ORDER BY rule
        ) END AS causes
    FROM (
        SELECT *, {_MONTH}, {_IN_SPAN},
            received_at >= :span_since AND outcome <> 'accepted' AS was_wrong
        FROM ({ALL_FIRST_FILES}) AS every
        WHERE {_DECIDED} AND {_IN_SCOPE}
    ) AS first
    LEFT JOIN LATERAL (
        SELECT received_at AS corrected_at FROM ledger.report AS later
        WHERE first.was_wrong AND {OWN_TRY} AND outcome = 'accepted' AND later.form = first.form
            AND later.district_code = first.district_code AND later.period = first.period
            AND later.receipt_id > first.receipt_id
        ORDER BY later.receipt_id LIMIT 1
    ) AS corrected ON true
    LEFT JOIN LATERAL (
        SELECT outcome AS became, withdraws IS NOT NULL AND restores IS NULL AS withdrawn
        FROM ledger.counted_report AS later
        WHERE first.was_wrong AND corrected_at IS NULL AND later.form = first.form
            AND later.district_code = first.district_code AND later.period = first.period
        ORDER BY later.receipt_id DESC LIMIT 1
    ) AS said ON true
    """
)


def files(connection: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """By total, month, form, district, and form and district: files, rejected, rows_read, quarantined, in_span.

    The form None at a level of forms is that of files whose form was not recognised.
    """
    return connection.execute(_FILES, scope.parameters()).all()


def rules(connection: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """By month and severity, and by form, district, rule and severity: files, findings, explained, in_span.

    ``files`` counts a file once for each rule and severity that it broke.
    """
    return connection.execute(_RULES, scope.parameters()).all()


def firsts(
    connection: Connection, scope: Scope, looked_back_to: datetime, causes_since: datetime
) -> Sequence[Row[Any]]:
    """The decided first files since `looked_back_to`, or since the span began: form, period, district_code, month,
    in_span and is_right; and of those in the span that were not right hours until the first file that was, and settled;
    and since `causes_since` causes, the critical rules that they broke, whatever severities are asked for."""
    since = {"since": min(scope.since, looked_back_to), "causes_since": causes_since}
    return connection.execute(_FIRSTS, scope.parameters() | since).all()


def files_with(connection: Connection, scope: Scope, most: int) -> Sequence[Row[Any]]:
    """The last files with findings of the rule asked for: submission_id, receipt_id, received_at, form, period,
    district_code, outcome, findings, explained."""
    return connection.execute(_FILES_WITH, scope.parameters() | {"most": most}).all()


def rules_by_period(connection: Connection, scope: Scope) -> Sequence[Row[Any]]:
    """By form, period, rule and severity: files, latest_id (of a submission), findings, explained, and at_first: the
    findings in the first file of the period. Where the rule is None, the files that have no finding."""
    return connection.execute(_BY_PERIOD, scope.parameters()).all()


def first_places(connection: Connection, sought: Sequence[tuple[int, str, str]]) -> Sequence[Row[Any]]:
    """The first place of each (submission_id, rule, severity): sheet, cell, column_title, as the viewer may see it."""
    ids, codes, severities = zip(*sought, strict=True) if sought else ((), (), ())
    given = {"ids": list(ids), "rules": list(codes), "severities": list(severities)}
    return connection.execute(_FIRST_PLACES, given).all()
