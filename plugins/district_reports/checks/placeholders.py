"""What clerks write where there is nothing to write: dashes, 无, 同上 (docs/rules.md, T01 and F14)."""

import re
import unicodedata
from enum import Enum

from district_reports.checks.cleaning import clean
from district_reports.model.look_alikes import is_dash

_WORDS = frozenset({"无", "無", "没有", "沒有", "暂无", "暫無", "空", "na", "n.a", "null", "none"})
_WANTING = frozenset({"同上", "待定", "待补", "待补充", "待補", "不详", "不詳"})
_DITTO = frozenset('〃″“”"〝〞々')
_STROKES = frozenset("/／\\＼|｜丨⁄∕∖_＿─━ー.．·•・‧∙⋅。｡、…⋯﹒")
_AROUND = _DITTO | frozenset("()（）[]［］【】〔〕‘’'＇ ")
_FIRST = frozenset("丨ー々") | {word[0] for word in _WORDS | _WANTING} | frozenset("N")
"""What stands first in a placeholder, of all that is a letter, an ideograph or a digit."""
_LONGEST = 40
"""Characters; a line of dashes may be long, a text of this length is none."""
_SAYS_NONE = re.compile(
    r"(?:本(?:月|期|季|季度|学期|年|年度|次|单位|区|县|市|校|园))?(?:暂|均|全部?)?(?:无|無|没有|沒有)"
    r"(?:任何|相关|相应|此类|此项|上述|疑似)?(?:辍学|困难|培训|资助)?(?:数据|數據|情况|情形|记录|内容|学生|人员|教师|对象)?"
    r"(?:上报|填报|报告)?|零报告|零上报"
)


class Placeholder(Enum):
    """NONE says that there is nothing: an optional cell is empty. WANTING says that something is missing."""

    NONE = 1
    WANTING = 2


def placeholder(text: str) -> Placeholder | None:
    """Which placeholder `text` is, which must be clean already; None for a value."""
    # Nearly every cell holds a value: two looks at its ends tell it from dashes, and one in a set from words.
    if not text or len(text) > _LONGEST or (text[0] not in _FIRST and text[0].isalnum() and text[-1].isalnum()):
        return None
    if set(text) <= _DITTO:
        return Placeholder.WANTING
    plain = _bare(text)
    if plain in _WANTING:
        return Placeholder.WANTING
    if plain in _WORDS or plain.replace("/", "") in _WORDS:
        return Placeholder.NONE
    return Placeholder.NONE if not plain and any(_is_stroke(each) for each in text) else None


def says_none(text: str) -> bool:
    """Whether `text`, alone in its row, says that there are no data."""
    if len(text) > _LONGEST:
        return False
    plain = clean(text)
    return placeholder(plain) is Placeholder.NONE or _SAYS_NONE.fullmatch(_bare(plain)) is not None


def _bare(text: str) -> str:
    """`text` in lower case without blanks, and without the strokes, dots, dashes and brackets around it."""
    plain = unicodedata.normalize("NFKC", text).lower()
    start, end = 0, len(plain)
    while start < end and _is_mark(plain[start]):
        start += 1
    while end > start and _is_mark(plain[end - 1]):
        end -= 1
    return plain[start:end].replace(" ", "")


def _is_stroke(character: str) -> bool:
    return character in _STROKES or is_dash(character)


def _is_mark(character: str) -> bool:
    return character in _AROUND or _is_stroke(character)
