"""docs/rules.md: every rule in Chinese, for clerks, officers and engineers."""

from collections.abc import Iterable, Iterator, Mapping

from district_reports.checks.instructions import COLUMN, LEFT_OPEN, RuleText, content_texts, file_and_cell_texts
from district_reports.checks.suites import suites
from district_reports.checks.verdict import REJECTED_ROWS, REJECTED_SHARE
from district_reports.markdown import plain, table
from district_reports.model.form import Form

_HEAD = f"""# 规则

每份工作簿按这些规则检查。填报人在“反馈”里看到的每一条，都是下面的一条；{COLUMN}等〔〕和“{LEFT_OPEN}”处写着实际的内容。
怎样填、怎样报，见[填报指南](clerks.md)；怎样加一条规则，见 [add-a-rule.md](how-to/add-a-rule.md)。

本页由 `make docs` 从 `expectations/` 里的规则生成，与模板的“填表说明”、反馈的“问题清单”出自同一处；要改文字，改那里。

## 级别对文件有什么影响

| 级别 | 哪些规则 | 对文件和数据 | 填报人做什么 |
|---|---|---|---|
| 错误 | F01 至 F15 | 整份退回，没有改变任何数据；不再检查后面的规则 | 改正后重新上报 |
| 错误 | F16 | 一张表有错误的行超过 {REJECTED_SHARE:.0%}，而且至少有 {REJECTED_ROWS} 行：整份退回 | 逐条改正后重新上报 |
| 错误 | 其余各条 | 有错误的行不入库，单独保存；其余各行照常入库，结论是“部分接收” | 改正这些行，把整份表重新上报 |
| 警告 | 任何一条 | 不妨碍入库 | 核对；写错的改正后重报，情况属实的在“问题清单”的“情况说明”里写明，值不变就不再提示 |
| 提示 | 任何一条 | 不妨碍入库 | 不用做什么 |

- 封面不全（F05）时只报封面的问题，补全后才检查别的。
- 一个单元格只报一条 T 错误，依次取 T12、T06、T07、T05、T08、T01、T02 至 T04、T13 中的第一条；T10、T11 可以与别的并列。
- 有 T 错误的单元格、无效的身份证件号（C01），不参加同一行的其他内容规则。
- 比较各行、各表或学校名册的规则，对读到的每一行都看，有错误的行也在内。
"""
_ACROSS = """## X 报表之间

每天夜里，把各区县已通过、正在生效的报表放在一起比较。下面各条都是警告：不影响文件的结论，也不改变任何数据；
查出的事项在“反馈”文件夹的“待核对.xlsx”里，核对后更正报表，或在“情况说明”里写明。由 `sql/reconciliation/` 里的文件生成。
"""
_FILE, _CELL, _ANY = "F", "T", "C"


def rules_page(forms: Mapping[str, Form], across: Iterable[RuleText]) -> str:
    """The whole page, in Markdown: the file, the cell, what all forms share, what is particular to each form, and the
    rules `across` submissions."""
    general = file_and_cell_texts()
    by_form = {key: content_texts(form) for key, form in forms.items()}
    parts = [_HEAD]
    parts += _section("F 文件", (text for text in general if text.code.startswith(_FILE)))
    parts += _section("T 单元格", (text for text in general if text.code.startswith(_CELL)))
    shared = (text for texts in by_form.values() for text in texts if text.code.startswith(_ANY))
    parts += _section("C 各报表通用", _united(shared))
    own = {key: [text for text in texts if not text.code.startswith(_ANY)] for key, texts in by_form.items()}
    for key, texts in sorted(own.items(), key=lambda item: item[1][0].code if item[1] else item[0]):
        letters = "、".join(dict.fromkeys(text.code[0] for text in texts))
        parts += _section(f"{letters} {forms[key].title}（`{key}`）", texts)
        if compared := suites(forms[key]).needs_history:
            parts.append(f"与上一次通过的数据比较，没有往期数据时不检查：{'、'.join(compared)}。\n")
    parts.append(_ACROSS)
    parts += _rows(across)
    return "\n".join(parts)


def _united(texts: Iterable[RuleText]) -> list[RuleText]:
    """Each text once, with the columns that it marks in any form."""
    found: dict[tuple[str, ...], RuleText] = {}
    for text in texts:
        key = (text.code, text.message, text.fix)
        marks = found[key].marks if key in found else ()
        united = tuple(dict.fromkeys((*marks, *text.marks)))
        found[key] = RuleText(text.code, text.severity, text.title, text.message, text.fix, united)
    return sorted(found.values(), key=lambda text: text.code)


def _section(title: str, texts: Iterable[RuleText]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from _rows(texts)


def _rows(texts: Iterable[RuleText]) -> Iterator[str]:
    rows = list(texts)
    header = ["规则", "级别", "问题", "怎样改"]
    marked = any(text.marks for text in rows)
    if marked:
        header.insert(2, "标在哪一列")
    lines = []
    told = None
    for text in rows:
        name = "" if (text.code, text.title) == told else f" {plain(text.title)}"
        told = (text.code, text.title)
        cells = [f"**{text.code}**{name}", text.severity.label, plain(text.message), plain(text.fix)]
        if marked:
            cells.insert(2, plain("、".join(text.marks) or "整张表"))
        lines.append(cells)
    yield from table(header, lines)
    yield ""
