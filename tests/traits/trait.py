"""A trait: a ledger that is filled in rightly, written as XML by hand, but for one thing; and what must come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ledger_book import CASE_HEADERS, CASES, COVER, ENROLMENT, ENROLMENT_HEADERS, SCHOOLS, resident_id
from traits.raw_book import Parts, inline, number, parts, save, worksheet

SERIAL = 43985
"""2020-06-03, the day of discovery, in the 1900 date system."""
DAY = date(2020, 6, 3)
DATE_STYLE, FIRST_STYLE = 1, 2
"""Cell formats: 0 is General, 1 a date (built-in 14), and from 2 on those that a trait adds."""
CASES_PART = "xl/worksheets/sheet2.xml"
FIELDS = (
    *("resident_id", "student_name", "student_no", "sex", "household_place", "school_code", "grade"),
    *("registered_poor", "discovered_on", "dropout_kind", "reason", "case_officer", "persuasion_count", "case_status"),
    *("returned_on", "placement", "write_off_reason", "remark"),
)
LETTERS = "ABCDEFGHIJKLMNOPQR"


def sound_row(row: int) -> dict[str, object]:
    """What Excel row `row` of the ledger of cases holds, by field, as it would be loaded."""
    child = row - 3
    return {
        **dict.fromkeys(FIELDS),
        "resident_id": resident_id(child),
        "student_name": f"学生{child}",
        "student_no": f"G{resident_id(child)}",
        "sex": "男" if child % 2 else "女",
        "household_place": "大连市中山区",
        "school_code": "2102020002",
        "grade": 7,
        "registered_poor": False,
        "discovered_on": DAY,
        "dropout_kind": "疑似辍学",
        "reason": "厌学",
        "case_officer": "李老师",
        "persuasion_count": 2,
        "case_status": "劝返中",
    }


def _cell(ref: str, value: object) -> str:
    match value:
        case bool():
            return inline(ref, "是" if value else "否")
        case date():
            return number(ref, SERIAL + (value - DAY).days, DATE_STYLE)
        case int():
            return number(ref, value)
        case None:
            return ""
    return inline(ref, str(value))


@dataclass(frozen=True, kw_only=True)
class Trait:
    """``findings`` are all of them, as ``"T06 M4"``: a cell of 疑似辍学台账, or ``"F05 封面!B7"``, or a rule alone.

    ``values`` are the cells of 疑似辍学台账 that would be loaded with another value than the sound one, ``spoiled`` the
    rows that a critical finding keeps from loading. A ``refused`` workbook ends in F01 or F03; one that ``may_refuse``
    is so odd that this is no harm to anybody, but what is not refused must be read rightly.
    """

    name: str
    children: int = 4
    cells: Mapping[str, str] = field(default_factory=dict)
    row_attributes: Mapping[int, str] = field(default_factory=dict)
    cover: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    merges: str = ""
    after: str = ""
    formats: Sequence[int | str] = ()
    shared: Sequence[str] | None = None
    workbook_properties: str = ""
    rewrite: Callable[[str], str] = lambda xml: xml
    """Of the sheet 疑似辍学台账, whole."""
    change: Callable[[Parts], None] = lambda parts: None
    findings: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    spoiled: tuple[int, ...] = ()
    refused: bool = False
    may_refuse: bool = False

    def write(self, path: Path) -> Path:
        sheets = {
            "封面": worksheet(self._cover()),
            CASES: self.rewrite(
                worksheet(self._cases(), self.before, f"<mergeCells>{_TITLES}{self.merges}</mergeCells>{self.after}")
            ),
            ENROLMENT: worksheet(_enrolment()),
        }
        formats = (0, 14, *self.formats)
        return save(path, parts(sheets, formats, self.shared, self.workbook_properties), self.change)

    def rows_loaded(self) -> list[dict[str, object]]:
        """The rows of 疑似辍学台账 that would be loaded, with their Excel rows."""
        rows = {row: {"row_number": row, **sound_row(row)} for row in range(4, 4 + self.children)}
        for address, value in self.values.items():
            rows[int(address[1:])][FIELDS[LETTERS.index(address[0])]] = value
        return [row for number_, row in rows.items() if number_ not in self.spoiled]

    def _cover(self) -> str:
        rows = ""
        for row, (label, value) in enumerate(COVER.items(), 1):
            filled = self.cover.get(f"B{row}", inline(f"B{row}", "" if value is None else str(value)))
            rows += f'<row r="{row}">{inline(f"A{row}", label)}{filled}</row>'
        return rows

    def _cases(self) -> str:
        rows = _heading(CASE_HEADERS)
        for row in range(4, 4 + self.children):
            cells = {f"{letter}{row}": value for letter, value in zip(LETTERS, sound_row(row).values(), strict=True)}
            xml = "".join(self.cells.get(ref, _cell(ref, value)) for ref, value in cells.items())
            rows += f'<row r="{row}" {self.row_attributes.get(row, "")}>{xml}</row>'
        return rows


_TITLES = '<mergeCell ref="A1:R1"/><mergeCell ref="A2:R2"/>'


def _heading(headers: Sequence[str]) -> str:
    titles = "".join(inline(f"{letter}3", title) for letter, title in zip(LETTERS, headers, strict=False))
    return (
        f'<row r="1">{inline("A1", "标题")}</row><row r="2">{inline("A2", "每行一条")}</row><row r="3">{titles}</row>'
    )


def _enrolment() -> str:
    rows = _heading(ENROLMENT_HEADERS)
    for row, school in enumerate(SCHOOLS, 4):
        cells = (_cell(f"{letter}{row}", school[title]) for letter, title in zip("ABC", ENROLMENT_HEADERS, strict=True))
        rows += f'<row r="{row}">{"".join(cells)}</row>'
    return rows
