"""``withdraw``: take back what a district has sent."""

import argparse

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    withdraw = commands.add_parser(
        "withdraw", help="take a report back on a district's behalf; the version before it stands again"
    )
    withdraw.add_argument(
        "receipt", type=int, metavar="RECEIPT", help="the number of the receipt (of the drop) to take back"
    )
    withdraw.add_argument("--reason", required=True, help="why; kept in the ledger, and told to the district")
    withdraw.add_argument("--by", metavar="NAME", help="who asks for it; default: the user of this machine")
    withdraw.set_defaults(run=_withdraw)


def _withdraw(options: argparse.Namespace) -> int:
    import getpass

    from district_reports.model.finding import Outcome
    from district_reports.processing.withdraw import NotWithdrawable, withdraw

    try:
        outcome = withdraw(options.receipt, options.by or getpass.getuser(), options.reason, say)
    except NotWithdrawable as error:
        raise Usage(str(error)) from error
    return 1 if outcome is Outcome.REJECTED else 0
