"""What every DAG has in common: owner, retries, timeouts, pool."""

from datetime import timedelta
from typing import Any

from airflow.sdk import timezone

OWNER = "data-engineering"
START = timezone.datetime(2020, 1, 1)


def defaults(pool: str, *, retries: int, minutes: int) -> dict[str, Any]:
    """Default arguments of a DAG's tasks; each may run `minutes` and is tried again with growing pauses."""
    return {
        "owner": OWNER,
        "pool": pool,
        "retries": retries,
        "retry_delay": timedelta(seconds=15),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=minutes),
    }
