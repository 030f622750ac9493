"""``data-docs``: Great Expectations' pages of what the content rules found, without a value."""

import argparse
from pathlib import Path

from district_reports.commands.common import Commands, say


def add(commands: Commands) -> None:
    data_docs = commands.add_parser(
        "data-docs", help="write Great Expectations' data docs of the latest files: counts, rules, rows and no value"
    )
    data_docs.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where to; an earlier site is replaced (default: below the deployment's home)",
    )
    data_docs.set_defaults(run=_data_docs)


def _data_docs(options: argparse.Namespace) -> int:
    from district_reports.data_docs.site import build
    from district_reports.settings import settings

    pages = build(options.out)
    say(f"{pages} pages of validations: {(options.out or settings().data_docs) / 'index.html'}")
    return 0
