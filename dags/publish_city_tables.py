"""
### Publish the city tables

Every night at 02:00 Asia/Shanghai, and by hand: every unfinished submission is made due for a signal (`sweep`). What
stands accepted is compared across districts and forms (`reconcile`), which brings the worklist 待核对 up to date. Then
the city tables are built for district, zone and 全市 and published as one release (`publish`); beside it every district
whose items have changed gets its new list into 反馈 (`tell_districts`).
Readers see a whole release or the one before. Safe to run again: a second run finds nothing new, and makes another
release.
"""

from airflow.sdk import DAG, CronTriggerTimetable, task

from district_reports.airflow_parts.assets import CITY_TABLES
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import INGEST_POOL, PUBLISH_POOL

with DAG(
    "publish_city_tables",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "publish"],
    default_args=defaults(PUBLISH_POOL, retries=3, minutes=60),
):

    @task
    def sweep():
        from district_reports.airflow_parts import night_steps

        return night_steps.sweep()

    @task
    def reconcile():
        from district_reports.airflow_parts import night_steps

        return night_steps.reconcile()

    @task(outlets=[CITY_TABLES])
    def publish():
        from district_reports.airflow_parts import night_steps

        return night_steps.publish()

    # Not in the pool of releases: a share that hangs would hold one up.
    @task(pool=INGEST_POOL)
    def tell_districts():
        from district_reports.airflow_parts import night_steps

        return night_steps.tell_districts()

    sweep() >> reconcile() >> [publish(), tell_districts()]
