"""``start``, ``stop`` and ``demo``: everything on this machine."""

import argparse
import sys

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    start = commands.add_parser("start", help="start server, warehouse and Airflow on this machine")
    start.set_defaults(run=_start)

    stop = commands.add_parser("stop", help="stop everything that start, or demo, has started")
    stop.set_defaults(run=_stop)

    demo = commands.add_parser("demo", help="run the main job on sample workbooks through Airflow")
    demo.set_defaults(run=_demo)


def _start(_: argparse.Namespace) -> int:
    from district_reports.local import deployment

    address = deployment.start(say)
    say(f"Airflow is at {address.url} (user {address.user}, password in {address.password_file})")
    return 0


def _stop(_: argparse.Namespace) -> int:
    from district_reports.local import deployment

    deployment.stop(say)
    return 0


def _demo(_: argparse.Namespace) -> int:
    from district_reports.local import demo
    from district_reports.printing import Display

    with Display(sys.stdout) as display:
        demo.run(display)
    return 0
