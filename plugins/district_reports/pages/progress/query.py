"""The query of an address: the filters of the page, and the key of one report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from fastapi import HTTPException

from district_reports.forms import forms
from district_reports.ledger.periods import chosen_periods
from district_reports.ledger.status import Standing, State
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.pages.access import require_district
from district_reports.reference.register import District, Register
from district_reports.users import Viewer

Known = TypeVar("Known")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """None is everything; for the period, the current one of each form."""

    period: Period | None = None
    form: Form | None = None
    zone: str | None = None
    district_code: str | None = None
    state: State | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], viewer: Viewer, register: Register) -> "Filters":
        """The filters in the query of an address.

        Raises:
            HTTPException: 400, there is no such value; 404, the district is not the viewer's.
        """
        district_code = query.get("district") or None
        if district_code is not None:
            require_district(viewer, district_code)
            _one_of(district_code, {each.code: each for each in register.districts})
        zone = query.get("zone") or None
        if zone is not None:
            _one_of(zone, {each.zone: each for each in register.districts})
        written = query.get("period") or None
        form = query.get("form") or None
        state = query.get("state") or None
        return cls(
            period=None if written is None else period_of(written),
            form=None if form is None else _one_of(form, forms()),
            zone=zone,
            district_code=district_code,
            state=None if state is None else _one_of(state, {each.value: each for each in State}),
        )

    def columns(self, today: date) -> list[tuple[Form, Period]]:
        """The forms and periods of the matrix; none where the form is not reported by such a period."""
        pairs = chosen_periods(self.period.text if self.period else None, today)
        return [(form, period) for form, period in pairs if self.form in (None, form)]

    def shows(self, district: District) -> bool:
        return self.zone in (None, district.zone) and self.district_code in (None, district.code)

    def keeps(self, standing: Standing) -> bool:
        return self.state in (None, standing.state)


@dataclass(frozen=True)
class Key:
    """One report: of which form, district and period."""

    form: Form
    district: District
    period: Period

    @property
    def query(self) -> dict[str, str]:
        """The key as it stands in an address."""
        return {"form": self.form.key, "district": self.district.code, "period": self.period.text}


def key_of(form: str, district_code: str, period: str, viewer: Viewer, register: Register) -> Key:
    """The report that a request names.

    Raises:
        HTTPException: 400, there is no such form, period or district; 404, the district is not the viewer's.
    """
    require_district(viewer, district_code)
    found, when = _one_of(form, forms()), period_of(period)
    district = register.district(district_code, when.last_day)
    if district is None or when.kind is not found.period_kind:
        raise HTTPException(400)
    return Key(found, district, when)


def period_of(written: str) -> Period:
    """A period that some form is reported for.

    Raises:
        HTTPException: 400, it is none.
    """
    try:
        period = Period.parse(written)
    except ValueError:
        raise HTTPException(400) from None
    # A deployment has no report of another century; the periods before and after must be periods as well.
    if not 2000 <= period.first_day.year < 2100 or period.kind not in {form.period_kind for form in forms().values()}:
        raise HTTPException(400)
    return period


def recent_periods(today: date, count: int = 12) -> Sequence[Period]:
    """The last periods that have begun, `count` of each kind that a form is reported by, the latest first."""
    found = []
    for kind in dict.fromkeys(form.period_kind for form in forms().values()):
        period = Period.containing(kind, today)
        for _ in range(count):
            found.append(period)
            period = period.previous()
    return found


def _one_of(value: str, known: Mapping[str, Known]) -> Known:
    if value not in known:
        raise HTTPException(400)
    return known[value]
