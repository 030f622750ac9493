"""``template``: an empty workbook of a form."""

import argparse
from pathlib import Path

from district_reports.commands.common import Commands, Usage, key_of, say


def add(commands: Commands) -> None:
    template = commands.add_parser("template", help="write an empty workbook of a form")
    template.add_argument("form", metavar="FORM", help="form key; a wrong one names them all")
    template.add_argument("--district", required=True, metavar="CODE")
    template.add_argument("--period", required=True, metavar="P", help="such as 2020-05, 2020-Q2 or 2020-S1")
    template.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from district_reports.checks.instructions import rules_of
    from district_reports.reference import Register
    from district_reports.settings import settings
    from district_reports.workbook.template import write_template

    register = Register.load(settings().reference)
    form, district, period = key_of(options, register)
    if not options.output.absolute().parent.is_dir():
        raise Usage(f"no folder {options.output.absolute().parent}")
    write_template(form, register, district, period, options.output, rules=rules_of(form))
    say(str(options.output))
    return 0
