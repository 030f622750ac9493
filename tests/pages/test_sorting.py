"""Tables that are sorted by a header: numbers by their size, however they are written."""

import re

import pytest

from pages.conftest import change

pytestmark = pytest.mark.timeout(120)
_FIGURE = re.compile(r"[<+]?(-?[\d,]+(?:\.\d+)?)")


def written(cell: str) -> float | None:
    """The number with which a cell begins, as a reader sees it; None for none."""
    found = _FIGURE.match(cell.strip())
    return float(found[1].replace(",", "")) if found else None


@pytest.mark.parametrize("path", ["/quality?rules=all", "/quality?rule=T02", "/quality?rule=T01&severity=all"])
def test_every_column_of_numbers_is_sorted_by_size(visitor, served, path):
    # As texts: 1,234 before 70 and 9, and a small share, which is written 5e-05, after all others.
    change(
        "WITH ordered AS (SELECT submission_id, rule, severity, row_number() OVER (ORDER BY submission_id, rule) AS n"
        " FROM findings.rule_count) UPDATE findings.rule_count AS kept"
        " SET findings = (ARRAY[1234, 70, 9, 12345])[1 + n % 4] FROM ordered"
        " WHERE (kept.submission_id, kept.rule) = (ordered.submission_id, ordered.rule)"
    )
    change("UPDATE ledger.sheet_count SET rows_read = rows_read + 100000, loaded = loaded + 100000")
    page, complaints = visitor("officer")
    page.goto(served.page(path))
    columns = 0
    for table in page.locator("table.sortable").all():
        heads = table.locator("thead tr:last-child th").all()
        for place, head in enumerate(heads):
            # Hours and days stand in one column, and are sorted by what lies behind them.
            if "number" not in (head.get_attribute("class") or "") or "改正" in head.inner_text():
                continue
            head.get_by_role("button").click()
            cells = table.locator(f"tbody tr > :nth-child({place + 1})").all_inner_texts()
            shown = [written(cell) for cell in cells]
            present = [number for number in shown if number is not None]
            assert present == sorted(present), (head.inner_text(), cells)
            assert shown == present + [None] * (len(shown) - len(present))
            columns += 1
    assert columns > 5
    assert complaints == []
