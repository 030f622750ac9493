"""Which rows below the headers hold data. No data hold totals, what stands below a table, column numbers and headers
once more, with a title above them (docs/rules.md, T09); a row that only says 无 is as good as blank (F14).

Only rows with a telling text are looked at as a whole: a sheet has fifty thousand rows, and hardly one of these.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from district_reports.checks.cleaning import is_blank
from district_reports.checks.convert import convert
from district_reports.checks.headers import Headers
from district_reports.checks.placeholders import says_none
from district_reports.model.form import Privacy, Sheet, Type
from district_reports.model.identifiers import resident_id_problem, student_no_problem
from district_reports.workbook.names import comparable, header
from district_reports.workbook.raw import Cell, NoResult, RawSheet
from district_reports.workbook.show import shown

_TOTAL_WORD = re.compile("[合小总總共累][计計]|[汇匯彙][总總]")
_FOOTER = re.compile(
    r"填表人|制表人|审核人|负责人|填报日期|以下空白|(?:注|说明|备注|附注)[0-9]{0,2}:"
    r"|(?:单位|学校|部门|主管|分管)?(?:填报|填表|制表|制单|审核|复核|审批|经办|负责|联系|领导|校长|日期|盖章|公章)[^:]{0,6}:"
)
_TELLING = re.compile("[计計总總:：人填空]")
"""Every total and every footer has one of these; a column of many texts is searched as one."""
_ROWS_ABOVE_HEADERS = 2
"""A title and a line of notes, as each sheet has them."""
_SHORTEST_NOTE = 6
"""Characters: a shorter text below a footer may be a code that was dragged down."""
_LOOKED_AT = 40
"""Characters at the ends of a text: it may have thousands."""
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_AROUND = ":;。.,、*※-—_/()[]【】〔〕"
_LABELS_OF_NUMBERS = ("栏次", "栏号", "列次", "列号", "行次", "序号", "编号")
_CHINESE_NUMBERS = "甲乙丙丁戊己庚辛壬癸"
_COLUMN_NUMBER = re.compile(r"第?[(\[]?([0-9]{1,3})[)\]]?[.、]?[列栏]?(?:=[0-9 +*/÷×()%.-]+)?", re.ASCII)
_FEWEST_COLUMN_NUMBERS = 3
_BEGINS_LIKE_IDENTIFIER = re.compile(r"[A-Z]?[0-9]", re.ASCII)
"""Nearly every row begins with one, and a word for nothing never does."""
_SCHOOL_CODE = re.compile(r"[0-9]{10}", re.ASCII)


class Kind(StrEnum):
    """Why a row holds no data; the name of T09's variant, and NONE, of which T10 speaks."""

    TOTAL = "default"
    HEADER = "header"
    TITLE = "title"
    NUMBERS = "numbers"
    FOOTER = "footer"
    NONE = "none"


class NoData(NamedTuple):
    """``column`` is the Excel column of the row's first filled cell, ``text`` what tells that it holds no data."""

    kind: Kind
    column: int
    text: str


@dataclass(frozen=True)
class RowsBelow:
    """Excel rows: those that hold data, in order, and those that do not and aren't blank either."""

    data: tuple[int, ...] = ()
    no_data: Mapping[int, NoData] = field(default_factory=dict)


def sort_out(sheet: Sheet, raw: RawSheet, headers: Headers, places: Mapping[str, int]) -> RowsBelow:
    """The rows below `headers`; `places` has the Excel column of every column of the form."""
    return _Search(sheet, raw, headers, places).sorted_out()


class _Search:
    def __init__(self, sheet: Sheet, raw: RawSheet, headers: Headers, places: Mapping[str, int]) -> None:
        self._sheet, self._raw, self._headers, self._places = sheet, raw, headers, places
        self._rows = range(headers.first_data_row, raw.height + 1)

    def sorted_out(self) -> RowsBelow:
        blank, none = self._blank_and_none()
        found = {row: NoData(Kind.NONE, *_first(self._filled(row))) for row in none}
        for row in sorted(self._telling()):
            if told := self._judged(row):
                found[row] = told
        self._add_column_numbers(found, blank)
        self._add_titles(found)
        self._add_what_footers_go_on_with(found)
        data = tuple(row for row in self._rows if row not in blank and row not in found)
        return RowsBelow(data, {row: found[row] for row in sorted(found)})

    def _blank_and_none(self) -> tuple[set[int], set[int]]:
        """The rows without anything under the form's headers, and those that only say 无 there.

        Formulas without a result are nothing where a record must have a value and the cell is blank: a program that
        writes a template on without computing it leaves its prepared rows without the "" that they yield.
        """
        left: Sequence[int] = self._rows
        saying: set[int] = set()
        computing: set[int] = set()
        for place in sorted(self._places.values()):
            cells = self._raw.columns[place - 1]
            kept = []
            for row in left:
                cell = cells[row - 1]
                if is_blank(cell):
                    kept.append(row)
                elif isinstance(cell, NoResult):
                    kept.append(row)
                    computing.add(row)
                elif isinstance(cell, str) and not _BEGINS_LIKE_IDENTIFIER.match(cell) and says_none(cell):
                    kept.append(row)
                    saying.add(row)
            left = kept
        left = [row for row in left if row not in computing or self._waits_for_typing(row)]
        return set(left) - saying, saying.intersection(left)

    def _waits_for_typing(self, row: int) -> bool:
        """Whether a cell is blank that each record must have."""
        return any(
            column.required
            and column.optional_when is None
            and is_blank(self._raw.cell(row, self._places[column.name]))
            for column in self._sheet.columns
        )

    def _telling(self) -> set[int]:
        """The rows in which a text may be that of a total, a footer or a header."""
        rows: set[int] = set()
        titles: defaultdict[int, set[str]] = defaultdict(set)
        for place, name in self._headers.texts:
            titles[place].add(name)
        for place, cells in enumerate(self._raw.columns, 1):
            texts = [cell for cell in set(self._below(cells)) if isinstance(cell, str)]
            begins = {name[0] for name in titles[place]} | {"*"}
            telling = {text for text in texts if text.strip()[:1] in begins and header(text) in titles[place]}
            if _TELLING.search("\n".join(texts)):
                perhaps = filter(_TELLING.search, texts)
                telling.update(text for text in perhaps if _is_total(text) or _is_footer(text))
            if telling:
                rows.update(row for row, cell in zip(self._rows, self._below(cells), strict=True) if cell in telling)
        return rows

    def _below(self, cells: Sequence[Cell]) -> Iterator[Cell]:
        """The cells of a column in the rows below the headers."""
        return islice(cells, self._rows.start - 1, None)

    def _filled(self, row: int) -> dict[int, Cell]:
        """Excel column → cell of a row, from the left."""
        cells = enumerate((column[row - 1] for column in self._raw.columns), 1)
        return {place: cell for place, cell in cells if not is_blank(cell)}

    def _judged(self, row: int) -> NoData | None:
        filled = self._filled(row)
        if self._headers.repeated_by({place: filled.get(place) for place in self._places.values()}):
            return NoData(Kind.HEADER, *_first(filled))
        if self._has_identifier(row):
            return None
        place, text = _first(filled)
        for cell in filled.values():
            if isinstance(cell, str) and _is_total(cell):
                return NoData(Kind.TOTAL, place, cell)
        return NoData(Kind.FOOTER, place, text) if isinstance(filled[place], str) and _is_footer(text) else None

    def _has_identifier(self, row: int) -> bool:
        """Whether the row names somebody: a total names nobody.

        Where the number of a person has no form of its own, it counts beside the rest of the key.
        """
        values: dict[str, object] = {}
        for column in self._sheet.columns:
            cell = self._raw.cell(row, self._places[column.name])
            value = values[column.name] = convert(cell, column, frozenset()).value
            if not isinstance(value, str):
                continue
            match column.type:
                case Type.RESIDENT_ID if resident_id_problem(value, date.max) is None:
                    return True
                case Type.SCHOOL_CODE if _SCHOOL_CODE.fullmatch(value):
                    return True
                case Type.STUDENT_NO if student_no_problem(value) is None:
                    return True
        numbers = [
            str(values[column.name] or "")
            for column in self._sheet.columns
            if column.type is Type.TEXT and column.privacy is Privacy.IDENTIFIER
        ]
        named = any(re.search("[0-9]", number) and not _is_total(number) for number in numbers)
        return named and all(values[name] is not None for name in self._sheet.key)

    def _add_column_numbers(self, found: dict[int, NoData], blank: set[int]) -> None:
        """The first row that isn't blank below the headers, and below headers that are repeated."""
        tops = [self._headers.bottom, *(row for row, told in found.items() if told.kind is Kind.HEADER)]
        for top in tops:
            row = next((row for row in range(top + 1, self._rows.stop) if row not in blank), None)
            if row is not None and row not in found and _number_columns(filled := self._filled(row)):
                found[row] = NoData(Kind.NUMBERS, *_first(filled))

    def _add_titles(self, found: dict[int, NoData]) -> None:
        """Title and notes that were pasted with the headers below them: rows of a single text from the first column."""
        for header_row in [row for row, told in found.items() if told.kind is Kind.HEADER]:
            for row in range(header_row - 1, max(self._rows.start, header_row - _ROWS_ABOVE_HEADERS) - 1, -1):
                filled = self._filled(row)
                if row in found or len(filled) != 1 or self._has_identifier(row):
                    break
                place, text = _first(filled)
                if place > min(self._places.values()) or _BEGINS_LIKE_IDENTIFIER.match(text):
                    break
                found[row] = NoData(Kind.TITLE, place, text)

    def _add_what_footers_go_on_with(self, found: dict[int, NoData]) -> None:
        """Rows of a single text right below a footer: notes of several lines."""
        for start in [row for row, told in found.items() if told.kind is Kind.FOOTER]:
            for row in range(start + 1, self._rows.stop):
                filled = self._filled(row)
                if row in found or len(filled) != 1 or self._has_identifier(row):
                    break
                place, text = _first(filled)
                if not isinstance(filled[place], str) or len(text) < _SHORTEST_NOTE:
                    break
                found[row] = NoData(Kind.FOOTER, place, text)


def _first(filled: Mapping[int, Cell]) -> tuple[int, str]:
    place = min(filled)
    return place, shown(filled[place])


def _is_total(text: str) -> bool:
    plain = comparable(text if len(text) <= 2 * _LOOKED_AT else f"{text[:_LOOKED_AT]}{text[-_LOOKED_AT:]}")
    plain = (_BRACKETED.sub("", plain) or plain).strip(_AROUND)
    return any(_TOTAL_WORD.fullmatch(end) for end in (plain[:2], plain[-2:]))


def _is_footer(text: str) -> bool:
    return _FOOTER.match(comparable(text[:_LOOKED_AT]).lstrip(_AROUND)) is not None


def _number_columns(filled: Mapping[int, Cell]) -> bool:
    """Whether a row numbers its columns: 甲 乙 1 2 3, (1) (2) (3), ① ② 3=1+2; a word may say so before them.

    They count from 1, or from the place of the first column that is numbered.
    """
    texts: Iterator[str] = (unicodedata.normalize("NFKC", shown(cell)).strip() for _, cell in sorted(filled.items()))
    numbers, places = list(texts), sorted(filled)
    if len(numbers) < _FEWEST_COLUMN_NUMBERS:
        return False
    if numbers[0] in _LABELS_OF_NUMBERS:
        del numbers[0], places[0]
    chinese = 0
    while chinese < len(numbers) and numbers[chinese : chinese + 1] == list(_CHINESE_NUMBERS[chinese : chinese + 1]):
        chinese += 1
    matches = [_COLUMN_NUMBER.fullmatch(number) for number in numbers[chinese:]]
    if not all(matches):
        return False
    counted = [int(match[1]) for match in matches if match]
    return not counted or (
        counted[0] in (1, chinese + 1, places[chinese])
        and counted == list(range(counted[0], counted[0] + len(counted)))
    )
