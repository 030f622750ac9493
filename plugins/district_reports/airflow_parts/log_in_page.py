"""The page on which people log in, in the bureau's name: Chinese with English beside it, without a script."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from airflow.api_fastapi.app import get_cookie_path
from airflow.configuration import conf
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from district_reports.reference.bureau import names
from district_reports.settings import settings

Said = tuple[str, str]
"""A sentence in Chinese, and in English."""
WRONG: Said = ("账号或密码不正确。", "The user name or the password is wrong.")
FOREIGN: Said = ("这次登录不是从本系统的页面发出的，请再试一次。", "This did not come from our own page: try again.")
# What a browser could take for another host, or drop on the way, is no path.
_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f\x7f]*")


def log_in_page(*, name: str = "", said: Said | None = None, status: int = 200) -> HTMLResponse:
    """The form, sent to where it stands. `said` is what went wrong before, with `name` as it was typed."""
    return _page("登录", status, said=said, asks=True, name=name)


def refusal_page(request: Request, status: int, said: Said) -> HTMLResponse:
    """What went wrong, without a form: whatever auth manager's page it was sent from, the link leads back there."""
    query = f"?{request.url.query}" if request.url.query else ""
    return _page("登录", status, said=said, asks=False, back=request.url.path + query)


def wants_a_page(request: Request) -> bool:
    """Whether a person asks, and not a program."""
    return "text/html" in request.headers.get("accept", "")


async def sent_by_form(request: Request) -> tuple[str, str] | None:
    """Name and password as our form sends them; None for anything that could be read in another way as well.

    So the name that logs in is the one that :mod:`.log_ins` has counted and records.
    """
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    try:
        sent = parse_qs((await request.body()).decode(), keep_blank_values=True)
    except ValueError:
        return None
    match sent.get("username"), sent.get("password"):
        case [name], [password]:
            return name, password
    return None


def came_from_elsewhere(request: Request) -> bool:
    """Whether a form was sent from a page of another site: it could log somebody in under a name that is not hers."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Browsers leave that word out where a page came without HTTPS.
    origin = request.headers.get("origin")
    ours = {request.url.netloc, urlsplit(conf.get("api", "base_url", fallback="") or "").netloc}
    return origin is not None and urlsplit(origin).netloc not in ours - {""}


def page_asked_for(request: Request) -> str:
    """The page to come back to after the log-in, always one of this host; Airflow's home where none is named so."""
    asked_for = request.query_params.get("next", "")
    parts = urlsplit(asked_for) if asked_for.startswith(("http://", "https://")) else None
    if parts is not None and parts.netloc == request.url.netloc:
        asked_for = parts._replace(scheme="", netloc="").geturl()
    return asked_for if _PATH.fullmatch(asked_for) else get_cookie_path()


def _page(title: str, status: int, **context: Any) -> HTMLResponse:
    known = names(settings().bureau)
    text = _template().render(title=f"{title} · {known['zh']}", names=known, style=_style(), **context)
    return HTMLResponse(text, status, _headers())


@lru_cache(maxsize=1)
def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; img-src data:; style-src 'sha256-{digest}';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


@lru_cache(maxsize=1)
def _style() -> Markup:
    return Markup(Path(__file__).with_suffix(".css").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(Path(__file__).with_suffix(".html.j2").read_text(encoding="utf-8"))
