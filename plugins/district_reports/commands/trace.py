"""``trace``: which submissions, files, sheets and rows are behind a published figure."""

import argparse

from district_reports.commands.common import Commands, Usage, say

_RUNS = 40


def add(commands: Commands) -> None:
    trace = commands.add_parser("trace", help="the submissions, files, sheets and rows behind a published figure")
    trace.add_argument("table", metavar="TABLE", help="a published table, city_…")
    trace.add_argument(
        "--period", required=True, metavar="P", help="such as 2020-06, 2020-Q2, 2020-S1; or a night, 2020-07-04"
    )
    trace.add_argument("--district", required=True, metavar="D", help="a district's code or name, a zone, or 全市")
    trace.add_argument("--column", required=True, metavar="C", help="the figure's column")
    trace.add_argument(
        "--key", nargs="+", action="extend", default=[], metavar="NAME=VALUE", help="such as stage=小学 programme=全部"
    )
    trace.add_argument("--release", type=int, metavar="N", help="default: the current one")
    trace.add_argument(
        "--limit", type=int, default=_RUNS, metavar="N", help="row ranges told of a sheet (40); not of JSON"
    )
    output = trace.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one object, whole")
    output.add_argument("--sql", action="store_true", help="the SQL that it runs, for psql")
    trace.set_defaults(run=_trace)


def _trace(options: argparse.Namespace) -> int:
    from district_reports.database.engine import Role, engine
    from district_reports.publish.trace import CannotTrace, trace
    from district_reports.publish.trace_report import as_json, as_sql, as_text

    key = {}
    for pair in options.key:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Usage(f"--key takes NAME=VALUE, not {pair!r}")
        key[name] = value
    try:
        with engine(Role.PUBLISHER).connect().execution_options(postgresql_readonly=True) as connection:
            told = trace(
                connection,
                options.table,
                options.column,
                period=options.period,
                area=options.district,
                key=key,
                release_id=options.release,
            )
    except CannotTrace as error:
        raise Usage(str(error)) from error
    say(as_json(told) if options.json else as_sql(told) if options.sql else as_text(told, max(options.limit, 1)))
    return 0
