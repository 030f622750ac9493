"""The app that Airflow mounts: the gate around everything, then one router a page."""

from functools import lru_cache
from threading import Thread

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from district_reports.pages.access import Needs, viewer_of
from district_reports.pages.access_log.routes import router as access_log
from district_reports.pages.charts import warm_up
from district_reports.pages.city.changes import router as city_changes
from district_reports.pages.city.file_routes import router as city_files
from district_reports.pages.city.routes import router as city
from district_reports.pages.city.table_routes import router as city_tables
from district_reports.pages.city.trace_routes import router as city_trace
from district_reports.pages.gate import Gate
from district_reports.pages.guide.routes import router as guide
from district_reports.pages.outgoing.routes import router as outgoing
from district_reports.pages.progress.report_routes import router as report
from district_reports.pages.progress.routes import router as progress
from district_reports.pages.quality.routes import router as quality
from district_reports.pages.rendering import ASSETS, View, error_page
from district_reports.pages.showing import Declared, shows_nothing
from district_reports.pages.submissions.routes import router as submissions
from district_reports.pages.worklist.routes import router as worklist
from district_reports.users import Permission

_WHY = ("csrf", "picture")
"""What a refusal may be for beside its status, with words of its own."""
_WEEK_SECONDS = 7 * 24 * 3600
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}


@lru_cache(maxsize=1)
def app() -> Gate:
    """What Airflow mounts: the gate around the routes. The chart process starts now, before a page needs a chart."""
    Thread(target=warm_up, daemon=True).start()
    return Gate(routes())


def routes() -> FastAPI:
    """The routes by themselves, with neither docs nor OpenAPI. Each asks for a permission."""
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    made.router.route_class = Declared
    made.add_exception_handler(StarletteHTTPException, _refused)
    made.add_exception_handler(RequestValidationError, _not_understood)
    made.add_exception_handler(Exception, _broken)
    any_role = [Depends(Needs(Permission.SEE_REPORTS))]
    made.add_api_route("/", _home, methods=["GET"], dependencies=any_role)
    made.add_api_route("/assets/{name}", _asset, methods=["GET"], dependencies=any_role)
    # The files of a city table come before the table: `facilities.xlsx` would be a table's name as well.
    for router in (
        *(progress, report, worklist, submissions, quality, city_files, city_tables, city, city_trace, city_changes),
        *(outgoing, access_log, guide),
    ):
        made.include_router(router)
    return made


@shows_nothing
def _home(request: Request) -> Response:
    """On to where the viewer works: a district to its progress, officers to the board, engineers to Airflow."""
    view, viewer = View.of(request), viewer_of(request)
    if viewer.may(Permission.OPERATE):
        return RedirectResponse(f"{view.airflow}/")
    return RedirectResponse(view.url("/city" if viewer.may(Permission.SEE_CITY) else "/progress"))


@shows_nothing
def _asset(name: str) -> Response:
    path = ASSETS / name
    # Looked up in the listing, so that no name can lead out of the folder.
    if path not in ASSETS.iterdir():
        raise HTTPException(404)
    kept = {"Cache-Control": f"private, max-age={_WEEK_SECONDS}, immutable"}
    return FileResponse(path, media_type=_MEDIA_TYPES[path.suffix], headers=kept)


def _refused(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, StarletteHTTPException)
    return error_page(request, error.status_code, error.detail if error.detail in _WHY else None)


def _not_understood(request: Request, _: Exception) -> HTMLResponse:
    # Without what was sent: it may be anything.
    return error_page(request, 400)


def _broken(request: Request, _: Exception) -> HTMLResponse:
    return error_page(request, 500)
