"""Why a figure of a city table is another one than in the release before, in words."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ChangeCause(StrEnum):
    """What changed beneath a figure."""

    REPORT = "report"
    """A first report, received by its due date."""
    LATE = "late"
    """A first report, received after its due date."""
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    RESTATEMENT = "restatement"
    """The same file, decided again."""
    REJECTED = "rejected"
    RECEIVED = "received"
    """A file that is not in force, nor rejected: still to be decided, a duplicate, or replaced meanwhile."""
    EXPLANATION = "explanation"
    """A district explained items of the worklist; the receipt is its worklist's."""
    RULING = "ruling"
    """An officer closed items of the worklist, or opened them again."""
    TIME = "time"
    """Nothing but a night that passed: what is new since the last release, or how old."""
    REGISTER = "register"
    """Reference data: districts and their areas, schools, programmes, commitments."""
    DEFINITION = "definition"
    PERIOD = "period"
    """Only one of the two releases tells of the period."""
    UNKNOWN = "unknown"


CAUSE_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        ChangeCause.REPORT: {"zh": "报送", "en": "report"},
        ChangeCause.LATE: {"zh": "迟报", "en": "late report"},
        ChangeCause.CORRECTION: {"zh": "更正", "en": "correction"},
        ChangeCause.WITHDRAWAL: {"zh": "撤回", "en": "withdrawal"},
        ChangeCause.RESTATEMENT: {"zh": "重新判定", "en": "restatement"},
        ChangeCause.REJECTED: {"zh": "退回", "en": "rejected file"},
        ChangeCause.RECEIVED: {"zh": "来件", "en": "file that came"},
        ChangeCause.EXPLANATION: {"zh": "情况说明", "en": "explanation"},
        ChangeCause.RULING: {"zh": "裁定", "en": "ruling"},
        ChangeCause.TIME: {"zh": "时间推移", "en": "passing of time"},
        ChangeCause.REGISTER: {"zh": "名册变更", "en": "register"},
        ChangeCause.DEFINITION: {"zh": "口径变更", "en": "definition"},
        ChangeCause.PERIOD: {"zh": "报告期增减", "en": "period"},
        ChangeCause.UNKNOWN: {"zh": "原因不明", "en": "unknown"},
    }
)
OF_REPORTS = (
    ChangeCause.REPORT,
    ChangeCause.LATE,
    ChangeCause.CORRECTION,
    ChangeCause.WITHDRAWAL,
    ChangeCause.RESTATEMENT,
)
"""Those that change which report is in force; they are counted."""


def in_words(cause: str, language: str) -> str:
    """The cause as people call it; one that we no longer know by its own name."""
    return CAUSE_WORDS[cause][language] if cause in CAUSE_WORDS else cause
