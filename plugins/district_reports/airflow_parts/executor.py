"""LocalExecutor with workers that have the slow imports behind them.

Importing great_expectations takes 4 to 12 s, in each task anew. Here it is imported once, before the workers fork.
Our own package is not: a change to it takes effect with the next task.
"""

import importlib

from airflow.executors.local_executor import LocalExecutor

_SLOW = (
    "airflow.sdk.execution_time.task_runner",
    "airflow.providers.standard.decorators.python",
    "great_expectations",
    "pandas",
    "psycopg",
    "pyarrow",
    "sqlalchemy",
)


class WarmLocalExecutor(LocalExecutor):  # type: ignore[misc]  # airflow is untyped here
    """See the module."""

    def start(self) -> None:
        """Import, then fork the workers."""
        for name in _SLOW:
            importlib.import_module(name)
        super().start()
