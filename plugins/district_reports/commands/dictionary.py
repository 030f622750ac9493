"""``dictionary``: every sheet, column and city table in words."""

import argparse

from district_reports.commands.common import Commands


def add(commands: Commands) -> None:
    dictionary = commands.add_parser(
        "dictionary", help="every sheet, column and city table, in Markdown (docs/data-dictionary.md)"
    )
    dictionary.set_defaults(run=_dictionary)


def _dictionary(_: argparse.Namespace) -> int:
    from district_reports.forms import forms
    from district_reports.publish.data_dictionary import data_dictionary
    from district_reports.reference.register import Register
    from district_reports.settings import settings

    print(data_dictionary(forms(), Register.load(settings().reference), settings().summaries), end="")
    return 0
