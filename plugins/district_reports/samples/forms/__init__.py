"""Sample rows, one module for each form, found by the form's key: ``rows(sample) -> {table: rows}``."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from district_reports.samples.sample import Sample

Rows = dict[str, list[dict[str, Any]]]


def generator(form_key: str) -> Callable[[Sample], Rows]:
    """The generator of a form's sample rows.

    Raises:
        ModuleNotFoundError: the form has none yet; write ``samples/forms/<form>.py``.
    """
    found: Callable[[Sample], Mapping[str, list[dict[str, Any]]]] = import_module(f"{__name__}.{form_key}").rows
    return lambda sample: {table: list(rows) for table, rows in found(sample).items()}
