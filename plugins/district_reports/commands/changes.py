"""``changes``: what a correction changed, or a release."""

import argparse
import json
from typing import TYPE_CHECKING

from district_reports.commands.common import Commands, Usage, say
from district_reports.commands.release_changes import SHOWN, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from district_reports.warehouse.corrections import Correction, RowChange, SheetChanges

SHOWN_OF_A_KIND = 20


def add(commands: Commands) -> None:
    changes = commands.add_parser(
        "changes",
        help="what a correction changed, by row and by total, without names or IDs; or what a release changed in the "
        "city tables, figure by figure, with cause and receipts",
    )
    told = changes.add_mutually_exclusive_group(required=True)
    told.add_argument("receipt", type=int, nargs="?", metavar="RECEIPT", help="number of the correction's receipt")
    told.add_argument("--release", type=int, metavar="N", help="number of the release")
    changes.add_argument("--json", action="store_true", help="one JSON object, with every row or figure")
    changes.add_argument(
        "--limit", type=int, default=SHOWN, metavar="N", help=f"figures told of a release ({SHOWN}); not of JSON"
    )
    changes.set_defaults(run=_changes)


def _changes(options: argparse.Namespace) -> int:
    if options.release is not None:
        return tell(options.release, options.limit, options.json)
    return _correction(options)


def _correction(options: argparse.Namespace) -> int:
    from district_reports.database.engine import Role, engine
    from district_reports.printing import json_line
    from district_reports.warehouse.corrections import correction_of, why_none

    with engine(Role.LOADER).begin() as connection:
        correction = correction_of(connection, options.receipt)
        if correction is None:
            raise Usage(why_none(connection, options.receipt))
    if options.json:
        say(json_line(json.dumps(_as_json(correction), ensure_ascii=False)))
    else:
        for line in _as_text(correction):
            say(line)
    return 0


def _as_json(correction: "Correction") -> dict[str, object]:
    def number(value: object) -> float | None:
        return None if value is None else float(str(value))

    sheets = [
        {
            "table": each.sheet.table,
            "rows": [vars(row) for row in each.rows],
            "totals": {
                total.column: {"before": number(total.before), "after": number(total.after)} for total in each.totals
            },
        }
        for each in correction.sheets
    ]
    return {**vars(correction), "sheets": sheets}


def _as_text(correction: "Correction") -> "Iterator[str]":
    from district_reports.warehouse.corrections import Change

    yield (
        f"{correction.form} {correction.district_code} {correction.period}: "
        f"receipt {correction.receipt_id} in place of receipt {correction.replaced_receipt_id}"
    )
    for each in correction.sheets:
        counts = ", ".join(f"{each.count(change)} {change}" for change in Change)
        yield f"{each.sheet.title} ({each.sheet.table}): {counts}"
        for total in each.totals:
            if total.before != total.after:
                yield f"  {total.column}: {_shown(total.before)} → {_shown(total.after)} in all"
        for change in Change:
            yield from _rows(each, change)


def _rows(each: "SheetChanges", change: str) -> "Iterator[str]":
    rows = [row for row in each.rows if row.change == change]
    for row in rows[:SHOWN_OF_A_KIND]:
        yield f"  {_row(row)}"
    if len(rows) > SHOWN_OF_A_KIND:
        yield f"  and {len(rows) - SHOWN_OF_A_KIND} more {change}"


def _row(row: "RowChange") -> str:
    from district_reports.warehouse.corrections import Change

    place = f"row {row.replaced_row_number if row.row_number is None else row.row_number}"
    key = " ".join(str(value) for value in row.key.values())
    if row.change is not Change.CHANGED:
        return f"{row.change} {place}: {key}"
    words = [
        f"{name} {_shown(row.before[name])} → {_shown(row.after[name])}"
        if name in row.before
        else f"{name} (not shown)"
        for name in row.columns
    ]
    return f"changed {place}: {key}: {', '.join(words)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
