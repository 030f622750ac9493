"""``show``: what happened to a file, why it was rejected, and what to do next."""

import argparse

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    show = commands.add_parser(
        "show", help="what happened to a file, why it was rejected, and what to do next; without values or names"
    )
    show.add_argument("receipt", type=int, metavar="RECEIPT", help="the number of its receipt")
    show.set_defaults(run=_show)


def _show(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.ledger.file_history import file_history, row_of
    from district_reports.ledger.story_report import as_text
    from district_reports.ledger.submissions import submission_of_receipt
    from district_reports.ledger.viewing import reading
    from district_reports.reference.register import Register
    from district_reports.settings import settings
    from district_reports.users import Role, Viewer

    register = Register.load(settings().reference)
    # An officer sees every district and no value: the database leaves out whatever quotes a cell.
    with reading(Viewer("show", Role.OFFICER)) as connection:
        found = submission_of_receipt(connection, options.receipt)
        row = None if found is None else row_of(connection, found.submission_id)
        if found is None and _is_worklist(options.receipt):
            raise Usage(f"receipt {options.receipt} is that of a worklist that came back; it is no report")
        if row is None:
            raise Usage(f"there is no receipt {options.receipt}")
        for line in as_text(connection, file_history(connection, row), register, clock.today()):
            say(line)
    return 0


def _is_worklist(receipt_id: int) -> bool:
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.worklist import is_returned

    with engine(Role.READER).connect() as connection:
        return is_returned(connection, receipt_id)
