"""``unlock``, ``lock`` and ``locks``: exceptions to the lock of a period."""

import argparse
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, add_key, day, key_of, say

if TYPE_CHECKING:
    from datetime import date

    from district_reports.ledger.locks import LockException


def add(commands: Commands) -> None:
    unlock = commands.add_parser("unlock", help="reopen a period for a district until a day, or extend it in advance")
    add_key(unlock)
    unlock.add_argument("--until", required=True, type=day, metavar="DATE", help="the last day on which it is taken")
    _say_why(unlock)
    unlock.set_defaults(run=_unlock)

    lock = commands.add_parser("lock", help="take back what unlock has allowed")
    add_key(lock)
    _say_why(lock)
    lock.set_defaults(run=_lock)

    locks = commands.add_parser("locks", help="the periods that are reopened: until when, why, by whom")
    locks.add_argument("--all", action="store_true", help="every exception ever recorded, oldest first")
    locks.set_defaults(run=_locks)


def _say_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, metavar="TEXT", help="kept with the record")
    parser.add_argument("--by", metavar="NAME", help="who grants it (default: the user of this computer)")


def _unlock(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.locks import Objection, grant, objection_to_day
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    form, district, period = key_of(options, Register.load(settings().reference))
    today, locks_on = clock.today(), form.locks_on(period)
    reason, by = _why(options)
    match objection_to_day(form, period, options.until, today):
        case Objection.NOT_BEGUN:
            raise Usage(f"{period.text} begins on {period.first_day}; there is nothing to report yet")
        case Objection.PASSED:
            raise Usage(f"{options.until} has passed; to take an exception back, use `district-reports lock`")
        case Objection.NOT_LATER:
            raise Usage(f"{form.key} {period.text} is taken until {locks_on} anyway; an exception must end later")
    with engine(Role.LOADER).begin() as connection:
        grant(connection, form, district.code, period, options.until, reason=reason, by=by)
    advance = f", in advance: without it, it locks after {locks_on}" if today <= locks_on else ""
    say(f"{district.code} {form.key} {period.text} is taken until {options.until} (granted by {by}){advance}")
    say(
        "A report that comes after its due date is still marked late (F19). One that was refused must be dropped again."
    )
    return 0


def _lock(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.locks import revoke
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    form, district, period = key_of(options, Register.load(settings().reference))
    reason, by = _why(options)
    today, locks_on = clock.today(), form.locks_on(period)
    with engine(Role.LOADER).begin() as connection:
        revoked = revoke(connection, form, district.code, period, today, reason=reason, by=by)
    if revoked is None:
        raise Usage(
            f"{district.code} {form.key} {period.text} is not reopened: it locks after {locks_on} as every other"
        )
    since = f"is locked since {locks_on}" if today > locks_on else f"locks after {locks_on}"
    say(f"{district.code} {form.key} {period.text} {since} (it was open until {revoked.until}; taken back by {by})")
    return 0


def _locks(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.locks import history, in_force

    today = clock.today()
    with engine(Role.LOADER).begin() as connection:
        current = in_force(connection, today)
        shown = history(connection) if options.all else list(current.values())
    for each in shown:
        say(_line(each, today, current.get(each.key) == each))
    if not shown:
        say("no period is reopened" if not options.all else "no period was ever reopened")
    return 0


def _line(each: "LockException", today: "date", holds: bool) -> str:
    state = f"until {each.until}" + ("" if holds else " (not in force)")
    key = f"{each.district_code} {each.form} {each.period}"
    return f"{key}: {state}, by {each.granted_by} on {each.granted_at:%Y-%m-%d %H:%M}: {each.reason}"


def _why(options: argparse.Namespace) -> tuple[str, str]:
    """The reason and the grantor."""
    import getpass

    from district_reports.ledger.locks import REASON_LENGTH, Objection, objection_to_reason, tidy

    reason = tidy(options.reason)
    match objection_to_reason(reason):
        case Objection.NO_REASON:
            raise Usage("--reason is empty: say why, for whoever looks it up later")
        case Objection.LONG_REASON:
            raise Usage(f"--reason is longer than {REASON_LENGTH} characters")
    by = (options.by or "").strip()
    if not by:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):
            raise Usage("this computer's user has no name: say with --by who grants it") from None
    return reason, tidy(by)
