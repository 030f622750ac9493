"""``migrate`` and ``reference``: the warehouse and what is known of districts and schools."""

import argparse

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    migrate = commands.add_parser(
        "migrate", help="bring the warehouse up to date (logins, schemas, forms, register, key)"
    )
    migrate.set_defaults(run=_migrate)

    reference = commands.add_parser("reference", help="the register of districts and schools, and other reference data")
    actions = reference.add_subparsers(required=True, metavar="ACTION")
    load = actions.add_parser("load", help="validate sql/reference/*.csv, say what changed, load it, re-check C02")
    load.add_argument("--dry-run", action="store_true", help="say what would be done; change nothing")
    load.set_defaults(run=_reference_load)


def _migrate(_: argparse.Namespace) -> int:
    from district_reports.database.bootstrap import make_warehouse
    from district_reports.publish.upgraded import fit_keys
    from district_reports.settings import settings
    from district_reports.warehouse.migrate import migrate

    make_warehouse(settings(), say)
    migrate(say)
    fit_keys(say)
    return 0


def _reference_load(options: argparse.Namespace) -> int:
    from district_reports.processing.recheck import recheck
    from district_reports.warehouse.reference_load import load_reference

    register = load_reference(say, dry_run=options.dry_run)
    recheck(register, say, dry_run=options.dry_run)
    if options.dry_run:
        say("dry run: nothing was changed")
    return 0
