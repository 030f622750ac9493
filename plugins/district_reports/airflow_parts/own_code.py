"""Tasks find this library imported, and a change to it takes effect with the next task all the same.

Workers import it before they fork (:mod:`.slow_imports`), which saves each task a quarter of a second of CPU. Airflow
tells its listeners when a task's process starts, before the DAG's file is parsed: where a file of the library is not
what it was when the worker imported it, everything of it is forgotten there, and imported anew.
"""

import sys
from pathlib import Path

from airflow.listeners import hookimpl

from district_reports.code_state import state

PACKAGE = Path(__file__).resolve().parents[1]

_when_imported = state(PACKAGE)


@hookimpl  # type: ignore[untyped-decorator]  # airflow is untyped here
def on_starting(component: object) -> None:
    """What Airflow calls when a process of its own starts, a task's among them."""
    if state(PACKAGE) == _when_imported:
        return
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE.name]:
        del sys.modules[name]
