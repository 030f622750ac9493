"""What was known at a moment, as temporary relations: the ground on which :mod:`.frame` stands.

- each reference table under its own name (``districts``, ``schools``, ``aid_programmes``, ``commitments``, and any
  other CSV by itself), with the rows that had been loaded by then, typed by the names of their columns. A table that
  was not loaded yet is empty; one that then lacked what today's summaries need is the first later one that has it.
- ``known_submission``: submission_id, receipt_id, form, period, district_code, received_at, recheck_of, withdraws,
  restores, outcome, nil_return. What had been dropped in 上报 under a form and period; outcome is null, and nil_return
  false, where the decision came later.
- ``first_submission``: form, period, district_code, submission_id, outcome, refused, rows_judged, rows_sound. Of these,
  the first of each key that had been decided and is no duplicate (``first_decided``, ledger/first_tries.py).
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, text

from district_reports.ledger.first_tries import first_decided
from district_reports.warehouse.reference_tables import kind_of

# The latest known, or where it lacks a needed column the earliest that came later and has them all.
_VERSIONS = text("""
SELECT DISTINCT ON (table_name) version_id, table_name, sha256, columns, latest_known IS NOT NULL AS known
FROM (
    SELECT
        *,
        max(version_id) FILTER (WHERE known_from <= :known_at) OVER (PARTITION BY table_name) AS latest_known,
        to_jsonb(columns) @> coalesce(CAST(:needed AS jsonb) -> table_name, '[]') AS whole
    FROM reference.version
) AS version
WHERE version_id = latest_known OR known_from > :known_at
ORDER BY table_name, NOT whole, version_id
""")
_SUBMISSIONS = """
CREATE TEMP TABLE known_submission ON COMMIT DROP AS
SELECT
    submission_id, receipt_id, form, period, district_code, received_at, recheck_of, withdraws, restores,
    CASE WHEN decided_at <= :known_at THEN outcome END AS outcome,
    coalesce(decided_at <= :known_at, false) AND nil_return AS nil_return
FROM ledger.submission
JOIN (SELECT receipt_id FROM ledger.receipt WHERE noted_at <= :known_at) AS noted USING (receipt_id)
WHERE channel = '上报' AND form IS NOT NULL
"""


def reference_as_known(
    connection: Connection, known_at: datetime, needed: Mapping[str, Collection[str]] = MappingProxyType({})
) -> str:
    """Make a relation for each reference table; SHA-256 (hex) over the names and files that they come from.

    `needed` are columns, by table, that today's summaries can't do without. What was known then without one of them was
    written for other summaries: the earliest version that came later and has them all stands in its place.
    """
    digest = hashlib.sha256()
    asked = {"known_at": known_at, "needed": json.dumps({table: list(names) for table, names in needed.items()})}
    for version in connection.execute(_VERSIONS, asked).all():
        columns = ", ".join(f'"{name}" {kind_of(name)}' for name in version.columns)
        connection.exec_driver_sql(f'CREATE TEMP TABLE "{version.table_name}" ({columns}) ON COMMIT DROP')
        if version.known:
            digest.update(f"{version.table_name} {version.sha256}\0".encode())
            values = ", ".join(f"(cells ->> {place})::{kind_of(name)}" for place, name in enumerate(version.columns))
            connection.execute(
                text(
                    f'INSERT INTO "{version.table_name}" SELECT {values}'
                    " FROM reference.version, jsonb_array_elements(rows) WITH ORDINALITY AS listed (cells, place)"
                    " WHERE version_id = :version_id ORDER BY place"
                ),
                {"version_id": version.version_id},
            )
    return digest.hexdigest()


def submissions_as_known(connection: Connection, known_at: datetime) -> None:
    """Make ``known_submission`` and ``first_submission``."""
    connection.execute(text(_SUBMISSIONS), {"known_at": known_at})
    first = first_decided("known_submission")
    connection.exec_driver_sql(f"CREATE TEMP TABLE first_submission ON COMMIT DROP AS {first}")
