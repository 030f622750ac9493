"""``python -m district_reports.local.airflow up`` and ``… down``."""

import sys

from district_reports.errors import SystemFault
from district_reports.local.airflow.commands import down, up
from district_reports.settings import settings


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Start or stop the stack; returns the exit code."""
    try:
        match arguments:
            case ["up"]:
                address = up(settings(), _say)
                _say(f"{address.url} as {address.user}, password in {address.password_file}")
            case ["down"]:
                down(settings(), _say)
            case _:
                _say("usage: python -m district_reports.local.airflow up|down")
                return 2
    except SystemFault as fault:
        _say(str(fault))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
