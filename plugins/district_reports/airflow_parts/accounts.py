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

from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
from airflow.api_fastapi.auth.managers.simple.datamodels.login import LoginBody, LoginResponse
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.auth.managers.simple.utils import parse_login_body
from airflow.configuration import conf
from fastapi import Depends, FastAPI, HTTPException
from jwt import ExpiredSignatureError

from district_reports.errors import ConfigurationError
from district_reports.passwords import entries, matches
from district_reports.settings import settings
from district_reports.users import FIRST, Role, viewers

log = logging.getLogger(__name__)

# What each may do in Airflow's own UI. A district's people see their pages and nothing of Airflow, which knows no
# districts.
AIRFLOW_ROLES: Mapping[Role, str] = {Role.ENGINEER: "admin", Role.OFFICER: "viewer", Role.DISTRICT: ""}
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
    """SimpleAuthManager's rights and log-in page, with the users and passwords of this deployment."""

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
        """SimpleAuthManager's page, with a log-in of our own in front of its own."""
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        app.add_api_route("/token", self._log_in, methods=["POST"], status_code=201)
        app.add_api_route("/token/cli", self._log_in_for_programs, methods=["POST"], status_code=201)
        app.mount("/", super().get_fastapi_app())
        return app

    def _log_in(self, body: Annotated[LoginBody, Depends(parse_login_body)]) -> LoginResponse:
        return self._token(body, conf.getint("api_auth", "jwt_expiration_time"))

    def _log_in_for_programs(self, body: LoginBody) -> LoginResponse:
        return self._token(body, conf.getint("api_auth", "jwt_cli_expiration_time"))

    def _token(self, body: LoginBody, seconds: int) -> LoginResponse:
        account = accounts().get(body.username)
        if not matches(account.entry if account else None, body.password):
            raise HTTPException(401, "账号或密码不正确。 The user name or the password is wrong.")
        assert account is not None
        user = SimpleAuthManagerUser(username=body.username, role=account.role)
        return LoginResponse(access_token=self.generate_jwt(user, expiration_time_in_seconds=seconds))
