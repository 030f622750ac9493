"""The query of an address: the filters of the page, and the key of one report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import HTTPException, Query, Request
from pydantic import BaseModel, PlainValidator, field_validator

from district_reports.forms import forms
from district_reports.ledger.periods import chosen_periods
from district_reports.ledger.status import ReportStatus, State
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.pages.access import require_district, viewer_of
from district_reports.pages.data import register
from district_reports.reference.register import District, Register
from district_reports.users import Viewer

Known = TypeVar("Known")


class Standing(StrEnum):
    """What reports of several states have in common."""

    IN_FORCE = "in_force"
    ON_TIME = "on_time"


class Filters(BaseModel):
    """The filters in an address. None is everything; for the period, the current one of each form."""

    period: Annotated[Period | None, PlainValidator(lambda written: period_of(written) if written else None)] = None
    form: Annotated[Form | None, PlainValidator(lambda key: _one_of(key, forms()) if key else None)] = None
    zone: str | None = None
    district: str | None = None
    state: State | Standing | None = None

    @field_validator("zone", "district", "state", mode="before")
    @classmethod
    def _empty_is_all(cls, value: str) -> str | None:
        return value or None

    def columns(self, today: date) -> list[tuple[Form, Period]]:
        """The forms and periods of the matrix; none where the form is not reported by such a period."""
        pairs = chosen_periods(self.period.text if self.period else None, today)
        return [(form, period) for form, period in pairs if self.form in (None, form)]

    def shows(self, district: District) -> bool:
        return self.zone in (None, district.zone) and self.district in (None, district.code)

    def keeps(self, status: ReportStatus) -> bool:
        match self.state:
            case Standing.IN_FORCE:
                return status.in_force
            case Standing.ON_TIME:
                return status.on_time
        return self.state in (None, status.state)

    @property
    def query(self) -> dict[str, str | None]:
        """The filters as they stand in an address."""
        return {
            "period": self.period.text if self.period else None,
            "form": self.form.key if self.form else None,
            "zone": self.zone,
            "district": self.district,
            "state": self.state,
        }


def filters_of(filters: Annotated[Filters, Query()], request: Request) -> Filters:
    """The dependency of a route with filters.

    Raises:
        HTTPException: 400, there is no such value; 404, the district is not the viewer's.
    """
    if filters.district is not None:
        require_district(viewer_of(request), filters.district)
    known = register().districts
    codes, zones = [each.code for each in known], [each.zone for each in known]
    if filters.district not in (None, *codes) or filters.zone not in (None, *zones):
        raise HTTPException(400)
    return filters


@dataclass(frozen=True)
class Key:
    """One report: of which form, district and period."""

    form: Form
    district: District
    period: Period

    @property
    def report(self) -> tuple[str, str, str]:
        """The key as the ledger has it."""
        return self.form.key, self.district.code, self.period.text

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
