"""The heat table: where the errors are, district by form, district by rule, or form by rule."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from district_reports.ledger.quality import FORM_AND_DISTRICT, RULE
from district_reports.pages.quality.figures import Counted, share
from district_reports.pages.quality.rules import RuleFigures

RULES = 10
ROW_STEPS = (0.002, 0.01, 0.05)
"""Where the colour of an error rate of rows changes."""
FILE_STEPS = (0.05, 0.20, 0.50)
"""Where the colour of a share of files changes."""


@dataclass(frozen=True)
class Cell:
    """``value`` is the share ``number`` / ``of`` of rows or files, None if ``of`` is 0; ``heat`` is 0 to 4, or None."""

    value: float | None
    heat: int | None
    number: int
    of: int
    files: int = 0
    rejected: int = 0
    """Files of ``files``: of these nothing was taken, so that their rows say too little."""


@dataclass(frozen=True)
class Heat:
    """``rows`` and ``columns`` are codes of districts, forms or rules, as ``row_is`` and ``column_is`` say; row None
    is that of the files whose form was not recognised."""

    row_is: str
    column_is: str
    rows: Sequence[str | None]
    columns: Sequence[str]
    cells: Mapping[tuple[str | None, str], Cell]
    steps: tuple[float, ...]

    def cell(self, row: str | None, column: str) -> Cell:
        return self.cells.get((row, column), Cell(None, None, 0, 0))


def by_form(counted: Counted, districts: Sequence[str], forms: Sequence[str]) -> Heat:
    """District × form: rows with a critical finding, of the rows read."""
    cells = {
        key: Cell(
            one.error_rate, heat(one.error_rate, ROW_STEPS), one.quarantined, one.rows_read, one.files, one.rejected
        )
        for key, one in counted.by(FORM_AND_DISTRICT).items()
    }
    return Heat("district", "form", districts, forms, cells, ROW_STEPS)


def by_rule(counted: Counted, row_is: str, rows: Sequence[str | None], worst: Sequence[RuleFigures]) -> Heat:
    """District or form × the worst rules: files with findings of the rule, of the files of the forms it is for."""
    row_of: Callable[[Any], str | None] = lambda row: row.district_code if row_is == "district" else row.form  # noqa: E731
    files: dict[tuple[str | None, str], int] = defaultdict(int)
    for row in counted.rules[RULE]:
        files[row_of(row), row.rule] += row.files
    cells: dict[tuple[str | None, str], Cell] = {}
    for one in worst[:RULES]:
        of: dict[str | None, int] = defaultdict(int)
        for row in counted.files[FORM_AND_DISTRICT]:
            if row.form in one.forms:
                of[row_of(row)] += row.files
        for name, number in of.items():
            value = share(files[name, one.rule], number)
            cells[name, one.rule] = Cell(value, heat(value, FILE_STEPS), files[name, one.rule], number)
    return Heat(row_is, "rule", rows, list(dict.fromkeys(one.rule for one in worst[:RULES])), cells, FILE_STEPS)


def heat(value: float | None, steps: Sequence[float]) -> int | None:
    """0 for none at all, and one more for each step that is reached."""
    if value is None:
        return None
    return 0 if value == 0 else 1 + sum(value >= step for step in steps)
