"""A form that changes something carries a token that only a page of ours, made for this log-in, could have put in."""

import hashlib

from airflow.configuration import conf
from fastapi import HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from district_reports.pages.airflow import token_of

FIELD = "csrf_token"
HOURS = 12
"""How long a page may stand open before its buttons are refused."""


def token(request: Request) -> str:
    """The token for the viewer's forms."""
    return made_for(token_of(request))


def made_for(login: str) -> str:
    """The token for the forms of whom Airflow knows by its token `login`.

    That names the user and the log-in; who logs in again, or whose log-in Airflow renews, has another one.
    """
    return str(_serializer().dumps(_digest(login)))


async def checked(request: Request) -> None:
    """The dependency of every route that changes something.

    Raises:
        HTTPException: 403, the token is missing, of another user or log-in, forged or too old.
    """
    form = await request.form()
    try:
        login = _serializer().loads(str(form.get(FIELD, "")), max_age=HOURS * 3600)
    except BadSignature:
        raise HTTPException(403, "csrf") from None
    if login != _digest(token_of(request)):
        raise HTTPException(403, "csrf")


def _digest(login: str) -> str:
    """What tells log-ins apart, and tells nothing of Airflow's token to who reads the page."""
    return hashlib.sha256(login.encode()).hexdigest()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="district-reports-forms")
