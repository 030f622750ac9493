"""``password``: another password for somebody who logs in to Airflow."""

import argparse

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    password = commands.add_parser("password", help="make a new password for a user, and end the log-ins under the old")
    password.add_argument("user", metavar="NAME", help="as in the table of users")
    password.set_defaults(run=_password)


def _password(options: argparse.Namespace) -> int:
    from district_reports.local.airflow.environment import airflow_home
    from district_reports.local.airflow.keys import USER, new_password
    from district_reports.local.airflow.lock import locked
    from district_reports.settings import settings
    from district_reports.users import viewers

    if options.user not in (*viewers(settings().users), USER):
        raise Usage(f"{settings().users} names no {options.user}; add a line for the user first")
    home = airflow_home(settings())
    with locked(home / "lock", say):
        new = new_password(home, options.user)
    say(f"The password of {options.user} is {new}")
    say("It is shown this once. Who is logged in with the former one is out.")
    return 0
