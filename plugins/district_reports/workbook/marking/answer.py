"""The answer to the district: what it says, in the words that all its forms share, and its file name."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.workbook.problem_list import EXPLAINED

FILL = {Severity.CRITICAL: "#F9D6DB", Severity.WARNING: "#FFDD97", Severity.INFO: "#D9E7F9"}
"""Of no common palette: a cell that has one of them was filled by us, and is known by it when it comes in again."""
VERDICT_COLOUR = {
    Outcome.REJECTED: "#B42318",
    Outcome.ACCEPTED_WITH_ERRORS: "#B54708",
    Outcome.ACCEPTED: "#067647",
    Outcome.DUPLICATE: "#475467",
}
PRECHECK, NIL = "预检", "无数据申报"
_FORESEEN = {
    Outcome.REJECTED: "会被退回",
    Outcome.ACCEPTED_WITH_ERRORS: "有错误",
    Outcome.ACCEPTED: "通过",
    Outcome.DUPLICATE: "重复",
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LISTED_AT_MOST = 1_048_575
"""Rows of a worksheet less its header."""
HIGHEST_ROW = 409
"""Points; Excel shows no row that is higher."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the district is told. ``form_title`` and ``period`` are None for a file without identity.

    ``rechecked_receipt`` is the receipt of the district's own drop, where the system has checked that file once more;
    ``withdrawn_receipt`` that of the drop that was to be taken back, where this answers a withdrawal. Its counts and
    findings are then those of the version that stands now; there are no counts if none does.

    ``precheck``: the file was only to be checked, and ``outcome`` is what would become of it; its counts say what would
    be loaded. ``receipt_no`` is None where the file was not received at all. ``nil_return``: it declares that there is
    nothing to report. ``late_days``: so many days after the due date the district's report came; 0 is on time.
    """

    form_title: str | None
    period: str | None
    district: str
    file_name: str
    received_at: datetime
    decided_at: datetime
    outcome: Outcome
    reason: str
    receipt_no: int | None
    counts: Sequence[SheetCount]
    findings: Sequence[Finding]
    rechecked_receipt: int | None = None
    withdrawn_receipt: int | None = None
    precheck: bool = False
    nil_return: bool = False
    late_days: int = 0

    @property
    def verdict(self) -> str:
        """The clerk's words for what became of it, and whether it came late."""
        word = f"预检：{self.word}" if self.precheck else self.word
        return f"{word}（迟报 {self.late_days} 天）" if self.late else word

    @property
    def word(self) -> str:
        """What became of it in a word; a nil return, a report that was sent back and a withdrawal are never alike."""
        if self.withdrawn_receipt is not None:
            return "撤回未受理" if self.outcome is Outcome.REJECTED else "已撤回"
        if self.nil_return and self.outcome is Outcome.ACCEPTED:
            return NIL
        return _FORESEEN[self.outcome] if self.precheck else self.outcome.label

    @property
    def late(self) -> bool:
        """Whether it stands as a late report."""
        reported = self.outcome in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_ERRORS)
        return reported and self.withdrawn_receipt is None and not self.precheck and self.late_days > 0


def answer_name(answer: Answer) -> str:
    """``控辍保学台账_2020-06_20200704-091500_退回_回执12.xlsx``: form, period, time of receipt, verdict, receipt.

    A file without identity goes by its own name instead of form and period. A late report has 迟报 behind its verdict,
    and what was only to be checked begins with 预检.
    """
    # A file that is no report keeps its own name: several clerks share a folder.
    stem = answer.file_name.rpartition(".")[0] or answer.file_name
    parts = [
        PRECHECK if answer.precheck else None,
        answer.form_title or f"无法识别_{stem[:40]}",
        answer.period,
        f"{answer.received_at:%Y%m%d-%H%M%S}",
        answer.word,
        "迟报" if answer.late else None,
        f"回执{answer.receipt_no}",
    ]
    return _UNSAFE.sub("_", "_".join(part for part in parts if part)) + ".xlsx"


def title(answer: Answer) -> str:
    """The heading: the verdict and the report."""
    return f"{answer.verdict}：{answer.form_title or '无法识别的文件'}"


def count_heads(answer: Answer) -> tuple[str, ...]:
    """The headers of the counts by sheet: its title, and what became of the rows read."""
    loaded = ("可入库", "有错误") if answer.precheck else ("入库", "有错未入库")
    return ("工作表", "读取行数", *loaded, "未用")


def counted(findings: Iterable[Finding]) -> str:
    """How many of each severity there are; those with an explanation stand apart."""
    numbers = Counter(level(found) for found in findings)
    levels = [*(severity.label for severity in Severity), *([EXPLAINED] if numbers[EXPLAINED] else [])]
    return "、".join(f"{one} {numbers[one]} 条" for one in levels)


def level(found: Finding) -> str:
    """The clerk's word for how grave a finding is, or that it is explained."""
    return found.severity.label if found.explanation is None else EXPLAINED


def recheck_note(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Why the district gets an answer to a file that it did not send again, under its label."""
    if answer.rechecked_receipt is None:
        return ()
    note = (
        "市里的学校名册、校验规则或作比较的上一期数据有更新，系统用本单位原来的文件"
        f"（回执 {answer.rechecked_receipt}）自动重新校验，以本次结论为准。"
    )
    return (("说明", note),)


def next_step(answer: Answer) -> str:
    """What the clerk does now, in a sentence or two."""
    if answer.withdrawn_receipt is not None:
        return _after_withdrawal(answer)
    if answer.precheck:
        return _after_precheck(answer.outcome)
    match answer.outcome:
        case Outcome.REJECTED:
            return "按“问题清单”逐条改正原表，存盘后重新放入“上报”文件夹。改正前，上一次通过的数据仍然有效。"
        case Outcome.ACCEPTED_WITH_ERRORS:
            return "按“问题清单”改正标为“错误”的行，存盘后把整份表重新放入“上报”文件夹，它会替换这一次的数据。"
        case Outcome.ACCEPTED:
            return "不用再做什么。有警告的请核对；确有更正的，把更正后的整份表放入“上报”文件夹。"
        case Outcome.DUPLICATE:
            return "不用再做什么。如果本来是要更正，请确认改动已经存盘，再放入“上报”文件夹。"


def _after_precheck(foreseen: Outcome) -> str:
    if foreseen is Outcome.ACCEPTED:
        return "预检不等于上报：要上报，请把这份文件放入“上报”文件夹。"
    return "按“问题清单”改正后存盘，可以留在“预检”文件夹再查一遍；预检不等于上报，改好后请把整份表放入“上报”文件夹。"


def _after_withdrawal(answer: Answer) -> str:
    if answer.outcome is Outcome.REJECTED:
        return "按“问题清单”所说的做。"
    if not answer.counts:
        return "把正确的整份表放入“上报”文件夹。"
    return "不用再做什么；问题清单和行数是现在生效的那一份的。要更正的，把更正后的整份表放入“上报”文件夹。"


def not_listed(number: int) -> str:
    """What stands below a list that is not whole."""
    return f"还有 {number} 处没有列出：一张工作表放不下更多的行。请先改正列出的各处，再重新上报。"


def listed(findings: Sequence[Finding], at_most: int | None = None) -> Sequence[Finding]:
    """Those that a worksheet holds: all, or the gravest ones and a line that counts the rest. Explained ones last."""
    at_most = LISTED_AT_MOST if at_most is None else at_most
    grave = list(Severity)
    if len(findings) > at_most:
        findings = sorted(findings, key=lambda found: grave.index(found.severity))
    lines = sorted(findings, key=lambda found: found.explanation is not None)
    return lines if len(findings) <= at_most else lines[: at_most - 1]
