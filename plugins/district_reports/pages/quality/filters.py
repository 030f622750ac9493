"""The filters of the page, as its address gives them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from fastapi import HTTPException, Request

from district_reports import clock
from district_reports.forms import forms
from district_reports.ledger.quality import Scope
from district_reports.model.finding import Severity
from district_reports.pages.access import require_district, viewer_of
from district_reports.pages.data import register
from district_reports.reference.register import District, Register

MONTHS = 12
"""Length of the default span, which ends with the present month."""
MOST_MONTHS = 240
SEVERITIES: Mapping[str, tuple[Severity, ...]] = {
    "": (Severity.CRITICAL, Severity.WARNING),
    "critical": (Severity.CRITICAL,),
    "warning": (Severity.WARNING,),
    "info": (Severity.INFO,),
    "all": tuple(Severity),
}
"""By the value in the address. A remark asks nothing of anybody, so by default remarks are left out."""
_RULE = re.compile(r"[A-Z][0-9]{2}", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Span:
    """Months by their number (12 × year + month − 1); both ends belong to it."""

    first: int
    last: int

    @property
    def since(self) -> datetime:
        """Its first moment in Asia/Shanghai."""
        return _begins(self.first)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return _begins(self.last + 1)

    def before(self) -> "Span":
        """The span of the same length that ends where this begins."""
        return Span(2 * self.first - self.last - 1, self.first - 1)

    def months(self) -> list[str]:
        """Its months, as ``2020-05``."""
        return [month_text(number) for number in range(self.first, self.last + 1)]


@dataclass(frozen=True)
class Filters:
    """``district_codes`` are those that the figures are of, None for every one that the viewer sees.

    ``districts`` are all that the viewer may filter by, each as it was at the end of the span.
    """

    span: Span
    form: str | None
    zone: str | None
    district: str | None
    rule: str | None
    severity: str
    heat: str | None
    every_rule: bool
    districts: Sequence[District]
    only_district: bool

    def scope(self) -> Scope:
        """What the ledger is asked for."""
        codes = self.district_codes
        return Scope(
            since=self.span.since,
            until=self.span.until,
            forms=(self.form,) if self.form else None,
            district_codes=None if codes is None else tuple(codes),
            severities=tuple(map(str, self.severities)),
            rule=self.rule,
        )

    @property
    def severities(self) -> tuple[Severity, ...]:
        return tuple(Severity) if self.rule else SEVERITIES[self.severity]

    @property
    def district_codes(self) -> list[str] | None:
        if self.district:
            return [self.district]
        return [each.code for each in self.districts if each.zone == self.zone] if self.zone else None

    @property
    def zones(self) -> list[str]:
        return list(dict.fromkeys(each.zone for each in self.districts))


def filters_of(request: Request) -> Filters:
    """The filters in the address of `request`.

    Raises:
        HTTPException: 400 for a value that does not exist, 404 for a district that the viewer does not see.
    """
    query = {name: value.strip() for name, value in request.query_params.items()}
    viewer = viewer_of(request)
    span = _span(query.get("from", ""), query.get("to", ""))
    districts = [each for each in districts_in(register(), span.until.date()) if viewer.sees(each.code)]
    district = query.get("district") or None
    if district:
        require_district(viewer, district)
    rule = query.get("rule") or None
    if rule and not _RULE.fullmatch(rule):
        raise HTTPException(400)
    return Filters(
        span=span,
        form=_one_of(query.get("form", ""), list(forms())),
        # A district user has no filter by zone: the address was shared by somebody who has one.
        zone=_one_of(query.get("zone", ""), [each.zone for each in districts]) if not viewer.district_code else None,
        district=viewer.district_code or _one_of(district or "", [each.code for each in districts]),
        rule=rule,
        severity=_one_of(query.get("severity", ""), list(SEVERITIES)) or "",
        heat=_one_of(query.get("heat", ""), ["form", "rule"]),
        every_rule=query.get("rules") == "all",
        districts=districts,
        only_district=viewer.district_code is not None,
    )


def districts_in(register: Register, day: date) -> list[District]:
    """Every district that ever was, in the order of the file, each as on the last day before `day` that it has."""
    found: dict[str, District] = {}
    for each in register.districts:
        if each.code not in found or each.valid_from < day:
            found[each.code] = each
    return list(found.values())


def month_text(number: int) -> str:
    """A month's number as ``2020-05``."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _begins(number: int) -> datetime:
    return datetime.combine(date(number // 12, number % 12 + 1, 1), time.min, clock.ZONE)


def _span(first: str, last: str) -> Span:
    today = clock.today()
    end = _month(last) if last else 12 * today.year + today.month - 1
    start = _month(first) if first else end - MONTHS + 1
    span = Span(min(start, end), max(start, end))
    if span.last - span.first >= MOST_MONTHS:
        raise HTTPException(400)
    return span


def _month(written: str) -> int:
    match = _MONTH.fullmatch(written)
    if match is None or not 1990 <= int(match[1]) <= 2200:
        raise HTTPException(400)
    return 12 * int(match[1]) + int(match[2]) - 1


def _one_of(written: str, known: Sequence[str]) -> str | None:
    if written and written not in known:
        raise HTTPException(400)
    return written or None
