"""Resident IDs (公民身份号码, GB 11643-1999), and the form of student numbers.

Six digits of region, eight of birth date, three of sequence (odd: male), and a check character.

Problems are told without repeating the number: a message may end up where the number must not.
"""

import re
from datetime import date
from functools import lru_cache
from operator import mul

from district_reports.model.look_alikes import as_digits, odd_one

MALE, FEMALE = "男", "女"

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_STUDENT_NO = re.compile(r"G[0-9]{17}[0-9X]|[JL][0-9A-Z]{18}")
# 81 to 83 are residence permits of people from Hong Kong, Macao and Taiwan; 91 to 99 the five-star cards of
# foreigners with permanent residence, whose second digit is not a province's.
_PROVINCES = frozenset(
    str(code)
    for block in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
        range(90, 100),
    )
    for code in block
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHT_OF_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_BIRTH = date(1900, 1, 1)


def check_character(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2).

    Raises:
        ValueError: not 17 ASCII digits.
    """
    if len(first17) != 17 or not (first17.isascii() and first17.isdigit()):
        raise ValueError("a resident ID begins with 17 digits")
    return _check_character(first17)


def _check_character(first17: str) -> str:
    # Bytes of the text times the weights, less what "0" itself weighs: no int() for each digit.
    return _CHECK_CHARACTERS[(sum(map(mul, first17.encode(), _WEIGHTS)) - _WEIGHT_OF_ZEROS) % 11]


@lru_cache(maxsize=65536)
def _day(digits: str) -> date | None:
    """The date of ``YYYYMMDD``, or None. Cached: fifty thousand pupils share a few thousand birthdays."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def resident_id_problem(text: str, on: date) -> str | None:
    """What is wrong with a resident ID on the day `on`, in Chinese; None if nothing is.

    The text must be normalised already: half-width, no spaces, capital X.
    """
    if _SHAPE.fullmatch(text) is None:
        if len(text) != 18:
            return f"应为18位，现为{len(text)}位"
        meant = as_digits(text)
        return (odd_one(text, meant) if _SHAPE.fullmatch(meant) else None) or "前17位应为数字，末位应为数字或X"
    if text[:2] not in _PROVINCES:
        return "前两位不是省级行政区划代码"
    born = _day(text[6:14])
    if born is None:
        return "第7至14位不是真实存在的出生日期"
    if born < _EARLIEST_BIRTH:
        return "出生日期早于1900年"
    if born > on:
        return f"出生日期晚于{on:%Y-%m-%d}"
    if text[17] != _check_character(text[:17]):
        return "末位校验码不符，请对照证件核对全部18位"
    return None


def birth_date(text: str) -> date:
    """The birth date in a resident ID.

    Raises:
        ValueError: there is none.
    """
    born = _day(text[6:14]) if _SHAPE.fullmatch(text) else None
    if born is None:
        raise ValueError("not a resident ID with a birth date")
    return born


def sex(text: str) -> str:
    """男 or 女, by the parity of the 17th digit.

    Raises:
        ValueError: not shaped like a resident ID.
    """
    if _SHAPE.fullmatch(text) is None:
        raise ValueError("not a resident ID")
    return MALE if text[16] in "13579" else FEMALE


def make_resident_id(region: str, birth: date, sequence: int) -> str:
    """A well-formed ID for samples and tests: region of six digits, sequence 1 to 999 (odd: male).

    Raises:
        ValueError: region or sequence out of range.
    """
    if not 1 <= sequence <= 999:
        raise ValueError("a sequence number lies between 1 and 999")
    if len(region) != 6:
        raise ValueError("a region has six digits")
    first17 = f"{region}{birth.year:04}{birth.month:02}{birth.day:02}{sequence:03}"
    return first17 + check_character(first17)


def student_no_problem(text: str) -> str | None:
    """What is wrong with the form of a student number (学籍号), in Chinese; None if nothing is.

    The text must be normalised already.
    """
    if _STUDENT_NO.fullmatch(text):
        return None
    if len(text) != 19:
        return f"应为19位，现为{len(text)}位"
    if text[0] not in "GJL":
        return "第1位应为字母G、J或L"
    meant = text[0] + as_digits(text[1:])
    return (odd_one(text, meant) if _STUDENT_NO.fullmatch(meant) else None) or "第1位以后应为18位号码"
