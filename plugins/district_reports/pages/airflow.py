"""Airflow's own REST API, asked in this process as the viewer: Airflow decides what the viewer may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param


@dataclass(frozen=True)
class Reply:
    """What Airflow said; ``body`` is what its JSON holds, None where there is none."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def token_of(request: Request) -> str:
    """Airflow's token of who asks, as Airflow itself chooses: what was sent on purpose goes before the cookie."""
    scheme, sent = get_authorization_scheme_param(request.headers.get("Authorization"))
    return sent if sent and scheme.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")


async def ask(
    request: Request, method: str, path: str, *, query: Mapping[str, str] | None = None, json: object = None
) -> Reply:
    """Send one request to ``/api/v2`` with the viewer's own token. `path` begins after that; an app that breaks is 500.

    Nothing goes over the network, so no address, port or certificate has to be known, and a server with one worker
    does not wait for itself.
    """
    transport = httpx.ASGITransport(app=_airflow(), raise_app_exceptions=False)
    token = token_of(request)
    async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
        answer = await client.request(
            method, f"/api/v2{path}", params=query, json=json, headers={"Authorization": f"Bearer {token}"}
        )
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return Reply(answer.status_code, answer.json() if is_json else None)


def _airflow() -> Any:
    """The app of this API server, which serves the pages as well: the module that the server itself runs."""
    from airflow.api_fastapi.main import app

    return app
