"""What stands in the ledger and the facts, for the tests of withdrawals."""

from sqlalchemy import Engine, text

from district_reports.ledger.records import findings_of
from submitted import (
    case,
    checked,
)

A, B, C = checked([case(1)]), checked([case(2)]), checked([case(3)])


def standing(loader: Engine) -> tuple[int | None, list[str]]:
    """The submission in force for the key and the names in the ledger, which must be of that submission."""
    with loader.begin() as connection:
        version = connection.scalar(text("SELECT submission_id FROM ledger.in_force"))
        rows = connection.execute(
            text(
                "SELECT submission_id, student_name FROM facts.dropout_case JOIN identities.dropout_case"
                " USING (submission_id, row_number) WHERE known_until IS NULL ORDER BY row_number"
            )
        ).all()
    assert {row.submission_id for row in rows} <= {version}
    return version, [row.student_name for row in rows]


def one(loader: Engine, submission_id: int) -> dict:
    with loader.begin() as connection:
        row = connection.execute(
            text("SELECT * FROM ledger.submission WHERE submission_id = :id"), {"id": submission_id}
        )
        return dict(row.mappings().one())


def rules_found(loader: Engine, submission_id: int) -> list[str]:
    with loader.begin() as connection:
        return [found.rule for found in findings_of(connection, submission_id)]
