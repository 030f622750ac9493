"""Become a program, having written down who one is: ``python -I -m …local.airflow.launch RECORD LOCK -- …``.

The record is there before the program starts, so a program can always be found and stopped, even if whoever started it
was killed at that very moment. Until then this process holds the lock, so that a stop meanwhile waits for the record.
"""

import os
import sys
from dataclasses import asdict
from pathlib import Path

from district_reports.local.airflow.family import identify
from district_reports.private import write_json


def main(arguments: list[str]) -> None:
    """Write the record and turn into the program; doesn't return."""
    record, lock, fingerprint, dashes, *command = arguments
    if dashes != "--" or not command:
        raise SystemExit("usage: RECORD LOCK FINGERPRINT -- COMMAND…")
    identity = identify(os.getpid())
    if identity is None:
        raise SystemExit("no process information")
    write_json(Path(record), {**asdict(identity), "fingerprint": fingerprint, "command": command})
    os.set_inheritable(int(lock), False)  # the program must not hold it
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
