"""``publish``: build the city tables."""

import argparse

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    publish = commands.add_parser("publish", help="build the city tables and publish a release")
    publish.set_defaults(run=_publish)


def _publish(_: argparse.Namespace) -> int:
    from district_reports.publish import publish

    say(str(publish(say)))
    return 0
