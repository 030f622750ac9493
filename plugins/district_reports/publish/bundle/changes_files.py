"""``changes.csv`` and ``CHANGES.md``: what is another figure than in the version outside before, and why."""

from collections import Counter
from collections.abc import Iterator

from district_reports.markdown import plain, table
from district_reports.publish.bundle.content import Change, Content
from district_reports.publish.bundle.table_file import NOW, Resource, text_field, written
from district_reports.publish.bundle.withheld_files import PLACE
from district_reports.publish.bundle.wording import LANGUAGE, Wording, boundaries_of, breakdown
from district_reports.publish.causes import in_words

PATH, TEXT_PATH = "changes.csv", "CHANGES.md"
_COLUMNS = {**PLACE, "before": "原数", "after": "现数", "causes": "原因", "against": "与哪一版相比"}
_MOST = 200
"""How many figures the text names."""
UNCHANGED = (
    "没有列出的数字与上一版相同，或两版中有一版没有公布。\n\n"
    "A figure that is not listed is the same as before, or is not published in one of the two versions."
)


def changes(content: Content) -> Resource:
    """A line for each figure that changed."""
    wording = Wording(content)
    lines = [
        (
            *(boundaries_of(each.schema), each.table, content.chinese.words(each.table).title, each.period, each.level),
            *(each.area_code, wording.area(each.period, each.area_code), breakdown(each.key), each.column),
            *(content.chinese.words(each.table).of(each.column), _raw(each.before), _raw(each.after)),
            *(causes_of(each), content.against or ""),
        )
        for each in content.changes
    ]
    return Resource(
        path=PATH,
        title="修订的数字",
        description="与上一个对外版本相比改变了的数字、原数、现数和原因。",
        fields=[text_field(name, title) for name, title in _COLUMNS.items()],
        primary_key=("boundaries", "table", "period", "level", "area_code", "breakdown", "column"),
        content=written(_COLUMNS, lines),
    )


def changes_text(content: Content) -> str:
    """The same for people, in Markdown: by table and cause, and the first of them."""
    version = content.version
    lines = [f"# 修订说明 Changes · {version}", ""]
    if content.against is None:
        lines += ["首次对外发布，没有可比较的版本。", "", "The first version outside: there is none to compare with."]
        return "\n".join(lines) + "\n"
    count = len(content.changes)
    lines += [
        f"与 {content.against} 相比，改变了 {count:,} 个数字。全部见 `{PATH}`。",
        "",
        f"Compared with {content.against}, {count:,} figures changed. All of them: `{PATH}`.",
        "",
        UNCHANGED,
        "",
    ]
    if count:
        lines += [
            "## 按表和原因 By table and cause",
            "",
            *_counted(content),
            "",
            "## 数字 Figures",
            "",
            *_listed(content),
        ]
    if count > _MOST:
        lines += ["", f"其余 {count - _MOST:,} 个见 `{PATH}`。 The other {count - _MOST:,} stand in `{PATH}`."]
    return "\n".join(lines) + "\n"


def causes_of(change: Change) -> str:
    return "、".join(in_words(cause, LANGUAGE) for cause in change.causes)


def _counted(content: Content) -> Iterator[str]:
    counted = Counter((_title(content, each), cause) for each in content.changes for cause in each.causes)
    rows = [
        (plain(title), plain(in_words(cause, LANGUAGE)), plain(in_words(cause, "en")), f"{number:,}")
        for (title, cause), number in sorted(counted.items())
    ]
    yield from table(("表 Table", "原因", "Cause", "数字 Figures"), rows)


def _listed(content: Content) -> Iterator[str]:
    wording = Wording(content)
    rows = [
        (
            plain(_title(content, each)),
            each.period or "",
            plain(wording.area(each.period, each.area_code)),
            plain(wording.parts(each.table, each.key)),
            plain(content.chinese.words(each.table).of(each.column)),
            plain(wording.figure(each.table, each.column, each.before)),
            plain(wording.figure(each.table, each.column, each.after)),
            plain(causes_of(each)),
        )
        for each in content.changes[:_MOST]
    ]
    yield from table(("表", "报告期", "区域", "分类", "指标", "原数", "现数", "原因"), rows)


def _title(content: Content, change: Change) -> str:
    now = NOW[LANGUAGE] if boundaries_of(change.schema) == "now" else ""
    return content.chinese.words(change.table).title + now


def _raw(value: object) -> object:
    return "" if value is None else value
