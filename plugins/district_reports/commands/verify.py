"""``verify``: whether everything that is kept agrees."""

import argparse

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    verify = commands.add_parser(
        "verify", help="whether receipts, archive, facts, quarantine and answers agree; changes nothing"
    )
    verify.add_argument("--sizes", action="store_true", help="compare archived files by size alone, not by content")
    verify.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    from district_reports.upkeep.verify import verify

    audit = verify(hashes=not options.sizes)
    for note in audit.notes:
        say(f"note: {note}")
    for problem in audit.problems:
        say(f"problem: {problem}")
    say(f"{audit.receipts} receipts, {audit.submissions} submissions: {len(audit.problems) or 'no'} problems")
    return 1 if audit.problems else 0
