"""Airflow's authentication in this process: real tokens of users that it knows, and no server."""

from collections.abc import Mapping
from pathlib import Path

import pytest

COOKIE = "_token"


def airflow_tokens(home: Path, users: Mapping[str, str], environ: pytest.MonkeyPatch) -> dict[str, str]:
    """A token for each of `users` (name to Airflow's role), as long as `environ` stands; `home` is Airflow's folder."""
    for name, value in {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in users.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-the-tests" * 4,
        "AIRFLOW__API__SECRET_KEY": "another-secret-of-the-tests",
    }.items():
        environ.setenv(name, value)
    from airflow import settings
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.models.revoked_token import RevokedToken

    # Another test may have imported Airflow before, with another database.
    settings.configure_vars()
    settings.configure_orm()
    manager = create_auth_manager()
    manager.init()
    RevokedToken.__table__.create(settings.engine)
    return {user: log_in(user, role) for user, role in users.items()}


def log_in(user: str, role: str) -> str:
    """A token of `user`, who logs in once more."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return str(get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=user, role=role)))
