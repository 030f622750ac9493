"""Whether receipts, archive, facts, identities, quarantine, findings, counts and answers agree.

Everything is asked in one snapshot of the warehouse, so that loads under way do no harm. What is told holds ids, counts
and names of tables, never a file's name or a value.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, text

from district_reports import clock
from district_reports.database.engine import Role, engine
from district_reports.feedback.tidy import HISTORY_KEPT
from district_reports.forms import forms
from district_reports.ledger.answers import answered_within
from district_reports.ledger.consistency import CHECKS, FACTS, IDENTITIES, Archived, archived_originals, counts
from district_reports.settings import settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import answer_at
from district_reports.upkeep.leftovers import KEPT_SECONDS, leftovers
from district_reports.warehouse.tables import tables_of

STALE_AFTER = timedelta(hours=1)
"""How long a receipt may be unsettled and a submission unfinished before that is a problem."""
LISTED_AT_MOST = 20


@dataclass(frozen=True)
class Audit:
    """``problems`` must not be; ``notes`` may, such as an answer that the clerk took out of 反馈."""

    receipts: int
    submissions: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def verify(*, hashes: bool = True, patience: timedelta = STALE_AFTER, kept_seconds: float = KEPT_SECONDS) -> Audit:
    """Compare the warehouse, the archive and the folders with one another; changes nothing.

    Without `hashes` archived files are compared by size alone. Temporary files are left over when they are older than
    `kept_seconds`.

    Raises:
        SystemFault: the uploads folder or the archive can't be read.
        sqlalchemy.exc.DBAPIError: the warehouse can't be asked.
    """
    with engine(Role.LOADER).connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        receipts, submissions = counts(connection)
        problems = list(_in_the_warehouse(connection, patience))
        archived = archived_originals(connection)
        answered = answered_within(connection, HISTORY_KEPT)
    # Not within the transaction: files may take long.
    problems += _archive(archived, hashes)
    notes = [*_answers(answered), *_archived_only(archived)]
    left = leftovers(kept_seconds)
    if left:
        problems.append(f"{len(left)} temporary files are left over, such as one in {left[0]}")
    return Audit(receipts, submissions, tuple(problems), tuple(notes))


def _in_the_warehouse(connection: Connection, patience: timedelta) -> Iterator[str]:
    values = {"patience": patience, "now": clock.now()}
    for words, question in CHECKS.items():
        yield from _told(words, connection.scalars(text(question), values))
    for table, tables in tables_of(forms().values()).items():
        question = FACTS.format(facts=f'facts."{table}"')
        yield from _told(
            f"facts.{table}: rows, or rows in force, are not what the counts say",
            connection.scalars(text(question), {"table": table}),
        )
        if tables.identities is not None:
            tokens = [column.name for column in tables.identities.columns if column.name.endswith("_token")]
            question = IDENTITIES.format(
                facts=f'facts."{table}"',
                identities=f'identities."{table}"',
                differ=" OR ".join(f'f."{name}" IS DISTINCT FROM i."{name}"' for name in tokens),
            )
            yield from _told(f"identities.{table}: rows differ from the facts", connection.scalars(text(question)))


def _told(words: str, ids: Iterable[int]) -> Iterator[str]:
    """One line for all that have the same fault."""
    found = sorted(set(ids))
    if found:
        more = f" and {len(found) - LISTED_AT_MOST} more" if len(found) > LISTED_AT_MOST else ""
        yield f"{words}: {', '.join(map(str, found[:LISTED_AT_MOST]))}{more}"


def _archive(archived: Sequence[Archived], hashes: bool) -> Iterator[str]:
    # Hashing lets the other threads run.
    with ThreadPoolExecutor(4) as pool:
        faults = list(pool.map(partial(_what_is_wrong, hashes=hashes), archived))
    for words in sorted({fault for fault in faults if fault}):
        receipts = (one.receipt_id for one, fault in zip(archived, faults, strict=True) if fault == words)
        yield from _told(f"archived original {words}, receipt", receipts)


def _what_is_wrong(archived: Archived, *, hashes: bool) -> str | None:
    path = settings().archive / archived.archived_as
    try:
        if path.stat().st_size != archived.size_bytes:
            return "has another size"
        if hashes:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != archived.sha256:
                    return "has another content"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return None


def _answers(answered: Iterable[tuple[int, str]]) -> Iterator[str]:
    gone = []
    for submission_id, name in answered:
        if file_state(answer_at(settings().uploads, name)) is None:
            gone.append(submission_id)
    yield from _told("the answer has gone from its folder, submission", gone)


def _archived_only(archived: Iterable[Archived]) -> Iterator[str]:
    """Contents that no receipt names: the worker was killed between archive and ledger, and the file was taken back."""
    known = {one.sha256 for one in archived}
    unknown = [path.name for path in settings().archive.glob("??/*") if path.name not in known]
    if unknown:
        yield f"{len(unknown)} archived contents have no receipt, such as {min(unknown)[:12]}"
