"""What the task of ``release_outside`` calls; as :mod:`.steps`, with ids and outcomes in XCom and logs."""

import logging
from typing import Any

from district_reports.airflow_parts.steps import redact_errors, warehouse

log = logging.getLogger(__name__)


@redact_errors
def work_off() -> list[dict[str, Any]]:
    """Work off what officers asked for: the requests, and what became of each."""
    warehouse()
    from district_reports.publish.outgoing.work import work_off

    return [
        {"request_id": done.request_id, "what": done.what.value, "outcome": done.outcome} for done in work_off(log.info)
    ]
