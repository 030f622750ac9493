"""``verify``: whether everything that is kept agrees."""

import argparse
from collections.abc import Iterable

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    verify = commands.add_parser(
        "verify", help="whether receipts, archive, facts, quarantine and answers agree, and releases; changes nothing"
    )
    verify.add_argument("--sizes", action="store_true", help="compare archived files by size alone, not by content")
    releases = verify.add_mutually_exclusive_group()
    releases.add_argument(
        "--release", type=int, metavar="N", help="make this release again of the ledger and compare it; nothing else"
    )
    releases.add_argument("--all", action="store_true", help="make every release again of the ledger as well")
    verify.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    from district_reports.publish.rebuilt.releases import (
        NoSuchRelease,
        compare_contents,
        verify_release,
        verify_releases,
    )

    if options.release is not None:
        try:
            one = verify_release(options.release)
        except NoSuchRelease as error:
            raise Usage(str(error)) from error
        return _told(one.notes, one.problems, f"release {options.release}")

    from district_reports.upkeep.verify import verify

    audit = verify(hashes=not options.sizes)
    notes, problems = list(audit.notes), list(audit.problems)
    looked_at = f"{audit.receipts} receipts, {audit.submissions} submissions"
    if options.all:
        rebuilt = verify_releases(say)
        notes += rebuilt.notes
        problems += rebuilt.problems
        looked_at += ", every release"
    else:
        problems += compare_contents()
    return _told(notes, problems, looked_at)


def _told(notes: Iterable[str], problems: list[str], looked_at: str) -> int:
    for note in notes:
        say(f"note: {note}")
    for problem in problems:
        say(f"problem: {problem}")
    say(f"{looked_at}: {len(problems) or 'no'} problems")
    return 1 if problems else 0
