"""Check again what C02 refused, once the register has changed.

A school that the register did not know yet breaks C02 in a workbook that was right. Where the latest file of a
(form, district, period) breaks C02 in fewer rows under the new register, its archived content is taken in again and
goes its ordinary way through the ledger; the district need not send it twice.
"""

from collections.abc import Callable

from sqlalchemy import text

from district_reports.checks.rules_hash import rules_hash
from district_reports.database.engine import Role, engine
from district_reports.errors import SystemFault
from district_reports.ledger.latest import LATEST, Latest
from district_reports.ledger.rechecks import record_recheck
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Outcome, Severity
from district_reports.processing.check_again import check_again
from district_reports.reference.register import Register

RULE = "C02"


# A file that is still to be decided meets the new register.
_REFUSED = text(
    f"""
    SELECT latest.*, broken.rows
    FROM ({LATEST}) AS latest
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT (sheet, row_number)) AS rows
        FROM findings.finding
        WHERE finding.submission_id = latest.submission_id AND rule = :rule
    ) AS broken
    WHERE outcome IS NOT NULL AND latest.rules_hash <> :rules_hash AND broken.rows > 0
    ORDER BY district_code, form, period
    """
)


def recheck(register: Register, progress: Callable[[str], None], *, dry_run: bool = False) -> int:
    """Take in again every latest submission that breaks C02 in fewer rows under `register`; how many.

    Each is judged as of its own moment of receipt, so that none is late or locked by now. Called again, it leaves alone
    what is under way and what no register has changed. With `dry_run` nothing is written. `progress` gets lines without
    personal data.

    Raises:
        SystemFault: some could not be checked, each named by its receipt; the others were.
    """
    loader = engine(Role.LOADER)
    with loader.begin() as connection:
        rows = connection.execute(_REFUSED, {"rule": RULE, "rules_hash": rules_hash(register)}).all()
    queued, faults = 0, []
    for *columns, before in rows:
        refused = Latest(*columns)
        try:
            checked = check_again(refused, register)
        except SystemFault as fault:
            faults.append(f"receipt {refused.receipt_id}: {fault}")
            continue
        broken = len({(found.sheet, found.row) for found in checked.findings if found.rule == RULE})
        if _refuses_more(refused, checked):
            progress(f"re-check: {refused.title}, left as it is: {_rules(checked)} would reject it now")
        elif broken < before:
            if not dry_run:
                with loader.begin() as connection:
                    if record_recheck(connection, refused.submission_id) is None:
                        continue
            queued += 1
            progress(f"re-check: {refused.title}, {_count(before)} broke {RULE}, {_does(broken)} now")
    if not queued:
        progress("re-check: nothing to do")
    if faults:
        raise SystemFault(f"{len(faults)} of {len(rows)} could not be checked again: {'; '.join(faults)}")
    return queued


def _refuses_more(refused: Latest, checked: CheckedWorkbook) -> bool:
    """Whether the file is rejected now and was not, or before its rows are read: then no C02 means nothing."""
    if checked.verdict is not Outcome.REJECTED:
        return False
    return refused.outcome != Outcome.REJECTED or not any(count.rows_read for count in checked.counts)


def _rules(checked: CheckedWorkbook) -> str:
    critical = {found.rule for found in checked.findings if found.severity is Severity.CRITICAL}
    return ", ".join(sorted(rule for rule in critical if rule.startswith("F")))


def _count(rows: int) -> str:
    return f"{rows} row" if rows == 1 else f"{rows} rows"


def _does(rows: int) -> str:
    return f"{rows} does" if rows == 1 else f"{rows} do"
