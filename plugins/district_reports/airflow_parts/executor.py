"""LocalExecutor with workers that have the slow imports behind them, and a reader server to ask."""

import importlib

from airflow.executors.local_executor import LocalExecutor


class WarmLocalExecutor(LocalExecutor):  # type: ignore[misc]  # airflow is untyped here
    """See the module, :mod:`.slow_imports` and :mod:`district_reports.workbook.reading.reader_server`."""

    def start(self) -> None:
        """Import, start the server, then fork the workers, which inherit the way to it."""
        importlib.import_module("district_reports.airflow_parts.slow_imports")
        self._reader_server = importlib.import_module("district_reports.workbook.reading.running").start_server()
        super().start()

    def end(self) -> None:
        """As ever; where this is not reached, the server ends with the scheduler."""
        super().end()
        if self._reader_server is not None:
            self._reader_server.stop()
