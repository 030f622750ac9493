"""Who logs in to Airflow where nobody has set another auth manager: the table of users, and passwords of our own.

``core.auth_manager = district_reports.airflow_parts.accounts.Accounts``. Airflow's SimpleAuthManager believes a token
for as long as it lasts. This one looks into the table (:mod:`district_reports.users`) and at the passwords again
whenever a token is shown, to the UI, the REST API or the pages: who was removed, or whose password is another now, is
out with the next request, and a role that was changed counts with it. Both files are small, so nothing is remembered.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.app import get_cookie_path
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN, BaseAuthManager
from airflow.api_fastapi.auth.managers.simple.datamodels.login import LoginBody, LoginResponse
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.auth.managers.simple.utils import parse_login_body
from airflow.configuration import conf
from fastapi import Depends, FastAPI, HTTPException, Request
from jwt import ExpiredSignatureError
from starlette.responses import RedirectResponse, Response

from district_reports.airflow_parts.log_in_page import (
    FOREIGN,
    WRONG,
    came_from_elsewhere,
    log_in_page,
    page_asked_for,
    sent_by_form,
)
from district_reports.errors import ConfigurationError
from district_reports.passwords import entries, matches
from district_reports.settings import settings
from district_reports.users import FIRST, Role, viewers

log = logging.getLogger(__name__)

# What each may do in Airflow's own UI. A district's people see their pages and nothing of Airflow, which knows no
# districts.
AIRFLOW_ROLES: Mapping[Role, str] = {
    Role.ENGINEER: "admin",
    Role.OFFICER: "viewer",
    Role.APPROVER: "viewer",
    Role.DISTRICT: "",
}
_FINGERPRINT = "password"


@dataclass(frozen=True)
class Account:
    """``role`` is Airflow's; ``entry`` is of :mod:`district_reports.passwords`, None for who has no password yet."""

    role: str
    entry: str | None

    @property
    def fingerprint(self) -> str:
        """By which a token knows the password that it was given for, and nobody else does."""
        secret = conf.get("api", "secret_key").encode()
        return hmac.new(secret, (self.entry or "").encode(), hashlib.sha256).hexdigest()[:32]


def accounts() -> dict[str, Account]:
    """Everybody who can log in, by name: whom the table names, and the user as whom we ask Airflow ourselves.

    Raises:
        ConfigurationError: one of the two files makes no sense.
    """
    kept = entries(Path(SimpleAuthManager.get_generated_password_file()))
    roles = {viewer.name: viewer.role for viewer in viewers(settings().users).values()}
    return {
        name: Account(AIRFLOW_ROLES[role], kept.get(name)) for name, role in {**roles, FIRST.name: FIRST.role}.items()
    }


class Accounts(SimpleAuthManager):  # type: ignore[misc]  # airflow is untyped here
    """SimpleAuthManager's rights, with the users, the passwords and the log-in page of this deployment."""

    def init(self) -> None:
        """Without SimpleAuthManager's own, which invents passwords and prints them.

        Raises:
            ConfigurationError: everybody would be let in as an administrator, without a password.
        """
        if conf.getboolean("core", "simple_auth_manager_all_admins"):
            raise ConfigurationError("core.simple_auth_manager_all_admins lets everybody in; unset it")
        BaseAuthManager.init(self)

    def serialize_user(self, user: SimpleAuthManagerUser) -> dict[str, Any]:
        """The user's name, and the fingerprint of the password in force."""
        return {"sub": user.username, _FINGERPRINT: accounts()[user.username].fingerprint}

    def deserialize_user(self, token: dict[str, Any]) -> SimpleAuthManagerUser:
        """The user that `token` names, with the role of this moment.

        Raises:
            ExpiredSignatureError: removed since, or given another password (Airflow answers 401, as for old tokens).
        """
        try:
            account = accounts().get(token["sub"])
        except ConfigurationError as error:
            log.error("nobody is let in: %s", error)
            account = None
        if account is None or not hmac.compare_digest(account.fingerprint, str(token.get(_FINGERPRINT))):
            raise ExpiredSignatureError("the account has changed")
        return SimpleAuthManagerUser(username=token["sub"], role=account.role)

    def get_fastapi_app(self) -> FastAPI:
        """Our own log-in in the place of SimpleAuthManager's: its page, and two ways for programs."""
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        app.add_api_route("/token", self._log_in, methods=["POST"], status_code=201)
        app.add_api_route("/token/cli", self._log_in_for_programs, methods=["POST"], status_code=201)
        for path in ("/login", "/login/"):
            app.add_api_route(path, self._page, methods=["GET"], response_model=None)
            app.add_api_route(path, self._log_in_by_page, methods=["POST"], response_model=None)
        return app

    def _page(self) -> Response:
        return log_in_page()

    def _log_in(self, body: Annotated[LoginBody, Depends(parse_login_body)]) -> LoginResponse:
        return self._answer(body, conf.getint("api_auth", "jwt_expiration_time"))

    def _log_in_for_programs(self, body: LoginBody) -> LoginResponse:
        return self._answer(body, conf.getint("api_auth", "jwt_cli_expiration_time"))

    def _log_in_by_page(
        self, request: Request, sent: Annotated[tuple[str, str] | None, Depends(sent_by_form)]
    ) -> Response:
        if sent is None or came_from_elsewhere(request):
            return log_in_page(said=FOREIGN, status=403)
        token = self._token(*sent, conf.getint("api_auth", "jwt_expiration_time"))
        if token is None:
            return log_in_page(name=sent[0], said=WRONG, status=401)
        # 303: what was sent is not sent again by going back.
        answer = RedirectResponse(page_asked_for(request), 303, {"Cache-Control": "no-store"})
        secure = request.url.scheme == "https" or bool(conf.get("api", "ssl_cert", fallback=""))
        kept: dict[str, Any] = {"path": get_cookie_path(), "secure": secure, "httponly": True, "samesite": "lax"}
        answer.set_cookie(COOKIE_NAME_JWT_TOKEN, token, **kept)
        return answer

    def _answer(self, body: LoginBody, seconds: int) -> LoginResponse:
        token = self._token(body.username, body.password, seconds)
        if token is None:
            raise HTTPException(401, " ".join(WRONG))
        return LoginResponse(access_token=token)

    def _token(self, name: str, password: str, seconds: int) -> str | None:
        account = accounts().get(name)
        if not matches(account.entry if account else None, password):
            return None
        assert account is not None
        user = SimpleAuthManagerUser(username=name, role=account.role)
        return str(self.generate_jwt(user, expiration_time_in_seconds=seconds))
