"""What a correction changed, as the report and the pages show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from district_reports.warehouse.corrections import Comparison, SheetComparison, Total


@dataclass(frozen=True)
class Compared:
    """One sheet: how many rows were added, removed and changed."""

    sheet: str
    added: int
    removed: int
    changed: int
    totals: Sequence[tuple[str, Decimal, Decimal]]
    """Title, before and after, of the totals that differ; the number of rows always."""


def compared(comparison: Comparison) -> list[Compared]:
    """The sheets of a comparison, in the order of the form."""
    return [
        Compared(each.sheet.title, each.added, each.removed, each.changed, list(_totals(each)))
        for each in comparison.sheets
    ]


def _totals(each: SheetComparison) -> Iterator[tuple[str, Decimal, Decimal]]:
    def is_told(total: Total) -> bool:
        # A column without a lower bound of its own, such as a grade or a score, is nothing to add up.
        column = each.sheet.by_name.get(total.column)
        return column is None or (column.minimum is not None and total.before != total.after)

    def title(total: Total) -> str:
        column = each.sheet.by_name.get(total.column)
        return f"{column.title}合计" if column else "行数"

    nothing = Decimal(0)
    for total in each.totals:
        if is_told(total):
            yield title(total), total.before or nothing, total.after or nothing
