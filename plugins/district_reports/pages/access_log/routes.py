"""The routes of this page."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from district_reports import clock
from district_reports.ledger.access_log import Kind, Wanted, count, read
from district_reports.ledger.viewing import reading
from district_reports.pages.access import Needs
from district_reports.pages.attachments import CSV, attachment
from district_reports.pages.rendering import View, page
from district_reports.pages.showing import Declared, shows
from district_reports.pages.submissions.listing import page_number
from district_reports.pages.words import say
from district_reports.settings import settings
from district_reports.users import Permission, Viewer, viewers
from district_reports.workbook.csv_file import csv_bytes

PAGE = 100
MOST_ROWS = 200_000
"""Of a download; what is older is downloaded by day."""
COLUMNS = ("at", "viewer", "role", "district_code", "address", "kind", "subject", "status")

router = APIRouter(prefix="/access-log", route_class=Declared)
Reader = Annotated[Viewer, Depends(Needs(Permission.SEE_ACCESS_LOG))]


@dataclass(frozen=True)
class Filters:
    """The filters in the address; empty is "all". ``day`` is one of Asia/Shanghai, and never a played one."""

    day: str = ""
    viewer: str = ""
    kind: str = ""

    @classmethod
    def of(cls, request: Request) -> "Filters":
        """The filters in the address of `request`.

        Raises:
            HTTPException: 400, there is no such day or kind.
        """
        day, viewer, kind = (request.query_params.get(name, "").strip() for name in ("day", "viewer", "kind"))
        if kind and kind not in set(Kind):
            raise HTTPException(400)
        try:
            return cls(date.fromisoformat(day).isoformat() if day else "", viewer, kind)
        except ValueError:
            raise HTTPException(400) from None

    @property
    def wanted(self) -> Wanted:
        if not self.day:
            return Wanted(viewer=self.viewer, kind=self.kind)
        since = datetime.combine(date.fromisoformat(self.day), time(), clock.ZONE)
        return Wanted(since, since + timedelta(days=1), self.viewer, self.kind)


@router.get("")
@shows(Kind.ACCESS_LOG, "day")
def access_log(request: Request, viewer: Reader) -> Response:
    """One page of the log, the latest first."""
    filters, number = Filters.of(request), page_number(request.query_params)
    with reading(viewer) as connection:
        total = count(connection, filters.wanted)
        rows = read(connection, filters.wanted, PAGE, PAGE * (number - 1))
    return page(
        request,
        "access_log/index.html.j2",
        filters=filters,
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE)),
        # Of this day; who has left is written in.
        names=sorted(viewers(settings().users)),
        kinds=list(Kind),
    )


@router.get("/rows.csv")
@shows(Kind.ACCESS_LOG, "day")
def rows(request: Request, viewer: Reader) -> Response:
    """The rows of the filters as CSV for Excel."""
    filters, language = Filters.of(request), View.of(request).language
    with reading(viewer) as connection:
        found = read(connection, filters.wanted, MOST_ROWS)
    header = [say(language, f"access_log.{column}") for column in COLUMNS]
    told = [
        [
            f"{row.at.astimezone(clock.ZONE):%Y-%m-%d %H:%M:%S}",
            row.viewer or say(language, "access_log.unknown"),
            say(language, f"common.role.{row.role}") if row.role else "",
            row.district_code or "",
            row.address,
            say(language, f"access_log.kind.{row.kind}"),
            row.subject,
            row.status,
        ]
        for row in found
    ]
    name = "-".join(part for part in ("access-log", filters.day) if part) + ".csv"
    return attachment(csv_bytes(header, told), CSV, name, name)
