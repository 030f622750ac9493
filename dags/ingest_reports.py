"""
### Ingest one form's reports

One run is one submission; its partition key `district|period` is its label. `validate` claims the oldest unfinished
submission of the key and checks it, `load` decides and commits everything in one transaction, `answer` puts the
marked workbook and its report into the district's `反馈/`, and what they supersede into `历史/`. Each is safe to run
again.

A rejected workbook is a **successful** run: bad data is an outcome, and stands in the log and in XCom. A skipped run
found nothing to do. **When it is red**, a system fault (database, disk, a broken rule) kept a step from working: mend
it and clear the task, or wait; the key is signalled again by itself.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from district_reports.airflow_parts.assets import uploads_of
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import INGEST_POOL
from district_reports.forms import forms


def ingest(form):
    """The DAG of one form."""
    with DAG(
        f"ingest_{form.key}",
        doc_md=__doc__,
        description=form.title,
        schedule=PartitionedAssetTimetable(assets=uploads_of(form.key)),
        start_date=START,
        catchup=False,
        max_active_runs=8,
        tags=["district-reports", "intake", form.key],
        default_args=defaults(INGEST_POOL, retries=3, minutes=15),
    ) as dag:

        @task
        def validate(dag_run=None, run_id=None):
            from district_reports.airflow_parts import steps

            return steps.validate(form.key, dag_run.partition_key, run_id)

        @task
        def load(step):
            from district_reports.airflow_parts import steps

            return steps.load(step)

        @task
        def answer(step):
            from district_reports.airflow_parts import steps

            return steps.answer(step)

        step = validate()
        load(step) >> answer(step)
    return dag


for form in forms().values():
    globals()[f"ingest_{form.key}"] = ingest(form)
