"""The site of the Data Docs (:mod:`district_reports.data_docs`) behind the gate: its pages, read-only."""

import re
from datetime import datetime

from fastapi import HTTPException
from starlette.responses import HTMLResponse, Response

from district_reports import clock
from district_reports.data_docs.policy import content_security_policy
from district_reports.settings import settings

INDEX = "index.html"
# No dot but the last: a path can't leave the folder, and what is hidden in it is no page.
_PAGE = re.compile(r"(?:[A-Za-z0-9_-]{1,80}/){0,6}[A-Za-z0-9_-]{1,120}\.html", re.ASCII)


def made_at() -> datetime | None:
    """When the site was made; None where there is none."""
    try:
        seconds = (settings().data_docs / INDEX).stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(seconds, clock.ZONE)


def answer(path: str) -> Response:
    """The page at `path` of the site, with the policy that lets in its own styles and nothing else.

    Raises:
        HTTPException: 404, the site has no such page.
    """
    site = settings().data_docs.resolve()
    if not _PAGE.fullmatch(path):
        raise HTTPException(404)
    found = (site / path).resolve()
    if not found.is_relative_to(site) or not found.is_file():
        raise HTTPException(404)
    try:
        content = found.read_bytes()
    except FileNotFoundError:
        # A new site is taking the place of this one.
        raise HTTPException(404) from None
    return HTMLResponse(content, headers={"Content-Security-Policy": content_security_policy()})
