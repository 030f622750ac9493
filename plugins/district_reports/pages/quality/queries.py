"""The figures, counted by the database. A file belongs to the month in which it came, at Asia/Shanghai time.

The files that count are those that a district reported itself and that are decided: a duplicate, a withdrawal, a
pre-check, and what the house checked again are none.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.feedback.first_tries import FIRST_FILES, OWN_TRY
from district_reports.pages.quality.choice import Choice, Span

_DECIDED = "outcome IN ('accepted', 'accepted_with_errors', 'rejected')"
_ASKED = """received_at >= :since AND received_at < :until
    AND (CAST(:form AS text) IS NULL OR form = :form)
    AND (CAST(:district_codes AS text[]) IS NULL OR district_code = ANY(CAST(:district_codes AS text[])))"""
_MONTH = "to_char(received_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month"
_COUNTED = f"""
    WITH counted AS MATERIALIZED (
        SELECT submission_id, form, district_code, period, outcome, received_at, receipt_id, {_MONTH}
        FROM ledger.submission
        WHERE {OWN_TRY} AND {_DECIDED} AND {_ASKED}
    )
"""
_FILES = text(
    f"""
    {_COUNTED}
    SELECT month, form, district_code, count(*) AS files, count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
        coalesce(sum(rows_read), 0)::bigint AS rows_read, coalesce(sum(quarantined), 0)::bigint AS quarantined
    FROM counted
    LEFT JOIN (
        SELECT submission_id, sum(rows_read) AS rows_read, sum(quarantined) AS quarantined
        FROM ledger.sheet_count GROUP BY submission_id
    ) AS rows USING (submission_id)
    GROUP BY month, form, district_code
    """
)
_OF_RULES = """
    FROM counted
    JOIN findings.shown_rule_count AS found ON found.submission_id = counted.submission_id
    WHERE severity = ANY(:severities) AND (CAST(:rule AS text) IS NULL OR rule = :rule)
"""
_RULES = text(
    f"""
    {_COUNTED}
    SELECT month, counted.form, counted.district_code, rule, severity,
        count(*) AS files, sum(findings)::bigint AS findings, sum(explained)::bigint AS explained
    {_OF_RULES}
    GROUP BY GROUPING SETS ((month, severity), (counted.form, counted.district_code, rule, severity))
    """
)
_FILES_WITH = text(
    f"""
    {_COUNTED}
    SELECT counted.submission_id, counted.receipt_id, counted.received_at, counted.form, counted.period,
        counted.district_code, counted.outcome, sum(findings)::bigint AS findings, sum(explained)::bigint AS explained
    {_OF_RULES}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY counted.receipt_id DESC
    LIMIT :most
    """
)
# Right without another file of the district's: the house checked it again, or a withdrawal brought back what was right.
_TRIES = text(
    f"""
    SELECT first.form, first.district_code, {_MONTH.replace("received_at", "first.received_at")},
        first.outcome = 'accepted' AS is_right,
        (extract(epoch FROM corrected.received_at - first.received_at) / 3600)::double precision AS hours,
        corrected.received_at IS NULL AND (said.withdrawn OR said.outcome IS NOT DISTINCT FROM 'accepted') AS settled
    FROM ({FIRST_FILES}) AS first
    LEFT JOIN LATERAL (
        SELECT received_at FROM ledger.submission AS later
        WHERE {OWN_TRY} AND outcome = 'accepted' AND later.form = first.form AND later.period = first.period
            AND later.district_code = first.district_code AND later.receipt_id > first.receipt_id
        ORDER BY later.receipt_id LIMIT 1
    ) AS corrected ON first.outcome <> 'accepted'
    LEFT JOIN LATERAL (
        SELECT outcome, withdraws IS NOT NULL AND restores IS NULL AS withdrawn
        FROM ledger.submission AS later
        WHERE lane = '上报' AND later.form = first.form AND later.period = first.period
            AND later.district_code = first.district_code AND outcome IS DISTINCT FROM 'duplicate'
            AND (withdraws IS NULL OR outcome IS DISTINCT FROM 'rejected')
        ORDER BY later.receipt_id DESC LIMIT 1
    ) AS said ON first.outcome <> 'accepted' AND corrected.received_at IS NULL
    WHERE {_DECIDED.replace("outcome", "first.outcome")} AND {_ASKED.replace("received_at", "first.received_at")}
    """
)


def files(connection: Connection, choice: Choice, span: Span) -> Sequence[Row[Any]]:
    """month, form, district_code, files, rejected, rows_read, quarantined; a file without identity has no form."""
    return connection.execute(_FILES, _asked(choice, span)).all()


def rules(connection: Connection, choice: Choice, span: Span) -> Sequence[Row[Any]]:
    """Findings of the severities and the rule asked for: month, form, district_code, rule, severity, files, findings,
    explained. Counted twice: by month and severity, where rule is None, and by all but the month, where month is None.
    """
    return connection.execute(_RULES, _asked(choice, span) | _of_rules(choice)).all()


def files_with(connection: Connection, choice: Choice, most: int) -> Sequence[Row[Any]]:
    """The last files with findings of the rule asked for: submission_id, receipt_id, received_at, form, period,
    district_code, outcome, findings, explained."""
    return connection.execute(_FILES_WITH, _asked(choice, choice.span) | _of_rules(choice) | {"most": most}).all()


def tries(connection: Connection, choice: Choice) -> Sequence[Row[Any]]:
    """The decided first files of the span: form, district_code, month, is_right; and where it is not: hours until the
    district's first file that was right came, whenever that was, and settled, whether that is no longer asked for.
    """
    return connection.execute(_TRIES, _asked(choice, choice.span)).all()


def _asked(choice: Choice, span: Span) -> dict[str, Any]:
    return {
        "since": span.since,
        "until": span.until,
        "form": choice.form,
        "district_codes": choice.district_codes,
    }


def _of_rules(choice: Choice) -> dict[str, Any]:
    return {"severities": [str(each) for each in choice.severities], "rule": choice.rule}
