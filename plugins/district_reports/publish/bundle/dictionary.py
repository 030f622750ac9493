"""``dictionary.csv``: what each column of the bundle says, from its card (:mod:`..definitions`)."""

from collections.abc import Iterator, Mapping

from district_reports.publish.bundle.blanks import MEANINGS
from district_reports.publish.bundle.content import Content, Table
from district_reports.publish.bundle.table_file import Resource, field_type, text_field, written
from district_reports.publish.definitions import COMMITMENTS, OF_COVERAGE, Card, Level

PATH = "dictionary.csv"
COLUMNS = {
    "table": "表",
    "table_title": "表名",
    "column": "列",
    "title_zh": "中文名称",
    "title_en": "英文名称",
    "type": "类型",
    "unit": "单位",
    "definition_zh": "定义",
    "definition_en": "英文定义",
    "numerator": "分子",
    "denominator": "分母",
    "levels": "各级关系",
    "breakdown": "分类",
    "coverage": "覆盖情况见",
    "items": "工作计划条目",
    "caveats_zh": "注意",
    "caveats_en": "英文注意",
}
LEVELS = {Level.ADDS_UP: "区县相加得全市", Level.COMPUTED: "各级分别计算", None: ""}
_BLANKS = {
    "c": ("因保护个人信息而不公布的数字。", "A figure that is not published, to protect people."),
    "x": ("没有通过的报表，或没有可比较的更早报表，所以没有数字。", "No accepted report, or none to compare with."),
    "z": ("这一行没有这个指标，或没有可计量的对象。", "The row has no such figure, or there is nothing to measure."),
}
"""What stands in a CSV in the place of a figure."""


def dictionary(content: Content) -> Resource:
    """A row for each column of each table, for each commitment, and for each code that stands for no figure."""
    titles = {table.name: table for table in reversed(content.every_table)}
    rows = [line for table in content.tables for line in _of_table(content, titles[table.name])]
    rows += _commitments(content)
    rows += [_blank(code, MEANINGS[code]) for code in MEANINGS]
    return Resource(
        path=PATH,
        title="数据字典",
        description="各表各列的名称、定义、分子、分母、单位和覆盖情况；最后是代替数字的代码 c、x、z。",
        fields=[text_field(name, title) for name, title in COLUMNS.items()],
        primary_key=("table", "column"),
        content=written(COLUMNS, ([row.get(name, "") for name in COLUMNS] for row in rows)),
    )


def _of_table(content: Content, table: Table) -> Iterator[dict[str, str]]:
    coverage = "、".join(name for name in table.columns if name in OF_COVERAGE)
    for name, kind in table.columns.items():
        card, english = (known.card(table.name, name) for known in (content.chinese, content.english))
        rests_on = coverage if card.level is not None and name not in OF_COVERAGE else ""
        yield _line(content, card, english) | {"type": field_type(kind), "coverage": rests_on}


def _commitments(content: Content) -> Iterator[dict[str, str]]:
    told = {table.name for table in content.tables}
    for name, card in content.chinese.commitments.items():
        if card.numerator is not None and card.numerator.table in told:
            yield _line(content, card, content.english.commitments[name]) | {"table_title": "工作计划目标任务"}


def _line(content: Content, card: Card, english: Card) -> dict[str, str]:
    named = "" if card.table == COMMITMENTS else content.chinese.words(card.table).title
    measured = {"numerator": card.numerator, "denominator": card.denominator}
    return {
        "table": card.table,
        "table_title": named,
        "column": card.column,
        "title_zh": card.title,
        "title_en": english.title,
        "unit": card.unit.strip("{}"),
        "definition_zh": card.definition,
        "definition_en": english.definition,
        **{name: f"{each.table}.{each.column}" for name, each in measured.items() if each is not None},
        "levels": LEVELS[card.level],
        "breakdown": "、".join(card.breakdown) or "；".join(f"{name}：{value}" for name, value in card.chosen),
        "items": "、".join(card.items),
        "caveats_zh": "；".join(card.caveats),
        "caveats_en": "; ".join(english.caveats),
    }


def _blank(code: str, meaning: Mapping[str, str]) -> dict[str, str]:
    chinese, english = _BLANKS[code]
    # A row without a table, under the code itself: readers take the code alone for a missing value.
    return {
        "table": "*",
        "table_title": "代替数字的代码",
        "column": f"“{code}”",
        "title_zh": meaning["zh"],
        "title_en": meaning["en"],
        "definition_zh": chinese,
        "definition_en": english,
    }
