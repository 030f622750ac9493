"""The worklist 待核对 as files and notes read it: plain functions on a connection of the loader.

A district is told of its own rows only. Of the others an item names which districts they are, and its state rests on
them; nothing else of theirs is asked for. What the worklist *is* stands in ``district_reports.reconciliation``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from district_reports.ledger.shown_items import OPEN, State

_OPEN = text("""
    SELECT count(*) AS number, count(*) FILTER (WHERE :district = ANY (unexplained)) AS waiting
    FROM reconciliation.items_as_known('infinity')
    WHERE state = ANY (:open) AND :district = ANY (districts)
""")
# Of an item that is gone its last rows, where it was there in the file before.
_ROWS = text("""
    WITH item AS MATERIALIZED (SELECT * FROM reconciliation.items_as_known(:moment))
    SELECT
        item_id, run_id, rule, state, first_seen, place, form, period, table_name, row_number, part,
        rests_on || told AS words, told ->> 'school_code' AS school_code,
        identity.name, identity.identifiers, said.explanation, districts, other.others
    FROM item
    JOIN reconciliation.side USING (item_id, run_id)
    LEFT JOIN LATERAL (
        SELECT min(named.name) AS name, jsonb_object_agg(named.kind, named.identifier) AS identifiers
        FROM identities.named_row AS named
        WHERE named.table_name = side.table_name AND named.submission_id = side.submission_id
            AND named.row_number = side.row_number
    ) AS identity ON true
    CROSS JOIN LATERAL reconciliation.other_districts(item_id, run_id, side.district_code, side.part) AS other
    LEFT JOIN LATERAL reconciliation.explanation_that_holds(item_id, spell, side.speakers, :moment) AS said ON true
    WHERE side.district_code = :district AND (
        state <> :gone
        OR run_id > :since AND (
            SELECT before.present
            FROM reconciliation.observation AS before
            WHERE before.item_id = item.item_id AND before.run_id <= :since
            ORDER BY before.run_id DESC LIMIT 1
        )
    )
    ORDER BY item_id, place
""")
_DELIVERED = text("""
    SELECT DISTINCT ON (district_code) district_code, run_id, day, content
    FROM reconciliation.delivered
    JOIN reconciliation.run USING (run_id)
    ORDER BY district_code, run_id DESC
""")
_FORMER = text("""
    SELECT district_code, day
    FROM reconciliation.delivered
    JOIN reconciliation.run USING (run_id)
    WHERE delivered_at < clock_timestamp() - :age
""")
_RETURNED = text("""
    SELECT folder, file_name, receipt_id, channel
    FROM reconciliation.returned
    JOIN ledger.receipt USING (receipt_id)
    WHERE noted_at < clock_timestamp() - :age
    ORDER BY receipt_id
""")


@dataclass(frozen=True)
class OpenCount:
    """How many items of a district are open, and how many of these it has not explained itself."""

    number: int
    waiting: int


@dataclass(frozen=True)
class Run:
    """A run of the comparison: its number, the moment whose decisions it compares, and the day by the house clock."""

    run_id: int
    known_at: datetime
    day: date


@dataclass(frozen=True)
class Delivered:
    """The worklist that was last put into a district's 反馈: of which run, and what it tells (SHA-256)."""

    run_id: int
    day: date
    content: str


def open_items(connection: Connection, district_code: str) -> OpenCount:
    """The open items of a district at this moment."""
    row = connection.execute(_OPEN, {"open": list(OPEN), "district": district_code}).one()
    return OpenCount(row.number, row.waiting)


def last_run(connection: Connection) -> Run | None:
    """The latest run, if there has been any."""
    row = connection.execute(
        text("SELECT run_id, known_at, day FROM reconciliation.run ORDER BY run_id DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else Run(*row)


def own_rows(connection: Connection, district_code: str, moment: datetime, since: int) -> Sequence[Row[Any]]:
    """The rows of a district in the items that it has at `moment`, by item and place.

    Each with its item's ``rule``, ``state``, ``first_seen`` and ``districts`` (all that it touches; ``others`` play
    another part in it than this row, or are all others where there is one part), the person's ``name`` and
    ``identifiers`` by kind, and the ``explanation`` that holds for it. Of items that have gone since the run `since`,
    in which they were there, the last rows.
    """
    asked = {"district": district_code, "moment": moment, "since": since, "gone": State.GONE}
    return connection.execute(_ROWS, asked).all()


def touched_districts(connection: Connection) -> set[str]:
    """Every district that has, or ever had, a row in an item."""
    return set(connection.scalars(text("SELECT DISTINCT district_code FROM reconciliation.side")))


def delivered(connection: Connection) -> Mapping[str, Delivered]:
    """What lies in the districts' folders, by district."""
    rows = connection.execute(_DELIVERED)
    return {row.district_code: Delivered(row.run_id, row.day, row.content) for row in rows}


def note_delivered(connection: Connection, district_code: str, run_id: int, content: str) -> None:
    """Note that the worklist of a run lies in the district's folder."""
    connection.execute(
        text(
            "INSERT INTO reconciliation.delivered (district_code, run_id, content) VALUES (:district, :run, :content)"
        ),
        {"district": district_code, "run": run_id, "content": content},
    )


def delivered_before(connection: Connection, age: timedelta) -> Sequence[Row[Any]]:
    """district_code and day of the worklists that were put there longer than `age` ago."""
    return connection.execute(_FORMER, {"age": age}).all()


def returned_before(connection: Connection, age: timedelta) -> Sequence[Row[Any]]:
    """folder, file_name, receipt_id and channel of the worklists that came back longer than `age` ago."""
    return connection.execute(_RETURNED, {"age": age}).all()


def is_returned(connection: Connection, receipt_id: int) -> bool:
    """Whether a receipt is that of a worklist that came back."""
    statement = text("SELECT EXISTS (SELECT FROM reconciliation.returned WHERE receipt_id = :id)")
    return bool(connection.scalar(statement, {"id": receipt_id}))
