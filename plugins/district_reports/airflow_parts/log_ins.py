"""Around every way to log in, whatever auth manager stands behind it: who guesses must wait, and the log knows of it.

A middleware of Airflow's API server (``fastapi_root_middlewares`` of the plugin). It reads the name out of what is sent
to one of :data:`WAYS`, asks the :mod:`.throttle`, lets the auth manager answer, and sees by the answer how that went.
"""

import json
import logging
import re
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from district_reports.airflow_parts.log_in_page import Said, refusal_page, wants_a_page
from district_reports.airflow_parts.throttle import Throttle
from district_reports.errors import SystemFault
from district_reports.ledger.access_log import Kind, record
from district_reports.settings import settings
from district_reports.users import Viewer, viewers

log = logging.getLogger(__name__)
WAYS = frozenset({"/auth/token", "/auth/token/cli", "/auth/login"})
"""POST to one of these, with or without a slash at the end, is an attempt: SimpleAuthManager's, ours, and FAB's."""
_PLAIN = re.compile(r"[\w.@+-]{1,150}")
LARGEST_BODY = 16_384
"""A name and a password are no longer."""


class LogIns:
    """See the module. Failures are kept in ``throttle``."""

    def __init__(self, app: ASGIApp, throttle: Throttle | None = None) -> None:
        self.app = app
        self.throttle = throttle or Throttle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; all but attempts to log in go through."""
        if not _is_attempt(scope):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await _body(request)
        if body is None:
            await _refusal(request, 413, ("请求太大。", "The request is too large."))(scope, receive, send)
            return
        name, address = _name(request.headers, body), request.client.host if request.client else ""
        wait = self.throttle.begin(name, address)
        if wait is not None:
            if wait.is_new:
                await run_in_threadpool(_record, 429, address, name)
            await _must_wait(request, wait.seconds)(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                good = status == 201 or _sets_token(Headers(raw=message["headers"]))
                if good:
                    self.throttle.succeeded(name, address)
                await run_in_threadpool(_record, 200 if good else 401, address, name)
            await send(message)

        await self.app(scope, _again(body, receive), watched)


def _is_attempt(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"].rstrip("/")
    return path in WAYS or path.removeprefix(scope.get("root_path", "")) in WAYS


async def _body(request: Request) -> bytes | None:
    """What was sent; None for more than :data:`LARGEST_BODY`."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive` from the beginning, for whoever comes after."""
    sent = False

    async def first_the_body() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return first_the_body


def _name(headers: Headers, body: bytes) -> str:
    """The name in a body, as JSON or as a form; empty where there is none that is read in one way only.

    All those count together: else one name, written in many ways, would have five attempts for each.
    """
    try:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            name, *others = parse_qs(body.decode()).get("username", [""])
        else:
            name, others = json.loads(body)["username"], []
    except (ValueError, TypeError, KeyError):
        return ""
    return name if not others and isinstance(name, str) and _PLAIN.fullmatch(name) else ""


def _sets_token(headers: Headers) -> bool:
    """Whether an answer logs somebody in: FAB's page leads on to another either way, with a cookie if all was right."""
    cookies = (SimpleCookie(value).get(COOKIE_NAME_JWT_TOKEN) for value in headers.getlist("set-cookie"))
    return any(cookie is not None and cookie.value for cookie in cookies)


def _must_wait(request: Request, seconds: int) -> Response:
    said = (
        f"登录失败次数过多，请在 {seconds} 秒后再试。",
        f"Too many failed log-ins: try again in {seconds} seconds.",
    )
    refusal = _refusal(request, 429, said)
    refusal.headers["Retry-After"] = str(seconds)
    return refusal


def _refusal(request: Request, status: int, said: Said) -> Response:
    """A page for who sent a form, JSON for a program."""
    if wants_a_page(request):
        return refusal_page(request, status, said)
    return JSONResponse({"detail": " ".join(said)}, status)


def _record(status: int, address: str, name: str) -> None:
    """A row of the access log. Without the warehouse people log in all the same: the pages then show them nothing."""
    try:
        viewer: Viewer | None = viewers(settings().users).get(name)
        record(Kind.LOG_IN, status, address, viewer)
    except (SystemFault, SQLAlchemyError) as error:
        log.warning("a log-in (status %d) is missing in the access log: %s", status, type(error).__name__)
