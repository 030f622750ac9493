"""Faults of the system, as opposed to mistakes in a workbook.

A mistake in a workbook is an outcome (see :mod:`district_reports.model.finding`). Everything here raises, fails the
task and is safe to retry. Messages never hold personal data.
"""

import traceback
from pathlib import Path


def at(error: BaseException) -> str:
    """Where `error` came from, as ``file.py:line > …``: its message may hold personal data, this does not."""
    frames = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


class SystemFault(Exception):
    """Something outside the workbook is broken: configuration, database, disk, reference data, a rule."""


class ConfigurationError(SystemFault):
    """A setting is missing or makes no sense; the message names the setting and what to set."""


class ReferenceDataError(SystemFault):
    """A reference CSV or an expectation suite is wrong; the message names the file and the line."""


class FileNotOpened(SystemFault):
    """The system does not let the file be read: its rights, the disk, or it is gone. It may be a sound workbook."""


class LeaseLost(SystemFault):
    """Another worker holds the submission now; nothing of this attempt was written."""
