"""Sample rows, one module for each form, found by the form's key: ``rows(sample) -> {table: rows}``."""

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from district_reports.forms import forms
from district_reports.local.samples.sample import Sample
from district_reports.model.form import Form

Rows = dict[str, list[dict[str, Any]]]


def sampled_forms() -> list[Form]:
    """The forms that have a module here; a form may do without made-up workbooks."""
    sampled = {module.name for module in pkgutil.iter_modules(__path__)}
    return [form for form in forms().values() if form.key in sampled]


def generator(form_key: str) -> Callable[[Sample], Rows]:
    """The generator of a form's sample rows.

    Raises:
        ModuleNotFoundError: the form has none yet; write ``samples/forms/<form>.py``.
    """
    found: Callable[[Sample], Mapping[str, list[dict[str, Any]]]] = import_module(f"{__name__}.{form_key}").rows
    return lambda sample: {table: list(rows) for table, rows in found(sample).items()}
