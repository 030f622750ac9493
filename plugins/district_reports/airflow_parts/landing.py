"""Everybody comes to where he works: after log-in, and by the addresses of a frame that is not for him.

A middleware of Airflow's API server. Who logs in without having asked for a page is sent to the first page of ours,
which knows the role. Who has no right in Airflow's own UI (a district's people) would see a frame full of refusals
there: for him each address of that UI leads to the page of ours that it shows, or to the first.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from district_reports.airflow_parts.log_in_page import wants_a_page

_LOG_IN = "/auth/login"
_NOT_THE_FRAME = ("/api/", "/auth/")
_IN_A_FRAME = re.compile(r"/plugin/(?P<route>[^/]+)(?P<page>/.*)?")


class Landing:
    """See the module. ``pages`` is where ours are mounted; ``views``: their addresses by their routes in the frame."""

    def __init__(self, app: ASGIApp, pages: str, views: Mapping[str, str]) -> None:
        self.app, self.pages, self.views = app, pages, views

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; most go through."""
        elsewhere = await self._elsewhere(scope, receive) if scope["type"] == "http" else None
        if elsewhere is None:
            await self.app(scope, receive, send)
            return
        leading = RedirectResponse(scope.get("root_path", "") + elsewhere, 307, {"Cache-Control": "no-store"})
        await leading(scope, receive, send)

    async def _elsewhere(self, scope: Scope, receive: Receive) -> str | None:
        request = Request(scope, receive)
        if request.method != "GET" or not wants_a_page(request):
            return None
        root = scope.get("root_path", "")
        path: str = scope["path"].removeprefix(root)
        if path.rstrip("/") == _LOG_IN:
            return self._log_in(path, request.url.query, root)
        if path.startswith((*_NOT_THE_FRAME, f"{self.pages}/")):
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        page, is_named = self._page_in(path)
        if await _has_no_frame(request):
            return page + query if page else f"{self.pages}/"
        # The frame forgets the query unless the page is named behind the route.
        return f"{path}{page}{query}" if page and query and not is_named else None

    def _log_in(self, path: str, query: str, root: str) -> str | None:
        """The log-in that leads to our first page, unless it leads to a page already; Airflow's home is none."""
        given = dict(parse_qsl(query))
        asked_for = urlsplit(given.get("next", "")).path.removeprefix(root)
        if asked_for not in ("", "/"):
            return None
        return f"{path}?{urlencode({**given, 'next': f'{root}{self.pages}/'})}"

    def _page_in(self, path: str) -> tuple[str, bool]:
        """The page of ours that an address of Airflow's UI shows in its frame, and whether it is named; else empty."""
        found = _IN_A_FRAME.fullmatch(path)
        if found is None:
            return "", False
        named = found["page"] or ""
        shown = named or self.views.get(found["route"], "")
        return quote(shown) if shown.startswith(f"{self.pages}/") and ".." not in shown else "", bool(named)


async def _has_no_frame(request: Request) -> bool:
    """Whether somebody is logged in who may not see Airflow's UI. Who is not logged in is led on by Airflow itself."""
    try:
        user = await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return False
    return not get_auth_manager().is_authorized_view(access_view=AccessView.WEBSITE, user=user)
