"""
### Receive uploads

Looks into every district's `上报/` folder each 8 seconds, so that a file is taken within 10. A file that has stopped
changing is snapshotted, guarded in a limited process, archived and entered into the ledger; the district gets a
receipt, the original moves to `已接收/`. A file without identity (rules F01–F06, F09) is decided and answered here.

Files in `预检/` are taken likewise, after the reports, and stay where they lie: each saved state is checked once, and
nothing is loaded.

Then every key `district|period` with work and nobody at it is signalled to its `ingest_<form>` DAG. Events are hints:
what is lost is signalled again after 10 minutes, then after twice as long.

**When it is red**: `report_fault` says which receipts or districts could not be received; the others were. The next
run tries again by itself.
"""

from datetime import timedelta

from airflow.sdk import DAG, DeltaTriggerTimetable, task

from district_reports.airflow_parts.assets import uploads_of
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import RECEIVING_POOL
from district_reports.forms import forms

with DAG(
    "receive_uploads",
    doc_md=__doc__,
    schedule=DeltaTriggerTimetable(timedelta(seconds=8)),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "intake"],
    default_args=defaults(RECEIVING_POOL, retries=0, minutes=10),
):

    @task.branch
    def receive(ti=None):
        from district_reports.airflow_parts import steps

        waiting, fault = steps.receive()
        ti.xcom_push("fault", fault)
        return [f"signal_{form}" for form in waiting] + ["report_fault"] * (fault is not None)

    @task
    def report_fault(fault):
        from district_reports.errors import SystemFault

        raise SystemFault(fault)

    received = receive()
    received >> report_fault(received["fault"])

    for form in forms():

        @task(task_id=f"signal_{form}", outlets=[uploads_of(form)])
        def signal(form, outlet_events=None):
            from district_reports.airflow_parts import steps

            return steps.signal(form, outlet_events[uploads_of(form)].add_partitions)

        received >> signal(form)
