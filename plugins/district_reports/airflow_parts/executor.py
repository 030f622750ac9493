"""LocalExecutor with workers that have the slow imports behind them."""

import importlib

from airflow.executors.local_executor import LocalExecutor


class WarmLocalExecutor(LocalExecutor):  # type: ignore[misc]  # airflow is untyped here
    """See the module, and :mod:`.slow_imports`."""

    def start(self) -> None:
        """Import, then fork the workers."""
        importlib.import_module("district_reports.airflow_parts.slow_imports")
        super().start()
