"""``district-reports``: templates, checks, samples, and the warehouse, from the command line.

Each command imports what it needs when it runs: ``--help`` must answer at once.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from district_reports.model.history import HistoryOf

USAGE_ERROR, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 done, 1 a workbook rejected or a fault, 2 wrong usage)."""
    from district_reports.errors import SystemFault

    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that is not UTF-8 shows escapes for what it can't show.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: int = options.run(options)
    except _Usage as error:
        print(f"district-reports: {error}", file=sys.stderr)
        return USAGE_ERROR
    except SystemFault as fault:
        print(f"district-reports: {type(fault).__name__}: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("district-reports: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; the interpreter would complain when it flushes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


class _Usage(Exception):
    """The command was called in a way that can't be meant."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="district-reports", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    template = commands.add_parser("template", help="write an empty workbook of a form")
    template.add_argument("form", metavar="FORM", help="form key; a wrong one names them all")
    template.add_argument("--district", required=True, metavar="CODE")
    template.add_argument("--period", required=True, metavar="P", help="such as 2020-05, 2020-Q2 or 2020-S1")
    template.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
    template.set_defaults(run=_template)

    check = commands.add_parser("check", help="say what would become of each workbook; loads nothing")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a workbook, or a folder with workbooks")
    check.add_argument("--district", metavar="CODE", help="the district in whose folder the files lie")
    check.add_argument("--received-on", type=_day, metavar="DATE", help="as of this day of receipt (default: today)")
    check.add_argument("--history", action="store_true", help="compare with the last accepted period in the warehouse")
    check.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    check.set_defaults(run=_check)

    sample = commands.add_parser("sample", help="write sample workbooks into district folders")
    sample.add_argument("--out", required=True, type=Path, metavar="FOLDER")
    sample.add_argument("--seed", type=int, default=1, metavar="N")
    sample.add_argument("--districts", type=int, default=13, metavar="N")
    sample.add_argument(
        "--scale", type=_positive, default=1.0, metavar="X", help="people in lists: 1 is a city of 700,000 pupils"
    )
    sample.add_argument(
        "--defects", action="store_true", help="also workbooks with planted mistakes, and their answer key, in defects/"
    )
    sample.set_defaults(run=_sample)

    rules = commands.add_parser("rules", help="every rule in words, in Markdown and Chinese (docs/rules.md)")
    rules.set_defaults(run=_rules)

    publish = commands.add_parser("publish", help="build the city tables and publish a release")
    publish.set_defaults(run=_publish)

    migrate = commands.add_parser("migrate", help="bring the warehouse up to date (schemas, forms, register, key)")
    migrate.set_defaults(run=_migrate)

    reference = commands.add_parser("reference", help="the register of districts and schools, and other reference data")
    actions = reference.add_subparsers(required=True, metavar="ACTION")
    load = actions.add_parser("load", help="validate sql/reference/*.csv, say what changed, load it, re-check C02")
    load.add_argument("--dry-run", action="store_true", help="say what would be done; change nothing")
    load.set_defaults(run=_reference_load)

    status = commands.add_parser("status", help="where each district's reports stand, and whom to call")
    status.add_argument(
        "--period",
        metavar="P",
        help="such as 2020-05, 2020-Q2 or 2020-S1: the forms of that kind. Default: of each form the last period that "
        "has ended, until it locks; then the one that is running",
    )
    status.add_argument("--json", action="store_true", help="a list with one object a district and form")
    status.set_defaults(run=_status)

    start = commands.add_parser("start", help="start server, warehouse and Airflow on this machine")
    start.set_defaults(run=_start)

    stop = commands.add_parser("stop", help="stop everything that start, or demo, has started")
    stop.set_defaults(run=_stop)

    demo = commands.add_parser("demo", help="run the main job on sample workbooks through Airflow")
    demo.set_defaults(run=_demo)
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2020-07-04") from error


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _say(text: str) -> None:
    print(text, flush=True)


def _template(options: argparse.Namespace) -> int:
    from district_reports.checks.instructions import rules_of
    from district_reports.forms import forms
    from district_reports.model.period import EXAMPLES, Period
    from district_reports.reference import Register
    from district_reports.settings import settings
    from district_reports.workbook.template import write_template

    form = forms().get(options.form)
    if form is None:
        raise _Usage(f"no form {options.form!r}; there are: {', '.join(forms())}")
    try:
        period = Period.parse(options.period)
    except ValueError as error:
        raise _Usage(str(error)) from error
    if period.kind is not form.period_kind:
        raise _Usage(f"{form.key} is reported by {form.period_kind}, such as {EXAMPLES[form.period_kind]}")
    register = Register.load(settings().reference)
    district = register.district(options.district, period.last_day)
    if district is None:
        raise _Usage(f"no district {options.district!r} in {period.text}")
    if not options.output.absolute().parent.is_dir():
        raise _Usage(f"no folder {options.output.absolute().parent}")
    write_template(form, register, district, period, options.output, rules=rules_of(form))
    _say(str(options.output))
    return 0


def _check(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.checks.paths import check_path, files_below
    from district_reports.checks.report import as_json, as_text
    from district_reports.errors import SystemFault, at
    from district_reports.model.finding import Outcome
    from district_reports.printing import json_line, printable
    from district_reports.reference import Register
    from district_reports.settings import settings

    def complain(path: Path, words: str) -> None:
        print(f"district-reports: {printable(str(path))}: {words}", file=sys.stderr, flush=True)

    for path in options.files:
        if not os.path.lexists(path):
            raise _Usage(f"no file {printable(str(path))}")
    files = files_below(options.files, lambda path, why: complain(path, f"left out: {why}"))
    if not files:
        raise _Usage("there is no file to check")
    register = Register.load(settings().reference)
    received_on = options.received_on or clock.today()
    if options.district is not None and register.district(options.district, received_on) is None:
        raise _Usage(f"no district {options.district!r} on {received_on}")
    history_of = _history() if options.history else None
    rejected = False
    for path in files:
        try:
            checked = check_path(path, register, options.district, received_on, history_of)
        except SystemFault as fault:
            complain(path, f"{type(fault).__name__}: {fault}")
            rejected = True
        except Exception as error:
            # A mistake of ours; the other files are checked all the same.
            complain(path, f"not checked: {type(error).__name__} at {at(error)}")
            rejected = True
        else:
            _say(json_line(as_json(str(path), checked)) if options.json else as_text(printable(str(path)), checked))
            rejected |= checked.verdict is Outcome.REJECTED
    return int(rejected)


def _history() -> "HistoryOf":
    from district_reports.warehouse.engine import Role, engine
    from district_reports.warehouse.history import history_in

    return history_in(engine(Role.LOADER))


def _sample(options: argparse.Namespace) -> int:
    from district_reports.reference import Register
    from district_reports.samples import DEFECTS, defective_samples, write_samples
    from district_reports.settings import settings

    register = Register.load(settings().reference)
    write_samples(
        options.out,
        register,
        seed=options.seed,
        districts=options.districts,
        scale=options.scale,
        written=lambda path: _say(str(path)),
    )
    if options.defects:
        key = defective_samples(options.out / DEFECTS, register, seed=options.seed)
        _say(f"{options.out / DEFECTS}: {len(key)} planted mistakes in {len({one.file for one in key})} workbooks")
    return 0


def _rules(_: argparse.Namespace) -> int:
    from district_reports.checks.rules_page import rules_page
    from district_reports.forms import forms

    print(rules_page(forms()), end="")
    return 0


def _publish(_: argparse.Namespace) -> int:
    from district_reports.publish import publish

    _say(str(publish(_say)))
    return 0


def _migrate(_: argparse.Namespace) -> int:
    from district_reports.warehouse.migrate import migrate

    migrate(_say)
    return 0


def _reference_load(options: argparse.Namespace) -> int:
    from district_reports.intake.recheck import recheck
    from district_reports.warehouse.reference_load import load_reference

    register = load_reference(_say, dry_run=options.dry_run)
    recheck(register, _say, dry_run=options.dry_run)
    if options.dry_run:
        _say("dry run: nothing was changed")
    return 0


def _status(options: argparse.Namespace) -> int:
    from district_reports import clock
    from district_reports.intake.progress import chosen_periods, progress
    from district_reports.intake.progress_report import as_json, as_text
    from district_reports.reference import Register
    from district_reports.settings import settings
    from district_reports.warehouse.engine import Role, engine

    today = clock.today()
    try:
        periods = chosen_periods(options.period, today)
    except ValueError as error:
        raise _Usage(str(error)) from error
    with engine(Role.LOADER).begin() as connection:
        told = progress(connection, Register.load(settings().reference), periods, today)
    _say(as_json(told) if options.json else as_text(told, today))
    return 0


def _start(_: argparse.Namespace) -> int:
    from district_reports import house

    address = house.start(_say)
    _say(f"Airflow is at {address.url} (user {address.user}, password in {address.password_file})")
    return 0


def _stop(_: argparse.Namespace) -> int:
    from district_reports import house

    house.stop(_say)
    return 0


def _demo(_: argparse.Namespace) -> int:
    from district_reports import demo

    demo.run(_say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
