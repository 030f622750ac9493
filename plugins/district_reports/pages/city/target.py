"""The target that a commitment sets for the measure of an excerpt."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text

from district_reports.pages.city import board
from district_reports.pages.city.cards import unit_of
from district_reports.pages.city.face import CityTables, is_withheld
from district_reports.pages.city.table import PERIOD, Excerpt
from district_reports.pages.data import register
from district_reports.publish.city_tables import RELEASE
from district_reports.publish.commitments import PERCENT
from district_reports.publish.definitions import COMMITMENTS, Definitions, chosen_by

_ACTUAL = "actual"


@dataclass(frozen=True)
class Target:
    """``due`` is None where the target holds without a last day."""

    value: Decimal
    unit: str
    due: date | None


def target_of(tables: CityTables, known: Definitions, excerpt: Excerpt, release_id: int) -> Target | None:
    """The target of the measure at the level that is shown, as the release has it; None where there is not just one."""
    found = dict.fromkeys(_commitments(known, excerpt))
    relation = tables.relation(board.TABLE)
    if not found or excerpt.by not in ("", PERIOD) or not relation:
        return None
    rows = tables.connection.execute(
        text(
            f"SELECT * FROM {relation} WHERE {RELEASE} = :release_id AND {board.KEY} = ANY (:names)"
            " AND period = :period AND level = :level"
        ),
        {"release_id": release_id, "names": list(found), "period": excerpt.period, "level": excerpt.level},
    ).mappings()
    targets = {
        Target(row["target"], unit_of(known, [row[board.KEY]]) or row["unit"], row["due"])
        for row in rows
        if row["target"] is not None and not is_withheld(row, "target")
    }
    return targets.pop() if len(targets) == 1 else None


def _commitments(known: Definitions, excerpt: Excerpt) -> Iterator[str]:
    """Those that are measured by just what is shown."""
    table, measure = excerpt.summary.table, excerpt.measure
    if table == board.TABLE:
        if measure == _ACTUAL and board.KEY in excerpt.selected:
            yield excerpt.selected[board.KEY]
        return
    for row in register().rows(COMMITMENTS):
        if row["table_name"] == table and chosen_by(row) == excerpt.selected and _measures(known, row, table, measure):
            yield row["commitment"]


def _measures(known: Definitions, row: Mapping[str, str], table: str, measure: str) -> bool:
    if not row["denominator_column"]:
        return row["numerator_column"] == measure
    return row["unit"] == PERCENT == known.words(table).unit(measure) and known.share(table, measure) == (
        row["numerator_column"],
        row["denominator_column"],
    )
