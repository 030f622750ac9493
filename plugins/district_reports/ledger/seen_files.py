"""Files that could not be taken, and who has looked at them. That somebody has is only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from district_reports import clock


@dataclass(frozen=True)
class Unidentified:
    """A district's files that belong to no form and period: how many, how many of them the viewer has not yet marked as
    seen, and the number of the latest submission among them."""

    files: int
    unseen: int
    latest_id: int


def unidentified_of(connection: Connection, viewer: str, since: date, until: date) -> Mapping[str, Unidentified]:
    """Those that came from `since` to `until`, by district; none that has none."""
    rows = connection.execute(
        text(
            "SELECT district_code, count(*) AS files, max(submission_id) AS latest_id,"
            " count(*) FILTER (WHERE submission_id > coalesce(up_to, 0)) AS unseen"
            " FROM ledger.report LEFT JOIN ("
            "     SELECT district_code, max(up_to) AS up_to FROM ledger.seen_files WHERE seen_by = :viewer GROUP BY 1"
            " ) AS seen USING (district_code)"
            " WHERE form IS NULL AND (received_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :since AND :until"
            " GROUP BY district_code ORDER BY district_code"
        ),
        {"viewer": viewer, "since": since, "until": until},
    )
    return {row.district_code: Unidentified(row.files, row.unseen, row.latest_id) for row in rows}


def see(connection: Connection, district_codes: Sequence[str], up_to: int, *, by: str) -> None:
    """Record that somebody has looked at these districts' files up to this submission: what came since is new still.

    On a connection of :func:`.viewing.writing`; a district that its viewer does not see is left out.
    """
    connection.execute(
        text(
            "INSERT INTO ledger.seen_files (district_code, up_to, seen_by, seen_at)"
            " SELECT district_code, max(submission_id), :by, :at FROM ledger.report"
            " WHERE form IS NULL AND submission_id <= :up_to AND district_code = ANY(:codes) GROUP BY district_code"
        ),
        {"codes": list(district_codes), "up_to": up_to, "by": by, "at": clock.now()},
    )
