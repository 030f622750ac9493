"""What a deployment holds when it is at rest, without what differs between two runs: ids, times, leases and attempts.

Submissions are named by the order of their receipts. Every table of the ledger, the facts, the identities, the
findings, the quarantine and the worklist is taken, with every column that is not named here as volatile: a new one
takes part by itself. Runs of the reader are left out: that of a stopped worker goes on. So are runs of the
reconciliation that saw nothing otherwise: the one after a run that was killed once it was whole.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import Connection, text

from district_reports.database.engine import Role, engine
from district_reports.settings import settings

_SCHEMAS = ("ledger", "facts", "identities", "findings", "quarantine", "reconciliation")
_VOLATILE = re.compile(
    r"(?!checked_at|decided_at|answered_at|settled_at).*_at|lease_.*|attempts|signal_count|inode|modified_ns|exception_id"
)
# Only whether they are set is the same in two runs.
_MOMENTS = {"checked_at", "decided_at", "answered_at", "settled_at"}
_DECISIONS = {"known_from", "known_until"}
_RECEIPTS = {"receipt_id"}
_SUBMISSIONS = {
    "submission_id",
    "duplicate_of",
    "replaced_by",
    "recheck_of",
    "withdraws",
    "restores",
    "ended_by",
}
_RUNS = {"run_id", "first_run"}
# Numbers that have gaps where somebody was killed.
_EXPLANATIONS = {"explanation_id"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|\d{8}-\d{6}")
# What a page says of the moment at which it was written, which is another where the answer comes later.
_STANDING = re.compile(
    r"怎样做(?:：| \|) .*?(?= (?:\| )?问题 )|现在生效的(?:就|仍)?是[^。]*。|这一期现在没有生效的数据。"
)
_RECEIPT = re.compile(r"(回执号?[:： |]*)(\d+)")


class _Names:
    """Ids as the place of their receipt in the order of receipts."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(
            text(
                "SELECT receipt_id, submission_id, decided_at FROM ledger.receipt"
                " LEFT JOIN ledger.submission USING (receipt_id) ORDER BY receipt_id"
            )
        ).all()
        self.receipt = {row.receipt_id: place for place, row in enumerate(rows, 1)}
        self.submission = {row.submission_id: self.receipt[row.receipt_id] for row in rows}
        runs = connection.execute(
            text(
                "SELECT run_id, count(observed) OVER (ORDER BY run_id) AS place, observed IS NOT NULL AS told"
                " FROM reconciliation.run LEFT JOIN"
                " (SELECT DISTINCT run_id AS observed FROM reconciliation.observation) AS o ON observed = run_id"
            )
        ).all()
        self._run = {row.run_id: row.place for row in runs}
        self.silent_runs = {row.run_id for row in runs if not row.told}
        said = connection.scalars(text("SELECT explanation_id FROM reconciliation.explanation ORDER BY 1"))
        self._explanation = {number: place for place, number in enumerate(said, 1)}
        self._decision = {row.decided_at: self.receipt[row.receipt_id] for row in rows}

    def text(self, words: str) -> str:
        """`words` without times, and with receipts named by their place."""
        return _RECEIPT.sub(
            lambda match: f"{match[1]}#{self.receipt.get(int(match[2]), match[2])}", _TIME.sub("<time>", words)
        )

    def value(self, column: str, value: object) -> object:
        if column in _MOMENTS:
            return value is not None
        if column in _DECISIONS and value is not None:
            return f"decision {self._decision.get(value)}"
        if column in _RECEIPTS:
            return self.receipt.get(value, value)
        if column in _SUBMISSIONS and value is not None:
            return self.submission.get(value, f"unknown {value}")
        if column in _RUNS:
            return self._run.get(value)
        if column in _EXPLANATIONS:
            return self._explanation.get(value)
        if column == "checked_as" and value is not None:
            return re.sub(r"/checked-.*", "/checked", str(value))
        return self.text(value) if isinstance(value, str) else value


def lines() -> list[str]:
    """The content of this process's deployment, a line each, sorted; equal for two deployments that hold the same."""
    with engine(Role.LOADER).begin() as connection:
        names = _Names(connection)
        found = [line for table in _tables(connection) for line in _rows(connection, names, *table)]
        checked = set(connection.scalars(text("SELECT checked_as FROM ledger.submission WHERE checked_as IS NOT NULL")))
    found += _archive(checked)
    found += _uploads(names)
    return sorted(found)


def digest(content: list[str]) -> str:
    """SHA-256 of what :func:`lines` gave."""
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def _tables(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        text(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema = ANY(:schemas) AND table_type = 'BASE TABLE'"
            " AND table_name <> 'reader_run' ORDER BY 1, 2"
        ),
        {"schemas": list(_SCHEMAS)},
    )
    return [(row.table_schema, row.table_name) for row in rows]


def _rows(connection: Connection, names: _Names, schema: str, table: str) -> Iterator[str]:
    for row in connection.execute(text(f'SELECT * FROM {schema}."{table}"')).mappings():
        if (schema, table) == ("reconciliation", "run") and row["run_id"] in names.silent_runs:
            continue
        values = {column: names.value(column, row[column]) for column in row if not _VOLATILE.fullmatch(column)}
        yield f"{schema}.{table} {values}"


def _archive(checked: set[str]) -> Iterator[str]:
    """Originals, and the checked snapshots that the ledger names; ``verify`` tells of all others."""
    archive = settings().archive
    for path in archive.rglob("original.xlsx"):
        yield f"archive {path.relative_to(archive)} {_sha256(path)}"
    for place in checked:
        for path in (archive / place).iterdir():
            yield f"archive {re.sub('/checked-.*', '/checked', place)}/{path.name}"


def _uploads(names: _Names) -> Iterator[str]:
    uploads = settings().uploads
    for path in sorted(uploads.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield f"uploads {names.text(str(path.relative_to(uploads)))} {_content(names, path)}"


def _content(names: _Names, path: Path) -> str:
    if path.suffix == ".txt":
        return repr(names.text(path.read_text("utf-8-sig")))
    if path.suffix == ".html":
        page = re.sub(r"<style.*?</style>|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
        return names.text(_STANDING.sub("<standing>", " ".join(page.split())))
    if "反馈" in path.parts:
        book = load_workbook(path)
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        words = [cell.value for cell in cells] + [cell.comment and cell.comment.text for cell in cells]
        return names.text(_STANDING.sub("<standing>", " | ".join(str(word) for word in words if word is not None)))
    return _sha256(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
