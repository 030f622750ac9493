"""The answer to the district: what it says, in the words that all its forms share, and its file name."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from district_reports.model.finding import Finding, Outcome, Severity, SheetCount, outcome_label
from district_reports.model.in_force import VersionInForce
from district_reports.workbook.problem_list import EXPLAINED

FILL = {Severity.CRITICAL: "#F9D6DB", Severity.WARNING: "#FFDD97", Severity.INFO: "#D9E7F9"}
"""Of no common palette: a cell that has one of them was filled by us, and is known by it when it comes in again."""
VERDICT_COLOUR = {
    Outcome.REJECTED: "#B42318",
    Outcome.ACCEPTED_WITH_ERRORS: "#B54708",
    Outcome.ACCEPTED: "#067647",
    Outcome.DUPLICATE: "#475467",
}
PRECHECK = "预检"
_FORESEEN = {
    Outcome.REJECTED.label: "会被退回",
    Outcome.ACCEPTED_WITH_ERRORS.label: "会部分接收",
    Outcome.ACCEPTED.label: "会通过",
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LISTED_AT_MOST = 1_048_575
"""Rows of a worksheet less its header."""


@dataclass(frozen=True)
class Repeated:
    """What became of the content that a duplicate repeats, and how many of its warnings wait for the district."""

    outcome: Outcome
    waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the district is told. ``form_title`` and ``period`` are None for a file without identity.

    ``rechecked_receipt`` is the receipt of the district's own drop, where the system has checked that file once more;
    ``withdrawn_receipt`` that of the drop that was to be taken back, where this answers a withdrawal. Its counts and
    findings are then those of the version that stands now; there are no counts if none does.

    ``precheck``: the file was only to be checked, and ``outcome`` is what would become of it; its counts say what would
    be loaded. ``receipt_no`` is None where the file was not received at all. ``nil_return``: it declares that there is
    nothing to report. ``late_days``: so many days after the due date the district's report came; 0 is on time.

    What the ledger says of the period when the answer is written, None where it was not asked: ``standing`` is in
    force, ``due_on`` and ``taken_until`` are the last days to report on time and at all, exceptions counted in.
    ``repeats`` is what a duplicate repeats.

    ``who`` tells by sheet and row whom or which school a finding is about.
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
    standing: VersionInForce | None = None
    due_on: date | None = None
    taken_until: date | None = None
    repeats: Repeated | None = None
    who: Mapping[str, Mapping[int, str]] = field(default_factory=dict, repr=False)

    @property
    def verdict(self) -> str:
        """The clerk's words for what became of it, and whether it came late."""
        word = f"预检结果：{self.word}" if self.precheck else self.word
        return f"{word}（迟报 {self.late_days} 天）" if self.late else word

    @property
    def word(self) -> str:
        """What became of it in a word; a nil return, a report that was sent back and a withdrawal are never alike."""
        if self.withdrawn_receipt is not None:
            return "撤回未受理" if self.outcome is Outcome.REJECTED else "已撤回"
        word = outcome_label(self.outcome, self.nil_return)
        return _FORESEEN.get(word, word) if self.precheck else word

    @property
    def is_locked(self) -> bool:
        """Whether nothing more is taken for the period."""
        return self.taken_until is not None and self.decided_at.date() > self.taken_until

    def who_is_at(self, found: Finding) -> str:
        """Whom or which school `found` is about; empty where it is about no row, or nobody knows."""
        return self.who.get(found.sheet or "", {}).get(found.row or 0, "")

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
        answer.form_title or f"无法受理_{stem[:40]}",
        answer.period,
        f"{answer.received_at:%Y%m%d-%H%M%S}",
        answer.word,
        "迟报" if answer.late else None,
        f"回执{answer.receipt_no}",
    ]
    return _UNSAFE.sub("_", "_".join(part for part in parts if part)) + ".xlsx"


def title(answer: Answer) -> str:
    """The heading: the verdict and the report."""
    about = answer.form_title or "无法受理的文件"
    return f"{answer.verdict}（{about}）" if answer.precheck else f"{answer.verdict}：{about}"


def count_heads(answer: Answer) -> tuple[str, ...]:
    """The headers of the counts by sheet: its title, and what became of the rows read."""
    loaded = ("会入库", "有错误") if answer.precheck else ("入库", "有错未入库")
    return ("工作表", "读取行数", *loaded, "未用")


def counted(findings: Iterable[Finding]) -> str:
    """How many of each severity there are; those with an explanation stand apart."""
    numbers = Counter(level(found) for found in findings)
    levels = [*(severity.label for severity in Severity), *([EXPLAINED] if numbers[EXPLAINED] else [])]
    return "、".join(f"{one} {numbers[one]} 条" for one in levels)


def level(found: Finding) -> str:
    """The clerk's word for how grave a finding is, or that it is explained."""
    return found.severity.label if found.explanation is None else EXPLAINED


def line(answer: Answer, found: Finding) -> tuple[str, ...]:
    """What a list says of a finding, under its columns behind the number."""
    texts = (
        *(found.sheet, found.cell, answer.who_is_at(found), found.column, found.value, found.message, found.fix),
        *(level(found), found.rule),
    )
    return tuple(text or "" for text in texts)


def how_to_explain(answer: Answer) -> str | None:
    """How the district says that a warning is right; None where no warning asks, or nothing more is taken."""
    if answer.is_locked or not any(found.warning_id for found in answer.findings):
        return None
    return "警告所说的情况属实的，不用改数据：在“情况说明”一列写明原因，随整份表重新上报；数据不变就不再提示。"


def not_listed(number: int) -> str:
    """What stands below a list that is not whole."""
    return f"还有 {number} 条没有列出：一张工作表放不下更多的行。请先改正列出的，再重新上报。"


def listed(findings: Sequence[Finding], at_most: int | None = None) -> Sequence[Finding]:
    """Those that a worksheet holds: all, or the gravest ones and a line that counts the rest. Explained ones last."""
    at_most = LISTED_AT_MOST if at_most is None else at_most
    grave = list(Severity)
    if len(findings) > at_most:
        findings = sorted(findings, key=lambda found: grave.index(found.severity))
    lines = sorted(findings, key=lambda found: found.explanation is not None)
    return lines if len(findings) <= at_most else lines[: at_most - 1]
