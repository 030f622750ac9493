"""What the page shows, read for its viewer and filter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from district_reports.ledger.locks import LockException, in_force
from district_reports.ledger.periods import current_period, open_periods
from district_reports.ledger.reminders import Reminder, ReportKey, latest_reminders
from district_reports.ledger.seen_files import Unidentified, unidentified_of
from district_reports.ledger.shown_items import OpenItems, open_items
from district_reports.ledger.status import ReportStatus, anything_came, statuses_of
from district_reports.ledger.viewing import reading
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.pages.progress.pending_actions import Group, PendingAction, grouped, locked, pending_actions
from district_reports.pages.progress.punctuality import Rate, Trend, rate, trend_periods, trends
from district_reports.pages.progress.query import Filters
from district_reports.reference.register import District, Register
from district_reports.users import Viewer


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """The rates of one form and period; None stands for all of them together. ``by_zone`` follows the zones."""

    column: tuple[Form, Period] | None
    whole: Rate
    by_zone: Sequence[Rate]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything on the page.

    ``rows``: a district, and for each column where it stands, None for a report that the filter leaves out or that is
    not expected of it. ``pending_actions`` are of the columns, and, if no period is given, of every other period that
    can still be reported; ``locked`` are of the columns. ``reminders``: the latest about each of both. ``unidentified``
    are files from ``since`` on, by district. ``is_new``: nothing ever came. ``open_items``: those of the worklist that
    touch a district in view, whatever form and period.
    """

    columns: Sequence[tuple[Form, Period]]
    rows: Sequence[tuple[District, Sequence[ReportStatus | None]]]
    districts: Sequence[District]
    statuses: Sequence[ReportStatus]
    pending_actions: Sequence[PendingAction]
    locked: Sequence[PendingAction]
    reminders: Mapping[ReportKey, Reminder]
    rate: Rate
    zones: Sequence[str]
    rates: Sequence[RateRow]
    trends: Sequence[Trend]
    unidentified: Mapping[str, Unidentified]
    since: date
    exceptions: Sequence[LockException]
    is_new: bool
    open_items: OpenItems

    @property
    def groups(self) -> list[Group]:
        """The pending actions and then what is locked, together where several districts have the same to do."""
        return grouped([*self.pending_actions, *self.locked])

    @property
    def unseen(self) -> list[str]:
        """The districts with files that could not be taken and that the viewer has not marked as seen."""
        return [code for code, files in self.unidentified.items() if files.unseen]

    @property
    def has_trend(self) -> bool:
        """Whether a trend is worth a chart: the rate of a single district is always 0 or 1."""
        return len(self.districts) > 1 and any(len(trend.rates) > 1 for trend in self.trends)

    def has_district(self, code: str) -> bool:
        """Whether a district is in view."""
        return any(district.code == code for district in self.districts)

    def district_name(self, code: str) -> str:
        """The name of a district in view."""
        return next(district.name for district in self.districts if district.code == code)


def overview(viewer: Viewer, register: Register, filters: Filters, today: date) -> Overview:
    """Read the page in one transaction."""
    columns = filters.columns(today)
    with reading(viewer) as connection:
        waiting = list(columns)
        if filters.period is None:
            open_now = open_periods(connection, viewer.district_code, today)
            waiting += _added(columns, (each for each in open_now if filters.form in (None, each[0])))
        past = trend_periods(columns, today)
        read = statuses_of(connection, register, [*waiting, *_added(waiting, past)], today)
        since = min((period.first_day for _, period in columns), default=today)
        until = max((form.locks_on(period) for form, period in columns), default=today)
        unknown = unidentified_of(connection, viewer.name, since, until)
        reminders = latest_reminders(connection, waiting)
        exceptions = in_force(connection, today).values()
        is_new = not anything_came(connection)
        across = open_items(connection)

    seen = [each for each in read if viewer.sees(each.district.code) and filters.shows(each.district)]
    shown = _of(seen, columns)
    districts = list({each.district.code: each.district for each in shown}.values())
    codes = {district.code for district in districts}
    return Overview(
        columns=columns,
        rows=_rows(districts, shown, columns, filters),
        districts=districts,
        statuses=shown,
        pending_actions=[each for each in pending_actions(_of(seen, waiting), today) if filters.keeps(each.status)],
        locked=locked((each for each in shown if filters.keeps(each)), today),
        reminders=reminders,
        rate=rate(shown, today),
        zones=list(dict.fromkeys(district.zone for district in districts)),
        rates=_rates(shown, columns, today),
        trends=trends(_of(seen, past), today),
        unidentified={code: files for code, files in unknown.items() if code in codes},
        since=since,
        exceptions=[
            each for each in exceptions if each.district_code in codes and _is_of(each, filters.form, filters.period)
        ],
        is_new=is_new,
        open_items=across.touching(codes),
    )


def steps(columns: Sequence[tuple[Form, Period]], every: Iterable[Form], today: date) -> list[tuple[Form, Period]]:
    """One form of each kind of period, with the period to step from: the one looked at, or the current one."""
    looked_at = {period.kind: period for _, period in columns}
    found = {form.period_kind: (form, looked_at.get(form.period_kind, current_period(form, today))) for form in every}
    return list(found.values())


def _added(known: Sequence[tuple[Form, Period]], others: Iterable[tuple[Form, Period]]) -> list[tuple[Form, Period]]:
    keys = {(form.key, period.text) for form, period in known}
    return [(form, period) for form, period in others if (form.key, period.text) not in keys]


def _of(statuses: Iterable[ReportStatus], columns: Sequence[tuple[Form, Period]]) -> list[ReportStatus]:
    keys = {(form.key, period.text) for form, period in columns}
    return [each for each in statuses if (each.form.key, each.period.text) in keys]


def _rows(
    districts: Sequence[District],
    statuses: Sequence[ReportStatus],
    columns: Sequence[tuple[Form, Period]],
    filters: Filters,
) -> list[tuple[District, list[ReportStatus | None]]]:
    kept = {(each.district.code, each.form.key): each for each in statuses if filters.keeps(each)}
    rows: list[tuple[District, list[ReportStatus | None]]] = []
    for district in districts:
        cells = [kept.get((district.code, form.key)) for form, _ in columns]
        if any(cells):
            rows.append((district, cells))
    return rows


def _rates(statuses: Sequence[ReportStatus], columns: Sequence[tuple[Form, Period]], today: date) -> list[RateRow]:
    zones = list(dict.fromkeys(each.district.zone for each in statuses))

    def row(column: tuple[Form, Period] | None, each: Sequence[ReportStatus]) -> RateRow:
        by_zone = [rate((one for one in each if one.district.zone == zone), today) for zone in zones]
        return RateRow(column=column, whole=rate(each, today), by_zone=by_zone)

    return [*(row(column, _of(statuses, [column])) for column in columns), row(None, statuses)]


def _is_of(exception: LockException, form: Form | None, period: Period | None) -> bool:
    return (form is None or exception.form == form.key) and (period is None or exception.period == period.text)
