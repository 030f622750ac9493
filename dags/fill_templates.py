"""
### Fill templates

Every day at 05:00 Asia/Shanghai, and by hand: puts into each district's `模板/` the workbooks of the reports that are
to be sent, with what the register and the last accepted reports say. A template comes with its period's first day, is
made anew when what is known has changed, and goes when the report is accepted or locked; one that the clerk has changed
is left alone. Safe to run again.

**When it is red**, the message names the folders that could not be written (a share that is read-only, a workbook that
somebody has open); the others were done.
"""

from airflow.sdk import DAG, CronTriggerTimetable, task

from district_reports.airflow_parts.policy import defaults
from district_reports.airflow_parts.pools import PUBLISH_POOL

with DAG(
    "fill_templates",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 5 * * *", timezone="Asia/Shanghai"),
    # No start date: one in the past would make a new deployment begin with a run before any report is known.
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "templates"],
    default_args=defaults(PUBLISH_POOL, retries=2, minutes=60),
):

    @task
    def fill_templates():
        from district_reports.airflow_parts import steps

        return steps.fill_templates()

    fill_templates()
