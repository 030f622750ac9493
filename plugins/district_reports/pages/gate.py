"""The gate around the app: every request is authenticated first, even for assets, errors and unknown addresses.

Airflow does not authenticate the app of a plugin, and what a router answers by itself (404, 405, mounted files) runs
no dependency of a route.
"""

import logging
from urllib.parse import unquote

from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
from fastapi import HTTPException, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from district_reports.errors import ConfigurationError
from district_reports.pages.rendering import bare_style_source, error_page
from district_reports.settings import settings
from district_reports.users import viewers

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; img-src 'self' data:; form-action 'self';"
    f" base-uri 'none'; frame-ancestors 'self'; style-src 'self' {bare_style_source()}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Clerks share computers: the browser must keep no copy of a page.
    "Cache-Control": "no-store",
}


class Gate:
    """401 for those who are not logged in to Airflow, 403 for those who are not in the table of users."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; a websocket is refused."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in HEADERS.items()
                        if name.lower().encode() not in present
                    ),
                ]
            await send(message)

        answer = await self._admit(Request(scope, receive))
        await (answer or self.app)(scope, receive, send_with_headers)

    async def _admit(self, request: Request) -> Response | None:
        try:
            user = await get_user(request, None, await bearer_scheme(request))
        except HTTPException:
            return error_page(request, 401)
        try:
            viewer = viewers(settings().users).get(user.get_name())
        except ConfigurationError:
            log.exception("nobody is let in")
            return error_page(request, 500)
        if viewer is None:
            return error_page(request, 403, "unlisted")
        request.state.viewer = viewer
        # PostgreSQL's text takes no NUL, and no address of ours has one.
        return error_page(request, 400) if "\0" in unquote(request.url.query) else None
