"""``restate``: decide again from the archive, under today's rules."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, form_of, period_of, say

if TYPE_CHECKING:
    from district_reports.processing.restate import ReportSeries, Restated

ALL = "all"


def add(commands: Commands) -> None:
    restate = commands.add_parser("restate", help="after a change of rules: decide again from the archive")
    restate.add_argument("form", metavar="FORM", help="form key, or `all`")
    restate.add_argument("district", metavar="DISTRICT", nargs="?", default=ALL, help="its code, or `all` (default)")
    restate.add_argument(
        "period",
        metavar="PERIOD",
        nargs="?",
        default=ALL,
        help="such as 2020-05 or 2020-Q2, or `all` (default)",
    )
    restate.add_argument("--dry-run", action="store_true", help="say which verdicts would turn; change nothing")
    restate.add_argument("--no-publish", action="store_true", help="leave the city tables to the night")
    restate.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="processes side by side (default 1)")
    restate.set_defaults(run=_restate)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 64")
    return int(text)


def _restate(options: argparse.Namespace) -> int:
    from district_reports.processing.restate import State
    from district_reports.processing.restate_report import key_lines, summary_lines
    from district_reports.publish.rebuild import rebuild

    chosen = _series(options)
    done: list[Restated] = []
    for told in _each(chosen, dry_run=options.dry_run, jobs=options.jobs):
        done += told
        for one in told:
            for line in key_lines(one):
                say(line)
    for line in summary_lines(done, dry_run=options.dry_run):
        say(line)
    if not options.dry_run and not options.no_publish:
        rebuild([one.decided_at for one in done if one.decided_at is not None], say)
    return int(any(one.state is State.FAULT for one in done))


def _series(options: argparse.Namespace) -> "list[ReportSeries]":
    """What the arguments name, of what is in the archive."""
    from district_reports.model.period import Period
    from district_reports.processing.restate import report_series

    form = None if options.form == ALL else form_of(options.form)
    period = None if options.period == ALL else options.period
    if period is not None and form is not None:
        period = period_of(form, period).text
    elif period is not None:
        try:
            Period.parse(period)
        except ValueError as error:
            raise Usage(str(error)) from error
    found = report_series(form.key if form else None, None if options.district == ALL else options.district, period)
    if not found:
        raise Usage("the archive has no report of that form, district and period")
    return found


def _each(chosen: "list[ReportSeries]", *, dry_run: bool, jobs: int) -> "Iterator[list[Restated]]":
    """What each report series came to, in the order in which they end."""
    import multiprocessing

    from district_reports.processing.restate import rehearse, restate

    work = rehearse if dry_run else restate
    if min(jobs, len(chosen)) <= 1:
        yield from map(work, chosen)
        return
    # Not forked: connections and threads of this process have no place in another.
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(chosen))) as pool:
        yield from pool.imap_unordered(work, chosen)
