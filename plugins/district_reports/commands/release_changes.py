"""``changes --release``: what a release changed in the city tables."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from district_reports.commands.common import Usage, say

if TYPE_CHECKING:
    from district_reports.publish.recorded_changes import Compared, FigureChange

SHOWN = 100


def tell(release_id: int, limit: int, as_json: bool) -> int:
    """Say which figures the release changed, with cause and receipts; at most `limit`, but all of them as JSON.

    Raises:
        Usage: there is no such release, or none that it was compared with.
    """
    from district_reports.database.engine import Role, engine
    from district_reports.moment.boundaries import Boundaries
    from district_reports.printing import json_line
    from district_reports.publish.recorded_changes import NothingRecorded, changed_figures, compared, counts

    with engine(Role.READER).begin() as connection:
        try:
            told = compared(connection, release_id)
        except NothingRecorded as error:
            raise Usage(str(error)) from error
        if as_json:
            figures = {str(schema): changed_figures(connection, told, schema=schema) for schema in Boundaries}
            say(json_line(json.dumps(_as_json(told, figures), ensure_ascii=False)))
            return 0
        found = changed_figures(connection, told, limit=max(limit, 1))
        number = sum(each.figures for each in counts(connection, release_id))
        drawn_anew = sum(each.figures for each in counts(connection, release_id, Boundaries.NOW))
    for line in _as_text(told, found, number):
        say(line)
    if drawn_anew:
        say(f"in today's boundaries (city_now) {drawn_anew} figures changed; --json tells of them, too")
    return 0


def _as_json(told: "Compared", figures: dict[str, list["FigureChange"]]) -> dict[str, object]:
    return {
        "release_id": told.release_id,
        "known_at": told.known_at.isoformat(),
        "against": told.against,
        "note": told.note,
        "changes": {schema: [vars(each) for each in found] for schema, found in figures.items()},
    }


def _as_text(told: "Compared", found: list["FigureChange"], number: int) -> Iterator[str]:
    yield f"release {told.release_id} against release {told.against}: {number} figures changed"
    if told.note:
        yield told.note
    for (table, period), figures in groupby(found, key=lambda each: (each.table, each.period)):
        yield " ".join(part for part in (table, period) if part)
        for each in figures:
            yield f"  {_line(each)}"
    if number > len(found):
        yield f"and {number - len(found)} more: --limit shows more of them, --json all"


def _line(each: "FigureChange") -> str:
    from district_reports.publish.causes import in_words

    area = dict.fromkeys(part for part in (each.area_code, each.area_name) if part)
    key = [f"{name}={value}" for name, value in each.broken_down.items()]
    receipts = f"; receipt {', '.join(map(str, each.receipts))}" if each.receipts else ""
    why = ", ".join(in_words(cause, "en") for cause in each.causes)
    return f"{' '.join((*area, *key))}: {each.column} {_shown(each.before)} → {_shown(each.after)} ({why}{receipts})"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
