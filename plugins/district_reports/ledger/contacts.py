"""Who can be called about a district's reports: whoever filled in the latest cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Contact:
    """Who filled in a cover."""

    filler: str
    telephone: str | None


class Contacts:
    """The fillers of the districts that the connection sees, or of one."""

    def __init__(self, connection: Connection, district_code: str | None = None) -> None:
        # Oldest first, so that the latest of any form is what stays.
        rows = connection.execute(_CONTACTS, {"district": district_code}).all()
        self._of_form = {(row.district_code, row.form): Contact(row.filler, row.telephone) for row in rows}
        self._of_any = {row.district_code: Contact(row.filler, row.telephone) for row in rows}

    def of(self, district_code: str, form: str) -> Contact | None:
        """The filler of the district's latest file of the form, or else of its latest file of any form."""
        return self._of_form.get((district_code, form), self._of_any.get(district_code))


_CONTACTS = text(
    """
    SELECT district_code, form, filler, telephone
    FROM ledger.submission
    JOIN (
        SELECT max(receipt_id) AS receipt_id
        FROM ledger.report
        WHERE filler IS NOT NULL
            AND (CAST(:district AS text) IS NULL OR district_code = :district)
        GROUP BY district_code, form
    ) AS latest USING (receipt_id)
    ORDER BY receipt_id
    """
)


def filler_of(connection: Connection, district_code: str, submissions: Sequence[int]) -> tuple[str, str]:
    """Who filled in the district's own latest among `submissions`, and the telephone number; "" where unknown."""
    row = connection.execute(
        text(
            "SELECT filler, telephone FROM ledger.submission"
            " WHERE submission_id = ANY(:ids) AND district_code = :district ORDER BY period DESC LIMIT 1"
        ),
        {"ids": list(submissions), "district": district_code},
    ).one_or_none()
    return ("", "") if row is None else (row.filler or "", row.telephone or "")
