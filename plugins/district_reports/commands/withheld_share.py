"""``withheld-share``: how much of what has left is withheld."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, say

if TYPE_CHECKING:
    from district_reports.publish.disclosure.share import CityCount, Share

_HEADER = ("table", "level", "counts", "for themselves", "for others", "withheld")


def add(commands: Commands) -> None:
    share = commands.add_parser(
        "withheld-share", help="of the counts of people that are not 0, how many are withheld, by table and level"
    )
    share.add_argument("--release", type=int, metavar="N", help="a release that has left; else the one that left last")
    share.set_defaults(run=_share)


def _share(options: argparse.Namespace) -> int:
    from district_reports.commands.left import left_release
    from district_reports.database.engine import Role, engine
    from district_reports.publish.disclosure.share import withheld_share

    with engine(Role.READER).begin() as connection:
        release_id = left_release(connection, options.release)
        if release_id is None:
            say("nothing has left yet")
            return 0
        share = withheld_share(connection, release_id)
    say(f"release {release_id}, of the counts of people that are not 0:")
    for line in _as_table(share):
        say(line)
    for count in share.city:
        say(f"of the whole city: {_why(count)}")
    say(f"{len(share.city) or 'no'} counts of the whole city, not broken down and not small, are withheld")
    return 0


def _as_table(share: "Share") -> Iterator[str]:
    rows = [_HEADER]
    for (schema, table, level), held in sorted(share.held.items()):
        withheld = held.for_themselves + held.for_others
        numbers = (held.counts, held.for_themselves, held.for_others)
        rows.append((f"{schema}.{table}", level, *map(str, numbers), f"{100 * withheld / held.counts:.1f} %"))  # type: ignore[arg-type]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADER))]
    for row in rows:
        words = [each.ljust(width) for each, width in zip(row[:2], widths[:2], strict=True)]
        figures = [each.rjust(width) for each, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join((*words, *figures))


def _why(count: "CityCount") -> str:
    figure = f"{count.schema}.{count.table} {count.period}, {count.column}"
    if count.whole is None:
        return f"{figure}: to protect another figure"
    return f"{figure}: it differs from {count.whole} by few people, and one of the two has to be withheld"
