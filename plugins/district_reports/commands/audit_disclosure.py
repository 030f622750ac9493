"""``audit-disclosure``: whether what has left the house tells too much."""

import argparse
from time import monotonic

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    audit = commands.add_parser(
        "audit-disclosure",
        help="whether anybody can narrow down a small count by all that has left; exits with 1 if so, without a value",
    )
    audit.add_argument("--release", type=int, metavar="N", help="only what had left when this release did")
    audit.set_defaults(run=_audit)


def _audit(options: argparse.Namespace) -> int:
    from district_reports.commands.left import left_release
    from district_reports.database.engine import Role, engine
    from district_reports.publish.rebuilt.protection import examine_left

    began = monotonic()
    with engine(Role.READER).begin() as connection:
        release_id = left_release(connection, options.release)
        if release_id is None:
            say("nothing has left yet")
            return 0
        examined = examine_left(connection, release_id)
    for unsafe in examined.unsafe:
        say(f"unsafe: {unsafe}")
    say(
        f"what has left up to release {release_id}: {examined.figures} small figures examined in"
        f" {monotonic() - began:.1f} s, {len(examined.unsafe) or 'none'} unsafe"
    )
    return 1 if examined.unsafe else 0
