"""How often a district's first file of a period was right, over the last periods, and the city's rate beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.model.finding import NIL, Outcome
from district_reports.model.form import Form
from district_reports.model.period import Period

PERIODS = 12
ENOUGH = 5
"""Districts behind a rate: of fewer, one could tell what the others did."""


class Try(StrEnum):
    """What became of the first file of a period; where none came, EXPECTED until the due date has passed."""

    RIGHT = "right"
    WITH_ERRORS = "with_errors"
    REJECTED = "rejected"
    NIL = "nil"
    UNDECIDED = "undecided"
    EXPECTED = "expected"
    MISSING = "missing"

    @property
    def label(self) -> str:
        return {
            "right": "一次通过",
            "with_errors": "部分接收",
            "rejected": "退回",
            "nil": NIL,
            "undecided": "处理中",
            "expected": "待报",
            "missing": "未报",
        }[self.value]


@dataclass(frozen=True)
class FirstTry:
    """``sound_share``: rows without a critical finding, of those read that hold data, 0 to 1; None where none did.

    ``city_rate``: districts whose first file was right, of those whose first file is decided, 0 to 1; None where those
    are fewer than :data:`ENOUGH`.
    """

    period: str
    became: Try
    sound_share: float | None = None
    city_rate: float | None = None


OWN_TRY = "recheck_of IS NULL AND withdraws IS NULL"
"""SQL for a row of ``ledger.report`` that is a file which the district sent: no re-check, no withdrawal."""
FIRST_FILES = f"""
    SELECT DISTINCT ON (form, period, district_code) *
    FROM ledger.report
    WHERE {OWN_TRY} AND form IS NOT NULL
    ORDER BY form, period, district_code, receipt_id
"""
"""A SELECT of the first file of each (form, period, district), decided or not."""
ALL_FIRST_FILES = f"""
    SELECT * FROM ledger.report
    WHERE {OWN_TRY} AND form IS NOT NULL AND receipt_id IN (
        SELECT min(receipt_id) FROM ledger.report WHERE {OWN_TRY} AND form IS NOT NULL
        GROUP BY form, period, district_code
    )
"""
"""The same without a sort by texts, which takes most of the time where all of them are asked for."""
_FIRST_DECIDED = """
    SELECT
        first.*,
        outcome = 'rejected' AND coalesce(quarantined, 0) = 0 AS refused,
        coalesce(rows_read - no_data, 0) AS rows_judged,
        coalesce(rows_read - no_data - quarantined, 0) AS rows_sound
    FROM (
        SELECT DISTINCT ON (form, period, district_code) form, period, district_code, submission_id, outcome
        FROM {files} AS file
        WHERE {own_try} AND outcome <> 'duplicate'
        ORDER BY form, period, district_code, receipt_id
    ) AS first
    LEFT JOIN LATERAL (
        SELECT sum(rows_read) AS rows_read, sum(no_data) AS no_data, sum(quarantined) AS quarantined
        FROM ledger.sheet_count WHERE sheet_count.submission_id = first.submission_id
    ) AS counted ON true
"""


def first_decided(files: str) -> str:
    """A SELECT of the first submission of each key that is decided and no duplicate, among the relation `files`.

    Columns: form, period, district_code, submission_id, outcome, refused, rows_judged (those read that hold data) and
    rows_sound (of these, without a critical finding). `files` has the columns of ``ledger.submission``, with the
    outcome null where it is not to be known. ``refused`` is said of what F01 to F15 sent back: no rule looked at its
    rows, so that none is in quarantine, where F16 has three at least.
    """
    return _FIRST_DECIDED.format(files=files, own_try=OWN_TRY)


_OWN = text(
    f"""
    SELECT first.period, first.outcome, first.nil_return, counted.judged, counted.quarantined
    FROM ({FIRST_FILES}) AS first
    LEFT JOIN LATERAL (
        SELECT sum(rows_read - no_data) AS judged, sum(quarantined) AS quarantined
        FROM ledger.sheet_count WHERE sheet_count.submission_id = first.submission_id
    ) AS counted ON true
    WHERE form = :form AND period = ANY(:periods) AND district_code = :district_code
    """
)
# Counted there, since a city may have thousands of districts, and each answer asks.
_RATES = text(
    f"""
    SELECT period, count(*) FILTER (WHERE outcome = 'accepted') AS "right", count(outcome) AS decided
    FROM ({FIRST_FILES}) AS first
    WHERE form = :form AND period = ANY(:periods)
    GROUP BY period
    """
)
_REPORTED = text("SELECT DISTINCT period FROM ledger.report WHERE form = :form")
_EXISTS = text("SELECT valid_from, valid_to FROM reference.districts WHERE district_code = :district_code")


def first_tries(
    connection: Connection, form: Form, district_code: str, last: Period, today: date
) -> tuple[FirstTry, ...]:
    """The periods up to `last`, oldest first, at most :data:`PERIODS`; as the loader.

    They begin with the first of which any district has reported: what was before the deployment began is not missing.
    """
    reported = [Period.parse(name).first_day for name in connection.scalars(_REPORTED, {"form": form.key})]
    spans = connection.execute(_EXISTS, {"district_code": district_code}).all()
    periods = _periods(last, min(reported, default=last.first_day), spans)
    asked = {"form": form.key, "periods": [period.text for period in periods]}
    own = {row.period: row for row in connection.execute(_OWN, {**asked, "district_code": district_code})}
    rates = {row.period: row.right / row.decided for row in connection.execute(_RATES, asked) if row.decided >= ENOUGH}
    return tuple(_first_try(form, period, own.get(period.text), rates.get(period.text), today) for period in periods)


def _periods(last: Period, since: date, spans: Iterable[Row[Any]]) -> list[Period]:
    """Up to `last`, oldest first, those in which the district existed."""
    spans, period = list(spans), last
    periods: list[Period] = []
    while period.first_day >= since and len(periods) < PERIODS:
        if any(span.valid_from <= period.last_day < (span.valid_to or date.max) for span in spans):
            periods.append(period)
        period = period.previous()
    return periods[::-1]


def _first_try(form: Form, period: Period, own: Row[Any] | None, rate: float | None, today: date) -> FirstTry:
    if own is None:
        return FirstTry(period.text, Try.EXPECTED if today <= form.due_on(period) else Try.MISSING, None, rate)
    share = 1 - own.quarantined / own.judged if own.outcome and own.judged else None
    return FirstTry(period.text, _became(own), share, rate)


def _became(own: Row[Any]) -> Try:
    match own.outcome:
        case None:
            return Try.UNDECIDED
        case Outcome.REJECTED:
            return Try.REJECTED
        case Outcome.ACCEPTED_WITH_ERRORS:
            return Try.WITH_ERRORS
    return Try.NIL if own.nil_return else Try.RIGHT
