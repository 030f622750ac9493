"""Whom or which school a finding is about, from the columns that the sheet declares."""

from ledger_book import BOY, CASES, ENROLMENT, case


def test_a_person_with_the_schools_name_or_a_school_and_only_where_something_was_found(check):
    cases = [case(1, 劝返次数="三次"), case(2, 学校标识码="2102020001"), case(3, 年级=12)]
    who = check(cases=cases, enrolment=[{"学校标识码": "2102020001", "应在校人数": 9, "实际在校人数": 10}]).who
    assert who[CASES] == {4: "学生1，中山第二初级中学", 6: "学生3，中山第二初级中学"}
    assert who[ENROLMENT] == {4: "中山第一小学"}


def test_what_is_missing_or_unknown_is_left_out_and_a_broken_name_stands_as_typed(check):
    cases = [
        case(1, 姓名=None),
        case(2, 学校标识码="9999999999"),
        case(3, 姓名="长" * 250),
        case(4, 姓名=None, 学校标识码=None),
    ]
    assert check(cases=cases).who[CASES] == {4: "中山第二初级中学", 5: "学生2", 6: f"{'长' * 30}…，中山第二初级中学"}


def test_it_is_the_same_for_a_rejected_file(check):
    rejected = check(cases=[case(number, 身份证件号=BOY, 年级=99) for number in range(1, 5)])
    assert rejected.who[CASES][7] == "学生4，中山第二初级中学"
