"""``template``: a workbook of a form to fill in, empty or with what is known."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, key_of, say

if TYPE_CHECKING:
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
    template.add_argument("--period", required=True, metavar="P", help="such as 2020-05, 2020-Q2 or 2020-S1")
    template.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
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


def _nothing() -> "Known":
    from district_reports.model.prefill import Known

    return Known()


def _known(form: "Form", register: "Register", district: "District", period: "Period") -> "Known":
    from sqlalchemy.exc import OperationalError

    from district_reports.database.engine import Role, engine
    from district_reports.errors import ConfigurationError, SystemFault
    from district_reports.warehouse.known import known_from, sources_of

    try:
        with engine(Role.LOADER).begin() as connection:
            sources = sources_of(connection, register, form, district.code, period)
            return known_from(connection, form, district.code, sources)
    except (ConfigurationError, OperationalError) as error:
        raise SystemFault(
            "the warehouse can't be asked for the last reports; --register-only does without them"
        ) from error
