"""``district-reports``: templates, checks, samples, and the warehouse, from the command line.

Each command imports what it needs when it runs: ``--help`` must answer at once.
"""

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from district_reports import commands
from district_reports.commands.common import Usage

USAGE_ERROR, INTERRUPTED = 2, 130
_MADE_BETWEEN_COLLECTIONS = 100_000


def program() -> NoReturn:
    """Run the command of this process, and end the process with its code.

    Of what a command makes, most is imported and stays: looking through it for garbage every 700 objects, as Python
    does by default, and taking it down in the end, together take longer than many a check.
    """
    gc.set_threshold(_MADE_BETWEEN_COLLECTIONS)
    code = main()
    try:
        # A stream that was closed from the beginning is None.
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except BrokenPipeError:
        code = code or 1
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 done, 1 a workbook rejected or a fault, 2 wrong usage)."""
    from district_reports.errors import SystemFault

    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that is not UTF-8 shows escapes for what it can't show.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: int = options.run(options)
    except Usage as error:
        print(f"district-reports: {error}", file=sys.stderr)
        return USAGE_ERROR
    except SystemFault as fault:
        print(f"district-reports: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("district-reports: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter would complain when it flushes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        said = _said_of_database(error)
        if said is None:
            raise
        print(f"district-reports: {said}", file=sys.stderr)
        return 1
    return code


def _said_of_database(error: Exception) -> str | None:
    """A line for what an operator can mend: a warehouse of before an upgrade, or none. Anything else is our own."""
    known = sys.modules.get("sqlalchemy.exc")
    if known is None or not isinstance(error, known.DBAPIError):
        return None
    from district_reports.database.engine import lacks_schemas, refusal

    if lacks_schemas(error):
        return f"{refusal(error)}; bring the warehouse up to this version with `district-reports migrate`"
    return f"the warehouse does not answer: {refusal(error)}" if isinstance(error, known.OperationalError) else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="district-reports", description=__doc__.partition("\n")[0])
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands.found():
        command.add(added)
    return parser


if __name__ == "__main__":
    program()
