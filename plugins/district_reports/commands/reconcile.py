"""``reconcile``: compare accepted reports with one another, and bring the worklist 待核对 up to date."""

import argparse

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    reconcile = commands.add_parser("reconcile", help="compare accepted reports, and bring the worklist up to date")
    reconcile.add_argument("--dry-run", action="store_true", help="tell what would be found, and write nothing")
    reconcile.set_defaults(run=_reconcile)


def _reconcile(options: argparse.Namespace) -> int:
    from district_reports.reconciliation.delivery import tell_districts
    from district_reports.reconciliation.reconcile import reconcile

    for line in reconcile(say, options.dry_run).lines():
        say(line)
    if not options.dry_run:
        tell_districts(say)
    return 0
