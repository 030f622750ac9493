"""How a figure of a city table is printed, on a page and in what leaves."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from district_reports.model.period import period_named as period_named

MISSING = "–"
_DECIMALS = 2
_ROOM = 9


def exact(value: object, kind: str = "") -> str:
    """The figure as published: thousands apart, and two decimals under a column of the type numeric."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        # A sum over a numeric column may carry none of its decimals; columns read better when all have them.
        return f"{value:,.{_DECIMALS}f}" if kind == "numeric" else short(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def decimals_of(figures: Iterable[object]) -> int:
    """How many decimals a column of these figures has when printed: none where all are whole, as counts are."""
    fractions = (each for each in figures if isinstance(each, Decimal) and each != each.to_integral_value())
    return _DECIMALS if next(fractions, None) is not None else 0


def aligned(value: object, decimals: int) -> str:
    """The figure with so many decimals, as all others of its column."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f"{value:,.{decimals}f}" if is_number else exact(value)


def percent(share: float | None) -> str:
    """A share of 0 to 1 with one decimal; a small one reads <0.1%, so that only nothing reads as nothing."""
    if share is None:
        return MISSING
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def short(value: object) -> str:
    """The figure whole where it is, else with all its decimals: for tiles, charts and sentences."""
    if isinstance(value, Decimal):
        return f"{value:,.{_DECIMALS}f}".removesuffix(f".{'0' * _DECIMALS}")
    return exact(value)


class Unit(str):
    """What is counted, in the plural; ``one`` is a single one: children and child."""

    one: str

    def __new__(cls, declared: str) -> "Unit":
        """As a file of words declares it: ``children|child``, or alone where there is no other word for one."""
        many, _, one = declared.partition("|")
        unit = super().__new__(cls, many)
        unit.one = one or many
        return unit


def unit_for(value: object, unit: str) -> str:
    """What `unit` is called beside the figure."""
    return unit.one if isinstance(unit, Unit) and value == 1 else unit


def measured(value: object, unit: str) -> str:
    """The figure with its unit, as it stands in a sentence: 36.92%, 326 所."""
    return f"{short(value)}{'' if unit == '%' or not unit else ' '}{unit_for(value, unit)}"


def is_long(value: object) -> bool:
    """Whether the figure is wider than a tile."""
    return len(short(value)) > _ROOM
