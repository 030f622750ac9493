"""Questions about submissions that more than one part of the system asks; plain functions on a connection.

What a row holds is in the migrations of ``sql/migrations``. A submission is found by its id, by the number of its
receipt, or as the version in force of its form, district and period.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, text

from district_reports import clock
from district_reports.model.finding import Outcome
from district_reports.model.in_force import Version

_WHOLE = text("SELECT * FROM ledger.submission WHERE submission_id = :id")
_VERSION = """
    SELECT file.submission_id, own_receipt_id AS receipt_no, file.origin_received_at AS received_at, file.outcome,
        file.nil_return
    FROM ledger.submission_file AS file
    JOIN ledger.own_receipt AS own ON own.submission_id = file.origin_id
"""


def submission(connection: Connection, submission_id: int) -> Row[Any]:
    """The whole row of ``ledger.submission``.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    return connection.execute(_WHOLE, {"id": submission_id}).one()


def submission_of_receipt(connection: Connection, receipt_id: int) -> Row[Any] | None:
    """The submission of a receipt, if there is such a receipt."""
    return connection.execute(
        text("SELECT * FROM ledger.submission WHERE receipt_id = :id"), {"id": receipt_id}
    ).one_or_none()


def with_file(connection: Connection, submission_id: int) -> Row[Any]:
    """A submission with its file's ``file_name`` and ``folder``, the receipt that it withdraws
    (``withdrawn_receipt``), and the district's own receipt where it is a re-check (``rechecked_receipt``).

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    return connection.execute(
        text(
            "SELECT s.*, r.file_name, r.folder, withdrawn.receipt_id AS withdrawn_receipt,"
            " nullif(own_receipt_id, s.receipt_id) AS rechecked_receipt"
            " FROM ledger.submission s JOIN ledger.receipt r USING (receipt_id)"
            " JOIN ledger.own_receipt USING (submission_id)"
            " LEFT JOIN ledger.submission withdrawn ON withdrawn.submission_id = s.withdraws"
            " WHERE s.submission_id = :id"
        ),
        {"id": submission_id},
    ).one()


def own_receipt(connection: Connection, submission_id: int) -> int:
    """The receipt of the district's own drop of what a submission decides on, however often it was checked again."""
    found: int = connection.execute(
        text("SELECT own_receipt_id FROM ledger.own_receipt WHERE submission_id = :id"), {"id": submission_id}
    ).scalar_one()
    return found


def version(connection: Connection, submission_id: int) -> Version:
    """A version as the district knows it.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such submission.
    """
    return _version(connection.execute(text(f"{_VERSION} WHERE file.submission_id = :id"), {"id": submission_id}).one())


def version_in_force(connection: Connection, form: str, district_code: str, period: str) -> Version | None:
    """As :func:`version`, of the version in force of a key, if any."""
    row = connection.execute(
        text(
            f"{_VERSION} JOIN ledger.in_force ON in_force.submission_id = file.submission_id"
            " WHERE in_force.form = :form AND in_force.district_code = :district_code AND in_force.period = :period"
        ),
        {"form": form, "district_code": district_code, "period": period},
    ).one_or_none()
    return None if row is None else _version(row)


def _version(row: Row[Any]) -> Version:
    outcome, received_at = Outcome(row.outcome), row.received_at.astimezone(clock.ZONE)
    return Version(row.submission_id, row.receipt_no, received_at, outcome, row.nil_return)


def first_of_content(connection: Connection, submission: Row[Any]) -> Row[Any]:
    """The submission whose decision holds for `submission`: itself, or what it is a duplicate of in the end."""
    while submission.duplicate_of is not None:
        submission = connection.execute(_WHOLE, {"id": submission.duplicate_of}).one()
    return submission


def in_force(connection: Connection, form: str, district_code: str, period: str) -> int | None:
    """The id of the version in force of a key, if any."""
    found: int | None = connection.scalar(
        text(
            "SELECT submission_id FROM ledger.in_force"
            " WHERE form = :form AND district_code = :district_code AND period = :period"
        ),
        {"form": form, "district_code": district_code, "period": period},
    )
    return found


def in_force_before(connection: Connection, form: str, districts: Sequence[str], period: str) -> Sequence[Row[Any]]:
    """district_code, period and submission_id of what is in force of earlier periods, oldest first.

    Periods of one kind are in the order of their names.
    """
    return connection.execute(
        text(
            "SELECT district_code, period, submission_id FROM ledger.in_force"
            " WHERE form = :form AND district_code = ANY(:districts) AND period < :period"
            " ORDER BY period, submission_id"
        ),
        {"form": form, "districts": list(districts), "period": period},
    ).all()


def in_force_of_district(connection: Connection, district_code: str) -> set[tuple[str, str]]:
    """Form and period of everything that is in force of a district."""
    rows = connection.execute(
        text("SELECT form, period FROM ledger.in_force WHERE district_code = :district"), {"district": district_code}
    )
    return {(row.form, row.period) for row in rows}


def accepted_at(
    connection: Connection, form: str, district_code: str, period: str, moment: datetime | None
) -> int | None:
    """The id of the latest version of a key that had been accepted at `moment`."""
    found: int | None = connection.scalar(
        text(
            "SELECT submission_id FROM ledger.report WHERE form = :form AND district_code = :district_code"
            " AND period = :period AND outcome IN ('accepted', 'accepted_with_errors')"
            " AND decided_at <= :moment ORDER BY receipt_id DESC LIMIT 1"
        ),
        {"form": form, "district_code": district_code, "period": period, "moment": moment},
    )
    return found


def checked_snapshots(connection: Connection) -> set[str]:
    """Where the checked snapshots lie that a submission names, relative to the archive."""
    return set(connection.scalars(text("SELECT checked_as FROM ledger.submission WHERE checked_as IS NOT NULL")))


def last_receipt(connection: Connection) -> int:
    """The number of the latest receipt; 0 before the first."""
    found: int = connection.execute(text("SELECT coalesce(max(receipt_id), 0) FROM ledger.receipt")).scalar_one()
    return found


def states_since(connection: Connection, receipt_id: int) -> Mapping[str, int]:
    """How many submissions of later receipts are in each state."""
    rows = connection.execute(
        text("SELECT state, count(*) FROM ledger.submission WHERE receipt_id > :after GROUP BY state"),
        {"after": receipt_id},
    )
    return {row[0]: row[1] for row in rows}


def outcomes_since(connection: Connection, receipt_id: int) -> Sequence[Row[Any]]:
    """outcome, files, and rows loaded and quarantined, of the decided submissions of later receipts, by outcome."""
    return connection.execute(
        text(
            "SELECT outcome, count(*) AS files, coalesce(sum(counted.loaded), 0) AS loaded,"
            " coalesce(sum(counted.quarantined), 0) AS quarantined"
            " FROM ledger.submission LEFT JOIN ("
            "   SELECT submission_id, sum(loaded) AS loaded, sum(quarantined) AS quarantined"
            "   FROM ledger.sheet_count GROUP BY submission_id) AS counted USING (submission_id)"
            " WHERE receipt_id > :after AND outcome IS NOT NULL GROUP BY outcome ORDER BY outcome"
        ),
        {"after": receipt_id},
    ).all()


def in_force_count(connection: Connection, keys: Sequence[tuple[str, str]]) -> int:
    """How many districts' reports are in force of these pairs of form and period, together."""
    found: int = connection.execute(
        text("SELECT count(*) FROM ledger.in_force WHERE (form, period) IN :keys").bindparams(
            bindparam("keys", keys, expanding=True)
        )
    ).scalar_one()
    return found


def listed(connection: Connection, where: str, values: Mapping[str, Any]) -> tuple[Sequence[Row[Any]], int]:
    """One page of the submissions for which the SQL condition `where` on ``s`` is true, newest first, and how many
    there are. `values` has what the condition names, ``limit`` and ``offset``.
    """
    total = connection.execute(text(f"SELECT count(*) FROM ledger.submission AS s WHERE {where}"), values).scalar_one()
    rows = connection.execute(
        text(
            "SELECT s.submission_id, s.receipt_id, s.form, s.period, s.district_code, s.channel, s.outcome,"
            " s.nil_return, s.withdraws, s.recheck_of, s.received_at, r.file_name"
            " FROM ledger.submission AS s JOIN ledger.receipt AS r USING (receipt_id)"
            f" WHERE {where} ORDER BY s.receipt_id DESC LIMIT :limit OFFSET :offset"
        ),
        values,
    ).all()
    return rows, total


def periods_reported(connection: Connection) -> Sequence[str]:
    """Every period for which something came, in no order."""
    return connection.scalars(text("SELECT DISTINCT period FROM ledger.submission WHERE period IS NOT NULL")).all()
