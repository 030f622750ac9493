"""From a published number to receipts, files, sheets and rows; old releases stay traceable."""

import json

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from altered import altered
from district_reports.cli import main
from district_reports.database.engine import engine
from district_reports.model.finding import Outcome
from district_reports.publish import publish
from district_reports.publish.trace import Trace, trace
from district_reports.publish.trace_report import _BECAUSE, as_sql, as_text, row_ranges
from district_reports.publish.traced_cell import Cause
from publish.reading import ALL, CITY, FIVE
from publish.records import hardship, headcount, payment, school, training
from submitted import JINPU, MAY, XIGANG, ZHONGSHAN, case, checked, report, submit, withdraw

CASES = "city_dropout_control"
PERSONAL = ("张小", "王老师", "21020220100", "v1:", "王会计", "0411", "李老师", "幸福路")


def traced(table: str, column: str, area: str, period: str = MAY, release_id: int | None = None, **key: str) -> Trace:
    with engine("publisher").connect() as connection:
        found = trace(connection, table, column, period=period, area=area, key=key, release_id=release_id)
    assert found.agrees
    assert not [word for word in PERSONAL if word in as_text(found, 40) + as_sql(found)]
    return found


def told(found: Trace) -> list[tuple]:
    """(file, sheet, rows, value) of each part."""
    return [(part.file and part.file.file_name, part.sheet, part.rows, part.value) for part in found.parts]


def lines(found: Trace, limit: int = 40) -> list[str]:
    return [line.strip() for line in as_text(found, limit).splitlines()]


def test_a_number_is_followed_to_its_rows(loader: Engine) -> None:
    numbers = (1, 2, 3, 6)
    submit(loader, "a", checked([case(each) for each in numbers] + [case(4, status="已返校")]))
    submit(loader, "b", checked([case(1)], district=XIGANG))
    submit(loader, "c", checked(district=JINPU, verdict=Outcome.REJECTED))
    release = publish()

    district = traced(CASES, "open_count", "中山区", reason=ALL)
    assert told(district) == [("a.xlsx", "疑似辍学台账", (4, 5, 6, 9), 4)]
    assert (district.value, district.area_code, district.release.release_id) == (4, ZHONGSHAN, release.release_id)
    assert lines(district)[2:] == [
        "receipt 1, 控辍保学台账 2020-05, accepted, received 2020-06-03 09:00, 210202 中山区",
        "a.xlsx, archived as a.xlsx",
        "疑似辍学台账: 4 rows (4–6, 9) → 4",
        "together 4",
        "",
        f"release 1 of {district.release.released_at:%Y-%m-%d %H:%M}, known at {release.known_at:%Y-%m-%d %H:%M:%S}",
    ]
    assert "疑似辍学台账: 4 rows (4–6 and 1 more runs) → 4" in lines(district, limit=1)

    city = traced(CASES, "open_count", CITY, reason="厌学")
    assert [(part.district_name, part.value) for part in city.parts] == [("中山区", 4), ("西岗区", 1)]
    assert {(each.district_code, each.because, each.receipt_id) for each in city.unreported} >= {
        (JINPU, "rejected", 3),
        ("210204", "missing", None),
    }
    assert len(city.unreported) == 11

    rate = traced(CASES, "enrolment_rate", FIVE, reason=ALL)
    assert [(each.column, each.value) for each in rate.inputs] == [
        ("actual_enrolment", 1980),
        ("expected_enrolment", 2000),
    ]
    assert [part.sheet for each in rate.inputs for part in each.parts] == ["在校人数"] * 4


def test_what_is_null_or_0_says_why(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    submit(loader, "nil", report("student_aid", {}, district=ZHONGSHAN, period="2020-S1"))
    publish()

    nobody = traced(CASES, "open_count", "210224", reason=ALL)
    assert "null: no district of the area has an accepted report" in lines(nobody)
    assert "not in it: 210224 长海县 (nothing came)" in lines(nobody)
    elsewhere = traced(CASES, "actual_enrolment", ZHONGSHAN, reason="厌学")
    assert (
        "null: it stands on the rows with reason = '全部' AND dropout_kind = '全部' AND registered_poor = '全部' only"
        in lines(elsewhere)
    )
    of_another_kind = traced(CASES, "returned_count", ZHONGSHAN, reason=ALL)
    assert "疑似辍学台账: no row of this kind → 0" in lines(of_another_kind)
    nil = traced("city_student_aid", "paid_amount", ZHONGSHAN, "2020-S1", stage=ALL, programme=ALL)
    assert (nil.value, "资助发放: nil return, no rows → 0" in lines(nil)) == (0, True)


def test_the_command_has_words_for_every_cause() -> None:
    assert set(_BECAUSE) == set(Cause)


def test_an_old_release_is_traced_to_what_it_stood_on(loader: Engine) -> None:
    submit(loader, "first", checked([case(1), case(2)]))
    late = submit(loader, "other", checked([case(1)], district=XIGANG, verdict=Outcome.REJECTED))
    publish()
    submit(loader, "second", checked([case(5)]))
    submit(loader, "mended", checked([case(1)], district=XIGANG))
    publish()

    before = traced(CASES, "open_count", FIVE, release_id=1, reason=ALL)
    assert told(before) == [("first.xlsx", "疑似辍学台账", (4, 5), 2)]
    assert (XIGANG, "rejected") in {(each.district_code, each.because) for each in before.unreported}
    after = traced(CASES, "open_count", FIVE, reason=ALL)
    assert told(after) == [("second.xlsx", "疑似辍学台账", (8,), 1), ("mended.xlsx", "疑似辍学台账", (4,), 1)]
    came = traced("city_submissions", "submissions", XIGANG, release_id=1, form="dropout_control")
    assert [part.file and part.file.submission_id for part in came.parts] == [late.submission_id]
    assert traced("city_submissions", "submissions", XIGANG, form="dropout_control").value == 2


def test_a_withdrawal_names_the_file_that_it_brought_back(loader: Engine) -> None:
    submit(loader, "first", checked([case(1), case(2)]))
    second = submit(loader, "second", checked([case(1)]))
    withdraw(loader, second.submission_id)
    other = submit(loader, "other", checked([case(1)], district=XIGANG))
    withdraw(loader, other.submission_id)
    publish()

    found = traced(CASES, "open_count", ZHONGSHAN, reason=ALL)
    (part,) = found.parts
    assert part.file is not None
    assert (part.file.receipt_id, part.file.origin_receipt_id, part.file.file_name) == (3, 1, "first.xlsx")
    assert "a withdrawal that brought back receipt 1, whose file this is" in as_text(found, 40)
    nothing_left = traced(CASES, "open_count", XIGANG, reason=ALL)
    assert [(each.because, each.receipt_id) for each in nothing_left.unreported] == [("withdrawn", 5)]
    query = "SELECT receipt_id, origin_receipt_id, file_name FROM ledger.release_file WHERE form = 'dropout_control'"
    for role in ("publisher", "loader"):
        with engine(role).connect() as connection:
            assert connection.execute(text(query)).all() == [(3, 1, "first.xlsx")]
    with engine("analyst").connect() as connection, pytest.raises(DBAPIError, match="InsufficientPrivilege"):
        connection.execute(text(query))


def test_one_person_in_two_districts_is_in_both_parts(loader: Engine) -> None:
    for district, paid in ((ZHONGSHAN, "已发放"), (XIGANG, "未发放")):
        sheets = {"hardship_student": [hardship(1), hardship(2)], "aid_payment": [payment(1, status=paid)]}
        submit(loader, f"aid {district}", report("student_aid", sheets, district=district, period="2020-S1"))
    publish()

    found = traced("city_student_aid", "aided_hardship_student_count", FIVE, "2020-S1", stage=ALL, programme=ALL)
    assert (found.value, found.additive) == (1, False)
    assert told(found) == [
        ("aid 210202.xlsx", "困难学生认定", (4,), 1),
        ("aid 210203.xlsx", "困难学生认定", (4,), 1),
        ("aid 210202.xlsx", "资助发放", (4,), None),
    ]
    assert "together 1 distinct; the parts, 2, may share some" in lines(found)
    unaided = traced("city_student_aid", "compulsory_unaided_student_count", FIVE, "2020-S1", stage=ALL, programme=ALL)
    assert [(rows, value) for _, _, rows, value in told(unaided)] == [((5,), 1), ((5,), 1)]


def test_what_looks_back_names_the_rows_it_looked_back_on(loader: Engine) -> None:
    grown = {"2020-Q1": (0, 2), "2020-Q2": (3, 1)}
    for quarter, (one, two) in grown.items():
        rows = [school("2102020001", large_class_count=one), school("2102020002", large_class_count=two)]
        submit(loader, quarter, report("facilities", {"school_facility": rows}, district=ZHONGSHAN, period=quarter))
        sheets = {"training_record": [training(1)], "teacher_headcount": [headcount("2102020001")]}
        if quarter == "2020-Q2":
            sheets = {}
        submit(loader, f"t {quarter}", report("teacher_training", sheets, district=ZHONGSHAN, period=quarter))
    publish()

    grew = traced("city_facilities", "new_large_class_count", ZHONGSHAN, "2020-Q2")
    assert told(grew) == [("2020-Q2.xlsx", "学校", (4,), 3), ("2020-Q1.xlsx", "学校", (4,), None)]
    year = traced("city_teacher_training", "coverage_year_rate", ZHONGSHAN, "2020-Q2", training_category="师德师风")
    trained, of_all = year.inputs
    assert told(trained) == [("t 2020-Q1.xlsx", "培训记录", (4,), 1), ("t 2020-Q2.xlsx", "培训记录", (), 0)]
    assert told(of_all) == [("t 2020-Q1.xlsx", "教师队伍", (4,), 100)]


def test_a_summary_that_was_changed_since_is_told(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    altered("UPDATE city.city_dropout_control SET open_count = 7")
    with engine("publisher").begin() as connection:
        found = trace(connection, CASES, "open_count", period=MAY, area=ZHONGSHAN, key={"reason": ALL})
    assert (found.agrees, found.value, found.recomputed) == (False, 7, 1)
    assert "ATTENTION: what is named here gives 1, published was 7" in as_text(found, 40)


def test_the_command(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    submit(loader, "a", checked([case(1), case(2)]))
    publish()

    def run(*arguments: str, table: str = CASES, district: str = ZHONGSHAN) -> tuple[int, str]:
        code = main(["trace", table, "--period", MAY, "--district", district, *arguments])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    asked = ("--column", "open_count", "--key", f"reason={ALL}")
    code, plain = run(*asked)
    assert (code, "疑似辍学台账: 2 rows (4–5) → 2" in plain) == (0, True)
    code, printed = run(*asked, "--json")
    (part,) = json.loads(printed)["parts"]
    assert (code, part["rows"], part["value"], part["file"]["receipt_id"]) == (0, [[4, 5]], 2, 1)
    code, printed = run("--column", "numerator", "--key", "commitment=dropout_for_poverty", table="city_commitments")
    assert (code, "city_dropout_control.poverty_count, 2020-05, 210202 中山区, reason=全部" in printed) == (0, True)

    # What is printed runs as it stands.
    _, printed = run(*asked, "--sql")
    listed, again = (statement for statement in printed.split(";\n") if statement.strip())
    with engine("publisher").connect() as connection:
        assert connection.exec_driver_sql(listed).one().row_numbers == [4, 5]
        assert connection.exec_driver_sql(again).one().recomputed == 2

    for arguments, words in {
        ("--column", "open"): "no figure 'open'; it has open_count, new_count",
        ("--column", "reason"): "no figure 'reason'",
        ("--column", "open_count", "--key", "cause=x"): "no key column 'cause'; it has reason",
        ("--column", "open_count", "--key", "reason=x"): "no reason=x; it has",
        ("--column", "open_count", "--key", "reason"): "NAME=VALUE",
        ("--column", "open_count", "--release", "9"): "there is no release 9",
    }.items():
        code, printed = run(*arguments)
        assert (code, words in printed) == (2, True), printed
    assert main(["trace", "city_commitments", "--period", "2020-Q2", "--district", ZHONGSHAN, "--column", "actual"])
    assert "choose by --key: commitment: " in capsys.readouterr().err
    assert run("--column", "open_count")[0] == 0, "what is left open is 全部"
    assert "city_dropout_control, city_facilities" in run(*asked, table="city_x")[1]
    assert "no area '2102'; it has 全市" in run(*asked, district="2102")[1].replace(f" in {MAY}", "")


def test_rows_are_told_as_runs() -> None:
    assert row_ranges([4, 5, 6, 9, 11, 12]) == [(4, 6), (9, 9), (11, 12)]
    assert row_ranges([]) == []
