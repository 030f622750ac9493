"""Take in what a worklist says that came back: a verdict on each item in it, and the explanations that are new.

All of it is in the transaction of the receipt. What the district is told of it follows from what the ledger holds
(:mod:`.reply`), so that a call that was cut off can be finished.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.checks.explanations import explains
from district_reports.database.copying import copy_rows, storable
from district_reports.failpoints import failpoint
from district_reports.ledger.receipts import Drop, Filed, record_worklist
from district_reports.ledger.shown_items import State
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.explanations import LONGEST
from district_reports.reconciliation.returned import ReturnedBook, ReturnedRow

# A district speaks for its rows, and for those of the districts that were merged into it; a merged one still for its
# own. ``holding``: what holds of each of these rows by now.
_ITEMS = text("""
    SELECT item_id, state, spell, holding
    FROM reconciliation.items_as_known('infinity') AS item
    CROSS JOIN LATERAL (
        SELECT array_agg(said.explanation) AS holding
        FROM reconciliation.side
        LEFT JOIN LATERAL reconciliation.explanation_that_holds(
            item.item_id, item.spell, side.speakers, 'infinity'
        ) AS said ON true
        WHERE side.item_id = item.item_id AND side.run_id = item.run_id
            AND (side.district_code = :district OR :district = ANY (side.speakers))
    ) AS own
    WHERE item_id = ANY (:items) AND holding IS NOT NULL
""")
_SPELLS = text("""
    SELECT asked.item_id, (
        SELECT spell FROM reconciliation.observation AS seen
        WHERE seen.item_id = asked.item_id AND seen.run_id <= asked.run_id
        ORDER BY seen.run_id DESC LIMIT 1
    ) AS spell
    FROM unnest(CAST(:items AS bigint[]), CAST(:runs AS bigint[])) AS asked (item_id, run_id)
""")
_SPEAKS_FOR = text(
    "SELECT EXISTS (SELECT FROM reconciliation.side WHERE district_code = :one AND :other = ANY (speakers))"
)
_EXPLAIN = text(
    "INSERT INTO reconciliation.explanation (item_id, spell, district_code, explanation, receipt_id)"
    " VALUES (:item_id, :spell, :district, :explanation, :receipt) RETURNING explanation_id"
)


class Verdict(StrEnum):
    """What became of an item in a worklist that came back."""

    TAKEN = "taken"
    CUT = "cut"
    """Taken, but for what is longer than an explanation may be."""
    SAME = "same"
    """It says what holds already."""
    EMPTY = "empty"
    UNKNOWN = "unknown"
    """No item, or another district's: it is not said which."""
    GONE = "gone"
    RULED = "ruled"
    CHANGED = "changed"
    """A value that the item rests on has changed since the file was made."""
    NO_REASON = "no_reason"
    NO_RESULT = "no_result"
    """A formula without a result, or an error, stands where the explanation should."""
    FOREIGN = "foreign"
    """The list is another district's."""
    NO_NUMBER = "no_number"
    """Something is said of no item."""

    @property
    def is_taken(self) -> bool:
        return self in (Verdict.TAKEN, Verdict.CUT)


@dataclass(frozen=True)
class _Said:
    """What a file says of an item: the texts of its rows in their order, each once, and of which run."""

    position: int
    number: int | None
    texts: tuple[str | None, ...]
    run_id: int | None

    @property
    def joined(self) -> str:
        return "；".join(each for each in self.texts if each and explains(each))


def file_worklist(connection: Connection, drop: Drop, book: ReturnedBook) -> Filed:
    """Note the drop of a worklist with what becomes of its items; of one from 预检 what would.

    Called again for the same unsettled drop it changes nothing.
    """
    filed, is_new = record_worklist(connection, drop)
    if is_new:
        connection.execute(
            text("INSERT INTO reconciliation.returned (receipt_id) VALUES (:receipt)"), {"receipt": filed.receipt_id}
        )
        said = _said(book, _run_of_file(connection, book), _run_days(connection))
        judged = (
            _foreign(said) if _is_foreign(connection, drop.district_code, book) else _judged(connection, filed, said)
        )
        _note(connection, filed, judged)
    failpoint("record: worklist before commit")
    return filed


def _is_foreign(connection: Connection, district_code: str, book: ReturnedBook) -> bool:
    """Whether the list was made for another district than this, and those that were merged into it."""
    if book.district_code in (None, district_code):
        return False
    return not connection.scalar(_SPEAKS_FOR, {"one": district_code, "other": book.district_code})


def _foreign(said: Sequence[_Said]) -> Iterator[tuple[_Said, Verdict, int | None]]:
    for each in said:
        verdict = _verdict(each, None, None)
        yield each, Verdict.FOREIGN if verdict is Verdict.UNKNOWN else verdict, None


def _judged(connection: Connection, filed: Filed, said: Sequence[_Said]) -> Iterator[tuple[_Said, Verdict, int | None]]:
    """Each with its verdict, and the explanation that was taken in."""
    items = _items(connection, filed.drop.district_code, said)
    spells = _spells(connection, said)
    for each in said:
        item = items.get(each.number or 0)
        verdict = _verdict(each, item, spells.get(each.number or 0))
        explanation_id = None
        if item is not None and verdict.is_taken and filed.drop.channel == UPLOAD_CHANNEL:
            explanation_id = connection.execute(
                _EXPLAIN,
                {
                    "item_id": item.item_id,
                    "spell": item.spell,
                    "district": filed.drop.district_code,
                    "explanation": storable(each.joined[:LONGEST]),
                    "receipt": filed.receipt_id,
                },
            ).scalar_one()
        yield each, verdict, explanation_id


def _note(connection: Connection, filed: Filed, judged: Iterable[tuple[_Said, Verdict, int | None]]) -> None:
    columns = ("receipt_id", "position", "item_id", "verdict", "explanation_id")
    rows = [(filed.receipt_id, each.position, each.number, verdict.value, done) for each, verdict, done in judged]
    copy_rows(connection, "reconciliation", "returned_row", columns, rows)


def _verdict(said: _Said, item: Row[Any] | None, spell_then: int | None) -> Verdict:
    """`item` is None where it is none of the district's; `spell_then` is None where it is not known."""
    if said.number is None:
        return Verdict.NO_NUMBER
    if set(said.texts) <= {""}:
        return Verdict.EMPTY
    if item is None:
        return Verdict.UNKNOWN
    kept = said.joined[:LONGEST]
    if kept and set(item.holding) == {kept}:
        return Verdict.SAME
    if item.state == State.GONE:
        return Verdict.GONE
    if item.state == State.RULED:
        return Verdict.RULED
    if spell_then is not None and spell_then < item.spell:
        return Verdict.CHANGED
    if not kept:
        return Verdict.NO_REASON if any(said.texts) else Verdict.NO_RESULT
    return Verdict.TAKEN if len(said.joined) <= LONGEST else Verdict.CUT


def _said(book: ReturnedBook, made_in: int | None, run_days: Mapping[date, int]) -> list[_Said]:
    """What the book says of each item, in the order in which they stand; a row without a number stands for itself."""
    rows_of: dict[object, list[ReturnedRow]] = {}
    for row in book.rows:
        rows_of.setdefault(row.number or (row.position,), []).append(row)
    return [
        _Said(
            rows[0].position,
            rows[0].number,
            tuple(dict.fromkeys(row.explanation for row in rows)),
            _run_of(rows, book, made_in, run_days),
        )
        for rows in rows_of.values()
    ]


def _run_of(
    rows: Iterable[ReturnedRow], book: ReturnedBook, made_in: int | None, run_days: Mapping[date, int]
) -> int | None:
    """The run that an item's rows tell of: the file's, unless they are from a file of another day, the earliest."""
    days = {row.made_on for row in rows if row.made_on is not None}
    if not days or (made_in is not None and book.made_on in (None, min(days))):
        return made_in
    return max((run for day, run in run_days.items() if day <= min(days)), default=None)


def _run_days(connection: Connection) -> Mapping[date, int]:
    """The last run of each day."""
    rows = connection.execute(text("SELECT day, max(run_id) AS run_id FROM reconciliation.run GROUP BY day"))
    return {row.day: row.run_id for row in rows}


def _run_of_file(connection: Connection, book: ReturnedBook) -> int | None:
    found: int | None = connection.scalar(
        text("SELECT run_id FROM reconciliation.run WHERE run_id = :run"), {"run": book.run_id}
    )
    return found


def _items(connection: Connection, district_code: str, said: Sequence[_Said]) -> Mapping[int, Row[Any]]:
    numbers = [each.number for each in said if each.number is not None]
    rows = connection.execute(_ITEMS, {"district": district_code, "items": numbers})
    return {row.item_id: row for row in rows}


def _spells(connection: Connection, said: Sequence[_Said]) -> Mapping[int, int | None]:
    """The spell of each item at the run that its rows tell of."""
    known = [(each.number, each.run_id) for each in said if each.number is not None and each.run_id is not None]
    rows = connection.execute(_SPELLS, {"items": [one for one, _ in known], "runs": [run for _, run in known]})
    return {row.item_id: row.spell for row in rows}
