"""The hostile city came about as it was planned: what was sent back, quarantined and taken in."""

from recomputed.conftest import City


def test_everything_sent_became_what_was_planned(hostile_city: City) -> None:
    differing = []
    for one in hostile_city.sent:
        outcome, counts = hostile_city.outcomes[one.receipt]
        planned = one.report.outcome
        if outcome != planned:
            differing.append((one.report.key, str(one.report.day), planned, outcome))
        elif not one.report.refused and not one.report.again:
            expected = {sheet: one.report.counts(sheet) for sheet in one.report.book.sheets}
            if counts != expected:
                differing.append((one.report.key, str(one.report.day), expected, counts))
    assert not differing, "\n".join(map(str, differing[:20]))
