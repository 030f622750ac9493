"""A column that is wrong from top to bottom: the first findings are listed, the others counted, and no row is lost."""

import pytest

from district_reports.checks import bounded
from ledger_book import CASES, case


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LISTED", 3)


def test_the_rest_of_a_cell_rule_is_counted_and_its_rows_are_quarantined(check):
    cases = [case(number, 劝返次数="三次" if number <= 10 else 2) for number in range(1, 201)]
    checked = check(cases=cases)

    wrong = [found for found in checked.findings if found.rule == "T02"]
    assert [found.cell for found in wrong] == [None, "M4", "M5", "M6"]
    assert wrong[0].message == "“劝返次数”还有 7 条同样的问题，没有逐条列出。"
    assert (checked.counts[0].loaded, checked.counts[0].quarantined) == (190, 10)
    assert [row for row, _ in checked.quarantined["dropout_case"]] == list(range(4, 14))


def test_so_is_the_rest_of_a_content_rule(check):
    cases = [case(number, 年级=10 if number <= 10 else 8) for number in range(1, 201)]
    checked = check(cases=cases)

    wrong = [found for found in checked.findings if found.rule == "D05"]
    assert [found.cell for found in wrong] == [None, "G4", "G5", "G6"]
    assert (wrong[0].severity, wrong[0].sheet, wrong[0].column) == (wrong[1].severity, CASES, "年级")
    assert (checked.counts[0].loaded, checked.counts[0].quarantined) == (190, 10)
