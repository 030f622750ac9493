"""city_student_aid: distinct children at each level, amounts that add up, and who got nothing."""

from sqlalchemy import Engine

from district_reports.publish import publish
from publish.reading import ALL, CITY, FIVE, RURAL, figures, row, rows
from publish.records import hardship, payment
from submitted import JINPU, XIGANG, ZHONGSHAN, report, submit

PERIOD = "2020-S1"
STUDENTS = "hardship_student_count aided_student_count aided_hardship_student_count compulsory_unaided_student_count"
PARTLY = "partly_aided_student_count"
AMOUNTS = "entitled_amount paid_amount returned_amount unpaid_amount"


def aid(
    loader: Engine, students: list[dict], payments: list[dict], district: str = ZHONGSHAN, period: str = PERIOD
) -> None:
    workbook = report(
        "student_aid", {"hardship_student": students, "aid_payment": payments}, district=district, period=period
    )
    submit(loader, f"{district} {period}", workbook)


def aided(area: str, names: str, stage: str = ALL, programme: str = ALL) -> tuple:
    return figures("city_student_aid", area, names, period=PERIOD, stage=stage, programme=programme)


def test_a_child_of_two_districts_is_one_child_of_the_city(loader: Engine) -> None:
    aid(loader, [hardship(1), hardship(2)], [payment(1), payment(2)])
    aid(loader, [hardship(1)], [payment(1)], XIGANG)
    aid(loader, [hardship(1)], [payment(1)], JINPU)
    publish()
    assert aided(ZHONGSHAN, STUDENTS) == (2, 2, 2, 0)
    assert aided(XIGANG, STUDENTS) == aided(RURAL, STUDENTS) == (1, 1, 1, 0)
    assert aided(FIVE, STUDENTS) == aided(CITY, STUDENTS) == (2, 2, 2, 0)
    assert aided(CITY, AMOUNTS) == (2000, 2000, 0, 0)


def test_a_child_on_one_districts_list_whom_another_pays_is_aided_in_the_city_only(loader: Engine) -> None:
    aid(loader, [hardship(1)], [])
    aid(loader, [], [payment(1)], XIGANG)
    publish()
    assert aided(ZHONGSHAN, STUDENTS) == (1, 0, 0, 1)
    assert aided(XIGANG, STUDENTS) == (0, 1, 0, 0)
    assert aided(FIVE, STUDENTS) == aided(CITY, STUDENTS) == (1, 1, 1, 0)


def test_coverage_is_of_the_hardship_students_at_each_level(loader: Engine) -> None:
    aid(loader, [hardship(1), hardship(2)], [payment(1), payment(2)])
    aid(loader, [hardship(3), hardship(4)], [payment(3), payment(5)], XIGANG)
    publish()
    rate = "aid_coverage_rate"
    assert (aided(ZHONGSHAN, rate), aided(XIGANG, rate), aided(CITY, rate)) == ((100,), (50,), (75,))


def test_amounts_by_status(loader: Engine) -> None:
    payments = [
        payment(1, entitled=1000, paid=800),
        payment(2, entitled=500, status="未发放"),
        payment(3, entitled=300, status="已退回"),
    ]
    aid(loader, [hardship(1), hardship(2), hardship(3)], payments)
    publish()
    assert aided(CITY, AMOUNTS) == (1800, 800, 300, 700)
    assert aided(CITY, STUDENTS) == (3, 1, 1, 2)


def test_nothing_paid_aids_nobody(loader: Engine) -> None:
    aid(loader, [hardship(1)], [payment(1, paid=0)])
    publish()
    assert aided(ZHONGSHAN, STUDENTS) == (1, 0, 0, 1)


def test_by_stage_and_programme(loader: Engine) -> None:
    students = [hardship(1), hardship(2, stage="初中"), hardship(3, stage="普通高中")]
    payments = [
        payment(1, programme="寄宿生生活补助"),
        payment(1, programme="地方资助"),
        payment(2, stage="初中", programme="寄宿生生活补助"),
        payment(4, stage="中职", programme="中职免学费"),
    ]
    aid(loader, students, payments)
    publish()
    assert aided(CITY, STUDENTS) == (3, 3, 2, 0)
    assert aided(CITY, STUDENTS, "小学") == (1, 1, 1, 0)
    assert aided(CITY, STUDENTS, "普通高中") == (1, 0, 0, None)
    assert aided(CITY, STUDENTS, ALL, "寄宿生生活补助") == (None, 2, None, None)
    assert aided(CITY, AMOUNTS, ALL, "寄宿生生活补助") == (1000, 1000, 0, 0)
    assert aided(CITY, AMOUNTS, "小学") == (1000, 1000, 0, 0)
    compulsory = "compulsory_hardship_student_count compulsory_aided_hardship_student_count"
    assert aided(CITY, compulsory) == (2, 2)
    assert aided(CITY, compulsory, "小学") == (None, None)


def test_a_hardship_pupil_without_a_payment_should_have_had_one(loader: Engine) -> None:
    students = [hardship(1), hardship(2, stage="初中"), hardship(3, stage="普通高中"), hardship(4)]
    aid(loader, students, [payment(4)])
    publish()
    assert aided(CITY, "compulsory_unaided_student_count") == (2,)
    by_stage = [aided(CITY, "compulsory_unaided_student_count", stage) for stage in ("小学", "初中", "中职")]
    assert by_stage == [(1,), (1,), (None,)]
    assert aided(CITY, "compulsory_hardship_student_count compulsory_aided_hardship_student_count") == (3, 1)


def test_a_hardship_student_is_aided_in_a_stage_by_what_is_paid_in_it(loader: Engine) -> None:
    # One moved up from 小学, one was paid in 普通高中 only.
    students = [hardship(1, stage="初中"), hardship(2, stage="初中")]
    aid(loader, students, [payment(1), payment(2, stage="普通高中")])
    publish()
    assert aided(CITY, STUDENTS, "初中") == (2, 0, 0, 2)
    assert aided(CITY, STUDENTS) == (2, 2, 2, 1)
    assert aided(CITY, "compulsory_hardship_student_count compulsory_aided_hardship_student_count") == (2, 1)


def test_partly_aided_are_those_with_less_than_their_entitlement_and_more_than_nothing(loader: Engine) -> None:
    payments = [
        payment(1, entitled=500, paid=200),
        payment(2, entitled=500, paid=500),
        payment(3, entitled=500, paid=0),
        # What was sent back is not paid, and was entitled to.
        payment(4, entitled=500, paid=500),
        payment(4, entitled=300, paid=300, status="已退回", programme="寄宿生生活补助"),
        payment(5, entitled=500, status="未发放"),
    ]
    aid(loader, [], payments)
    publish()
    assert aided(ZHONGSHAN, PARTLY) == aided(CITY, PARTLY) == (2,)
    assert aided(CITY, PARTLY, "初中") == (0,)
    assert aided(JINPU, PARTLY) == (None,)


def test_partly_aided_is_judged_in_the_stage_and_programme_of_the_row(loader: Engine) -> None:
    payments = [
        payment(1, entitled=500, paid=500),
        payment(1, entitled=500, status="未发放", programme="寄宿生生活补助"),
        payment(2, entitled=500, paid=500),
        payment(2, entitled=500, status="未发放", stage="初中", programme="寄宿生生活补助"),
    ]
    aid(loader, [], payments)
    publish()
    assert aided(CITY, PARTLY) == (2,)
    assert aided(CITY, PARTLY, "小学") == (1,)
    assert aided(CITY, PARTLY, ALL, "寄宿生生活补助") == aided(CITY, PARTLY, "小学", "地方资助") == (0,)


def test_partly_aided_is_judged_over_all_districts_of_the_area(loader: Engine) -> None:
    aid(loader, [], [payment(1, entitled=500, paid=500), payment(2, entitled=500, paid=200)])
    aid(loader, [], [payment(1, entitled=500, status="未发放")], XIGANG)
    publish()
    assert (aided(ZHONGSHAN, PARTLY), aided(XIGANG, PARTLY)) == ((1,), (0,))
    assert aided(FIVE, PARTLY) == aided(CITY, PARTLY, ALL, "地方资助") == (2,)


def test_coverage_of_all_but_a_few_is_not_all(loader: Engine) -> None:
    numbers = range(1, 20_002)
    aid(loader, [hardship(number) for number in numbers], [payment(number) for number in numbers[1:]])
    publish()
    assert aided(CITY, "aid_coverage_rate") == (99.99,)


def test_a_nil_return_says_nought_and_a_missing_one_nothing(loader: Engine) -> None:
    submit(loader, "nil", report("student_aid", {}, district=ZHONGSHAN, period=PERIOD))
    publish()
    assert aided(ZHONGSHAN, STUDENTS) == (0, 0, 0, 0)
    assert aided(ZHONGSHAN, AMOUNTS) == (0, 0, 0, 0)
    assert aided(ZHONGSHAN, "aid_coverage_rate") == (None,)
    assert aided(XIGANG, STUDENTS) == aided(RURAL, AMOUNTS) == (None, None, None, None)
    assert aided(FIVE, "districts_accepted districts_expected coverage") == (1, 5, 20)


def test_each_area_has_the_programmes_of_each_stage_and_the_totals(loader: Engine) -> None:
    aid(loader, [hardship(1)], [payment(1)])
    publish()
    found = {(each["stage"], each["programme"]) for each in rows("city_student_aid", area_code=JINPU)}
    assert len(found) == 14 + 5 + 8 + 1
    assert {("小学", "寄宿生生活补助"), ("小学", ALL), (ALL, "寄宿生生活补助"), (ALL, ALL)} <= found
    assert ("小学", "中职免学费") not in found


def test_periods_are_told_apart(loader: Engine) -> None:
    aid(loader, [hardship(1)], [payment(1)], period="2019-S2")
    aid(loader, [hardship(1), hardship(2)], [payment(2)])
    publish()
    assert aided(ZHONGSHAN, STUDENTS) == (2, 1, 1, 1)
    assert row("city_student_aid", ZHONGSHAN, period="2019-S2", stage=ALL, programme=ALL)["aided_student_count"] == 1
