"""The attacker's arithmetic, on tables whose answers are known."""

import numpy as np
import pytest

from disclosure.linear_ranges import Asked, Constraint, Ranges

NAN = float("nan")


def margins(rows: int, columns: int) -> list[Constraint]:
    """Of a table with the totals of its rows and columns last, row by row."""
    width = columns + 1
    across = [tuple((row * width + column, 1.0) for column in range(columns)) for row in range(rows + 1)]
    down = [tuple((row * width + column, 1.0) for row in range(rows)) for column in range(columns + 1)]
    whole = [
        *((*terms, (row * width + columns, -1.0)) for row, terms in enumerate(across)),
        *((*terms, (rows * width + column, -1.0)) for column, terms in enumerate(down)),
    ]
    return [Constraint(terms, 0, 0) for terms in whole]


def test_a_table_of_two_by_two_gives_the_bounds_of_frechet():
    # Rows of 10 and 20, columns of 7 and 23: the first cell is from max(0, 10 + 7 - 30) to min(10, 7).
    known = np.array([NAN, NAN, 10, NAN, NAN, 20, 7, 23, 30])
    ranges = Ranges(9, margins(2, 2))
    found = ranges.too_narrow([Asked(((number, 1.0),), 0, 100) for number in (0, 1, 3, 4)], known)
    assert found == {0: (0, 7), 1: (3, 10), 2: (0, 7), 3: (13, 20)}


def test_what_can_be_all_that_was_asked_is_not_told():
    known = np.array([NAN, NAN, 10, NAN, NAN, 20, 7, 23, 30])
    assert Ranges(9, margins(2, 2)).too_narrow([Asked(((0, 1.0),), 1, 7)], known) == {}


def test_a_cell_alone_in_its_row_is_recovered():
    known = np.array([NAN, 6, 10, NAN, NAN, 20, 7, 23, 30])
    assert Ranges(9, margins(2, 2)).too_narrow([Asked(((0, 1.0),), 1, 4)], known) == {0: (4, 4)}


def test_two_in_each_row_and_column_are_not_always_enough():
    # All that is withheld in the first two rows, less all that is withheld in the first and the third column, is the
    # second cell of the first row.
    table = [[12, 7, 31, 40], [25, 60, 3, 18], [44, 52, 29, 36], [90, 110, 75, 80]]
    withheld = {(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)}
    full = np.array(table, dtype=float)
    full = np.vstack([full, full.sum(axis=0)])
    full = np.hstack([full, full.sum(axis=1, keepdims=True)])
    for cell in withheld:
        full[cell] = NAN
    found = Ranges(25, margins(4, 4)).too_narrow([Asked(((1, 1.0),), 1, 50)], full.ravel())
    assert found[0] == pytest.approx((7, 7))


def test_a_difference_of_two_unknown_figures_is_asked_for_as_such():
    # Passed <= assessed, both unknown, and 9 together: the difference is from 0 to 9, and from 1 on it is as asked.
    constraints = [Constraint(((0, 1.0), (1, -1.0)), 0, float("inf")), Constraint(((0, 1.0), (1, 1.0)), 9, 9)]
    ranges = Ranges(2, constraints)
    assert ranges.too_narrow([Asked(((0, 1.0), (1, -1.0)), 1, 12)], np.array([NAN, NAN])) == {0: (1, 9)}


def test_what_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="contradicts"):
        Ranges(1, [Constraint(((0, 1.0),), 3, 4)]).too_narrow([Asked(((0, 1.0),), 1, 4)], np.array([7.0]))
