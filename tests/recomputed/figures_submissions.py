"""What `city_submissions` must say: what became of the reports of a form, a period and an area."""

from collections.abc import Iterable

from recomputed.areas import Area
from recomputed.house import House
from recomputed.numbers import percent
from recomputed.periods import DUE_DAY, Period, due
from recomputed.play import Sent


def listed_periods(house: House) -> dict[str, list[Period]]:
    """By form: every period from the first that was reported to the last that is over, without a gap."""
    found = {}
    for form in DUE_DAY:
        texts = {one.report.period for one in house.sent if one.report.form == form}
        first = min(Period.of(text) for text in texts)
        found[form] = [period for period in _following(first) if period.last < house.today]
    return found


def _following(period: Period) -> Iterable[Period]:
    for _ in range(60):
        yield period
        period = period.following()


def submissions(house: House, form: str, period: Period, area: Area) -> dict[str, object]:
    """Sums over the districts that owed a report."""
    counts = [_of_district(house, form, period, district) for district in area.districts]
    found: dict[str, object] = {name: sum(count[name] for count in counts) for name in counts[0]}
    found["first_sound_rate"] = percent(
        sum(count["first_rows_sound"] for count in counts), sum(count["first_rows_read"] for count in counts)
    )
    return found


def _of_district(house: House, form: str, period: Period, district: str) -> dict[str, int]:
    sent = [one for one in house.sent if one.report.key == (form, district, period.text)]
    standing = house.standing.get((form, district, period.text))
    outcome = None if standing is None else standing.report.outcome
    on_time = any(one.report.day <= due(form, period) for one in sent)
    nil = standing is not None and standing.report.nil
    rows = _rows(standing)
    return {
        "expected": 1,
        "received": int(bool(sent)),
        "on_time": int(on_time),
        "late": int(bool(sent) and not on_time),
        "accepted": int(outcome == "accepted"),
        "accepted_with_errors": int(outcome == "accepted_with_errors"),
        "rejected": int(bool(sent) and standing is None),
        "undecided": 0,
        "nil": int(nil),
        "missing": int(not sent),
        "submissions": len(sent),
        "rows_read": rows[0],
        "rows_loaded": rows[1],
        "rows_quarantined": rows[2],
        **_first(sent),
    }


def _rows(one: Sent | None) -> tuple[int, int, int]:
    if one is None:
        return 0, 0, 0
    counts = [one.report.counts(sheet) for sheet in one.report.book.sheets]
    return sum(c[0] for c in counts), sum(c[1] for c in counts), sum(c[2] for c in counts)


def _first(sent: list[Sent]) -> dict[str, int]:
    """Of the first submission: what became of it, its rows with data, and those without a critical finding."""
    first = next((one.report for one in sent if not one.report.again), None)
    read = sound = 0
    if first is not None and not first.refused:
        for sheet in first.book.sheets:
            data = first.read(sheet) - len(first.totals.get(sheet, ()))
            read, sound = read + data, sound + data - len(first.wrong.get(sheet, ()))
    return {
        "first_count": int(first is not None),
        "first_accepted_count": int(first is not None and first.outcome == "accepted"),
        "first_refused_count": int(first is not None and first.refused),
        "first_rows_read": read,
        "first_rows_sound": sound,
    }
