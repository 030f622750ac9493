"""A run: what accepted reports say against one another, compared as of one moment, in one transaction.

Each release has a run of its moment: the night's step makes one, and a release makes its own where anything has been
decided since the last (:func:`run_in`). A second run over the same reports sees nothing otherwise, and writes no more
than that it ran.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from district_reports import clock
from district_reports.database.engine import DatabaseFault, Role, engine, refusal
from district_reports.failpoints import failpoint
from district_reports.forms import forms
from district_reports.moment.frame import build_frame
from district_reports.moment.known import reference_as_known, submissions_as_known
from district_reports.moment.transaction import one_moment
from district_reports.reconciliation import observing
from district_reports.reconciliation.observing import WHATS
from district_reports.reconciliation.relations import make_tables, relations
from district_reports.reconciliation.rules import CrossRules, cross_rules

_FOUND = """
CREATE TEMP TABLE found_side (
    rule text, subject jsonb, table_name text, submission_id bigint, row_number integer, part text, rests_on jsonb,
    told jsonb
) ON COMMIT DROP
"""
# Persons are counted by the million: by the server's default of 4 MB they are sorted on the disk. How few of them a
# rule is about nobody can guess, and a nested loop over a wrong guess never ends.
_FOR_RULES = "SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off"
_AS_USUAL = "SET LOCAL work_mem TO DEFAULT; SET LOCAL enable_nestloop TO DEFAULT"
_LAST_RUN = text("SELECT run_id, known_at, day, rules_hash FROM reconciliation.run ORDER BY run_id DESC LIMIT 1")
_SINCE = text(
    "SELECT EXISTS (SELECT FROM ledger.submission WHERE decided_at > :known_at)"
    " OR EXISTS (SELECT FROM reference.version WHERE known_from > :known_at)"
)


@dataclass(frozen=True)
class Reconciled:
    """A run: items by rule and what became of them, as :func:`.observing.compare` counts them.

    ``run_id`` is None where nothing was written.
    """

    run_id: int | None
    known_at: datetime
    day: date
    items: Mapping[tuple[str, str], int]

    def lines(self) -> Iterator[str]:
        """A line for each rule, and one for the run."""
        for rule in sorted({rule for rule, _ in self.items}):
            told = ", ".join(f"{self.items.get((rule, what), 0)} {what}" for what in WHATS)
            yield f"{rule}: {told}"
        known = self.known_at.astimezone(clock.ZONE)
        yield f"{f'run {self.run_id}' if self.run_id else 'nothing written'}, known at {known:%Y-%m-%d %H:%M:%S}"


def _silent(_: str) -> None:
    """Tell nobody."""


def reconcile(progress: Callable[[str], None] = _silent, dry_run: bool = False) -> Reconciled:
    """Compare all that is accepted and in force, and write down what became of the items since the run before.

    With `dry_run` it is told, and nothing is written. `progress` gets lines without personal data.

    Raises:
        SystemFault: a rule's files can't be used.
        DatabaseFault: the database refused a rule, which is named; nothing was written.
        sqlalchemy.exc.DBAPIError: it refused anything else; nothing was written.
    """
    with one_moment(engine(Role.PUBLISHER)) as (connection, known_at):
        day = clock.today()
        digest = reference_as_known(connection, known_at)
        submissions_as_known(connection, known_at)
        build_frame(connection, forms(), day)
        rules = cross_rules()
        items = _compare(connection, rules, day, progress)
        run_id = None
        if not dry_run:
            run_id = observing.write(connection, observing.RunToBe(known_at, day, _hash(rules, digest)))
            failpoint("reconcile: before commit")
            connection.commit()
            failpoint("reconcile: committed")
    return Reconciled(run_id, known_at, day, items)


def run_in(connection: Connection, known_at: datetime, day: date, reference: str) -> None:
    """Make a run of a release's moment in its transaction, unless the last one saw all that the release tells.

    The relations of :mod:`district_reports.moment` are there; `reference` is the digest of the reference data.
    """
    rules = cross_rules()
    rules_hash = _hash(rules, reference)
    last = connection.execute(_LAST_RUN).one_or_none()
    if (
        last is not None
        and (last.day, last.rules_hash) == (day, rules_hash)
        and not connection.scalar(_SINCE, {"known_at": last.known_at})
    ):
        return
    _compare(connection, rules, day, _silent)
    observing.write(connection, observing.RunToBe(known_at, day, rules_hash))


def _compare(
    connection: Connection, rules: CrossRules, day: date, progress: Callable[[str], None]
) -> Mapping[tuple[str, str], int]:
    failpoint("reconcile: begun")
    connection.exec_driver_sql(_FOR_RULES)
    make_tables(connection, day.isoformat())
    connection.exec_driver_sql(_FOUND)
    common = relations(forms().values(), rules.shared)
    for rule in rules.rules:
        statement = (
            f"INSERT INTO found_side WITH {common}\n"
            f"SELECT '{rule.code}', subject, table_name, submission_id, row_number, part, rests_on, told"
            f" FROM ({rule.select}\n) AS found"
        )
        try:
            # The driver takes % for a parameter.
            connection.exec_driver_sql(statement.replace("%", "%%"))
        except DBAPIError as error:
            raise DatabaseFault(f"{rule.code} can't be compared: {refusal(error)}") from None
        failpoint("reconcile: rule done")
        progress(f"{rule.code} compared")
    connection.exec_driver_sql(_AS_USUAL)
    return observing.compare(connection)


def _hash(rules: CrossRules, reference: str) -> str:
    return hashlib.sha256(f"{rules.digest} {reference}".encode()).hexdigest()
