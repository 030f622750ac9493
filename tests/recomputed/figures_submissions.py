"""What `city_submissions` must say: what became of the reports of a form, a period and an area."""

from collections.abc import Iterable

from recomputed.areas import Area
from recomputed.exact import added, percent
from recomputed.house import House
from recomputed.periods import DUE_DAY, Period, due
from recomputed.play import Sent

TAKEN_IN = ("accepted", "accepted_with_errors")


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
    found: dict[str, object] = {name: added(count[name] for count in counts) for name in counts[0]}
    found["first_sound_rate"] = percent(
        added(count["first_rows_sound"] for count in counts), added(count["first_rows_read"] for count in counts)
    )
    return found


def _of_district(house: House, form: str, period: Period, district: str) -> dict[str, int | None]:
    sent = [one for one in house.sent if one.report.key == (form, district, period.text)]
    standing = house.standing.get((form, district, period.text))
    # What was taken back was never received; where it was all there was, the report is missing.
    received = any(one.report.taken_back is None for one in sent)
    outcome = None if standing is None else standing.report.outcome
    taken_in = [one for one in sent if one.report.outcome in TAKEN_IN and one.report.taken_back is None]
    on_time = any(one.report.day <= due(form, period) for one in taken_in)
    read, loaded, quarantined = _rows(standing)
    return {
        "expected": 1,
        "received": int(received),
        "on_time": int(on_time),
        "late": int(standing is not None and not on_time),
        "accepted": int(outcome == "accepted"),
        "accepted_with_errors": int(outcome == "accepted_with_errors"),
        "rejected": int(received and standing is None),
        "undecided": 0,
        "nil": int(standing is not None and standing.report.nil),
        "missing": int(not received),
        "submissions": len(sent),
        "rows_read": read,
        "rows_loaded": loaded,
        "rows_quarantined": quarantined,
        **_first(sent, standing is not None),
    }


def _rows(one: Sent | None) -> tuple[int | None, int | None, int | None]:
    """Read, loaded and quarantined rows of the report in force; None where there is none."""
    if one is None:
        return None, None, None
    counts = [one.report.counts(sheet) for sheet in one.report.book.sheets]
    return sum(c[0] for c in counts), sum(c[1] for c in counts), sum(c[2] for c in counts)


def _first(sent: list[Sent], in_force: bool) -> dict[str, int | None]:
    """Of the first submission: what became of it, its rows with data, and those without a critical finding."""
    first = next((one.report for one in sent if not one.report.again), None)
    # Where no row was looked at, there are none if a report is in force, and nothing to say if none is.
    read = sound = 0 if in_force else None
    if first is not None and not first.refused:
        read = sound = 0
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
