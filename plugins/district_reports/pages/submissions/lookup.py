"""The submission that an address names, if the viewer sees it."""

from typing import Any

from fastapi import HTTPException
from sqlalchemy import Connection, Row

from district_reports.ledger.file_history import row_of
from district_reports.ledger.viewing import reading
from district_reports.pages.access import require_district
from district_reports.users import Viewer


def find(viewer: Viewer, submission_id: int) -> Row[Any]:
    """As :func:`find_with`, on a connection of its own."""
    with reading(viewer) as connection:
        return find_with(connection, viewer, submission_id)


def find_with(connection: Connection, viewer: Viewer, submission_id: int) -> Row[Any]:
    """The row of the submission.

    Raises:
        HTTPException: 404, there is none that the viewer sees.
    """
    row = row_of(connection, submission_id)
    if row is None:
        raise HTTPException(404)
    # Row security has left out what the viewer does not see; this holds even if it is switched off.
    require_district(viewer, row.district_code)
    return row
