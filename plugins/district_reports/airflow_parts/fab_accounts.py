"""FAB's auth manager for a deployment with a directory of its own (LDAP, OAuth) or with FAB's table of users.

``core.auth_manager = district_reports.airflow_parts.fab_accounts.FabAccounts``, and ``requirements-fab.lock`` installed
(docs/how-to/log-in-by-a-directory.md). FAB knows passwords, and what somebody may do in Airflow's own UI; the table of
users (:mod:`district_reports.users`) says by the same name whose role somebody has on the pages, and who is out.
"""

from typing import Any

from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from jwt import ExpiredSignatureError

from district_reports.settings import settings
from district_reports.users import viewers


class FabAccounts(FabAuthManager):  # type: ignore[misc]  # airflow is untyped here
    """FAB's, but a token counts only as long as the table of users names its user."""

    def deserialize_user(self, token: dict[str, Any]) -> Any:
        """As FAB, which asks its own table anew every 30 s (``fab.cache_ttl``); ours is asked each time.

        Raises:
            ExpiredSignatureError: the table of users does not name the user (Airflow answers 401, as for old tokens).
        """
        user = super().deserialize_user(token)
        if user.get_name() not in viewers(settings().users):
            raise ExpiredSignatureError("the table of users does not name the user")
        return user
