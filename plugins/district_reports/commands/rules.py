"""``rules``: every rule in words."""

import argparse

from district_reports.commands.common import Commands


def add(commands: Commands) -> None:
    rules = commands.add_parser("rules", help="every rule in words, in Markdown and Chinese (docs/rules.md)")
    rules.set_defaults(run=_rules)


def _rules(_: argparse.Namespace) -> int:
    from district_reports.checks.rules_page import rules_page
    from district_reports.forms import forms
    from district_reports.reconciliation.rules import cross_rules

    print(rules_page(forms(), cross_rules().texts()), end="")
    return 0
