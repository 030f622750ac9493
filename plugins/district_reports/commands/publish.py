"""``publish``: build the city tables."""

import argparse
from datetime import date, datetime

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    publish = commands.add_parser("publish", help="build the city tables and publish a release")
    publish.add_argument(
        "--as-of",
        type=_day_or_moment,
        metavar="DATE|TIMESTAMP",
        help="tell what was known at the end of this day, or at this moment (as city.release.known_at has it), in "
        "Asia/Shanghai; the current release stays the current one",
    )
    publish.set_defaults(run=_publish)


def _day_or_moment(text: str) -> date | datetime:
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    raise argparse.ArgumentTypeError(f"{text!r} is neither a day like 2020-07-04 nor a moment like 2020-07-04T02:00:00")


def _publish(options: argparse.Namespace) -> int:
    from district_reports.publish import publish

    say(str(publish(say, as_of=options.as_of)))
    return 0
