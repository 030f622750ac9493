"""
### Ingest one form's reports

A run works on one key `district|period`, its label (分区键): it takes what waits there, one submission after the other,
the oldest first. Each is claimed and checked (*validate*), decided and committed with all its rows in one transaction
(*load*), and the marked workbook with its report is put into the district's `反馈/`, what it supersedes into `历史/`
(*answer*). The ledger keeps how far each has come, so that a task that is killed or tried again goes on from there.

A rejected workbook is a **successful** run: bad data is an outcome, and stands with the counts in the log and in XCom.
A skipped run found nothing to do. **When it is red**, a system fault (database, disk, a broken rule) kept it from
working; the error begins with the step and the submission. Mend it and clear the task, or wait: it is tried again, and
later the key is signalled again by itself.
"""

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from district_reports.airflow_parts.assets import uploads_of
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import INGEST_POOL
from district_reports.forms import forms


def dag_of(form):
    """The DAG of one form."""
    with DAG(
        f"ingest_{form.key}",
        doc_md=__doc__,
        description=form.title,
        schedule=PartitionedAssetTimetable(assets=uploads_of(form.key)),
        start_date=START,
        catchup=False,
        max_active_runs=8,
        tags=["district-reports", "uploads", form.key],
        default_args=defaults(INGEST_POOL, retries=3, minutes=15),
    ) as dag:

        @task
        def ingest(dag_run=None, run_id=None):
            from district_reports.airflow_parts import steps

            return steps.ingest(form.key, dag_run.partition_key, run_id)

        ingest()
    return dag


for form in forms().values():
    globals()[f"ingest_{form.key}"] = dag_of(form)
