"""The mistakes planted in each form's defective workbooks, one module for each form, found by the form's key."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from district_reports.local.samples.file_mistakes import FileMistake
from district_reports.local.samples.forms import Rows
from district_reports.local.samples.planting import Mistake


def _as_it_is(rows: Rows) -> Rows:
    """Nothing to mend."""
    return rows


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """What a form's module declares as ``MISTAKES``.

    ``contents`` are planted in one workbook that loads in part, with ``scale`` times a city's people in it, so that
    they stay below the tenth of the rows at which F16 rejects a file. ``earlier`` is how many people the workbook of
    the period before lists, to one in this. ``files`` spoil a workbook each. ``mended`` takes from a sound sample the
    warnings that are true of the city.
    """

    contents: tuple[Mistake, ...]
    files: tuple[FileMistake, ...]
    scale: float = 1.0
    earlier: float = 1.0
    mended: Callable[[Rows], Rows] = _as_it_is


def mistakes_of(form_key: str) -> Mistakes:
    """The mistakes of a form.

    Raises:
        ModuleNotFoundError: the form has none yet; write ``samples/mistakes/<form>.py``.
    """
    found: Mistakes = import_module(f"{__name__}.{form_key}").MISTAKES
    return found
