"""``withheld.csv`` and its summary: which figures are withheld. Never why: a reason would tell what they are."""

from collections import Counter

from district_reports.publish.bundle.content import LEVELS, Content
from district_reports.publish.bundle.table_file import Resource, text_field, title_of, written
from district_reports.publish.bundle.wording import Wording, boundaries_of, breakdown

PATH, SUMMARY_PATH = "withheld.csv", "withheld_by_table.csv"
PLACE = {
    "boundaries": "区划（then 报告期当时，now 发布当天）",
    "table": "表",
    "table_title": "表名",
    "period": "报告期",
    "level": "层级",
    "area_code": "区域代码",
    "area_name": "区域",
    "breakdown": "分类",
    "column": "列",
    "column_title": "列名",
}
"""The columns that say of which figure a line is."""
_SUMMARY = {
    "boundaries": PLACE["boundaries"],
    "table": "表",
    "table_title": "表名",
    "level": "层级",
    "figures": "数字个数",
    "withheld": "其中已隐去",
}
_COUNTS = ("figures", "withheld")


def withheld(content: Content) -> Resource:
    """A line for each figure that is withheld."""
    wording = Wording(content)
    lines = []
    for table in content.every_table:
        words = content.chinese.words(table.name)
        for row, column in table.withheld():
            key = {name: row[name] for name in table.summary.key}
            period, area = key.get("period"), key.get("area_code")
            lines.append(
                (
                    *(boundaries_of(table.schema), table.name, words.title, period, key.get("level"), area),
                    *(wording.area(period, area), breakdown(key), column, words.of(column)),
                )
            )
    return Resource(
        path=PATH,
        title="已隐去的数字",
        description="因保护个人信息而不公布的数字在哪张表、哪一行、哪一列。",
        fields=[text_field(name, title) for name, title in PLACE.items()],
        primary_key=("boundaries", "table", "period", "level", "area_code", "breakdown", "column"),
        content=written(PLACE, lines),
    )


def withheld_by_table(content: Content) -> Resource:
    """How many figures of each table and level there are, and how many of them are withheld."""
    lines = []
    for table in content.every_table:
        figures: Counter[str] = Counter()
        hidden: Counter[str] = Counter(row["level"] for row, _ in table.withheld() if "level" in row)
        told = set(table.columns) - {*table.summary.key, "area_name"}
        for row in table.rows:
            figures[row.get("level", "")] += len(told)
        for level in sorted(figures, key=lambda each: LEVELS.index(each) if each in LEVELS else len(LEVELS)):
            title = title_of(content, table)
            lines.append((boundaries_of(table.schema), table.name, title, level, figures[level], hidden[level]))
    fields = [
        {"name": name, "title": title, "type": "integer"} if name in _COUNTS else text_field(name, title)
        for name, title in _SUMMARY.items()
    ]
    return Resource(
        path=SUMMARY_PATH,
        title="已隐去的数字（按表和层级）",
        description="各表各层级有多少数字，其中多少已隐去。",
        fields=fields,
        primary_key=("boundaries", "table", "level"),
        content=written(_SUMMARY, lines),
    )
