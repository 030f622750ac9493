"""``template``: an empty workbook of a form."""

import argparse
from pathlib import Path

from district_reports.commands.common import Commands, Usage, say


def add(commands: Commands) -> None:
    template = commands.add_parser("template", help="write an empty workbook of a form")
    template.add_argument("form", metavar="FORM", help="form key; a wrong one names them all")
    template.add_argument("--district", required=True, metavar="CODE")
    template.add_argument("--period", required=True, metavar="P", help="such as 2020-05, 2020-Q2 or 2020-S1")
    template.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from district_reports.checks.instructions import rules_of
    from district_reports.forms import forms
    from district_reports.model.period import EXAMPLES, Period
    from district_reports.reference import Register
    from district_reports.settings import settings
    from district_reports.workbook.template import write_template

    form = forms().get(options.form)
    if form is None:
        raise Usage(f"no form {options.form!r}; there are: {', '.join(forms())}")
    try:
        period = Period.parse(options.period)
    except ValueError as error:
        raise Usage(str(error)) from error
    if period.kind is not form.period_kind:
        raise Usage(f"{form.key} is reported by {form.period_kind}, such as {EXAMPLES[form.period_kind]}")
    register = Register.load(settings().reference)
    district = register.district(options.district, period.last_day)
    if district is None:
        raise Usage(f"no district {options.district!r} in {period.text}")
    if not options.output.absolute().parent.is_dir():
        raise Usage(f"no folder {options.output.absolute().parent}")
    write_template(form, register, district, period, options.output, rules=rules_of(form))
    say(str(options.output))
    return 0
