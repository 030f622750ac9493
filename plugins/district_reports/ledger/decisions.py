"""What was decided on a submission, and how two decisions on the same content differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, text

from district_reports.ledger.records import counts_of, findings_of, in_order_of_form
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, SheetCount


@dataclass(frozen=True)
class Decided:
    """Two that are equal tell the district the same. ``findings`` hold values of the district.

    The names of warnings are left out: older decisions have none.
    """

    outcome: Outcome
    reason: str
    counts: tuple[SheetCount, ...]
    findings: tuple[Finding, ...] = field(repr=False)

    @classmethod
    def of(cls, connection: Connection, submission_id: int) -> "Decided":
        """What stands in the ledger of a decided submission."""
        row = connection.execute(
            text("SELECT outcome, reason FROM ledger.submission WHERE submission_id = :id"), {"id": submission_id}
        ).one()
        return cls(
            Outcome(row.outcome),
            row.reason,
            counts_of(connection, submission_id),
            _unnamed(findings_of(connection, submission_id)),
        )

    @classmethod
    def foreseen(cls, checked: CheckedWorkbook) -> "Decided":
        """What would be decided on `checked`, were it not a duplicate."""
        counts = checked.counts
        if checked.verdict is Outcome.REJECTED:
            counts = tuple(_nothing_loaded(count) for count in counts)
        return cls(
            checked.verdict,
            checked.reason,
            in_order_of_form(counts),
            _unnamed(checked.findings),
        )


@dataclass(frozen=True)
class Difference:
    """Between two decisions on one content, without values.

    ``findings`` counts by rule and severity (``D06w``) what was and is found;
    ``same_findings`` also compares their places and words. ``rows``
    tells by table how many rows of the version in force went and came; None where nothing was loaded to compare.
    """

    before: Outcome
    after: Outcome
    same_findings: bool
    counts: tuple[tuple[SheetCount | None, SheetCount], ...]
    findings: Mapping[str, tuple[int, int]]
    rows: Mapping[str, tuple[int, int]] | None = None

    @classmethod
    def between(
        cls, before: Decided, after: Decided, rows: Mapping[str, tuple[int, int]] | None = None
    ) -> "Difference":
        former = {count.table: count for count in before.counts}
        was, now = (Counter(_code(found) for found in each.findings) for each in (before, after))
        return cls(
            before.outcome,
            after.outcome,
            before.findings == after.findings,
            tuple((former.get(count.table), count) for count in after.counts if former.get(count.table) != count),
            {rule: (was[rule], now[rule]) for rule in sorted(was | now)},
            rows,
        )

    @property
    def turned(self) -> bool:
        return self.before is not self.after

    @property
    def anything(self) -> bool:
        """Whether the district, or a figure, can see it."""
        moved = any(out or into for out, into in (self.rows or {}).values())
        return self.turned or bool(self.counts) or not self.same_findings or moved

    def lines(self) -> Iterator[str]:
        """What changed, a line each."""
        for was, now in self.counts:
            numbers = ", ".join(
                f"{word} {_moved(getattr(was, name, None), getattr(now, name))}"
                for word, name in (
                    ("read", "rows_read"),
                    ("loaded", "loaded"),
                    ("quarantined", "quarantined"),
                    ("ignored", "ignored"),
                )
            )
            yield f"{now.sheet}: {numbers}"
        changed = {rule: pair for rule, pair in self.findings.items() if pair[0] != pair[1]}
        if changed:
            yield "findings: " + ", ".join(f"{rule} {_moved(*pair)}" for rule, pair in changed.items())
        elif not self.same_findings:
            yield "findings: as many, at other places or in other words"
        for table, (out, into) in (self.rows or {}).items():
            if out or into:
                yield f"{table}: {out} rows out, {into} in"


def _unnamed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(found, warning_id=None) for found in findings)


def _code(found: Finding) -> str:
    """The rule's code and the first letter of its severity: D06c, D06w, D06i."""
    return f"{found.rule}{found.severity.value[0]}"


def _nothing_loaded(count: SheetCount) -> SheetCount:
    return replace(count, loaded=0, ignored=count.ignored + count.loaded)


def _moved(was: int | None, now: int) -> str:
    return str(now) if was == now else f"{0 if was is None else was} -> {now}"
