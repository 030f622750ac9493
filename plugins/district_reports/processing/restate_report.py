"""What restating came to, in lines without personal data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from district_reports.model.finding import Outcome
from district_reports.processing.restate import Restated, State


def key_lines(one: Restated) -> Iterator[str]:
    """What became, or would become, of one (form, district, period); nothing where nothing was to be done."""
    if one.state is State.SAME_RULES:
        return
    if one.state is State.FAULT:
        yield f"{one.title}: {one.state}: {one.fault}"
    elif one.difference is None:
        yield f"{one.title}: {one.state}" + (f": {one.outcome}" if one.outcome and one.decided_at else "")
    else:
        yield f"{one.title}: {_verdict(one)}{_why(one)}"
        yield from (f"  {line}" for line in one.difference.lines())
        if one.difference.turned and one.difference.after is Outcome.REJECTED:
            yield "  what was accepted before stays in force until the district sends it anew"


def summary_lines(done: Sequence[Restated], *, dry_run: bool) -> Iterator[str]:
    """How many of which, which verdicts turn, and the findings by rule before and after in all."""
    states = Counter(one.state for one in done)
    differences = [(one, one.difference) for one in done if one.difference is not None]
    again = "would be decided again" if dry_run else "decided again"
    changed = sum(difference.anything for _, difference in differences)
    yield f"{_count(len(done), 'report')}: {len(differences)} {again}, {changed} with another result"
    for state in (State.SAME_RULES, State.UNDER_WAY, State.WITHDRAWN, State.FAULT):
        if states[state]:
            yield f"  {states[state]} {state}"
    turned: dict[tuple[Outcome, Outcome], list[Restated]] = {}
    for one, difference in differences:
        if difference.turned:
            turned.setdefault((difference.before, difference.after), []).append(one)
    yield f"{_count(sum(map(len, turned.values())), 'verdict')} {'would turn' if dry_run else 'turned'}"
    for (before, after), which in sorted(turned.items()):
        yield f"  {before} -> {after}: {len(which)}"
        yield from (f"    {one.title}" for one in which)
    found = _findings(difference.findings for _, difference in differences)
    if found:
        yield "findings by rule: " + ", ".join(found)
    if dry_run and any(one.compared_with is None and difference.counts for one, difference in differences):
        yield "later periods are compared with what is in force now; restating also looks at those that follow"
    if dry_run:
        yield "dry run: nothing was changed"


def _findings(each: Iterable[Mapping[str, tuple[int, int]]]) -> list[str]:
    was: Counter[str] = Counter()
    now: Counter[str] = Counter()
    for findings in each:
        for rule, (before, after) in findings.items():
            was[rule] += before
            now[rule] += after
    return [
        f"{rule} {was[rule]}" + (f" -> {now[rule]}" if now[rule] != was[rule] else " as before")
        for rule in sorted(was | now)
    ]


def _verdict(one: Restated) -> str:
    assert one.difference is not None
    difference = one.difference
    if difference.turned:
        return f"{difference.before} -> {difference.after}"
    return f"{difference.after}, as before" + ("" if difference.anything else "; nothing changes")


def _why(one: Restated) -> str:
    return f" (compared with {one.compared_with}, which has changed)" if one.compared_with else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
