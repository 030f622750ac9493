"""What a route shows, declared at the route, and a row of the access log for each that shows something of that kind.

A router is made with ``route_class=Declared``. The row is written when the answer stands and before it goes out. Where
it can't be written, the answer does not go out either: nobody sees a child's name without a trace of it.
"""

import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from district_reports.errors import SystemFault
from district_reports.ledger.access_log import Kind, record
from district_reports.pages.access import viewer_of

log = logging.getLogger(__name__)
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_DECLARED = "district_reports_shows"
# A name of ours, a period, or a number: not as many digits as an ID or a telephone number has.
_PLAIN = re.compile(r"(?!.*[0-9]{9})(?:[a-z][a-z0-9_]{0,59}|[0-9A-Z-]{1,12})", re.ASCII)


@dataclass(frozen=True)
class Shown:
    """``kind`` is None for what nobody has to answer for. ``subject`` names parameters of the path and the query."""

    kind: Kind | None
    subject: tuple[str, ...] = ()

    def subject_of(self, request: Request) -> str:
        """Their values, without any that could name a person: what is asked for need not exist."""
        given = {**request.query_params, **request.path_params}
        values = {name: str(given[name]) for name in self.subject if given.get(name)}
        return " ".join(value if _PLAIN.fullmatch(value) else f"({name})" for name, value in values.items())


def shows(kind: Kind, *subject: str) -> Callable[[Endpoint], Endpoint]:
    """The endpoint shows something of `kind`; `subject` names the parameters that say of what."""
    return _declare(Shown(kind, subject))


def shows_nothing(endpoint: Endpoint) -> Endpoint:
    """The endpoint shows nothing that is personal, nor anything that is taken away as a file."""
    return _declare(Shown(None))(endpoint)


def shown_by(route: APIRoute) -> Shown:
    """What the route declares.

    Raises:
        TypeError: nothing.
    """
    found = getattr(route.endpoint, _DECLARED, None)
    if not isinstance(found, Shown):
        raise TypeError(f"{route.path} does not declare what it shows: shows(Kind.…) or shows_nothing")
    return found


class Declared(APIRoute):
    """A route that declares what it shows, and notes who has asked for it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As ever, and a row of the access log.

        Raises:
            TypeError: the endpoint declares nothing.
        """
        shown, answer_of = shown_by(self), super().get_route_handler()
        if shown.kind is None:
            return answer_of
        kind = shown.kind

        async def noted(request: Request) -> Response:
            try:
                answer = await answer_of(request)
            except StarletteHTTPException as refused:
                await _note(request, kind, refused.status_code, shown)
                raise
            except RequestValidationError:
                await _note(request, kind, 400, shown)
                raise
            await _note(request, kind, answer.status_code, shown)
            return answer

        return noted


async def _note(request: Request, kind: Kind, status: int, shown: Shown) -> None:
    address = request.client.host if request.client else ""
    subject = shown.subject_of(request)
    try:
        await run_in_threadpool(record, kind, status, address, viewer_of(request), subject)
    except (SystemFault, SQLAlchemyError) as error:
        log.error("%s is not shown, as the access log can't be written: %s", kind, type(error).__name__)
        raise HTTPException(503) from None


def _declare(shown: Shown) -> Callable[[Endpoint], Endpoint]:
    def declared(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, shown)
        return endpoint

    return declared
