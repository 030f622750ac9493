"""A warehouse as it looks after ten years, without a child in it: submissions, counts, findings and releases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from district_reports.checks.catalogue import rules
from district_reports.clock import ZONE
from district_reports.database.copying import copy_rows
from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.publish.release import publish
from district_reports.reference.register import District, Register

YEARS = 10
RELEASES = 30
"""Of the nightly releases so many are made, each with ten years of periods in it; a page reads one or two of them."""
FINDINGS_OF_A_DRAFT = 150


@dataclass
class Ledger:
    """The rows to be copied, by table."""

    receipts: list[tuple[Any, ...]]
    submissions: list[tuple[Any, ...]]
    counts: list[tuple[Any, ...]]
    findings: list[tuple[Any, ...]]


def fill(register: Register, today: date) -> dict[str, int]:
    """Fill the empty warehouse; how many rows of what."""
    made = Ledger([], [], [], [])
    random = Random(1)
    for form in forms().values():
        period = Period.containing(form.period_kind, today).previous()
        while period.first_day.year >= today.year - YEARS:
            for district in register.districts_on(period.last_day):
                _report(made, form, period, district, random)
            period = period.previous()
    with engine("migrator").begin() as connection:
        for table, columns, rows in (
            ("ledger.receipt", _RECEIPT, made.receipts),
            ("ledger.submission", _SUBMISSION, made.submissions),
            ("ledger.sheet_count", _COUNT, made.counts),
            ("findings.finding", _FINDING, made.findings),
        ):
            copy_rows(connection, *table.split("."), columns, rows)
        connection.exec_driver_sql(_SEQUENCES)
        connection.exec_driver_sql("ANALYZE")
    publish()
    with engine("publisher").begin() as connection:
        _repeat_releases(connection)
    with engine("migrator").begin() as connection:
        connection.exec_driver_sql("ANALYZE ledger.submission")
    return {
        "submissions": len(made.submissions),
        "findings": len(made.findings),
        "releases": RELEASES,
    }


_RECEIPT = ("receipt_id", "district_code", "folder", "file_name", "channel", "sha256", "size_bytes", "inode",
            "modified_ns", "received_at", "archived_as", "settled_at")  # fmt: skip
_SUBMISSION = ("submission_id", "receipt_id", "form", "period", "district_code", "channel", "sha256", "filler",
               "telephone", "state", "outcome", "reason", "rules_hash", "library_version", "received_at", "checked_at",
               "decided_at", "answered_at", "answered_as")  # fmt: skip
_COUNT = ("submission_id", "table_name", "sheet", "rows_read", "loaded", "quarantined", "ignored")
_FINDING = ("submission_id", "position", "rule", "severity", "message", "fix", "sheet", "cell", "row_number", "value")
_SEQUENCES = """
SELECT setval(pg_get_serial_sequence('ledger.receipt', 'receipt_id'), (SELECT max(receipt_id) FROM ledger.receipt));
SELECT setval(pg_get_serial_sequence('ledger.submission', 'submission_id'),
    (SELECT max(submission_id) FROM ledger.submission))
"""


def _report(made: Ledger, form: Form, period: Period, district: District, random: Random) -> None:
    drafts = random.choices((0, 1, 2), (0.55, 0.3, 0.15))[0]
    at = datetime.combine(form.due_on(period), datetime.min.time(), ZONE) - timedelta(hours=random.randint(-40, 200))
    for _ in range(drafts):
        outcome = random.choice(("rejected", "accepted_with_errors"))
        _submission(made, form, period, district, at, outcome, random)
        at += timedelta(hours=random.randint(1, 60))
    _submission(made, form, period, district, at, "accepted", random)


def _submission(
    made: Ledger, form: Form, period: Period, district: District, at: datetime, outcome: str, random: Random
) -> None:
    number = len(made.submissions) + 1
    sha256 = f"{number:064x}"
    file = f"{form.title}-{period.text}.xlsx"
    folder = f"{district.code}-{district.name}"
    made.receipts.append(
        (number, district.code, folder, file, "上报", sha256, 50_000, number, number, at, f"{sha256}.xlsx", at)
    )
    made.submissions.append(
        (number, number, form.key, period.text, district.code, "上报", sha256, "王敏", "0411-82000000", "answered",
         outcome, "共若干处", "r", "1", at, at + timedelta(seconds=4), at + timedelta(seconds=5),
         at + timedelta(seconds=7), f"{folder}/反馈/{number}.xlsx")
    )  # fmt: skip
    bad = 0 if outcome == "accepted" else random.randint(1, 40)
    for sheet in form.sheets:
        rows = random.randint(200, 4000)
        loaded = 0 if outcome == "rejected" else rows - bad
        made.counts.append((number, sheet.table, sheet.title, rows, loaded, bad, rows - loaded - bad))
    made.findings.extend(_findings(form, number, 5 if outcome == "accepted" else FINDINGS_OF_A_DRAFT, outcome, random))


def _findings(form: Form, number: int, count: int, outcome: str, random: Random) -> Iterator[tuple[Any, ...]]:
    codes = sorted(rules())
    sheet = form.sheets[0].title
    for position in range(count):
        rule = codes[int(len(codes) * random.random() ** 3)]
        severity = "warning" if outcome == "accepted" or position % 3 else "critical"
        yield (
            number,
            position,
            rule,
            severity,
            "单元格有误。",
            "请改正。",
            sheet,
            f"B{position + 4}",
            position + 4,
            "某值",
        )


def _repeat_releases(connection: Connection) -> None:
    """The release that was just made, so many times: each night's tells all periods again."""
    tables = connection.scalars(
        text(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'city'"
            " AND column_name = 'release_id' AND table_name LIKE 'city\\_%'"
        )
    ).all()
    for night in range(1, RELEASES):
        latest = connection.execute(
            text(
                "INSERT INTO city.release (released_at, known_at, rules_hash, library_version, day)"
                " SELECT released_at + :night * interval '1 second', known_at, rules_hash, library_version, day"
                " FROM city.release ORDER BY release_id LIMIT 1 RETURNING release_id"
            ),
            {"night": night},
        ).scalar_one()
        for table in tables:
            columns = connection.scalars(
                text(
                    "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_schema = 'city'"
                    " AND table_name = :table AND column_name <> 'release_id' ORDER BY ordinal_position"
                ),
                {"table": table},
            ).all()
            listed = ", ".join(columns)
            connection.execute(
                text(
                    f"INSERT INTO city.{table} (release_id, {listed}) SELECT :latest, {listed} FROM city.{table}"
                    " WHERE release_id = (SELECT min(release_id) FROM city.release)"
                ),
                {"latest": latest},
            )
