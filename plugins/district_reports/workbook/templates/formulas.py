"""The formulas of a template's sheet: schools' names beside codes, and columns that follow from what is typed once."""

from collections.abc import Iterator, Mapping, Sequence

from district_reports.model.form import FIRST_DATA_ROW, Type
from district_reports.model.prefill import Computed, Follow, FromSchool, FromTable, HelperSheet, SexFromId
from district_reports.workbook.names import column_letter
from district_reports.workbook.templates.code_lists import CodeLists
from district_reports.workbook.templates.layout import ROW, Layout, NameBeside

JOINT = "/"
Places = Mapping[str, tuple[Layout, int]]
"""Title of a sheet → its layout and its last row."""


def name_of_code(layout: Layout, beside: NameBeside, lists: CodeLists) -> str:
    """The name of the school whose code stands in the row."""
    code = layout.cell(beside.code)
    return f'IFERROR(INDEX({lists.school_names},MATCH({code},{lists.school_codes},0)),"")'


def code_of_name(layout: Layout, beside: NameBeside, lists: CodeLists) -> str:
    """The code of the school whose name was picked beside it."""
    name = f"${column_letter(layout.fields.index(beside) + 1)}{ROW}"
    return f'IFERROR(INDEX({lists.school_codes},MATCH({name},{lists.school_names},0)),"")'


def key_of_row(layout: Layout, by: Sequence[str]) -> str:
    """Several columns as one text, for a helper sheet's rows to be found by."""
    return f'IF({_any_empty(layout, by)},"",{_joined(layout, by)})'


def chosen(follows: Sequence[Follow], places: Places) -> dict[str, tuple[str, str]]:
    """The columns whose values are chosen from a helper sheet, schools apart: the range there, and its title."""
    return {
        follow.by[0]: (_area(where, follow.by[0], last), follow.title)
        for follow in follows
        if isinstance(follow, HelperSheet) and len(follow.by) == 1
        for where, last in (places[follow.title],)
        if where.sheet.by_name[follow.by[0]].type is not Type.SCHOOL_CODE
    }


def followed(
    layout: Layout, follows: Sequence[Follow], titles: Mapping[str, str], places: Places, lists: CodeLists
) -> dict[str, str]:
    """The formula of each column that follows; `titles` of data sheets are by their tables."""
    formulas: dict[str, str] = {}
    for follow in follows:
        for column, formula in _formulas(layout, follow, titles, places, lists):
            before = formulas.get(column)
            formulas[column] = f'IF({before}="",{formula},{before})' if before else formula
    return formulas


def _formulas(
    layout: Layout, follow: Follow, titles: Mapping[str, str], places: Places, lists: CodeLists
) -> Iterator[tuple[str, str]]:
    """The formula of each column of one `follow`."""
    match follow:
        case Computed(column=column):
            yield column, _by_cases(layout, follow)
        case SexFromId(column=column, resident_id=resident_id):
            number = layout.cell(resident_id)
            sex = f"IF(ISODD(VALUE(MID({number},17,1))),{_literal('男')},{_literal('女')})"
            yield column, f'IF(LEN({number})<>18,"",IFERROR({sex},""))'
        case FromSchool(column=column):
            if lists.schools:
                yield column, _by_type_of_school(layout, follow, lists)
        case HelperSheet() | FromTable():
            title = follow.title if isinstance(follow, HelperSheet) else titles[follow.table]
            where, last = places[title]
            key = follow.by[0] if len(follow.by) == 1 else KEY
            keys = _area(where, key, last)
            row = f"MATCH({_sought(layout, follow.by)},{keys},0)"
            for column in follow.columns:
                there = f"INDEX({_area(where, column, last)},{row})"
                # A cell that is empty there would be 0 here.
                value = f'IFERROR(IF({there}="","",{there}),"")'
                yield column, f'IF({_any_empty(layout, follow.by)},"",{value})'


def _by_type_of_school(layout: Layout, follow: FromSchool, lists: CodeLists) -> str:
    types, values = (",".join(map(_literal, each)) for each in zip(*follow.by_type, strict=True))
    of_school = f"INDEX({lists.school_types},MATCH({layout.cell(follow.school_code)},{lists.school_codes},0))"
    return f'IFERROR(INDEX({{{values}}},MATCH({of_school},{{{types}}},0)),"")'


def _by_cases(layout: Layout, computed: Computed) -> str:
    on, last = layout.cell(computed.on), '""'
    if computed.otherwise:
        last = layout.cell(computed.otherwise)
        last = f'IF({last}="","",{last})'
    for value, result in reversed(computed.cases):
        last = f"IF({on}={_literal(value)},{_literal(result)},{last})"
    return f'IF({on}="","",{last})'


def _literal(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


KEY = "key"
"""The column of a helper sheet in which several columns stand as one."""


def _area(where: Layout, column: str, last: int) -> str:
    letter = where.letters[column]
    return f"'{where.sheet.title}'!${letter}${FIRST_DATA_ROW}:${letter}${last}"


def _any_empty(layout: Layout, columns: Sequence[str]) -> str:
    empty = [f'{layout.cell(column)}=""' for column in columns]
    return empty[0] if len(empty) == 1 else f"OR({','.join(empty)})"


def _sought(layout: Layout, by: Sequence[str]) -> str:
    """What MATCH looks for: in a text it would take ? and * for any other characters."""
    plain = escaped = _joined(layout, by)
    if all(layout.sheet.by_name[name].type is not Type.TEXT for name in by):
        return plain
    for mark in "~*?":
        escaped = f'SUBSTITUTE({escaped},"{mark}","~{mark}")'
    # A number is no text that looks like it: 123 may be shown as 00123.
    return f"IF(ISTEXT({plain}),{escaped},{plain})"


def _joined(layout: Layout, columns: Sequence[str]) -> str:
    return f'&"{JOINT}"&'.join(layout.cell(column) for column in columns)
