"""The commands of ``district-reports``, a module each: ``add`` declares it; what it needs it imports when it runs."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def found() -> Iterator[Any]:
    """Every module here that declares a command, by name."""
    for module in iter_modules(__path__, f"{__name__}."):
        command = import_module(module.name)
        if hasattr(command, "add"):
            yield command
