"""(a) of the night: this pipeline's own functions, as Airflow's tasks call them, without Airflow.

The only module of the benchmarks that knows by which functions a submission goes its way.
"""

import gc
import os
import sys
from functools import partial
from importlib import import_module

import psycopg
from night_measure import Parts, Used, counted, forked, part, tell

from district_reports.workbook.reading.running import start_server


def warm_up() -> None:
    """Import what the deployment's executor imports before its workers fork, and no more."""
    import_module("district_reports.airflow_parts.slow_imports")
    # As LocalExecutor does before it forks: a task's first collection would copy the whole heap.
    gc.freeze()


def receive(parts: Parts) -> None:
    """Take whatever lies in the folders; the files need not have been quiet for five seconds first."""
    with part(parts, "receive: imports"):
        from district_reports.database.engine import Role, engine
        from district_reports.receiving.receive import receive
        from district_reports.receiving.stability import Quiet, stable_files
        from district_reports.reference.register import Register
        from district_reports.settings import settings
    with part(parts, "receive"):
        loader = engine(Role.LOADER)
        register = Register.load(settings().reference)
        receive(loader, register, partial(stable_files, quiet=Quiet(0, 0, 0)), lambda _: None)


def ingest(form: str, key: str, parts: Parts) -> None:
    """One submission, from its claim to its answer."""
    with part(parts, "ingest: imports"):
        from district_reports.processing import ingest
    with part(parts, "validate"):
        step = ingest.validate(form, key, f"benchmark {key}")
    if step is None:
        raise SystemExit(f"{form} {key}: nothing to do")
    with part(parts, "load"):
        ingest.load(step)
    with part(parts, "answer"):
        ingest.answer(step)


def publish(parts: Parts) -> None:
    """The night's release."""
    with part(parts, "publish: imports"):
        from district_reports.publish import publish
    with part(parts, "publish"):
        publish()


def waiting() -> list[tuple[str, str]]:
    """Form and key of each submission that is not answered, in the order of receipts."""
    with psycopg.connect(os.environ["DISTRICT_REPORTS_WAREHOUSE_URL"].replace("+psycopg", "", 1)) as connection:
        return connection.execute(
            "SELECT form, district_code || '|' || period FROM ledger.submission WHERE state <> 'answered'"
            " ORDER BY receipt_id"
        ).fetchall()


def main(at_once: int) -> None:
    """Let the workbooks that lie in the folders go all their way; the environment says where they are."""
    warm_up()
    used = Used()
    with counted(used):
        server = start_server()
        forked([receive], 1, used)
        forked([partial(ingest, form, key) for form, key in waiting()], at_once, used)
        forked([publish], 1, used)
        # Once it has ended, its seconds and its children's are this process's.
        if server is not None:
            server.stop()
    tell(used)


if __name__ == "__main__":
    main(int(sys.argv[1]))
