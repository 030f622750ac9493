"""Short ways to a submission of any form at any stage, for tests of the warehouse and of what is published."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import count

import pyarrow as pa
from sqlalchemy import Engine, text

from district_reports.clock import ZONE
from district_reports.forms import forms
from district_reports.ledger.leases import Claim, claim, mark_answered
from district_reports.ledger.receipts import Drop, Identity, record_receipt, settle_receipt
from district_reports.ledger.versions import Decision
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Finding, Outcome, Severity, SheetCount
from district_reports.model.form import FIRST_DATA_ROW, Sheet, Type
from district_reports.warehouse.load import decide
from district_reports.warehouse.unload import decide_withdrawal

FORM = "dropout_control"
MAY = "2020-05"
ZHONGSHAN, XIGANG, JINPU = "210202", "210203", "210213"
RULES = "rules-1"
_workers = count(1)
_ARROW = {
    Type.INTEGER: pa.int64(),
    Type.DECIMAL: pa.decimal128(14, 2),
    Type.DATE: pa.date32(),
    Type.YES_NO: pa.bool_(),
}


def typed_rows(sheet: Sheet, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """`rows` by column name under the types of :class:`CheckedWorkbook`; without a row_number they follow in order.

    A name that the sheet does not have is a mistake of the test.
    """
    unknown = {name for row in rows for name in row} - {"row_number", *sheet.by_name}
    assert not unknown, f"{sheet.table} has no {unknown}"
    schema = pa.schema(
        [
            ("row_number", pa.int32()),
            *((column.name, _ARROW.get(column.type, pa.string())) for column in sheet.columns),
        ]
    )
    numbered = [{"row_number": FIRST_DATA_ROW + index, **row} for index, row in enumerate(rows)]
    return pa.Table.from_pylist(numbered, schema=schema)


def report(
    form: str,
    rows: Mapping[str, Sequence[Mapping[str, object]]],
    *,
    district: str,
    period: str,
    verdict: Outcome = Outcome.ACCEPTED,
    quarantined: Mapping[str, Sequence[tuple[int, dict]]] | None = None,
    rules_hash: str = RULES,
    findings: tuple[Finding, ...] = (),
) -> CheckedWorkbook:
    """A checked workbook of `form` with `rows` by the sheets' tables; none at all is a nil return."""
    quarantined = quarantined or {}
    rejected = verdict is Outcome.REJECTED
    counts = []
    for sheet in forms()[form].sheets:
        sound, bad = len(rows.get(sheet.table, ())), len(quarantined.get(sheet.table, ()))
        loaded = 0 if rejected else sound
        counts.append(SheetCount(sheet.table, sheet.title, sound + bad, loaded, bad, sound - loaded))
    return CheckedWorkbook(
        form=form,
        district=district,
        period=period,
        received_on=date(2020, 6, 3),
        verdict=verdict,
        reason=f"测试:{verdict.label}",
        rules_hash=rules_hash,
        findings=findings,
        counts=tuple(counts),
        rows={} if rejected else {table: typed_rows(forms()[form].sheet(table), rows[table]) for table in rows},
        quarantined=quarantined,
        nil_return=not rows and not quarantined,
    )


def resident(number: int) -> str:
    """The ID of the `number`-th child: the right shape is all that the warehouse needs."""
    return f"2102022010010{number:04d}X"


def case(number: int, *, reason: str = "厌学", status: str = "劝返中", discovered_on: date = date(2020, 5, 6)) -> dict:
    """One child; the number makes the ID and the Excel row."""
    return {
        "row_number": 3 + number,
        "resident_id": resident(number),
        "student_name": f"张小{number}",
        "sex": "男",
        "household_place": "幸福路1号",
        "grade": 5,
        "registered_poor": False,
        "discovered_on": discovered_on,
        "dropout_kind": "疑似辍学",
        "reason": reason,
        "case_officer": "李老师",
        "persuasion_count": 1,
        "case_status": status,
    }


def checked(
    cases: Sequence[dict] = (),
    *,
    district: str = ZHONGSHAN,
    period: str = MAY,
    verdict: Outcome = Outcome.ACCEPTED,
    quarantined: Sequence[tuple[int, dict]] = (),
    enrolment: tuple[int, int] = (1000, 990),
    rules_hash: str = RULES,
    findings: tuple[Finding, ...] = (),
) -> CheckedWorkbook:
    """A checked ledger with `cases`, and one school of (expected, actual) pupils."""
    school = {
        "school_code": f"{district}0001",
        "expected_enrolment": enrolment[0],
        "actual_enrolment": enrolment[1],
    }
    return report(
        FORM,
        {"dropout_case": cases, "compulsory_enrolment": [school]},
        district=district,
        period=period,
        verdict=verdict,
        quarantined={"dropout_case": list(quarantined)},
        rules_hash=rules_hash,
        findings=findings,
    )


def a_drop(content: str, *, district: str = ZHONGSHAN, received_at: datetime | None = None, **other: object) -> Drop:
    """A drop of a file whose bytes are `content`."""
    values = {
        "district_code": district,
        "folder": f"{district}-区",
        "file_name": f"{content}.xlsx",
        "channel": "上报",
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "size_bytes": len(content),
        "inode": 1,
        "modified_ns": 1,
        "received_at": received_at or datetime(2020, 6, 3, 9, 0, tzinfo=ZONE),
        "archived_as": f"{content}.xlsx",
    }
    return Drop(**{**values, **other})


def receive(loader: Engine, content: str, *, form: str = FORM, period: str = MAY, **drop: object) -> int:
    """Note a drop and move it out of the folder; the submission's id."""
    with loader.begin() as connection:
        identity = Identity(form=form, period=period, filler="王会计", telephone="0411-88880000")
        receipt_id, submission_id = record_receipt(connection, a_drop(content, **drop), identity)
        connection.execute(
            text("UPDATE ledger.receipt SET settled_at = now() WHERE receipt_id = :id"), {"id": receipt_id}
        )
    return submission_id


def claimed(
    loader: Engine,
    *,
    form: str = FORM,
    district: str = ZHONGSHAN,
    period: str = MAY,
    holder: str = "",
    seconds: float = 60,
) -> Claim | None:
    """The next submission of the key, claimed by `holder`, or by a worker like no other."""
    holder = holder or f"worker {next(_workers)}"
    with loader.begin() as connection:
        return claim(connection, form, district, period, holder, seconds)


def finish(loader: Engine, taken: Claim, workbook: CheckedWorkbook) -> Decision:
    """Decide and answer what was claimed."""
    decision = decide(loader, taken, workbook)
    with loader.begin() as connection:
        mark_answered(connection, taken, "反馈/answer.xlsx")
    return decision


def submit(loader: Engine, content: str, workbook: CheckedWorkbook, **drop: object) -> Decision:
    """Receive, claim, decide and answer one workbook."""
    key = {"form": str(workbook.form), "district": str(workbook.district), "period": str(workbook.period)}
    receive(loader, content, **key, **drop)
    taken = claimed(loader, **key)
    assert taken is not None
    return finish(loader, taken, workbook)


def note_withdrawal(loader: Engine, withdraws: int, content: str = "", **drop: object) -> int:
    """Note that the district takes the submission back; the withdrawal's id."""
    with loader.begin() as connection:
        target = connection.execute(
            text("SELECT form, district_code, period FROM ledger.submission WHERE submission_id = :id"),
            {"id": withdraws},
        ).one()
        identity = Identity(form=target.form, period=target.period, withdraws=withdraws)
        text_file = a_drop(content or f"withdraw {next(_workers)}", district=target.district_code, **drop)
        receipt_id, submission_id = record_receipt(connection, text_file, identity)
        settle_receipt(connection, receipt_id)
    return submission_id


def withdraw(loader: Engine, withdraws: int, **drop: object) -> Decision:
    """Note, claim, decide and answer a withdrawal."""
    noted = note_withdrawal(loader, withdraws, **drop)
    with loader.begin() as connection:
        key = connection.execute(
            text("SELECT form, district_code, period FROM ledger.submission WHERE submission_id = :id"), {"id": noted}
        ).one()
    taken = claimed(loader, form=key.form, district=key.district_code, period=key.period)
    assert taken is not None
    assert taken.submission_id == noted
    decision = decide_withdrawal(loader, taken, RULES)
    with loader.begin() as connection:
        mark_answered(connection, taken, "反馈/answer.xlsx")
    return decision


def a_finding(value: str = "21020220100101001X") -> Finding:
    """A critical finding about the resident ID at A7."""
    return Finding(
        rule="C01",
        severity=Severity.CRITICAL,
        message="身份证件号校验码不对。",
        fix="请核对。",
        sheet="疑似辍学台账",
        cell="A7",
        column="身份证件号",
        field="resident_id",
        row=7,
        value=value,
    )
