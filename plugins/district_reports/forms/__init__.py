"""The report forms, one module each, data only: a module here with a ``FORM`` is a form."""

import pkgutil
from functools import lru_cache
from importlib import import_module

from district_reports.model.form import Form


@lru_cache(maxsize=1)
def forms() -> dict[str, Form]:
    """Every form by its key, in alphabetical order of the modules."""
    found: dict[str, Form] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        if module.startswith("_"):
            continue
        form: Form = import_module(f"{__name__}.{module}").FORM
        if form.key != module:
            raise ValueError(f"forms/{module}.py declares the key {form.key!r}; the two must be equal")
        found[form.key] = form
    return found
