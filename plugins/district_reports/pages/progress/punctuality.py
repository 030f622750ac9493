"""How many reports came on time: by form, area, and over the last periods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from district_reports.forms import forms
from district_reports.ledger.status import ReportStatus, State
from district_reports.model.form import Form
from district_reports.model.period import Period

PERIODS = 12


@dataclass(frozen=True)
class Rate:
    """Reports that came on time of those that are expected; ``final`` when every due date has passed.

    ``begun`` when a period has ended or anything came: before that there is no share, rather than one of zero.
    """

    on_time: int
    expected: int
    final: bool
    begun: bool = True

    @property
    def share(self) -> float | None:
        return self.on_time / self.expected if self.expected and self.begun else None


def rate(statuses: Iterable[ReportStatus], today: date) -> Rate:
    """The rate on the day `today`; a report that is not due counts as expected, so that the rate can still rise."""
    each = list(statuses)
    return Rate(
        on_time=sum(status.on_time for status in each),
        expected=len(each),
        final=all(status.due_on < today for status in each),
        begun=any(status.state is not State.NOT_DUE for status in each),
    )


def trend_periods(columns: Iterable[tuple[Form, Period]], today: date) -> list[tuple[Form, Period]]:
    """Of each form the last periods, up to the one looked at, whose due date has passed; the earliest first."""
    found: list[tuple[Form, Period]] = []
    for form, period in columns:
        while form.due_on(period) >= today:
            period = period.previous()
        last = []
        for _ in range(PERIODS):
            last.append((form, period))
            period = period.previous()
        found += reversed(last)
    return found


@dataclass(frozen=True)
class Trend:
    """The rates of one form, by period, since anything of it came."""

    form: Form
    rates: Sequence[tuple[Period, Rate]]

    @property
    def bars(self) -> list[tuple[str, float | None]]:
        """Labels as short as bars are wide (``20-05``), with their shares."""
        return [(period.text[2:], rate.share) for period, rate in self.rates]

    @property
    def whole(self) -> Rate:
        """All its periods together."""
        each = [rate for _, rate in self.rates]
        return Rate(sum(one.on_time for one in each), sum(one.expected for one in each), final=True)


def trends(statuses: Sequence[ReportStatus], today: date) -> list[Trend]:
    """The rates of what stands for :func:`trend_periods`, form by form; no form of which nothing has come."""
    # By its key: to hash a form is to hash all its columns.
    by_form: dict[str, dict[Period, list[ReportStatus]]] = {}
    for status in statuses:
        by_form.setdefault(status.form.key, {}).setdefault(status.period, []).append(status)
    found = []
    for key, by_period in by_form.items():
        periods = sorted(by_period.items(), key=lambda item: item[0].first_day)
        started = [period.first_day for period, each in periods if any(one.latest_id is not None for one in each)]
        if started:
            rates = [(period, rate(each, today)) for period, each in periods if period.first_day >= started[0]]
            found.append(Trend(forms()[key], rates))
    return found
