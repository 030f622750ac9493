"""The list of submissions: its filters, and one page of what matches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.forms import forms
from district_reports.ledger.submissions import listed, periods_reported
from district_reports.model.finding import Outcome, Severity
from district_reports.model.period import Period

PAGE = 50
UNDER_WAY = "under_way"
OUTCOMES = (*(outcome.value for outcome in Outcome), UNDER_WAY)


@dataclass(frozen=True)
class Filters:
    """The filters in the address; empty is "all". ``unidentified``: only files that belong to no form and period.
    ``since``: the first day of receipt (Asia/Shanghai)."""

    district: str = ""
    form: str = ""
    period: str = ""
    outcome: str = ""
    unidentified: bool = False
    since: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """The filters in `query`; a value that makes no sense is ignored."""
        district, form, outcome = (query.get(name, "") for name in ("district", "form", "outcome"))
        return cls(
            district=district if len(district) == 6 and district.isascii() and district.isdigit() else "",
            form=form if form in forms() else "",
            period=_period(query.get("period", "")),
            outcome=outcome if outcome in OUTCOMES else "",
            unidentified=query.get("unidentified") == "1",
            since=_day(query.get("since", "")),
            page=page_number(query),
        )


@dataclass(frozen=True)
class Listing:
    """A page of the list, newest first. ``numbers``: of each submission, how many findings of each severity."""

    rows: Sequence[Row[Any]]
    numbers: Mapping[int, Mapping[str, int]]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def page_number(query: Mapping[str, str]) -> int:
    """The page that an address asks for, counted from 1."""
    page = query.get("page", "")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1


def read_listing(connection: Connection, filters: Filters) -> Listing:
    """One page of the submissions that match, of those that the viewer of `connection` sees."""
    conditions = {
        "s.district_code = :district": filters.district,
        "s.form = :form": filters.form,
        "s.period = :period": filters.period,
        "s.outcome = :outcome": filters.outcome if filters.outcome != UNDER_WAY else "",
        "s.outcome IS NULL": filters.outcome == UNDER_WAY,
        "s.form IS NULL": filters.unidentified,
        "(s.received_at AT TIME ZONE 'Asia/Shanghai')::date >= CAST(:since AS date)": filters.since,
    }
    where = " AND ".join(condition for condition, applies in conditions.items() if applies) or "true"
    rows, total = listed(connection, where, {**vars(filters), "limit": PAGE, "offset": PAGE * (filters.page - 1)})
    return Listing(rows, finding_numbers(connection, [row.submission_id for row in rows]), total)


def finding_numbers(connection: Connection, submission_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many findings of each severity each of these submissions has; explained warnings are left out."""
    numbers = {one: dict.fromkeys((severity.value for severity in Severity), 0) for one in submission_ids}
    rows = connection.execute(
        text(
            "SELECT submission_id, severity, sum(findings - explained) AS number FROM findings.shown_rule_count"
            " WHERE submission_id = ANY(:ids) GROUP BY submission_id, severity"
        ),
        {"ids": list(submission_ids)},
    )
    for row in rows:
        numbers[row.submission_id][row.severity] = int(row.number)
    return numbers


def periods(connection: Connection) -> list[str]:
    """Every period for which something came, the latest first."""
    found = periods_reported(connection)
    return sorted(found, reverse=True)


def _day(written: str) -> str:
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        return ""


def _period(written: str) -> str:
    try:
        return Period.parse(written).text
    except ValueError:
        return ""
