"""``template``: a workbook of a form to fill in, empty or with what is known; or the periods that can be sent."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, form_of, key_of, say

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from district_reports.model.form import Form
    from district_reports.model.period import Period
    from district_reports.model.prefill import Known
    from district_reports.reference.register import District, Register


def add(commands: Commands) -> None:
    template = commands.add_parser(
        "template", help="write a workbook of a form to fill in, empty or with what is known"
    )
    template.add_argument("form", metavar="FORM", help="form key; a wrong one names them all")
    template.add_argument("--district", required=True, metavar="CODE")
    template.add_argument(
        "--period",
        metavar="P",
        help="such as 2020-05, 2020-Q2 or 2020-S1; without it, those that the district can still send are named",
    )
    template.add_argument("-o", "--output", type=Path, metavar="FILE", help="goes with --period")
    template.add_argument(
        "--prefill",
        action="store_true",
        help="with what the register and the district's last accepted reports say; the file holds names and IDs",
    )
    template.add_argument(
        "--register-only", action="store_true", help="with --prefill: the register alone; asks no warehouse"
    )
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from district_reports.checks.instructions import rules_of
    from district_reports.reference.register import Register
    from district_reports.settings import settings
    from district_reports.workbook.templates.prefill import write_prefilled
    from district_reports.workbook.templates.template import write_template

    if options.period is None:
        return _name_periods(options)
    if options.output is None:
        raise Usage("--period goes with --output")
    if options.register_only and not options.prefill:
        raise Usage("--register-only goes with --prefill")
    register = Register.load(settings().reference)
    form, district, period = key_of(options, register)
    if not options.output.absolute().parent.is_dir():
        raise Usage(f"no folder {options.output.absolute().parent}")
    rules = rules_of(form)
    if options.prefill:
        known = _nothing() if options.register_only else _known(form, register, district, period)
        write_prefilled(form, register, district, period, options.output, known, rules)
    else:
        write_template(form, register, district, period, options.output, rules=rules)
    say(str(options.output))
    return 0


def _name_periods(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.ledger.locks import taken_until
    from district_reports.ledger.periods import open_periods

    wanted = form_of(options.form)
    with _warehouse("can't be asked which periods are reopened; name one by --period") as connection:
        for form, period in open_periods(connection, options.district, clock.today()):
            if form is wanted:
                until = taken_until(connection, form, options.district, period)
                say(f"{period.text}: due {form.due_on(period)}, taken until {until}")
    return 0


def _nothing() -> "Known":
    from district_reports.model.prefill import Known

    return Known()


def _known(form: "Form", register: "Register", district: "District", period: "Period") -> "Known":
    from district_reports.warehouse.known import known_from, sources_of

    with _warehouse("can't be asked for the last reports; --register-only does without them") as connection:
        sources = sources_of(connection, register, form, district.code, period)
        return known_from(connection, form, district.code, sources)


@contextmanager
def _warehouse(otherwise: str) -> "Iterator[Connection]":
    """The loader's connection; `otherwise` is said where there is none."""
    from sqlalchemy.exc import OperationalError

    from district_reports.database.engine import Role, engine
    from district_reports.errors import ConfigurationError, SystemFault

    try:
        with engine(Role.LOADER).begin() as connection:
            yield connection
    except (ConfigurationError, OperationalError) as error:
        raise SystemFault(f"the warehouse {otherwise}") from error
