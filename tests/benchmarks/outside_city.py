"""The samples' city with releases outside behind it, for :mod:`outside`: what officers ask for, month after month."""

from datetime import date

from growth_city import after_all, copy_rows
from sqlalchemy import Connection, text

from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.ledger.viewing import writing
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.publish.outgoing.requests import What, ask
from district_reports.users import Role as UserRole
from district_reports.users import Viewer

FIRST, SECOND = "王处长", "李处长"
_ONE_IN = 20
"""So many of a former month's rows are missing of each that one month does not have."""


def months(day: date, count: int) -> list[date]:
    """The same day of so many months up to `day`, the earliest first."""
    number = 12 * day.year + day.month - 1
    return [date(each // 12, each % 12 + 1, day.day) for each in range(number - count + 1, number + 1)]


def vary(connection: Connection) -> None:
    """Let no two periods be alike: of each but the latest one row in :data:`_ONE_IN` was never reported."""
    for form in forms().values():
        for sheet in form.sheets:
            connection.exec_driver_sql(
                f"DELETE FROM facts.{sheet.table} WHERE period <> (SELECT max(period) FROM facts.{sheet.table})"
                f" AND hashint4extended(row_number, hashtextextended(period, 0)) %% {_ONE_IN} = 0"
            )
    connection.exec_driver_sql("ANALYZE")


def correct(connection: Connection, form: Form, period: Period, district: str) -> None:
    """Let the district send its report of the period again, with one row in :data:`_ONE_IN` fewer."""
    latest = connection.scalar(
        text(
            "SELECT submission_id FROM ledger.submission WHERE form = :form AND period = :period"
            " AND district_code = :district ORDER BY received_at DESC LIMIT 1"
        ),
        {"form": form.key, "period": period.text, "district": district},
    )
    new = connection.scalar(text("SELECT 1 + greatest(max(receipt_id), max(submission_id)) FROM ledger.submission"))
    # Received when the next period had begun, and known from now on.
    received = {"received_at": "t.received_at + interval '40 days'"}
    now = dict.fromkeys(("noted_at", "settled_at", "decided_at", "answered_at", "known_from"), "clock_timestamp()")
    receipt, submission = {"receipt_id": f"{new}"}, {"submission_id": f"{new}"}
    other = {"sha256": f"encode(sha256(convert_to(t.sha256 || '{new}', 'UTF8')), 'hex')"}
    sent = "JOIN ledger.submission USING (receipt_id) WHERE submission_id = :latest"
    copy_rows(connection, "ledger.receipt", {**now, **received, **receipt, **other}, sent, latest=latest)
    own = "WHERE t.submission_id = :latest"
    copy_rows(
        connection, "ledger.submission", {**now, **received, **receipt, **submission, **other}, own, latest=latest
    )
    fewer = f"{own} AND t.row_number % {_ONE_IN} <> 7"
    for sheet in form.sheets:
        copy_rows(connection, f"facts.{sheet.table}", {**now, **received, **submission}, fewer, latest=latest)
    after_all(connection)


def districts() -> list[str]:
    with engine("migrator").connect() as connection:
        return list(connection.scalars(text("SELECT DISTINCT district_code FROM ledger.submission ORDER BY 1")))


def asked(what: What, asked_by: str, **about: int) -> None:
    """Ask as the pages do."""
    with writing(Viewer(asked_by, UserRole.OFFICER)) as connection:
        ask(connection, what, asked_by=asked_by, **about)  # type: ignore[arg-type]


def latest_prepared() -> tuple[int, str | None]:
    """Number of what was prepared last, and why it can't leave, if it can't."""
    with engine("migrator").connect() as connection:
        number, impossible = connection.execute(
            text("SELECT prepared_id, impossible FROM outgoing.prepared ORDER BY prepared_id DESC LIMIT 1")
        ).one()
    return number, impossible
