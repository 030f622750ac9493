"""city_facilities and city_kindergartens: counts that add up, rates at each level, growth against the last report."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Engine

from district_reports.publish import publish
from publish.random_reports import reference
from publish.reading import CITY, FIVE, RURAL, figures
from publish.records import kindergarten, school
from submitted import JINPU, XIGANG, ZHONGSHAN, report, submit

Q1, Q2 = "2020-Q1", "2020-Q2"


def facilities(
    loader: Engine,
    schools: list[dict],
    kindergartens: list[dict] | None = None,
    *,
    district: str = ZHONGSHAN,
    period: str = Q2,
) -> None:
    sheets = {"school_facility": schools, "kindergarten_facility": kindergartens or []}
    submit(loader, f"{district} {period}", report("facilities", sheets, district=district, period=period))


def of_schools(area: str, names: str, period: str = Q2) -> tuple:
    return figures("city_facilities", area, names, period=period)


def of_kindergartens(area: str, names: str) -> tuple:
    return figures("city_kindergartens", area, names, period=Q2)


def test_classes_and_large_ones_of_all_schools_and_of_compulsory_ones(loader: Engine) -> None:
    schools = [
        school("1", school_type="完全中学", large_class_count=3, oversize_class_count=1),
        school("2", school_type="普通高中", class_count=30, large_class_count=5, oversize_class_count=2),
    ]
    facilities(loader, schools)
    facilities(loader, [school("3", large_class_count=2)], district=JINPU)
    publish()
    counts = "school_count class_count large_class_count oversize_class_count"
    compulsory = "compulsory_large_class_count compulsory_oversize_class_count"
    assert of_schools(ZHONGSHAN, counts) == (2, 40, 8, 3)
    assert of_schools(CITY, counts) == (3, 50, 10, 3)
    assert (of_schools(ZHONGSHAN, compulsory), of_schools(CITY, compulsory)) == ((3, 1), (5, 1))


def test_new_large_classes_are_the_growth_of_each_school(loader: Engine) -> None:
    before = [
        school("1", large_class_count=5),
        school("2", large_class_count=1),
        school("4", school_type="普通高中", large_class_count=1),
    ]
    now = [
        school("1", large_class_count=2),
        school("2", large_class_count=3),
        school("3", large_class_count=4),
        school("4", school_type="普通高中", large_class_count=2),
    ]
    facilities(loader, before, period=Q1)
    facilities(loader, now)
    publish()
    names = "new_large_class_count compulsory_new_large_class_count"
    assert of_schools(ZHONGSHAN, names) == (2 + 1, 2)
    assert of_schools(ZHONGSHAN, names, Q1) == (None, None)
    apart = "uncompared_school_count compulsory_uncompared_school_count"
    assert (of_schools(ZHONGSHAN, apart), of_schools(ZHONGSHAN, apart, Q1)) == ((1, 1), (3, 2))


def test_growth_is_against_the_districts_own_last_accepted_period(loader: Engine) -> None:
    facilities(loader, [school("1", large_class_count=1)], period="2019-Q3")
    facilities(loader, [school("1", large_class_count=2)])
    facilities(loader, [school("2", large_class_count=9)], district=XIGANG)
    facilities(loader, [school("3", large_class_count=9)], district=JINPU, period=Q1)
    facilities(loader, [school("3", large_class_count=4)], district=JINPU)
    publish()
    name = "new_large_class_count"
    assert [of_schools(area, name) for area in (ZHONGSHAN, XIGANG, JINPU)] == [(1,), (None,), (0,)]
    assert [of_schools(area, name) for area in (FIVE, RURAL, CITY)] == [(1,), (0,), (1,)]
    assert of_schools(CITY, name, Q1) == (None,)


def test_growth_over_the_year_is_against_its_first_report(loader: Engine) -> None:
    facilities(loader, [school("1", large_class_count=9)], period="2019-Q4")
    facilities(loader, [school("1", large_class_count=1), school("2")], period=Q1)
    facilities(loader, [school("1", large_class_count=4), school("2", large_class_count=1)], period=Q2)
    now = [school("1", large_class_count=3), school("2", large_class_count=2), school("5", large_class_count=6)]
    facilities(loader, now, period="2020-Q3")
    facilities(loader, [school("3", large_class_count=1)], district=XIGANG, period="2020-Q3")
    publish()
    names = "new_large_class_year_count uncompared_school_year_count new_large_class_count"
    assert of_schools(ZHONGSHAN, names, Q1) == (None, 2, 0)
    assert of_schools(ZHONGSHAN, names, "2020-Q3") == (2 + 2, 1, 1)
    assert of_schools(XIGANG, names, "2020-Q3") == (None, 1, None)
    assert of_schools(CITY, names, "2020-Q3") == (4, 2, 1)


def test_units_are_the_schools_of_the_register_that_have_a_row(loader: Engine) -> None:
    named = open_in_register(ZHONGSHAN)
    facilities(loader, [school(named[0]), school(named[1]), school("9999999999")])
    publish()
    names = "units_reported units_expected"
    assert of_schools(ZHONGSHAN, names) == (2, len(named))
    assert of_schools(XIGANG, names) == (0, len(open_in_register(XIGANG)))
    everywhere = sum(len(open_in_register(each["district_code"])) for each in reference("districts"))
    assert of_schools(CITY, names) == (2, everywhere)


def open_in_register(district: str) -> list[str]:
    """Codes of the schools, without kindergartens, that are open on the last day of Q2."""
    return [
        row["school_code"]
        for row in reference("schools")
        if row["district_code"] == district
        and row["school_type"] != "幼儿园"
        and row["opened_on"] <= "2020-06-30"
        and not (row["closed_on"] and row["closed_on"] <= "2020-06-30")
    ]


def test_bandwidth_and_wireless_of_all_schools(loader: Engine) -> None:
    facilities(
        loader,
        [
            school("1", bandwidth_mbps=Decimal("99.99"), wireless="部分覆盖"),
            school("2", wireless="全覆盖"),
            school("3"),
        ],
    )
    publish()
    assert of_schools(CITY, "fast_school_count fast_school_rate") == (2, 66.67)
    names = "wireless_school_count partly_wireless_school_count wireless_school_rate"
    assert of_schools(CITY, names) == (1, 1, 33.33)


def test_a_rate_is_100_only_where_all_are(loader: Engine) -> None:
    facilities(loader, [school("1", classroom_count=30000, lit_classroom_count=29999, desk_count=16, fit_desk_count=1)])
    publish()
    assert of_schools(CITY, "lit_classroom_rate fit_desk_rate") == (99.99, 6.25)


def test_retained_rural_schools_on_100_megabits(loader: Engine) -> None:
    schools = [
        school("1", retained=True, rural_boarding=True, bandwidth_mbps=100),
        school("2", retained=True, rural_small=True, bandwidth_mbps=99),
        school("3", retained=True, rural_small=True, rural_boarding=True, bandwidth_mbps=200),
        school("4", retained=False, rural_small=True, bandwidth_mbps=10),
        school("5", retained=True, bandwidth_mbps=10),
    ]
    facilities(loader, schools)
    publish()
    names = "retained_rural_school_count retained_rural_fast_count retained_rural_fast_rate"
    assert of_schools(ZHONGSHAN, names) == (3, 2, 66.67)


def test_dry_toilets_of_rural_public_schools_and_kindergartens(loader: Engine) -> None:
    village = {"area_type": "乡村", "dry_toilet_start": 5, "dry_toilet_converted": 3}
    schools = [
        school("1", **village),
        school("2", **village, sponsor="民办"),
        school("3", **{**village, "area_type": "镇区"}),
        school("6", **{**village, "area_type": "城区"}),
    ]
    kindergartens = [kindergarten("4", **village), kindergarten("5", **village, ownership="普惠性民办")]
    facilities(loader, schools, kindergartens)
    publish()
    names = "rural_dry_toilet_start_count rural_dry_toilet_converted_count rural_dry_toilet_left_count"
    assert of_schools(ZHONGSHAN, names) == of_schools(CITY, names) == (15, 9, 6)


def test_light_desks_and_inspections_as_rates_of_their_counts(loader: Engine) -> None:
    facilities(loader, [school("1", lit_classroom_count=10, fit_desk_count=400, inspected_on=date(2020, 1, 1))])
    last_year = {"inspected_on": date(2019, 12, 31)}
    schools = [school("2", classroom_count=60, lit_classroom_count=60, fit_desk_count=100, **last_year)]
    facilities(loader, schools, district=XIGANG)
    publish()
    rates = "lit_classroom_rate fit_desk_rate inspected_school_rate"
    assert (of_schools(ZHONGSHAN, rates), of_schools(XIGANG, rates)) == ((50, 100, 100), (100, 25, 0))
    assert of_schools(FIVE, rates) == of_schools(CITY, rates) == (87.5, 62.5, 50)


def test_resource_rooms_special_schools_football_and_counsellors(loader: Engine) -> None:
    schools = [
        school("1", inclusive_pupil_count=5, counsellor_count=2),
        school("2", inclusive_pupil_count=6, resource_room_count=1, football_school=True, football_inspection="通过"),
        school("3", inclusive_pupil_count=4, football_school=True, football_inspection="未检"),
        school("4", school_type="特殊教育", wireless="全覆盖", learning_space="部分覆盖", inclusive_pupil_count=80),
    ]
    facilities(loader, schools)
    publish()
    assert of_schools(CITY, "resource_room_needed_count resource_room_lacking_count") == (2, 1)
    assert of_schools(CITY, "special_school_count special_wireless_rate special_learning_space_rate") == (1, 100, 0)
    assert of_schools(CITY, "football_school_count football_school_passed_count") == (2, 1)
    assert of_schools(CITY, "counsellor_count counsellor_school_count counsellor_school_rate") == (2, 1, 25)


def test_a_rate_of_nothing_is_empty(loader: Engine) -> None:
    facilities(loader, [school("1")])
    publish()
    assert of_schools(CITY, "special_school_count special_wireless_rate") == (0, None)
    assert of_kindergartens(CITY, "kindergarten_count inclusive_rate handed_over_rate") == (0, None, None)


def test_inclusive_kindergartens(loader: Engine) -> None:
    kindergartens = [
        kindergarten("1", child_count=50),
        kindergarten("2", child_count=25, ownership="普惠性民办"),
        kindergarten("3", child_count=25, ownership="其他民办"),
    ]
    facilities(loader, [school("1")], kindergartens)
    facilities(loader, [school("2")], [kindergarten("4", child_count=300, ownership="其他民办")], district=XIGANG)
    publish()
    children = "public_child_count inclusive_private_child_count other_private_child_count child_count"
    assert of_kindergartens(ZHONGSHAN, children) == (50, 25, 25, 100)
    assert of_kindergartens(ZHONGSHAN, "inclusive_child_count inclusive_rate") == (75, 75)
    assert of_kindergartens(CITY, children) == (50, 25, 325, 400)
    assert of_kindergartens(CITY, "inclusive_child_count inclusive_rate") == (75, 18.75)


def test_new_public_kindergartens_places_centres_and_handing_over(loader: Engine) -> None:
    kindergartens = [
        kindergarten("1", opened_this_year=True, new_public_places=90, community_kindergarten="已移交"),
        kindergarten("2", opened_this_year=True, ownership="普惠性民办", community_kindergarten="未移交"),
        kindergarten("3", new_public_places=30, township_centre=True, football_kindergarten=True),
    ]
    facilities(loader, [school("1")], kindergartens)
    publish()
    assert of_kindergartens(CITY, "new_public_kindergarten_count new_public_place_count") == (1, 120)
    assert of_kindergartens(CITY, "township_centre_count football_kindergarten_count") == (1, 1)
    names = "community_kindergarten_count handed_over_count not_handed_over_count handed_over_rate"
    assert of_kindergartens(CITY, names) == (2, 1, 1, 50)


def test_a_district_without_a_report_has_no_figures(loader: Engine) -> None:
    facilities(loader, [school("1")])
    publish()
    assert of_schools(XIGANG, "school_count rural_dry_toilet_left_count districts_accepted") == (None, None, 0)
    assert of_kindergartens(RURAL, "kindergarten_count child_count districts_expected") == (None, None, 8)
    assert of_schools(CITY, "school_count coverage") == (1, 7.69)
