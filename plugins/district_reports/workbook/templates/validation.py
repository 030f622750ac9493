"""What the cells of a template take: dropdowns, bounds, and what Excel says of anything else."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from district_reports.model.form import FIRST_DATA_ROW, Column, Sheet, Type
from district_reports.workbook.templates.code_lists import CodeLists
from district_reports.workbook.templates.layout import Layout, NameBeside


def validate_column(
    page: Any,
    layout: Layout,
    place: int,
    column: Column,
    lists: CodeLists,
    choice: tuple[str, str] | None,
    last_row: int,
) -> None:
    """Down to `last_row`; `choice` is a range of values to choose from, with the sheet that they stand on."""
    rule = _rule(layout.sheet, column, lists)
    if choice:
        rule = _choice(*choice)
    if column.help:
        rule |= {"input_title": column.title[:32], "input_message": column.help[:255]}
    page.data_validation(*(FIRST_DATA_ROW - 1, place, last_row - 1, place), rule | {"error_title": column.title[:32]})


def _choice(area: str, title: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": f"={area}",
        "error_type": "warning",
        "error_message": f"“{title}”里没有这一项。在那里加一行，其余各列会自动带出；也可以在这里逐列填写。",
    }


def validate_name(
    page: Any, place: int, beside: NameBeside, rows: Sequence[Mapping[str, object]], lists: CodeLists
) -> None:
    """Where the name follows from the code nothing can be typed; where it brings the code it is picked.

    Locking the cells would keep Excel from deleting and sorting their rows.
    """
    follows: dict[str, Any] = {
        "validate": "custom",
        "value": "=FALSE",
        "error_message": "名称由标识码带出，不用填。学校不对的，改标识码。",
    }
    picked: dict[str, Any] = {
        "validate": "list",
        "source": f"={lists.school_names}",
        "error_message": "请从下拉列表选择，标识码会自动带出。列表里没有的，在标识码一列填代码。",
        "input_title": beside.title,
        "input_message": "在这里选名称，旁边的标识码自动带出。",
    }
    at = FIRST_DATA_ROW - 1
    for is_there, run in groupby(cells.get(beside.title) is not None for cells in rows):
        last = at + len(list(run)) - 1
        rule = follows if is_there else picked
        page.data_validation(at, place, last, place, rule | {"error_title": beside.title})
        at = last + 1


def _rule(sheet: Sheet, column: Column, lists: CodeLists) -> dict[str, Any]:
    """The validation of a column as xlsxwriter takes it.

    It stops what can't be right; where a copy of the register may be out of date, or a slip can be mended, it warns.
    """
    match column.type:
        case Type.CODE | Type.YES_NO:
            codes = lists.source(sheet.table, column.name)
            return {"validate": "list", "source": codes, "error_message": "请从下拉列表中选择。"}
        case Type.DATE:
            return date_rule(lists.day, None if column.may_follow_period else lists.last_day)
        case Type.INTEGER:
            return {"validate": "integer", **_bounds(column, "整数，不写单位")}
        case Type.DECIMAL:
            return {"validate": "decimal", **_bounds(column, "数字，最多两位小数，不写单位")}
        case Type.SCHOOL_CODE if lists.schools:
            return {
                "validate": "list",
                "source": f"={lists.school_codes}",
                "error_type": "warning",
                "error_message": "代码表里没有这所学校，请核对标识码。",
            }
        case Type.TEXT:
            return {
                "validate": "length",
                "criteria": "<=",
                "value": column.max_length,
                "error_message": f"不超过{column.max_length}字。",
            }
    length = {Type.RESIDENT_ID: 18, Type.STUDENT_NO: 19, Type.SCHOOL_CODE: 10}[column.type]
    return {
        "validate": "length",
        "criteria": "==",
        "value": length,
        "error_type": "warning",
        "error_message": f"应为{length}位，请核对。",
    }


def date_rule(example: date, last_day: date | None = None) -> dict[str, Any]:
    """The validation of a date as xlsxwriter takes it; `last_day` is that of the period, if it can't be later."""
    until = f"不晚于报告期末 {last_day.isoformat()}" if last_day else f"如 {example.isoformat()}"
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": date(2000, 1, 1),
        "maximum": last_day or date(2099, 12, 31),
        "error_title": "日期",
        "error_message": f"请输入日期，{until}。",
    }


def _bounds(column: Column, what: str) -> dict[str, Any]:
    if column.between:
        lowest, highest = column.between
        message = f"请输入 {lowest} 至 {highest} 的{what}。"
        return {"criteria": "between", "minimum": lowest, "maximum": highest, "error_message": message}
    if column.above_zero:
        return {"criteria": ">", "value": 0, "error_message": f"请输入大于 0 的{what}。"}
    lowest = column.minimum if column.minimum is not None else -999_999_999
    message = f"请输入{what}。" if column.minimum is None else f"请输入不小于 {lowest} 的{what}。"
    return {"criteria": ">=", "value": lowest, "error_message": message}
