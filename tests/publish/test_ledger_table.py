"""city_dropout_control: what was found late, whom two districts list, and three breakdowns, one at a time."""

from datetime import date

from sqlalchemy import Engine

from district_reports.publish import publish
from publish.reading import CITY, EVERY_CASE, FIVE, figures, rows
from submitted import MAY, XIGANG, ZHONGSHAN, case, checked, submit

APRIL, JUNE = "2020-04", "2020-06"


def of_cases(area: str, names: str, period: str = MAY, **breakdown: str) -> tuple:
    return figures("city_dropout_control", area, names, period=period, **{**EVERY_CASE, **breakdown})


def test_found_late_is_what_no_ledger_before_has(loader: Engine) -> None:
    before = date(2020, 3, 31)
    submit(loader, "a", checked([case(1, discovered_on=before)], period=APRIL))
    submit(loader, "b", checked([case(2, discovered_on=before)], period=MAY))
    # 1 comes back, 2 is known, 3 is new to the ledger and not to the school, 4 is new.
    june = [*(case(number, discovered_on=before) for number in (1, 2, 3)), case(4, discovered_on=date(2020, 6, 1))]
    submit(loader, "c", checked(june, period=JUNE))
    publish()
    names = "late_found_count new_count"
    assert [of_cases(ZHONGSHAN, names, period) for period in (APRIL, MAY, JUNE)] == [(None, 0), (1, 0), (1, 1)]


def test_a_ledger_without_cases_found_none_late(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], period=APRIL))
    submit(loader, "b", checked([], period=MAY))
    submit(loader, "c", checked([case(2, discovered_on=date(2020, 4, 30))], district=XIGANG, period=MAY))
    publish()
    assert [of_cases(area, "late_found_count") for area in (ZHONGSHAN, XIGANG, FIVE)] == [(0,), (None,), (0,)]
    assert of_cases(ZHONGSHAN, "late_found_count", reason="因贫") == (0,)


def test_a_child_whom_two_districts_list_is_one_child_of_the_city(loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2), case(3, status="已返校")]))
    submit(loader, "b", checked([case(1, reason="外出务工")], district=XIGANG))
    publish()
    names = "open_count open_child_count"
    assert (of_cases(ZHONGSHAN, names), of_cases(CITY, names)) == ((2, 2), (3, 2))
    assert of_cases(CITY, names, reason="外出务工") == (1, 1)


def test_each_column_breaks_down_alone(loader: Engine) -> None:
    poor = {**case(1, reason="因贫"), "registered_poor": True, "dropout_kind": "失学"}
    submit(loader, "a", checked([poor, case(2, reason="因贫")]))
    publish()
    assert (
        of_cases(CITY, "open_count", registered_poor="是") == of_cases(CITY, "open_count", dropout_kind="失学") == (1,)
    )
    assert of_cases(CITY, "open_count expected_enrolment", registered_poor="否") == (1, None)
    broken_down = [
        [value for value in (row["reason"], row["dropout_kind"], row["registered_poor"]) if value != "全部"]
        for row in rows("city_dropout_control", area_code=ZHONGSHAN)
    ]
    assert max(map(len, broken_down)) == 1
