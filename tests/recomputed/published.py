"""What the warehouse says, for comparing: the city tables of the latest release, and what became of each receipt."""

from typing import Any

from sqlalchemy import Engine, text

BOUNDARIES = {"city": "then", "city_now": "now"}
TABLES = (
    "city_student_aid",
    "city_dropout_control",
    "city_facilities",
    "city_kindergartens",
    "city_teacher_training",
    "city_submissions",
    "city_commitments",
    "city_reconciliation",
)
KEYS = {
    "city_student_aid": ("stage", "programme"),
    "city_dropout_control": ("reason", "dropout_kind", "registered_poor"),
    "city_teacher_training": ("training_category",),
    "city_submissions": ("form",),
    "city_commitments": ("commitment",),
    "city_reconciliation": ("rule",),
}
"""What tells rows of a table apart, beside period, level and area."""

Key = tuple[str, ...]
Table = dict[Key, dict[str, Any]]
Published = dict[tuple[str, str], Table]
"""Rows by key, by boundaries (then, now) and table."""


def key_of(table: str) -> tuple[str, ...]:
    return ("period", "level", "area_code", *KEYS.get(table, ()))


def published(insider: Engine) -> Published:
    """Every row of the current tables, in both boundaries; two rows of one key are a mistake."""
    found: Published = {}
    with insider.begin() as connection:
        for schema, boundary in BOUNDARIES.items():
            for table in TABLES:
                rows: Table = {}
                for row in connection.execute(text(f"SELECT * FROM {schema}.current_{table}")).mappings():
                    # Until the summary is there, it has no such breakdown.
                    key = tuple(str(row.get(name, "全部")) for name in key_of(table))
                    assert key not in rows, f"{table} has two rows of {key}"
                    rows[key] = {
                        name: value for name, value in row.items() if name not in ("release_id", *key_of(table))
                    }
                found[boundary, table] = rows
    return found


def outcomes(loader: Engine) -> dict[int, tuple[str, dict[str, tuple[int, int, int, int]]]]:
    """By receipt: the outcome, and rows read, loaded, quarantined and ignored by the sheet's title."""
    found: dict[int, tuple[str, dict[str, tuple[int, int, int, int]]]] = {}
    with loader.begin() as connection:
        for row in connection.execute(text("SELECT receipt_id, outcome FROM ledger.submission")):
            found[row.receipt_id] = (row.outcome, {})
        counts = "SELECT receipt_id, c.* FROM ledger.sheet_count c JOIN ledger.submission USING (submission_id)"
        for row in connection.execute(text(counts)):
            found[row.receipt_id][1][row.sheet] = (row.rows_read, row.loaded, row.quarantined, row.ignored)
    return found
