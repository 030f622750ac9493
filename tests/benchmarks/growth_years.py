"""The samples' city with years of reports behind it, for :mod:`growth`: the rows of its periods, over and over."""

from pathlib import Path

from growth_city import after_all, copy_rows
from night_floor import ingest
from sqlalchemy import Connection, text

from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.local.samples import write_samples
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.tables import tables_of

_DATES = ("received_at", "noted_at", "settled_at", "decided_at", "answered_at", "known_from")
LEFT_OUT = 4
"""Districts whose present reports are not loaded: there is one to send after each step."""


class Years:
    """Fills the warehouse that the settings name, with `scale` times the samples' people; ``rows`` are those of all
    facts. Of the last `left_out` districts the present reports are still to be sent."""

    def __init__(self, samples: Path, scale: float = 1, left_out: int = LEFT_OUT) -> None:
        register = Register.load(settings().reference)
        paths = write_samples(samples, register, scale=scale)
        districts = sorted({path.parent for path in paths})
        self._unsent = [sorted(folder.glob("*.xlsx")) for folder in districts[len(districts) - left_out :]]
        self._reached = 0
        self.rows = 0
        with engine("migrator").begin() as connection:
            for path in paths:
                ingest(connection, register, path, {}, checked=False)

    def to_send(self) -> list[Path]:
        """The workbooks of another district."""
        return self._unsent.pop()

    def reach(self, years: int) -> None:
        """Let there be reports of so many years before the present ones."""
        with engine("migrator").begin() as connection:
            for form in forms().values():
                present = Period.containing(form.period_kind, SAMPLE_DAY)
                period = present.previous()
                while (present.first_day - period.first_day).days < 365.25 * years:
                    if (present.first_day - period.first_day).days > 365.25 * self._reached:
                        _repeat(connection, form, present, period, first=period == present.previous())
                    period = period.previous()
            if not self._reached:
                _take_away(connection, self._unsent)
            after_all(connection)
            self.rows = sum(
                connection.scalar(text(f"SELECT count(*) FROM facts.{sheet.table}"))
                for form in forms().values()
                for sheet in form.sheets
            )
        self._reached = years


def _repeat(connection: Connection, form: Form, present: Period, period: Period, first: bool) -> None:
    """Let the form's reports have come for `period` as well."""
    # The first is made of the present ones, all others of that: from then on it alone is whole.
    source = present if first else present.previous()
    latest = connection.scalar(text("SELECT greatest(max(receipt_id), max(submission_id)) FROM ledger.submission"))
    days = (source.first_day - period.first_day).days
    receipt = {"receipt_id": f"{latest} + t.receipt_id"}
    submission = {"submission_id": f"{latest} + t.submission_id", "period": f"'{period.text}'"}
    dated = {name: f"t.{name} - interval '{days} days'" for name in _DATES}
    values = {"form": form.key, "period": source.text}
    sent = "JOIN ledger.submission USING (receipt_id) WHERE form = :form AND period = :period"
    copy_rows(connection, "ledger.receipt", {**dated, **receipt}, sent, **values)
    own = "WHERE t.form = :form AND t.period = :period"
    copy_rows(connection, "ledger.submission", {**dated, **receipt, **submission}, own, **values)
    tables = tables_of(forms().values())
    sent = "JOIN ledger.submission USING (submission_id) WHERE form = :form AND submission.period = :period"
    for sheet in form.sheets:
        copy_rows(connection, f"facts.{sheet.table}", {**dated, **submission}, sent, **values)
        if tables[sheet.table].identities is not None:
            copy_rows(connection, f"identities.{sheet.table}", submission, sent, **values)


def _take_away(connection: Connection, unsent: list[list[Path]]) -> None:
    """Take the present reports of the districts that are still to send them out again."""
    codes = {"codes": [paths[0].parent.name[:6] for paths in unsent]}
    for form in forms().values():
        present = {"period": Period.containing(form.period_kind, SAMPLE_DAY).text, "form": form.key, **codes}
        for sheet in form.sheets:
            connection.execute(
                text(f"DELETE FROM facts.{sheet.table} WHERE district_code = ANY(:codes) AND period = :period"), present
            )
        connection.execute(
            text(
                "DELETE FROM ledger.submission WHERE district_code = ANY(:codes) AND period = :period AND form = :form"
            ),
            present,
        )
