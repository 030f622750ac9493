"""
### Maintenance

Every night at 03:30 Asia/Shanghai: removes old runs from Airflow's metadata with `airflow db clean`. Runs of
`receive_uploads` (300 a day and more) are kept for 30 days, all others for 400. Contents that broke the reader are
forgotten after 90 days, and tried again; rows of the access log after 400 days; temporary files that killed processes
left behind go after a day. In every `反馈/` superseded answers and those to unknown files of 30 days ago go into
`历史/`, and from there after 400 days; `说明.txt` and `上报情况.txt` are brought up to date. The data docs are built
anew. Else the ledger, the archive and the warehouse are not touched: they are the record.
"""

from airflow.sdk import DAG, CronTriggerTimetable, task

from district_reports.airflow_parts.policy import defaults
from district_reports.airflow_parts.pools import PUBLISH_POOL

with DAG(
    "maintenance",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 3 * * *", timezone="Asia/Shanghai"),
    # No start date: one in the past would make a new deployment, with nothing to clean, begin with last night's run.
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "maintenance"],
    default_args=defaults(PUBLISH_POOL, retries=1, minutes=60),
):

    @task
    def clean_metadata():
        from district_reports.airflow_parts import steps

        steps.clean_metadata()

    @task
    def forget_poison():
        from district_reports.airflow_parts import steps

        steps.forget_poison()

    @task
    def forget_old_access():
        from district_reports.airflow_parts import steps

        steps.forget_old_access()

    @task
    def remove_leftovers():
        from district_reports.airflow_parts import steps

        steps.remove_leftovers()

    @task
    def tidy_folders():
        from district_reports.airflow_parts import steps

        steps.tidy_folders()

    @task
    def write_data_docs():
        from district_reports.airflow_parts import steps

        steps.write_data_docs()

    clean_metadata()
    forget_poison()
    forget_old_access()
    remove_leftovers()
    tidy_folders()
    write_data_docs()
