"""What officers ask for: it is recorded, and then a job of Airflow's is begun that does it."""

import logging

from district_reports.errors import at
from district_reports.ledger.viewing import writing
from district_reports.publish.outgoing.requests import NotAllowed, Rule, What, ask
from district_reports.users import Viewer

log = logging.getLogger(__name__)

DAG = "release_outside"


def asked(
    viewer: Viewer, what: What, *, release_id: int | None = None, prepared_id: int | None = None, reason: str = ""
) -> int | Rule:
    """Record what `viewer` asks for and let the job begin; the number of the request, or the rule that forbids it."""
    try:
        with writing(viewer) as connection:
            number = ask(
                connection, what, asked_by=viewer.name, release_id=release_id, prepared_id=prepared_id, reason=reason
            )
    except NotAllowed as refused:
        return refused.rule
    log.info("%s asks to %s a release outside (request %d)", viewer.name, what, number)
    begin_job(viewer.name)
    return number


def begin_job(user: str) -> bool:
    """Let Airflow run :data:`DAG` now, in the name of `user`; whether it will.

    By Airflow's own function, in this process: an officer may look at Airflow's DAGs and not start them. What can't be
    begun is done by the DAG's next hourly run, so that no failure here loses what was asked.
    """
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.utils.types import DagRunTriggeredByType

    try:
        trigger_dag(DAG, triggered_by=DagRunTriggeredByType.UI, triggering_user_name=user)
    except Exception as error:  # whatever Airflow or its database lacks
        log.error("%s could not be begun, its next run does it: %s at %s", DAG, type(error).__name__, at(error))
        return False
    return True
