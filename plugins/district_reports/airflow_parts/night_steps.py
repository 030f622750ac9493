"""What the tasks of ``publish_city_tables`` call; as :mod:`.steps`, with ids, counts and codes in XCom and logs."""

import logging
from typing import Any

from district_reports.airflow_parts.steps import redact_errors, warehouse

log = logging.getLogger(__name__)


@redact_errors
def sweep() -> int:
    """Make every unfinished submission that nobody holds due for a signal at once; how many."""
    warehouse()
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.leases import make_all_due

    with engine(Role.LOADER).begin() as connection:
        due = make_all_due(connection)
    log.info("%d unfinished submissions are due for a signal", due)
    return due


@redact_errors
def reconcile() -> dict[str, Any]:
    """Compare what stands accepted, and write down what became of the items of the worklist."""
    warehouse()
    from district_reports.reconciliation.reconcile import reconcile

    done = reconcile(log.info)
    for line in done.lines():
        log.info("%s", line)
    return {"run_id": done.run_id}


@redact_errors
def tell_districts() -> dict[str, int]:
    """Put the worklist of every district into its folder where it has changed; how many, and how many are held open."""
    warehouse()
    from district_reports.reconciliation.delivery import tell_districts

    told = vars(tell_districts(log.info))
    log.info("%s", told)
    return told


@redact_errors
def publish() -> dict[str, Any]:
    """Build the city tables from what stands accepted and publish them as a release."""
    warehouse()
    from district_reports.publish import publish as publish_release

    release = publish_release(log.info)
    return {"release_id": release.release_id, "rows": dict(release.rows)}
