"""What a correction changed: rows by their key, totals, and no name."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from district_reports.cli import main
from district_reports.database.engine import engine
from district_reports.model.finding import Outcome
from district_reports.warehouse.corrections import Change, Correction, Total, correction_of, why_none
from district_reports.warehouse.load import decide
from publish.records import hardship, payment
from submitted import FORM, ZHONGSHAN, case, checked, claimed, finish, receive, report, submit

PERSONAL = ("张", "改名", "21020220100", "李老师", "幸福路")


def corrected(receipt_id: int, role: str = "loader") -> Correction:
    with engine(role).begin() as connection:
        found = correction_of(connection, receipt_id)
    assert found is not None
    return found


def aid(students: list[dict], payments: list[dict]):
    sheets = {"hardship_student": students, "aid_payment": payments}
    return report("student_aid", sheets, district=ZHONGSHAN, period="2020-S1")


def test_rows_added_removed_and_changed_and_the_totals(loader: Engine) -> None:
    submit(loader, "a", aid([hardship(1), hardship(2)], [payment(1), payment(2), payment(3, entitled=700)]))
    submit(
        loader,
        "b",
        aid(
            [hardship(1), hardship(2)],
            [
                payment(4, entitled=250),
                payment(1),
                payment(2, status="未发放"),
            ],
        ),
    )
    found = corrected(2)
    assert (found.receipt_id, found.replaced_receipt_id, found.form) == (2, 1, "student_aid")
    students, payments = found.sheets
    assert (students.sheet.table, students.rows) == ("hardship_student", ())
    assert [payments.count(change) for change in Change] == [1, 1, 1]

    removed, added, changed = payments.rows
    assert (removed.change, removed.row_number, removed.replaced_row_number) == ("removed", None, 6)
    assert (removed.before["entitled_amount"], removed.after) == (700, {})
    assert (added.change, added.row_number, added.after["entitled_amount"], added.before) == ("added", 4, 250, {})
    assert (changed.row_number, changed.replaced_row_number) == (6, 5)
    assert changed.columns == ("paid_amount", "payment_status", "paid_on")
    assert changed.before == {"paid_amount": 500, "payment_status": "已发放", "paid_on": "2020-05-06"}
    assert changed.after == {"paid_amount": 0, "payment_status": "未发放", "paid_on": None}
    assert set(changed.key) == {"resident_token", "programme"}

    assert payments.totals == (
        Total("rows", Decimal(3), Decimal(3)),
        Total("entitled_amount", Decimal(1700), Decimal(1250)),
        Total("paid_amount", Decimal(1700), Decimal(750)),
    )
    assert corrected(2, "publisher") == found


def test_of_a_name_it_says_that_it_differs_and_no_more(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    submit(loader, "a", checked([case(1), case(2)]))
    submit(loader, "b", checked([{**case(1), "student_name": "改名一"}, case(2)]))
    (row,) = corrected(2).sheets[0].rows
    assert (row.columns, row.before, row.after) == (("student_name",), {}, {})

    assert main(["changes", "2"]) == 0
    printed = capsys.readouterr().out
    assert "changed row 4" in printed
    assert "student_name (not shown)" in printed
    assert main(["changes", "2", "--json"]) == 0
    written = capsys.readouterr().out
    assert json.loads(written)["sheets"][0]["rows"][0]["columns"] == ["student_name"]
    assert not [word for word in PERSONAL if word in printed + written]


def test_the_command_tells_totals_and_rows(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    submit(loader, "a", checked([case(number) for number in range(1, 31)], enrolment=(1000, 990)))
    submit(loader, "b", checked([case(30, status="已返校")], enrolment=(1000, 980)))
    assert main(["changes", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "dropout_control 210202 2020-05: receipt 2 in place of receipt 1"
    assert lines[1] == "疑似辍学台账 (dropout_case): 0 added, 29 removed, 1 changed"
    assert "  rows: 30 → 1 in all" in lines
    assert "  and 9 more removed" in lines
    assert any("case_status 劝返中 → 已返校" in line for line in lines)
    assert lines[-1] == f"  changed row 4: {ZHONGSHAN}0001: actual_enrolment 990 → 980"


def test_the_version_that_stood_before_and_not_one_that_never_did(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    receive(loader, "slow")
    slow = claimed(loader, seconds=0)
    assert slow is not None
    receive(loader, "quick")
    with loader.begin() as connection:  # the slow one brought its workers down three times
        connection.execute(
            text("UPDATE ledger.submission SET attempts = 3 WHERE submission_id = :id"), {"id": slow.submission_id}
        )
    quick = claimed(loader)
    assert quick is not None
    finish(loader, quick, checked([case(1), case(3)]))
    decide(loader, slow, checked([case(1), case(2)]))
    assert corrected(3).replaced_receipt_id == 1
    assert [row.change for row in corrected(3).sheets[0].rows] == [Change.ADDED]
    with loader.begin() as connection:
        assert correction_of(connection, 2) is None


@pytest.mark.parametrize(
    ("receipt", "words"),
    [
        (9, "there is no receipt 9"),
        (1, "receipt 1 took the place of no other version"),
        (2, "receipt 2 .上报. ended as rejected"),
        (3, "receipt 3 is still to be decided"),
    ],
)
def test_a_receipt_that_corrected_nothing(
    loader: Engine, capsys: pytest.CaptureFixture[str], receipt: int, words: str
) -> None:
    submit(loader, "a", checked([case(1)]))
    submit(loader, "b", checked([case(2)], verdict=Outcome.REJECTED))
    receive(loader, "c")
    with loader.begin() as connection:
        assert correction_of(connection, receipt) is None
    assert main(["changes", str(receipt)]) == 2
    with loader.begin() as connection:
        assert why_none(connection, receipt) in capsys.readouterr().err


def test_as_sql_over_all_corrections(loader: Engine) -> None:
    for number in (1, 2, 3):
        submit(loader, f"{number}", checked([case(each) for each in range(number)]))
    with engine("publisher").begin() as connection:
        told = connection.execute(
            text(
                "SELECT receipt_id, change, count(*) FROM history.correction"
                " JOIN history.dropout_case USING (submission_id) WHERE form = :form GROUP BY 1, 2 ORDER BY 1"
            ),
            {"form": FORM},
        ).all()
    assert [tuple(row) for row in told] == [(2, "added", 1), (3, "added", 1)]
