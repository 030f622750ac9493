"""From one raw cell to one typed value, or to the rule it breaks (docs/rules.md, T02–T08, T10, T13)."""

import math
import re
import unicodedata
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from district_reports.checks.cleaning import clean, compact, is_blank, unusable
from district_reports.checks.dates import EARLIEST, date_of
from district_reports.checks.placeholders import Placeholder, placeholder
from district_reports.model.form import Column, Privacy, TextKind, Type
from district_reports.model.look_alikes import as_digits, odd_one
from district_reports.workbook.raw import Cell, CellError, FormattedNumber, NoResult, Picture, TimeOfDay, shows_picture
from district_reports.workbook.show import number_text, shown

YES_NO = ("是", "否")
INTEGER_LIMIT = 2**31 - 1
DECIMAL_LIMIT = 10**12
LOST_DIGITS = 10**15
"""Numbers of 16 digits and more: a double keeps 15 decimal digits."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?", re.ASCII)
_FORMULA = re.compile(
    # A function, a cell, a sheet, a number that is calculated with, a text or a list.
    r"=[-+@(\s]*(?:[A-Za-z_][\w.]*\(|\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?![0-9])|[^\s=()]{1,80}!"
    r"|[0-9.]+\s*(?:[-+*/^&%<>=)]|$)|[\"'\[{#])"
)
_SIGNS_OF_LOSS = re.compile("[?□▯◻▢〓]")
"""What programs, and people, put in the place of a character that they don't have."""
_TRUTH = frozenset({"true", "false"})

Value = None | str | int | Decimal | date


@dataclass(frozen=True)
class Converted:
    """A typed value, or the rule (with variant and words) that the cell breaks.

    ``normal`` is how the value should have been written, when the cell was written otherwise (T10); empty where the
    cell holds a placeholder and its column may be empty.
    """

    value: Value = None
    rule: str | None = None
    variant: str = "default"
    words: dict[str, object] = field(default_factory=dict)
    normal: str | None = None


EMPTY = Converted()


def _bad(rule: str, variant: str = "default", **words: object) -> Converted:
    return Converted(rule=rule, variant=variant, words=words)


def convert(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    """The typed value of `cell` in `column`; an empty cell is :data:`EMPTY` (T01 is the row's affair).

    Text, codes, yes_no and identifiers are str, integers int, decimals Decimal with two places, dates date.
    """
    if isinstance(cell, Picture) or (isinstance(cell, str) and shows_picture(cell)):
        if column.is_remark:
            # No figure needs what it says.
            return Converted(variant="picture", normal="")
        return _bad("T07", "picture")
    if isinstance(cell, FormattedNumber):
        return _formatted(cell, column, codes)
    if isinstance(cell, CellError):
        return _bad("T06")
    if isinstance(cell, NoResult) and not cell.empty:
        return _bad("T07")
    if isinstance(cell, float) and abs(cell) >= LOST_DIGITS and _is_identifier(column) and math.isfinite(cell):
        return _bad("T05")
    if isinstance(cell, str):
        return _text_of_any_type(cell, column, codes)
    return EMPTY if is_blank(cell) else _CONVERTERS[column.type](cell, column, codes)


def _text_of_any_type(cell: str, column: Column, codes: Set[str]) -> Converted:
    """The value of a cell that holds a text: what holds for every type comes before the type's own rule."""
    text = clean(cell)
    if text[:1] in ("=", "＝") and _FORMULA.match(unicodedata.normalize("NFKC", text)):
        return _bad("T07", "as_text")
    if found := unusable(cell):
        return _bad("T08", found[0], place=found[1])
    if not text:
        return EMPTY
    if text not in codes and (kind := placeholder(text)):
        return Converted(normal="") if kind is Placeholder.NONE else _bad("T01", "wanting")
    return _CONVERTERS[column.type](cell, column, codes)


def _formatted(cell: FormattedNumber, column: Column, codes: Set[str]) -> Converted:
    """A number that its format shows as something else: no figure, but an identifier as it shows."""
    if cell.is_scaled and column.type in (Type.INTEGER, Type.DECIMAL):
        return _bad("T02", "shown", stored=number_text(cell.number))
    if not _is_identifier(column) or abs(cell.number) >= LOST_DIGITS:
        return convert(cell.number, column, codes)
    converted = convert(cell.text, column, codes)
    return converted if converted.rule else replace(converted, variant="shown", normal=str(converted.value))


def _is_identifier(column: Column) -> bool:
    return column.type in _IDENTIFIERS or (
        column.type is Type.TEXT and (column.key or column.privacy is Privacy.IDENTIFIER)
    )


def _text(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    value = clean(cell) if isinstance(cell, str) else shown(cell)
    if len(value) > column.max_length:
        return _bad("T08", length=len(value), limit=column.max_length)
    return _unlike(value, cell, column.text_kind) or Converted(value, normal=None if value == cell else value)


def _unlike(value: str, cell: Cell, kind: TextKind) -> Converted | None:
    """T08 for what can't be a text of that kind."""
    if kind is TextKind.FREE:
        return None
    if isinstance(cell, bool) or value.lower() in _TRUTH:
        return _bad("T08", "truth")
    if kind is TextKind.NUMBER:
        return None
    plain = unicodedata.normalize("NFKC", value)
    if not isinstance(cell, str) or _NUMBER.fullmatch(plain.replace(" ", "")):
        return _bad("T08", "number")
    if kind is TextKind.NAME and (sign := _SIGNS_OF_LOSS.search(plain)):
        return _bad("T08", "lost", place=sign.start() + 1)
    return None


def _code(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    text = shown(cell)
    for value in (clean(text), compact(text)):
        if value in codes and isinstance(cell, str):
            return Converted(value, normal=None if value == cell else value)
    return _bad("T04")


def _identifier(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    value = compact(shown(cell)).upper()
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
        text = compact(cell)
        if _NUMBER.fullmatch(text):
            return Decimal(text.replace(",", ""))
        if _NUMBER.fullmatch(meant := as_digits(text)):
            return _bad("T02", "alike", odd=odd_one(text, meant))
    return _bad("T02")


def _within(number: Decimal, limit: int, column: Column, value: Value, cell: Cell) -> Converted:
    if abs(number) >= limit:
        return _bad("T13")
    if column.minimum is not None and number < column.minimum:
        return _bad("T13", "below", minimum=column.minimum)
    # A number that was stored as text is read all the same, and said so (T10).
    return Converted(value, normal=number_text(float(number)) if isinstance(cell, str) else None)


def _integer(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    number = _number(cell)
    if isinstance(number, Converted):
        return number
    if number != number.to_integral_value():
        return _bad("T02", "whole")
    return _within(number, INTEGER_LIMIT + 1, column, int(number), cell)


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
    return _within(number, DECIMAL_LIMIT, column, cents, cell)


def _date(cell: Cell, column: Column, codes: Set[str]) -> Converted:
    if isinstance(cell, datetime | TimeOfDay):
        return _bad("T03", "zero" if isinstance(cell, TimeOfDay) and cell.is_day_zero else "time")
    if isinstance(cell, bool):
        return _bad("T03")
    if isinstance(cell, float):
        return _bad("T03", "number")
    value = cell if isinstance(cell, date) else date_of(cell) if isinstance(cell, str) else None
    if value is None:
        return _not_a_date(shown(cell))
    if value < EARLIEST:
        return _bad("T03", "early")
    return Converted(value, normal=None if isinstance(cell, date) else value.isoformat())


def _not_a_date(text: str) -> Converted:
    plain = compact(text)
    if date_of(meant := as_digits(plain)):
        return _bad("T03", "alike", odd=odd_one(plain, meant))
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
