"""From one raw cell to one typed value, or to the rule it breaks (docs/rules.md, T02–T08, T10, T13)."""

import math
import re
import unicodedata
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from district_reports.model.form import Column, Privacy, Type
from district_reports.workbook.raw import Cell, CellError, FormattedNumber, NoResult, Picture, TimeOfDay
from district_reports.workbook.show import number_text, shown

YES_NO = ("是", "否")
INTEGER_LIMIT = 2**31 - 1
DECIMAL_LIMIT = 10**12
LOST_DIGITS = 10**15
"""Numbers of 16 digits and more: a double keeps 15 decimal digits."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_LINE = re.compile(r"[\t\r\n\x85\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad]")
_WIDE_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?", re.ASCII)
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_HALF_WIDTH = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}

Value = None | str | int | Decimal | date


@dataclass(frozen=True)
class Converted:
    """A typed value, or the rule (with variant and words) that the cell breaks.

    ``normal`` is how the value should have been written, when the cell was written otherwise (T10).
    """

    value: Value = None
    rule: str | None = None
    variant: str = "default"
    words: dict[str, object] = field(default_factory=dict)
    normal: str | None = None


EMPTY = Converted()


def _bad(rule: str, variant: str = "default", **words: object) -> Converted:
    return Converted(rule=rule, variant=variant, words=words)


def clean(text: str) -> str:
    """`text` without invisible marks and stray spaces; full-width digits and letters become half-width."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    spaced = _WIDE_SPACE.sub(" ", _LINE.sub(" ", text))
    return _INVISIBLE.sub("", spaced).translate(_HALF_WIDTH).strip(" ")


def without_control(text: str) -> str:
    """`text` without the control characters that no cell may hold (T08)."""
    return _CONTROL.sub("", text)


def is_blank(cell: Cell) -> bool:
    """Whether the cell holds nothing that a person would see; a formula without a result holds something."""
    return cell is None or (isinstance(cell, str) and not clean(cell)) or (isinstance(cell, NoResult) and cell.empty)


def _compact(text: str) -> str:
    """For numbers, dates and identifiers: NFKC and no space at all."""
    return unicodedata.normalize("NFKC", clean(text)).replace(" ", "")


def convert(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    """The typed value of `cell` in `column`; an empty cell is :data:`EMPTY` (T01 is the row's affair).

    Text, codes, yes_no and identifiers are str, integers int, decimals Decimal with two places, dates date.
    """
    if isinstance(cell, Picture) and column.is_remark:
        return Converted(variant="picture", normal="")
    if isinstance(cell, Picture):
        return _bad("T07", "picture")
    if isinstance(cell, FormattedNumber):
        return _formatted(cell, column, codes)
    if isinstance(cell, CellError):
        return _bad("T06")
    if isinstance(cell, NoResult) and not cell.empty:
        return _bad("T07")
    if isinstance(cell, float) and abs(cell) >= LOST_DIGITS and _is_identifier(column) and math.isfinite(cell):
        return _bad("T05")
    if isinstance(cell, str) and _CONTROL.search(cell):
        return _bad("T08", "control")
    if is_blank(cell):
        return EMPTY
    return _CONVERTERS[column.type](cell, column, codes)


def _formatted(cell: FormattedNumber, column: Column, codes: Set[str]) -> Converted:
    """A number that its format shows as something else: no figure, but an identifier as it shows."""
    if cell.is_scaled and column.type in (Type.INTEGER, Type.DECIMAL):
        return _bad("T02", "shown", stored=number_text(cell.number))
    if not _is_identifier(column) or abs(cell.number) >= LOST_DIGITS:
        return convert(cell.number, column, codes)
    converted = convert(cell.text, column, codes)
    return converted if converted.rule else replace(converted, normal=str(converted.value))


def _is_identifier(column: Column) -> bool:
    return column.type in _IDENTIFIERS or (
        column.type is Type.TEXT and (column.key or column.privacy is Privacy.IDENTIFIER)
    )


def _text(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    value = clean(cell) if isinstance(cell, str) else shown(cell)
    if len(value) > column.max_length:
        return _bad("T08", length=len(value), limit=column.max_length)
    return Converted(value, normal=None if value == cell else value)


def _code(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    text = shown(cell)
    for value in (clean(text), _compact(text)):
        if value in codes and isinstance(cell, str):
            return Converted(value, normal=None if value == cell else value)
    return _bad("T04")


def _identifier(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    value = _compact(shown(cell)).upper()
    if len(value) > column.max_length:
        return _bad("T08", length=len(value), limit=column.max_length)
    return Converted(value, normal=None if value == cell else value)


def _number(cell: Cell) -> Decimal | Converted:
    """The number in `cell`, to the 15 digits that Excel shows."""
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return _bad("T13", "infinite")
        return Decimal(number_text(cell))
    if isinstance(cell, str):
        text = _compact(cell)
        if _NUMBER.fullmatch(text):
            return Decimal(text.replace(",", ""))
    return _bad("T02")


def _within(number: Decimal, limit: int, column: Column, value: Value, cell: Cell) -> Converted:
    if abs(number) >= limit:
        return _bad("T13")
    if column.minimum is not None and number < column.minimum:
        return _bad("T13", "below", minimum=column.minimum)
    return Converted(value, normal=str(value) if isinstance(cell, str) and cell != str(value) else None)


def _integer(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    number = _number(cell)
    if isinstance(number, Converted):
        return number
    if number != number.to_integral_value():
        return _bad("T02", "whole")
    converted = _within(number, INTEGER_LIMIT + 1, column, int(number), cell)
    return _as_text_normalised(converted, cell)


def _decimal(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    number = _number(cell)
    if isinstance(number, Converted):
        return number
    if abs(number) >= DECIMAL_LIMIT:
        return _bad("T13")
    cents = number.quantize(Decimal("0.01"))
    # Sums such as 0.1 + 0.2 come with binary noise far behind the second place.
    if abs(cents - number) > Decimal("1e-9") * max(Decimal(1), abs(number)):
        return _bad("T02", "places")
    return _as_text_normalised(_within(number, DECIMAL_LIMIT, column, cents, cell), cell)


def _as_text_normalised(converted: Converted, cell: Cell) -> Converted:
    """A number that was stored as text is read all the same, and said so (T10)."""
    if converted.rule is None and isinstance(cell, str):
        return Converted(converted.value, normal=str(converted.value))
    return converted


def _date(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    if isinstance(cell, datetime) or (isinstance(cell, TimeOfDay) and not cell.is_day_zero):
        return _bad("T03", "time")
    if isinstance(cell, date):
        return Converted(cell)
    if isinstance(cell, bool):
        return _bad("T03")
    if isinstance(cell, float):
        return _bad("T03", "number")
    match = _DATE.fullmatch(_compact(shown(cell))) or _COMPACT_DATE.fullmatch(_compact(shown(cell)))
    if match:
        year, month, day = (int(group) for group in match.groups() if group)
        try:
            value = date(year, month, day)
        except ValueError:
            return _bad("T03")
        return Converted(value, normal=value.isoformat())
    return _bad("T03")


_IDENTIFIERS = frozenset({Type.RESIDENT_ID, Type.STUDENT_NO, Type.SCHOOL_CODE})
_CONVERTERS: dict[Type, Callable[[Cell, Column, Set[str]], Converted]] = {
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.YES_NO: _code,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.DATE: _date,
    Type.RESIDENT_ID: _identifier,
    Type.STUDENT_NO: _identifier,
    Type.SCHOOL_CODE: _identifier,
}
