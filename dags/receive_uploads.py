"""
### Receive uploads

Starts when something lies in a district's `上报/` or `预检/`, or a key is due for a signal: the triggerer watches the
folders and the ledger (asset `uploads_waiting`), so that a file is taken within 10 seconds of its last change. It also
starts every 5 minutes by the clock: should the triggerer be down, files are received all the same, only later.

A file that has stopped changing is snapshotted, guarded in a limited process, archived and entered into the ledger; the
district gets a receipt, the original moves to `已接收/`. A file without identity (rules F01–F06, F09) is decided and
answered here. Files in `预检/` are taken likewise, after the reports, and stay where they lie: each saved state is
checked once, and nothing is loaded.

Then every key `district|period` with work and nobody at it is signalled to its `ingest_<form>` DAG. Events are hints:
what is lost is signalled again after 10 minutes, then after twice as long.

**When it is red**: `report_fault` says which receipts or districts could not be received; the others were. The next
run tries again by itself.
"""

from datetime import timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, DeltaTriggerTimetable, task

from district_reports.airflow_parts.assets import uploads_of
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import RECEIVING_POOL
from district_reports.airflow_parts.uploads_watcher import UPLOADS_WAITING
from district_reports.forms import forms

with DAG(
    "receive_uploads",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(timetable=DeltaTriggerTimetable(timedelta(minutes=5)), assets=[UPLOADS_WAITING]),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "uploads"],
    default_args=defaults(RECEIVING_POOL, retries=0, minutes=10),
):

    @task.branch(outlets=[uploads_of(form) for form in forms()])
    def receive(ti=None, outlet_events=None):
        from district_reports.airflow_parts import steps

        fault = steps.receive(ti.task.outlets, outlet_events)
        ti.xcom_push("fault", fault)
        return "report_fault" if fault else None

    @task
    def report_fault(fault):
        from district_reports.errors import SystemFault

        raise SystemFault(fault)

    received = receive()
    received >> report_fault(received["fault"])
