"""A form that changes something carries a token that only a page of ours, made for this user, could have put there."""

from airflow.configuration import conf
from fastapi import HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from district_reports.pages.access import viewer_of

FIELD = "csrf_token"
HOURS = 12
"""How long a page may stand open before its buttons are refused."""


def token(request: Request) -> str:
    """The token for the viewer's forms."""
    return made_for(viewer_of(request).name)


def made_for(name: str) -> str:
    """The token for the forms of the user `name`."""
    return str(_serializer().dumps(name))


async def checked(request: Request) -> None:
    """The dependency of every route that changes something.

    Raises:
        HTTPException: 403, the token is missing, another's, forged or too old.
    """
    form = await request.form()
    try:
        name = _serializer().loads(str(form.get(FIELD, "")), max_age=HOURS * 3600)
    except BadSignature:
        raise HTTPException(403, "csrf") from None
    if name != viewer_of(request).name:
        raise HTTPException(403, "csrf")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="district-reports-forms")
