"""``check``: what would become of workbooks."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, day, say

if TYPE_CHECKING:
    from district_reports.model.knowledge import Knowledge
    from district_reports.reference.register import Register


def add(commands: Commands) -> None:
    check = commands.add_parser("check", help="say what would become of each workbook; loads nothing")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a workbook, or a folder with workbooks")
    check.add_argument("--district", metavar="CODE", help="the district in whose folder the files lie")
    check.add_argument("--received-on", type=day, metavar="DATE", help="as of this day of receipt (default: today)")
    check.add_argument(
        "--history",
        action="store_true",
        help="ask the warehouse: for the last accepted period to compare with, for explanations of warnings, and "
        "whether a locked period is reopened",
    )
    check.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    check.add_argument(
        "--marked-copy",
        type=Path,
        metavar="OUT",
        help="write what the district would get as well: the marked workbook OUT and OUT's .html beside it; of several "
        "files into the folder OUT",
    )
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.checks.paths import check_path, files_below
    from district_reports.checks.report import as_json, as_text
    from district_reports.commands.marked_copy import put_copy, targets_of
    from district_reports.errors import SystemFault, at
    from district_reports.model.finding import Outcome
    from district_reports.model.knowledge import NOTHING_KNOWN
    from district_reports.printing import json_line, printable
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    def complain(path: Path, words: str) -> None:
        print(f"district-reports: {printable(str(path))}: {words}", file=sys.stderr, flush=True)

    for path in options.files:
        if not os.path.lexists(path):
            raise Usage(f"no file {printable(str(path))}")
    files = files_below(options.files, lambda path, why: complain(path, f"left out: {why}"))
    if not files:
        raise Usage("there is no file to check")
    register = Register.load(settings().reference)
    received_on = options.received_on or clock.today()
    if options.district is not None and register.district(options.district, received_on) is None:
        raise Usage(f"no district {options.district!r} on {received_on}")
    targets = targets_of(files, options.marked_copy, options.files) if options.marked_copy else {}
    knowledge = _knowledge(register) if options.history else NOTHING_KNOWN
    rejected = False
    for path in files:
        try:
            checked = check_path(path, register, options.district, received_on, knowledge)
        except SystemFault as fault:
            complain(path, f"{type(fault).__name__}: {fault}")
            rejected = True
        except Exception as error:
            # A mistake of ours; the other files are checked all the same.
            complain(path, f"not checked: {type(error).__name__} at {at(error)}")
            rejected = True
        else:
            say(json_line(as_json(str(path), checked)) if options.json else as_text(printable(str(path)), checked))
            rejected |= checked.verdict is Outcome.REJECTED
            if path in targets:
                try:
                    put_copy(path, checked, register, options.district, targets[path])
                except OSError as error:
                    complain(targets[path], f"not written: {error.strerror}")
                    rejected = True
    return int(rejected)


def _knowledge(register: "Register") -> "Knowledge":
    from district_reports.database.engine import Role, engine
    from district_reports.ledger.explanations import explanations_in
    from district_reports.ledger.locks import locks_in
    from district_reports.model.knowledge import Knowledge
    from district_reports.warehouse.history import history_in

    loader = engine(Role.LOADER)
    return Knowledge(history_in(loader, register), locks_in(loader), explanations_in(loader))
