"""The real path makes of the hostile city what was planned: sent back, quarantined, taken in."""

import pytest

from recomputed.comparing import differences
from recomputed.conftest import City


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_everything_sent_became_what_was_planned(played_city: City) -> None:
    differing = []
    for one in played_city.sent:
        outcome, counts = played_city.outcomes[one.receipt]
        planned = one.report.outcome
        if outcome != planned:
            differing.append((one.report.key, str(one.report.day), planned, outcome))
        elif not one.report.refused and not one.report.again:
            expected = {sheet: one.report.counts(sheet) for sheet in one.report.book.sheets}
            if counts != expected:
                differing.append((one.report.key, str(one.report.day), expected, counts))
    assert not differing, "\n".join(map(str, differing[:20]))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_quick_city_is_the_one_that_was_played(played_city: City, hostile_city: City) -> None:
    assert list(differences(played_city.tables, hostile_city.tables)) == []
