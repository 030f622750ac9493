"""The sheet 代码表: the code lists of a form and the schools of a district; dropdowns may refer to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import xlsxwriter

from district_reports.model.form import Column, Form, ReferenceCodes, Type
from district_reports.model.period import Period
from district_reports.reference.register import District, Register, School
from district_reports.workbook.formats import Styles, text_width
from district_reports.workbook.names import column_letter

TITLE = "代码表"
YES_NO = ("是", "否")
_FIRST_ROW = 3
_LONGEST_INLINE_LIST = 255


@dataclass(frozen=True)
class CodeLists:
    """The code lists of a form's columns by ``(table, column)``, the schools a district may name, a day to show how
    dates are written, and the period's last one where it is known.
    """

    lists: Mapping[tuple[str, str], tuple[str, ...]]
    schools: Sequence[School]
    day: date
    last_day: date | None

    @classmethod
    def of(cls, form: Form, register: Register, district: District | None, period: Period | None) -> "CodeLists":
        """Gather them; schools only where district and period are known and the form names schools."""
        lists = {
            (sheet.table, column.name): codes
            for sheet in form.sheets
            for column in sheet.columns
            if (codes := _codes(column, register))
        }
        named = any(column.type is Type.SCHOOL_CODE for sheet in form.sheets for column in sheet.columns)
        schools = schools_named(register, district, period) if named and district and period else []
        return cls(lists, schools, example_day(period), period.last_day if period else None)

    def blocks(self) -> dict[tuple[str, ...], tuple[int, str]]:
        """Each distinct list → its column on 代码表 (from 1); lists that several columns share stand once."""
        places: dict[tuple[str, ...], tuple[int, str]] = {}
        for codes in self.lists.values():
            if codes not in places:
                places[codes] = (len(places) + 1, column_letter(len(places) + 1))
        return places

    def source(self, table: str, column: str) -> list[str] | str:
        """What a dropdown names: the codes themselves, or a range of 代码表 where they are too long for Excel."""
        codes = self.lists[table, column]
        if len(",".join(codes).encode("utf-16-le")) // 2 <= _LONGEST_INLINE_LIST and not any("," in c for c in codes):
            return list(codes)
        return f"={self._range(self.blocks()[codes][1], len(codes))}"

    @cached_property
    def names(self) -> dict[str, str]:
        """The schools' names by their codes, those of two schools of one name with the code."""
        count = Counter(school.name for school in self.schools)
        return {
            school.code: school.name if count[school.name] == 1 else f"{school.name}（{school.code}）"
            for school in self.schools
        }

    @property
    def school_codes(self) -> str:
        """The range of the schools' codes, where there are any."""
        return self._range(column_letter(self._schools_at), len(self.schools))

    @property
    def school_names(self) -> str:
        """The range of the schools' names, in the order of their codes."""
        return self._range(column_letter(self._schools_at + 1), len(self.schools))

    @property
    def school_types(self) -> str:
        """The range of the schools' types, in the order of their codes."""
        return self._range(column_letter(self._schools_at + 2), len(self.schools))

    @property
    def _schools_at(self) -> int:
        return len(self.blocks()) + 2

    @staticmethod
    def _range(letter: str, count: int) -> str:
        return f"'{TITLE}'!${letter}${_FIRST_ROW + 1}:${letter}${_FIRST_ROW + count}"

    def write(self, book: xlsxwriter.Workbook, form: Form, styles: Styles) -> None:
        """Write the sheet 代码表."""
        sheet = book.add_worksheet(TITLE)
        sheet.write_string(0, 0, TITLE, styles.heading)
        sheet.write_string(1, 0, "填表时从下拉列表选择，或照抄本表的写法。", styles.hint)
        titles: dict[tuple[str, ...], list[str]] = {}
        for data_sheet in form.sheets:
            for column in data_sheet.columns:
                if codes := self.lists.get((data_sheet.table, column.name)):
                    titles.setdefault(codes, []).append(column.title)
        for codes, (place, _) in self.blocks().items():
            self._column(sheet, styles, place - 1, "、".join(dict.fromkeys(titles[codes])), codes)
        if self.schools:
            columns = {
                "学校标识码": [school.code for school in self.schools],
                "学校名称": list(self.names.values()),
                "学校类型": [school.school_type for school in self.schools],
            }
            for offset, (title, texts) in enumerate(columns.items()):
                self._column(sheet, styles, self._schools_at - 1 + offset, title, texts)
        sheet.freeze_panes(_FIRST_ROW, 0)
        sheet.protect("", {"format_columns": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(_FIRST_ROW - 1)

    @staticmethod
    def _column(
        sheet: xlsxwriter.worksheet.Worksheet, styles: Styles, place: int, title: str, texts: Sequence[str]
    ) -> None:
        sheet.write_string(_FIRST_ROW - 1, place, title, styles.table_header)
        for row, text in enumerate(texts, start=_FIRST_ROW):
            sheet.write_string(row, place, text, styles.cell)
        widest = max(text_width(text) for text in (title, *texts))
        sheet.set_column(place, place, min(max(widest + 3, 9), 46))


def example_day(period: Period | None) -> date:
    """A day of the period, to show how dates are written."""
    return period.last_day if period else date(2020, 6, 15)


def _codes(column: Column, register: Register) -> tuple[str, ...]:
    if column.type is Type.YES_NO:
        return YES_NO
    if isinstance(column.codes, ReferenceCodes):
        return register.codes(column.codes)
    return column.codes


def schools_named(register: Register, district: District, period: Period) -> list[School]:
    """The district's schools of any day of the period, schools first, kindergartens last, in the order of codes."""
    rows = [
        row
        for row in register.schools
        if row.district_code == district.code and row.is_open_between(period.first_day, period.last_day)
    ]
    by_code = {row.code: row for row in rows}
    return sorted(by_code.values(), key=lambda row: (row.school_type == "幼儿园", row.code))
