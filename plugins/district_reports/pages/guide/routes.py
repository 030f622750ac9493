"""The route of this page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from district_reports.pages.access import Needs
from district_reports.pages.guide.steps import STEPS
from district_reports.pages.rendering import page
from district_reports.pages.showing import Declared, shows_nothing
from district_reports.users import Permission, Viewer

router = APIRouter(prefix="/guide", route_class=Declared)


@router.get("")
@shows_nothing
def guide(request: Request, _: Annotated[Viewer, Depends(Needs(Permission.SEE_REPORTS))]) -> Response:
    """How to report for the first time. The pictures are of made-up rows."""
    return page(request, "guide/index.html.j2", steps=STEPS)
