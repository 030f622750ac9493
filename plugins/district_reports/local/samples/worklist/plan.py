"""Items of the worklist on their way into the workbooks of a city, and the rows in which they come to stand."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from district_reports.local.samples.forms import Rows, sampled_forms
from district_reports.local.samples.planting import Row, Suits
from district_reports.local.samples.sample import Sample
from district_reports.model.form import FIRST_DATA_ROW, Form
from district_reports.reference.register import District

WORKLIST_KEY = "worklist-key.json"


@dataclass(frozen=True)
class Side:
    """A row that an item rests on: its file (district's folder and name), and the part that it plays in the item."""

    file: str
    sheet: str
    row: int
    district: str
    part: str


@dataclass(frozen=True)
class Item:
    """What a rule must find: its subject in words, and every row of it."""

    rule: str
    subject: str
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class _Planted:
    """A change of one district's table; ``part`` None: the row only makes the others plausible."""

    item: int
    table: str
    part: str | None
    change: Callable[[list[Row]], int]
    """Changes the rows and says the place of the one concerned."""


@dataclass
class Worklist:
    """The planted items: first declared, then carried into one workbook after another."""

    _subjects: list[tuple[str, str]] = field(default_factory=list)
    _planted: dict[tuple[str, str], list[_Planted]] = field(default_factory=dict)
    _sides: dict[tuple[str, str], list[tuple[int, Side]]] = field(default_factory=dict)

    def item(self, rule: str, *subject: str) -> "Planting":
        """Declare an item; what it rests on is declared with the answer."""
        self._subjects.append((rule, " · ".join(subject)))
        return Planting(self._planted, len(self._subjects) - 1)

    def plant(self, form: Form, sample: Sample, rows: Rows, path: Path) -> None:
        """Put into the rows of one workbook what is declared for it, and note where in `path` that stands."""
        sides = []
        for planted in self._planted.get((sample.district.code, form.key), ()):
            place = planted.change(rows[planted.table])
            if planted.part is not None:
                file, sheet = f"{path.parent.name}/{path.name}", form.sheet(planted.table).title
                side = Side(file, sheet, FIRST_DATA_ROW + place, sample.district.code, planted.part)
                sides.append((planted.item, side))
        self._sides[sample.district.code, form.key] = sides

    def items(self) -> list[Item]:
        """Every item with its sides.

        Raises:
            LookupError: a workbook with planted rows is not written yet.
        """
        if missing := self._planted.keys() - self._sides.keys():
            raise LookupError(f"not written yet: {sorted(missing)}")
        sides: list[list[Side]] = [[] for _ in self._subjects]
        for of_workbook in self._sides.values():
            for item, side in of_workbook:
                sides[item].append(side)
        return [
            Item(rule, subject, tuple(sorted(found, key=lambda side: (side.file, side.sheet, side.row))))
            for (rule, subject), found in zip(self._subjects, sides, strict=True)
        ]

    def write_key(self, folder: Path) -> list[Item]:
        """Write ``worklist-key.json`` into `folder`, and return what it says."""
        items = self.items()
        text = json.dumps([asdict(item) for item in items], ensure_ascii=False, indent=1)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WORKLIST_KEY).write_text(text + "\n", encoding="utf-8")
        return items


@dataclass(frozen=True)
class Planting:
    """One item, and what it puts into which district's tables."""

    _into: dict[tuple[str, str], list[_Planted]]
    _item: int

    def add(self, district: District, table: str, row: Row, part: str | None) -> None:
        """Append a row."""
        self._declare(district, table, part, lambda there: _append(there, row))

    def change(
        self, district: District, table: str, suits: Suits, change: Callable[[Row], Row], part: str | None
    ) -> None:
        """Let the first row that suits say what `change` makes of it."""
        self._declare(district, table, part, lambda there: _change(there, suits, change))

    def _declare(self, district: District, table: str, part: str | None, change: Callable[[list[Row]], int]) -> None:
        form = next(form for form in sampled_forms() if any(sheet.table == table for sheet in form.sheets))
        self._into.setdefault((district.code, form.key), []).append(_Planted(self._item, table, part, change))


def _append(rows: list[Row], row: Row) -> int:
    # A copy: the same plan may be carried into the same workbook again.
    rows.append(dict(row))
    return len(rows) - 1


def _change(rows: list[Row], suits: Suits, change: Callable[[Row], Row]) -> int:
    place = next(place for place, row in enumerate(rows) if suits(row))
    rows[place].update(change(rows[place]))
    return place
