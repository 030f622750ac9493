"""How figures are printed: a column has one number of decimals, and what is small is not nothing."""

from decimal import Decimal

import pytest

from district_reports.publish.printed import Unit, aligned, decimals_of, measured, percent


@pytest.mark.parametrize(
    ("column", "printed"),
    [
        ([Decimal("21.00"), Decimal("0.00"), None], ["21", "0", "–"]),
        ([Decimal("50"), Decimal("36.923"), 7], ["50.00", "36.92", "7.00"]),
        ([Decimal("1234567")], ["1,234,567"]),
        ([], []),
    ],
)
def test_a_column_has_one_number_of_decimals_and_counts_have_none(column, printed):
    decimals = decimals_of(column)
    assert [aligned(each, decimals) for each in column] == printed


@pytest.mark.parametrize(
    ("share", "printed"),
    [(None, "–"), (0.0, "0.0%"), (0.0001, "<0.1%"), (0.5, "50.0%"), (0.36923, "36.9%")],
)
def test_a_share_has_one_decimal_and_only_nothing_is_nothing(share, printed):
    assert percent(share) == printed


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (1, "children|child", "1 child"),
        (Decimal("1.00"), "classes|class", "1 class"),
        (0, "classes|class", "0 classes"),
        (1, "yuan", "1 yuan"),
        (1, "%", "1%"),
    ],
)
def test_a_single_one_is_called_by_its_own_word(value, unit, printed):
    assert measured(value, Unit(unit)) == printed
