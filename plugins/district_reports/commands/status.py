"""``status``: where each district stands."""

import argparse

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    status = commands.add_parser("status", help="where each district's reports stand, and whom to call")
    status.add_argument(
        "--period",
        metavar="P",
        help="such as 2020-05, 2020-Q2 or 2020-S1: the forms of that kind. Default: of each form the last period that "
        "has ended, until it locks; then the one that is running",
    )
    status.add_argument("--json", action="store_true", help="a list with one object a district and form")
    status.set_defaults(run=_status)


def _status(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.database.engine import Role, engine
    from district_reports.feedback.progress_report import as_json, as_text
    from district_reports.ledger.periods import chosen_periods
    from district_reports.ledger.status import progress
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    today = clock.today()
    try:
        periods = chosen_periods(options.period, today)
    except ValueError as error:
        raise Usage(str(error)) from error
    with engine(Role.LOADER).begin() as connection:
        told = progress(connection, Register.load(settings().reference), periods, today)
    say(as_json(told) if options.json else as_text(told, today))
    return 0
