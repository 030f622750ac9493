"""
### Let releases leave the house

What officers asked for on 对外发布, in the order in which they asked: a release is prepared (disclosure control chooses
what is withheld), leaves when another officer has approved it (the tables `outside`, and the bundle in `发布`), or is
taken back. The page triggers a run with each request; every hour one looks whether a request is left.

Safe to run again, and to kill at any time: what is done is not done again. A request that a rule forbids is refused,
and the page says why. **When `work_off` is red**, a request met a fault of the system and stays open for the next run;
the log names it, and the others were worked off.
"""

from airflow.sdk import DAG, CronTriggerTimetable, task

from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import OUTSIDE_POOL

with DAG(
    "release_outside",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("40 * * * *", timezone="Asia/Shanghai"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "publish"],
    default_args=defaults(OUTSIDE_POOL, retries=2, minutes=60),
):

    @task
    def work_off():
        from district_reports.airflow_parts import outside_steps

        return outside_steps.work_off()

    work_off()
