"""city_teacher_training: distinct teachers of the quarter and of the year, hours, results, and coverage."""

from sqlalchemy import Engine

from district_reports.publish import publish
from publish.reading import ALL, CITY, FIVE, RURAL, figures, rows
from publish.records import headcount, training
from submitted import JINPU, XIGANG, ZHONGSHAN, report, resident, submit

Q1, Q2 = "2020-Q1", "2020-Q2"
IDEOLOGY, ETHICS = "思政课教师全员通识", "师德师风"


def courses(
    loader: Engine, records: list[dict], *, district: str = ZHONGSHAN, period: str = Q2, **counts: object
) -> None:
    sheets = {"training_record": records, "teacher_headcount": [headcount(f"{district}0001", **counts)]}
    submit(loader, f"{district} {period}", report("teacher_training", sheets, district=district, period=period))


def trained(area: str, names: str, category: str = ETHICS, period: str = Q2) -> tuple:
    return figures("city_teacher_training", area, names, period=period, training_category=category)


def test_a_teacher_counts_once_in_each_area_by_resident_id(loader: Engine) -> None:
    courses(loader, [training(1, resident_id=resident(1)), training(7, resident_id=resident(1)), training(2)])
    courses(loader, [training(5, resident_id=resident(1))], district=XIGANG)
    courses(loader, [training(9, resident_id=resident(1))], district=JINPU)
    publish()
    names = "training_count trained_count"
    assert (trained(ZHONGSHAN, names), trained(XIGANG, names)) == ((3, 2), (1, 1))
    assert (trained(FIVE, names), trained(RURAL, names), trained(CITY, names)) == ((4, 2), (1, 1), (5, 2))


def test_without_an_id_a_number_is_somebody_of_its_district(loader: Engine) -> None:
    courses(loader, [training(1), training(1, course_name="第二次")])
    courses(loader, [training(1)], district=XIGANG)
    publish()
    assert [trained(area, "trained_count") for area in (ZHONGSHAN, FIVE, CITY)] == [(1,), (2,), (2,)]


def test_who_failed_is_not_trained(loader: Engine) -> None:
    courses(loader, [training(1, result="不合格"), training(2, result="未考核")], period=Q1)
    courses(loader, [training(3, result="不合格")])
    publish()
    names = "training_count trained_count trained_year_count"
    assert (trained(CITY, names, period=Q1), trained(CITY, names)) == ((2, 1, 1), (1, 0, 1))


def test_by_category_and_all(loader: Engine) -> None:
    courses(loader, [training(1), training(1, category="法治教育"), training(2, category="法治教育")])
    publish()
    assert trained(CITY, "training_count trained_count") == (1, 1)
    assert trained(CITY, "training_count trained_count", "法治教育") == (2, 2)
    assert trained(CITY, "training_count trained_count", "其他") == (0, 0)
    assert trained(CITY, "training_count trained_count hours", ALL) == (3, 2, 24)
    assert len(rows("city_teacher_training", area_code=CITY)) == 11


def test_who_passed_of_those_assessed_and_the_mean_of_the_scores(loader: Engine) -> None:
    records = [
        training(1, result="优秀", score=95),
        training(2, result="合格", score=70),
        training(3, result="不合格", score=40),
        training(4, result="未考核", hours=16),
    ]
    courses(loader, records)
    courses(loader, [training(5, result="合格", score=95)], district=XIGANG)
    publish()
    assert trained(ZHONGSHAN, "assessed_count passed_count pass_rate hours") == (3, 2, 66.67, 40)
    assert trained(CITY, "assessed_count passed_count pass_rate") == (4, 3, 75)
    assert trained(ZHONGSHAN, "scored_count score_sum mean_score") == (3, 205, 68.33)
    assert trained(CITY, "scored_count score_sum mean_score") == (4, 300, 75)


def test_a_teacher_trained_in_the_first_quarter_stays_trained_in_the_second(loader: Engine) -> None:
    courses(loader, [training(1), training(2)], period=Q1)
    courses(loader, [training(2), training(3)])
    publish()
    names = "trained_count trained_year_count"
    assert trained(ZHONGSHAN, names, period=Q1) == (2, 2)
    assert trained(ZHONGSHAN, names) == trained(CITY, names) == (2, 3)


def test_a_new_year_begins_anew(loader: Engine) -> None:
    courses(loader, [training(1)], period="2019-Q4")
    courses(loader, [training(2)], period=Q1)
    publish()
    assert trained(CITY, "trained_count trained_year_count", period=Q1) == (1, 1)


def test_only_districts_that_reported_the_quarter_count_in_the_year(loader: Engine) -> None:
    courses(loader, [training(1)], district=XIGANG, period=Q1)
    courses(loader, [training(2)])
    publish()
    assert trained(XIGANG, "trained_count trained_year_count headcount_year") == (None, None, None)
    assert trained(CITY, "trained_count trained_year_count headcount_year") == (1, 1, 100)


def test_coverage_against_the_headcount_that_a_category_is_meant_for(loader: Engine) -> None:
    courses(loader, [training(1, category=IDEOLOGY), training(2)], ideology_teacher_count=4)
    courses(loader, [training(3, category=IDEOLOGY)], district=XIGANG, ideology_teacher_count=1)
    publish()
    names = "trained_count headcount coverage_rate"
    assert (trained(ZHONGSHAN, names, IDEOLOGY), trained(CITY, names, IDEOLOGY)) == ((1, 4, 25), (2, 5, 40))
    assert trained(CITY, "headcount coverage_rate") == (200, 0.5)
    assert trained(CITY, "headcount coverage_rate", "双师型教师") == (0, None)
    assert trained(CITY, "headcount headcount_year coverage_rate", "名优教师") == (None, None, None)


def test_a_nil_return_says_nought_and_keeps_the_year(loader: Engine) -> None:
    courses(loader, [training(1, category=IDEOLOGY)], period=Q1, ideology_teacher_count=4)
    submit(loader, "nil", report("teacher_training", {}, district=ZHONGSHAN, period=Q2))
    publish()
    names = "training_count trained_count hours headcount coverage_rate"
    assert trained(ZHONGSHAN, names, IDEOLOGY) == (0, 0, 0, 0, None)
    assert trained(ZHONGSHAN, "trained_year_count headcount_year coverage_year_rate", IDEOLOGY) == (1, 4, 25)
    assert trained(XIGANG, names, IDEOLOGY) == (None,) * 5


def test_coverage_of_the_year_takes_the_latest_headcount(loader: Engine) -> None:
    courses(loader, [training(1, category=IDEOLOGY)], period=Q1, ideology_teacher_count=4)
    courses(loader, [training(2, category=IDEOLOGY)], ideology_teacher_count=5)
    publish()
    names = "trained_year_count headcount headcount_year coverage_rate coverage_year_rate"
    assert trained(CITY, names, IDEOLOGY) == (2, 5, 5, 20, 40)
