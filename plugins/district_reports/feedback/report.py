"""The quality report: one page of HTML beside the marked copy, to read on any office PC and to print on A4.

It holds nothing that runs and loads nothing. What comes from a file is escaped, put on one line without control
characters, and cut; the page's own style is the only one that its policy lets in.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from district_reports.checks.verdict import rejects
from district_reports.checks.wording import cut
from district_reports.feedback.chart import chart_of
from district_reports.feedback.compared import compared
from district_reports.feedback.facts import ReportFacts
from district_reports.feedback.places import listed_places
from district_reports.feedback.progress_report import open_words
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.model.period import period_named
from district_reports.workbook.marking.answer import Answer, count_heads
from district_reports.workbook.marking.sentences import in_force, next_step, recheck_note
from district_reports.workbook.problem_list import EXPLAINED
from district_reports.workbook.show import number_text

EXPLANATIONS_SHOWN, REASONS_SHOWN = 100, 10
LONGEST = 800
"""Characters of any text on the page; a rule's own texts are shorter."""
_STYLE = Path(__file__).with_name("report.css")


def write_report(answer: Answer, facts: ReportFacts, path: Path) -> None:
    """Write the report on `answer` to `path`, in UTF-8; what `facts` does not know is left out.

    Raises:
        OSError: the disk refused.
    """
    reasons = [found for found in answer.findings if rejects(found)]
    open_ = [found for found in answer.findings if found.explanation is None and not rejects(found)]
    explained = [found for found in answer.findings if found.explanation is not None]
    style = _STYLE.read_text(encoding="utf-8")
    page = template().render(
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        answer=answer,
        next_step=next_step(answer),
        notes=[note for _, note in recheck_note(answer)],
        particulars=_particulars(answer),
        reasons=reasons[:REASONS_SHOWN],
        reasons_left=len(reasons[REASONS_SHOWN:]),
        heads=count_heads(answer),
        total=_total(answer.counts),
        numbers=_numbers([*reasons, *open_], explained),
        places=listed_places(open_),
        is_about_rows=any(map(answer.who_is_at, answer.findings)),
        explained=explained[:EXPLANATIONS_SHOWN],
        explained_number=len(explained),
        comparison=compared(facts.comparison) if facts.comparison else None,
        replaced=facts.replaced,
        standing=in_force(answer),
        chart=chart_of(facts.first_tries),
        worklist=open_words(facts.open_items) if facts.open_items and facts.open_items.number else None,
    )
    path.write_text(page, encoding="utf-8")


@lru_cache(maxsize=1)
def template() -> Template:
    """The report's template, compiled; made once a process."""
    environment = Environment(
        loader=PackageLoader("district_reports", "feedback"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters |= {
        "cut": _cut,
        "figure": lambda figure: number_text(float(figure)),
        "moment": lambda moment: f"{moment:%Y-%m-%d %H:%M}",
        "period": period_named,
    }
    return environment.get_template("report.html.j2")


def _clean(value: object) -> object:
    """Whatever the page prints: our own style as it is, every other text bounded and without what is not seen."""
    return cut(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _cut(value: str | None, length: int) -> str:
    return cut(value or "", length)


def _particulars(answer: Answer) -> list[tuple[str, str]]:
    """Label and value: whose report it is, which file, and how it stands with the clock."""
    rows = [
        ("填报单位", answer.district),
        *((("报告期", period_named(answer.period)),) if answer.period else ()),
        ("文件", answer.file_name),
        ("收到时间", f"{answer.received_at:%Y-%m-%d %H:%M:%S}"),
        ("处理时间", f"{answer.decided_at:%Y-%m-%d %H:%M:%S}"),
    ]
    if answer.receipt_no is not None:
        rows.append(("回执号", str(answer.receipt_no)))
    if answer.due_on is not None:
        rows.append(("截止日期", f"{answer.due_on} 24:00{_timeliness(answer, answer.due_on)}"))
    if answer.taken_until is not None:
        last = f"{answer.taken_until} 已锁定" if answer.is_locked else f"可补报至 {answer.taken_until} 24:00"
        rows.append(("补报、更正", f"{last}；过后要改，请联系市教育局。"))
    return rows


def _timeliness(answer: Answer, due_on: date) -> str:
    if answer.withdrawn_receipt is not None:
        return ""
    own_days = (answer.received_at.date() - due_on).days
    repeated = answer.repeats.outcome if answer.repeats else None
    if answer.precheck or Outcome.REJECTED in (answer.outcome, repeated):
        return f"（收到这份文件时已过 {own_days} 天）" if own_days > 0 else "（收到这份文件时还没有过）"
    if answer.late_days:
        return f"（迟报 {answer.late_days} 天）"
    return "（本期按时报过）" if own_days > 0 else "（按时）"


def _total(counts: Sequence[SheetCount]) -> SheetCount | None:
    """The sum over the sheets, where there are several."""
    if len(counts) < 2:
        return None
    names = ("rows_read", "loaded", "quarantined", "ignored", "no_data")
    return SheetCount("", "合计", *(sum(getattr(count, name) for count in counts) for name in names))


@dataclass(frozen=True)
class _Number:
    kind: str
    label: str
    number: int


def _numbers(open_: Sequence[Finding], explained: Sequence[Finding]) -> list[_Number]:
    numbers = [
        _Number(severity.value, severity.label, sum(found.severity is severity for found in open_))
        for severity in Severity
    ]
    return [*numbers, _Number("explained", EXPLAINED, len(explained))]
