"""Workbooks of the fifth form, 校外培训机构, typed into its template as a clerk does: a right and a wrong one."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

SHEET = "机构"
HEADERS = (
    *(
        "机构代码",
        "机构名称",
        "负责人",
        "办学许可",
        "办学许可证号",
        "培训类别",
        "在训学员数",
        "教学人员数",
        "资金账户监管",
    ),
    *("预收费余额", "开展线上培训", "线上培训备案", "检查日期", "违规次数", "名单", "处罚措施", "备注"),
)
COLUMNS = dict(zip(HEADERS, "ABCDEFGHIJKLMNOPQ", strict=True))
FIRST_ROW = 4
ROWS, MISTAKEN_ROWS = 6, 120
"""Rows of the two workbooks; so many that ten with an error stay below the tenth at which F16 rejects the file."""

PLANTED: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("T01", "办学许可证号", {"办学许可证号": None}),
    ("T03", "检查日期", {"检查日期": "六月中旬"}),
    ("T04", "名单", {"名单": "灰名单"}),
    ("C04", "检查日期", {"检查日期": date(2020, 7, 1)}),
    ("G01", "处罚措施", {"名单": "黑名单"}),
    ("G03", "检查日期", {"违规次数": 1, "检查日期": None}),
    ("G04", "在训学员数", {"在训学员数": 501, "教学人员数": 10}),
    ("G05", "线上培训备案", {"开展线上培训": "是", "线上培训备案": "否"}),
    ("G06", "名单", {"名单": "白名单", "违规次数": 2}),
)
"""Rule, the header that it marks, and what is typed: one row each."""
TWICE = (("C03", "机构代码"), ("G02", "办学许可证号"))
"""Two rows each with the same value: both are marked."""
WARNINGS = frozenset({"G04", "G05", "G06"})


def institution(number: int) -> dict[str, object]:
    """A sound row."""
    return {
        "机构代码": f"5221020{number:04}",
        "机构名称": f"第{number}培训学校",
        "负责人": f"测试人{number}",
        "办学许可": "有证",
        "办学许可证号": f"教民{number:06}",
        "培训类别": "学科类",
        "在训学员数": 100 + number,
        "教学人员数": 10,
        "资金账户监管": "是" if number % 2 else "否",
        "预收费余额": 1000.5,
        "开展线上培训": "否",
        "线上培训备案": "否",
        "检查日期": date(2020, 6, 10),
        "违规次数": 0,
        "名单": "未列入",
    }


def sound_rows() -> list[dict[str, object]]:
    return [institution(number) for number in range(ROWS)]


def mistaken_rows() -> tuple[list[dict[str, object]], set[tuple[str, str]]]:
    """Rows with the mistakes, and right ones after them; and the rules and cells of all mistakes."""
    rows = [institution(number) for number in range(MISTAKEN_ROWS)]
    planted = set()
    for place, (rule, title, changed) in enumerate(PLANTED):
        rows[place].update(changed)
        planted.add((rule, f"{COLUMNS[title]}{FIRST_ROW + place}"))
    for offset, (rule, title) in enumerate(TWICE):
        first = len(PLANTED) + 2 * offset
        rows[first + 1][title] = rows[first][title]
        planted |= {(rule, f"{COLUMNS[title]}{FIRST_ROW + place}") for place in (first, first + 1)}
    return rows, planted


def loaded_rows() -> list[dict[str, object]]:
    """What loads of the mistaken rows: those without a mistake, and those with a warning."""
    rows, planted = mistaken_rows()
    bad = {int(cell[1:]) for rule, cell in planted if rule not in WARNINGS}
    return [row for number, row in enumerate(rows, FIRST_ROW) if number not in bad]


def fill(template: Path, path: Path, rows: list[dict[str, object]]) -> Path:
    """Type cover and `rows` into a copy of the template."""
    book = load_workbook(template)
    typed = {"填报人": "王敏", "联系电话": "0411-00000000", "填报日期": date(2020, 7, 3)}
    for label, value in book["封面"].iter_rows(max_col=2):
        if label.value in typed:
            value.value = typed[label.value]
    for number, row in enumerate(rows, FIRST_ROW):
        for title, value in row.items():
            book[SHEET][f"{COLUMNS[title]}{number}"] = value
    book.save(path)
    return path
