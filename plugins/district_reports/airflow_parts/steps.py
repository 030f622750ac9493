"""What the tasks call: the library's functions, with Airflow's words around them.

Only ids, counts and codes go into XCom and logs. Each function imports what it needs when it runs.
"""

import logging
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from airflow.sdk import Asset, BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException, AirflowSkipException

log = logging.getLogger(__name__)

CONNECTION = "warehouse"
INGEST_SECONDS = 5.0
"""How long one run begins with further submissions of its key; the key is signalled again for what is left."""
RUNS_KEPT = {"receive_uploads": timedelta(days=30)}
"""How long runs are kept in Airflow's metadata, where not :data:`OTHER_RUNS_KEPT`: there are 300 a day and more."""
OTHER_RUNS_KEPT = timedelta(days=400)
TABLES_OF_RUNS = "dag_run,task_instance,task_instance_history,xcom,log"
OTHER_TABLES = "asset_event,job,task_reschedule,callback,deadline,trigger,import_error,partitioned_asset_key_log"
"""``db clean`` can tell by DAG for the first only: it fails, quietly, for tables without a DAG's id."""
NOT_BY_DAG = frozenset({"deadline"})
"""It comes along with dag_run, fails then, and is cleaned with the others."""
_NOT_CLEANED = re.compile(r"not cleaned due to errors: \[([^\]]*)\]")

Given = ParamSpec("Given")
Result = TypeVar("Result")


def redact_errors(step: Callable[Given, Result], name: str = "") -> Callable[Given, Result]:
    """Let no unforeseen exception of `step` reach a task's log as it is: its message may quote a child's data.

    What is raised instead tells its kind and where it came from, line by line. Our own faults hold no such data. With
    a `name`, the message begins with it, also that of our own faults; a lost lease is raised as it is.
    """

    @wraps(step)
    def redacted(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        from district_reports.errors import LeaseLost, SystemFault, at

        try:
            return step(*args, **kwargs)
        except (LeaseLost, AirflowException):
            raise
        except SystemFault as fault:
            if not name:
                raise
            raise SystemFault(f"{name}: {type(fault).__name__}: {fault}") from fault
        except Exception as error:
            raise SystemFault(f"{name and f'{name}: '}{type(error).__name__} at {at(error)}") from None

    return redacted


def warehouse() -> None:
    """Let the library know the Airflow connection ``warehouse``, unless the environment names a warehouse itself."""
    if os.environ.get("DISTRICT_REPORTS_WAREHOUSE_URL"):
        return
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowNotFoundException:
        return
    from district_reports.database.engine import without_user
    from district_reports.settings import settings

    os.environ["DISTRICT_REPORTS_WAREHOUSE_URL"] = without_user(connection.get_uri()).render_as_string()
    settings.cache_clear()


@redact_errors
def receive(outlets: list[Asset], outlet_events: Mapping[Asset, Any]) -> str | None:
    """Receive what lies in the folders, and signal every key that has work and nobody at it; what broke, if anything.

    `outlets` are the assets of the task, one a form; of them are left those for which there are events, since one
    without a partition would be an event without a key. A fault is handed on instead of raised, so that one bad folder
    does not keep the others' work from being signalled.
    """
    warehouse()
    from district_reports.airflow_parts.assets import uploads_of
    from district_reports.database.engine import Role, engine
    from district_reports.errors import SystemFault
    from district_reports.ledger.leases import forms_to_signal, keys_to_signal
    from district_reports.receiving.receive import receive as receive_uploads
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    loader = engine(Role.LOADER)
    fault = None
    try:
        summary = receive_uploads(loader, Register.load(settings().reference))
        log.info("received %d, rejected at once %d", summary.received, summary.rejected_at_once)
    except SystemFault as error:
        fault = f"{type(error).__name__}: {error}"
    signalled = []
    with loader.begin() as connection:
        for form in forms_to_signal(connection):
            if keys := keys_to_signal(connection, form):
                outlet_events[uploads_of(form)].add_partitions(keys)
                signalled.append(uploads_of(form))
                log.info("signalled %d keys of %s", len(keys), form)
    outlets[:] = signalled
    return fault


@redact_errors
def ingest(form: str, key: str | None, run_id: str) -> list[dict[str, Any]]:
    """Validate, load and answer what waits under `key`, one submission after the other; outcome and counts of each.

    After some seconds it leaves the rest to the key's next run, so that others have their turn.

    Raises:
        AirflowSkipException: the key has no work, or somebody is at it.
        SystemFault: a step could not be done; the message begins with the step and the submission.
    """
    warehouse()
    from district_reports.errors import LeaseLost
    from district_reports.processing import ingest

    done: list[dict[str, Any]] = []
    until = time.monotonic() + INGEST_SECONDS
    while (not done or time.monotonic() < until) and (
        step := redact_errors(ingest.validate, "validate")(form, key, run_id)
    ) is not None:
        try:
            loaded = redact_errors(ingest.load, f"load of submission {step.submission_id}")(step)
            log.info("loaded: %s", loaded)
            answered = redact_errors(ingest.answer, f"answer to submission {step.submission_id}")(step)
            log.info("answered: %s", answered)
        except LeaseLost as lost:
            # Another run does the rest.
            log.info("%s", lost)
            continue
        done.append({**loaded, **answered})
    if not done:
        raise AirflowSkipException(f"{key}: nothing to do, or another run is at it")
    return done


@redact_errors
def fill_templates() -> dict[str, int]:
    """Bring the districts' folders 模板 up to date; how many templates were written, left, edited, removed."""
    warehouse()
    from district_reports import clock
    from district_reports.database.engine import Role, engine
    from district_reports.reference.register import Register
    from district_reports.settings import settings
    from district_reports.upkeep.template_folder import fill_templates

    ours, register = settings(), Register.load(settings().reference)
    filled = vars(fill_templates(engine(Role.LOADER), register, ours.uploads, ours.home / "templates", clock.today()))
    log.info("%s", filled)
    return filled


@redact_errors
def clean_metadata() -> None:
    """Remove old runs from Airflow's metadata with ``airflow db clean``, and their logs.

    Airflow hides the address of its database from tasks; ours is that of :func:`.database.engine.metadata_url`.

    Raises:
        ConfigurationError: there is no such address, or no password.
        SystemFault: the command failed, or could not clean a table.
    """
    from district_reports.settings import settings
    from district_reports.upkeep.logs import tidy_logs

    for dag_id, kept in RUNS_KEPT.items():
        _db_clean(kept, "--tables", TABLES_OF_RUNS, "--dag-ids", dag_id, may_fail=NOT_BY_DAG)
    _db_clean(
        OTHER_RUNS_KEPT, "--tables", TABLES_OF_RUNS, "--exclude-dag-ids", ",".join(RUNS_KEPT), may_fail=NOT_BY_DAG
    )
    _db_clean(OTHER_RUNS_KEPT, "--tables", OTHER_TABLES)
    removed = tidy_logs(settings().home / "airflow" / "logs", RUNS_KEPT, OTHER_RUNS_KEPT)
    log.info("removed %d folders of logs", removed)


@redact_errors
def forget_poison() -> int:
    """Remove old records of contents that broke the reader, so that they are tried again; how many."""
    warehouse()
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.reader_runs import forget_old

    with engine(Role.LOADER).begin() as connection:
        forgotten = forget_old(connection)
    log.info("removed %d old records of contents that broke the reader", forgotten)
    return forgotten


@redact_errors
def forget_old_access() -> int:
    """Remove rows of the access log that are older than they are kept; how many."""
    warehouse()
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.access_log import forget_old

    with engine(Role.LOADER).begin() as connection:
        forgotten = forget_old(connection)
    log.info("removed %d old rows of the access log", forgotten)
    return forgotten


@redact_errors
def remove_leftovers() -> int:
    """Remove what killed processes left behind a day ago and more; how many files and folders."""
    warehouse()
    from district_reports.upkeep.leftovers import remove_leftovers

    removed = remove_leftovers()
    log.info("removed %d files and folders that killed processes left behind", removed)
    return removed


@redact_errors
def tidy_folders() -> dict[str, int]:
    """Move what is superseded or old into 历史, remove what is very old from there, and bring the notes up to date."""
    warehouse()
    from district_reports.feedback.tidy import tidy_folders

    told = tidy_folders()
    log.info("%s", told)
    return told


@redact_errors
def write_data_docs() -> int:
    """Build the data docs of the latest files anew; how many pages of validations."""
    warehouse()
    from district_reports.data_docs.site import build

    pages = build()
    log.info("data docs: %d pages of validations", pages)
    return pages


def _db_clean(kept: timedelta, *which: str, may_fail: frozenset[str] = frozenset()) -> None:
    from district_reports.database.engine import metadata_url
    from district_reports.errors import SystemFault
    from district_reports.settings import settings

    address = metadata_url(settings()).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
    before = (datetime.now(UTC) - kept).isoformat(timespec="seconds")
    done = subprocess.run(
        ["airflow", "db", "clean", "--clean-before-timestamp", before, "--skip-archive", "--yes", *which],
        env={**os.environ, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address.replace("$", "%24")},  # "$" would be expanded
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log.info("airflow db clean %s: %s", " ".join(which), done.stdout[-2000:])
    # It ends with 0 when it gave up on a table.
    failed = {name for found in _NOT_CLEANED.findall(done.stdout) for name in re.findall(r"\w+", found)}
    if done.returncode or failed - may_fail:
        raise SystemFault(
            f"airflow db clean {' '.join(which)}: status {done.returncode}, not cleaned: {sorted(failed)}"
        )
