"""All that is sent in the hostile city, day by day."""

from collections.abc import Iterable, Iterator
from datetime import date

from recomputed.hostile import SENT, made
from recomputed.plan import Report
from recomputed.plants import corrected, planted
from recomputed.register import Register


def sent(register: Register) -> list[Report]:
    """Every report in the order in which they come."""
    first = {
        (form, district, text): made(register, form, district, text)
        for (form, text), districts in SENT.items()
        for district in sorted(districts)
    }
    planted(first)
    return sorted([*first.values(), *corrected(register, first)], key=lambda report: report.day)


def in_order(reports: Iterable[Report]) -> Iterator[tuple[date, Report, bool]]:
    """Day, report, and whether it is taken back then; what is taken back comes before what is sent on the day."""
    events: list[tuple[date, bool, Report]] = []
    for report in reports:
        events.append((report.day, False, report))
        if report.taken_back is not None:
            events.append((report.taken_back, True, report))
    for day, taken_back, report in sorted(events, key=lambda event: (event[0], not event[1])):
        yield day, report, taken_back
