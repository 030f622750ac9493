"""What a correction changed, as the report and the pages show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from district_reports.warehouse.corrections import Comparison, SheetComparison, Total


@dataclass(frozen=True)
class ComparedTotal:
    """``column`` is the title of the column that is added up; None for the number of rows."""

    column: str | None
    before: Decimal
    after: Decimal

    @property
    def title(self) -> str:
        return f"{self.column}合计" if self.column else "行数"


@dataclass(frozen=True)
class Compared:
    """One sheet: how many rows were added, removed and changed."""

    sheet: str
    added: int
    removed: int
    changed: int
    totals: Sequence[ComparedTotal]
    """Those that differ; the number of rows always."""


def compared(comparison: Comparison) -> list[Compared]:
    """The sheets of a comparison, in the order of the form."""
    return [
        Compared(each.sheet.title, each.added, each.removed, each.changed, list(_totals(each)))
        for each in comparison.sheets
    ]


def _totals(each: SheetComparison) -> Iterator[ComparedTotal]:
    def is_told(total: Total) -> bool:
        # A column without a lower bound of its own, such as a grade or a score, is nothing to add up.
        column = each.sheet.by_name.get(total.column)
        return column is None or (column.minimum is not None and total.before != total.after)

    nothing = Decimal(0)
    for total in each.totals:
        if is_told(total):
            column = each.sheet.by_name.get(total.column)
            title = column.title if column else None
            yield ComparedTotal(title, total.before or nothing, total.after or nothing)
