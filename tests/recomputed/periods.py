"""Periods of the contract: month 2020-05, quarter 2020-Q2, semester 2020-S1 (February to July) and S2 (to January)."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Period:
    first: date
    last: date
    text: str

    @classmethod
    def of(cls, text: str) -> "Period":
        year, part = int(text[:4]), text[5:]
        if part[0] == "Q":
            month, length = 3 * int(part[1]) - 2, 3
        elif part[0] == "S":
            month, length = {"1": 2, "2": 8}[part[1]], 6
        else:
            month, length = int(part), 1
        end = year * 12 + month - 1 + length
        return cls(date(year, month, 1), date(end // 12, end % 12 + 1, 1) - timedelta(days=1), text)

    def following(self) -> "Period":
        """The period of its kind that begins when it is over."""
        year, part = int(self.text[:4]), self.text[5:]
        letter, number = ("", int(part)) if part.isdigit() else (part[0], int(part[1]))
        last = {"": 12, "Q": 4, "S": 2}[letter]
        year, number = (year, number + 1) if number < last else (year + 1, 1)
        return Period.of(f"{year}-{letter}{number:02d}" if not letter else f"{year}-{letter}{number}")

    @property
    def year(self) -> int:
        """The calendar year in which it begins."""
        return self.first.year


DUE_DAY = {"student_aid": 20, "dropout_control": 5, "facilities": 15, "teacher_training": 15}


def due(form: str, period: Period) -> date:
    return (period.last + timedelta(days=1)).replace(day=DUE_DAY[form])
