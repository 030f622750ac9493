"""What a district has said of the warnings of a report, over all its receipts (rows of ``findings.explanation``).

Of one warning the latest receipt holds, also one that was rejected: what it says of a value is true all the same. What
a report said that was taken back since went with it. Texts may hold personal data.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, text

from district_reports.database.copying import copy_rows, storable
from district_reports.ledger.versions import accepted_before, not_withdrawn
from district_reports.model.channel import UPLOAD_CHANNEL
from district_reports.model.explanations import KnownExplanations, Said

_LAST_RECEIPT = 2**63 - 1


def explanations_in(engine: Engine, before_receipt: int | None = None) -> KnownExplanations:
    """What a check may ask the warehouse behind `engine` (the loader's).

    With `before_receipt`, what had been said up to that receipt, itself not counted.
    """

    def known(form: str, district_code: str, period: str) -> Mapping[str, str]:
        key = {
            "form": form,
            "district_code": district_code,
            "period": period,
            "channel": UPLOAD_CHANNEL,
            "receipt_id": _LAST_RECEIPT if before_receipt is None else before_receipt,
        }
        with engine.begin() as connection:
            return _known(connection, key)

    return known


def _known(connection: Connection, key: dict[str, object]) -> dict[str, str]:
    versions = accepted_before(connection, key)
    standing = {version.submission_id for version in not_withdrawn(versions)}
    rows = connection.execute(
        text(
            "SELECT DISTINCT ON (warning_id) warning_id, explanation"
            " FROM findings.explanation JOIN ledger.submission USING (submission_id)"
            " WHERE form = :form AND district_code = :district_code AND period = :period AND channel = :channel"
            " AND receipt_id < :receipt_id AND submission_id <> ALL(:taken_back)"
            " ORDER BY warning_id, receipt_id DESC"
        ),
        {**key, "taken_back": [each.submission_id for each in versions if each.submission_id not in standing]},
    )
    return {row.warning_id: row.explanation for row in rows if row.explanation is not None}


def store_explanations(connection: Connection, submission_id: int, said: Said) -> None:
    """Keep what the workbook of a submission says of warnings."""
    copy_rows(
        connection,
        "findings",
        "explanation",
        ("submission_id", "warning_id", "explanation"),
        ((submission_id, name, storable(words)) for name, words in said.items()),
    )
