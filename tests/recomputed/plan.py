"""What the city's districts are to send: workbooks with what is wrong in them, and what must become of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from independent.book import FIRST_ROW, Book, Row, new_book

TITLES = {
    "student_aid": "学生资助",
    "dropout_control": "控辍保学台账",
    "facilities": "办学条件",
    "teacher_training": "教师培训",
}
Outcome = Literal["accepted", "accepted_with_errors", "rejected", "duplicate"]


@dataclass
class Report:
    """A drop: a workbook of a form, district and period, received on `day`.

    `wrong` are its Excel rows with a critical finding and `totals` those without data, by sheet. `refused` says that
    the file itself is (F01–F15); `again` that its bytes are those of the submission before; `taken_back` on which day
    the office withdraws it.
    """

    form: str
    district: str
    period: str
    day: date
    book: Book
    wrong: dict[str, set[int]] = field(default_factory=dict)
    totals: dict[str, set[int]] = field(default_factory=dict)
    refused: bool = False
    again: bool = False
    taken_back: date | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.form, self.district, self.period

    @property
    def nil(self) -> bool:
        return self.book.cover["无数据申报"] == "是"

    def read(self, sheet: str) -> int:
        """Rows read of a sheet: those with something in them."""
        return 0 if self.refused else len(self.book.sheets[sheet].rows)

    @property
    def too_many(self) -> bool:
        """F16: more than a tenth of a sheet's rows, totals left out, and three at least."""
        for sheet, rows in self.wrong.items():
            read = self.read(sheet) - len(self.totals.get(sheet, ()))
            if len(rows) >= 3 and 10 * len(rows) > read:
                return True
        return False

    @property
    def outcome(self) -> Outcome:
        return "duplicate" if self.again else self.judged

    @property
    def judged(self) -> Outcome:
        """What it would become if it were not the same again."""
        if self.refused or self.too_many:
            return "rejected"
        return "accepted_with_errors" if any(self.wrong.values()) else "accepted"

    def counts(self, sheet: str) -> tuple[int, int, int, int]:
        """Rows read, loaded, quarantined and ignored of a sheet that was read."""
        read, bad, none = self.read(sheet), len(self.wrong.get(sheet, ())), len(self.totals.get(sheet, ()))
        loaded = 0 if self.judged == "rejected" else read - bad - none
        return read, loaded, bad, read - loaded - bad

    def put_wrong(self, sheet: str, index: int, cells: Row) -> None:
        """Spoil the `index`-th row by what is a critical finding."""
        self.book.sheets[sheet].rows[index].update(cells)
        self.wrong.setdefault(sheet, set()).add(FIRST_ROW + index)

    def put_total(self, sheet: str) -> None:
        """Add a line of sums below, as clerks do."""
        part = self.book.sheets[sheet]
        sums: Counter[str] = Counter()
        for row in part.rows:
            sums.update({title: value for title, value in row.items() if type(value) is int})
        texts = [title for title in part.headers if title not in sums]
        self.totals.setdefault(sheet, set()).add(FIRST_ROW + len(part.rows))
        part.rows.append({texts[0]: "合计", **sums})


def blank(form: str, district: str, period: str, day: date, sheets: dict[str, Iterable[Row]]) -> Report:
    """A report with these rows and a cover that is right."""
    book = new_book(form, TITLES[form], period, {title: [dict(row) for row in rows] for title, rows in sheets.items()})
    # The name of the place may stay empty; the day of filling in is not judged.
    book.cover.update({"填报单位代码": district, "填报单位": None, "填报日期": day})
    return Report(form, district, period, day, book)
