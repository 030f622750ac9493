"""The published tables: complete releases, figures that add up, coverage, and nothing where nothing was reported."""

from datetime import date, datetime

from sqlalchemy import Engine, text

from district_reports.clock import ZONE
from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.model.finding import Outcome
from district_reports.publish import publish
from publish.reading import EVERY_CASE, row
from submitted import (
    JINPU,
    MAY,
    XIGANG,
    ZHONGSHAN,
    case,
    checked,
    claimed,
    finish,
    note_withdrawal,
    receive,
    submit,
    withdraw,
)

ZONE_OF_FIVE, ZONE_OF_RURAL, CITY = "市内五区", "涉农地区", "全市"


def figures(area: str, period: str = MAY, **breakdown: str) -> dict:
    """One row of the current release, as an insider reads it."""
    return row("city_dropout_control", area, period=period, **{**EVERY_CASE, **breakdown})


def submissions(area: str, period: str = MAY) -> dict:
    with engine("insider").begin() as connection:
        return dict(
            connection.execute(
                text("SELECT * FROM city.current_city_submissions WHERE area_code = :area AND period = :period"),
                {"area": area, "period": period},
            )
            .mappings()
            .one()
        )


def test_a_district_with_two_open_cases_one_of_them_for_poverty(loader: Engine) -> None:
    submit(
        loader,
        "a",
        checked(
            [
                case(1, reason="因贫", status="未劝返"),
                case(2, status="劝返中", discovered_on=date(2020, 4, 30)),
                case(3, status="已返校"),
                case(4, status="已安置"),
                case(5, status="已核销"),
            ],
            enrolment=(1000, 985),
        ),
    )
    publish()
    row = figures(ZHONGSHAN)
    assert (row["open_count"], row["new_count"], row["poverty_count"]) == (2, 4, 1)
    assert (row["returned_count"], row["placed_count"], row["written_off_count"]) == (1, 1, 1)
    assert (row["expected_enrolment"], row["actual_enrolment"], float(row["enrolment_rate"])) == (1000, 985, 98.5)
    poverty = figures(ZHONGSHAN, reason="因贫")
    assert (poverty["open_count"], poverty["expected_enrolment"]) == (1, None)
    assert figures(ZHONGSHAN, reason="早婚早育")["open_count"] == 0


def test_a_district_without_a_report_has_no_figures_rather_than_zeros(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    row = figures(XIGANG)
    assert (row["districts_accepted"], row["districts_expected"]) == (0, 1)
    assert [row[name] for name in ("open_count", "new_count", "poverty_count", "expected_enrolment")] == [None] * 4
    assert figures(ZONE_OF_RURAL)["open_count"] is None


def test_an_empty_ledger_says_no_case(loader: Engine) -> None:
    submit(loader, "a", checked([]))
    publish()
    assert figures(ZHONGSHAN)["open_count"] == 0


def test_counts_add_up_and_rates_are_computed_at_each_level(loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2)], enrolment=(1000, 1000)))
    submit(loader, "b", checked([case(3)], district=XIGANG, enrolment=(3000, 2700)))
    submit(loader, "c", checked([case(4, reason="因贫")], district=JINPU, enrolment=(1000, 900)))
    publish()
    five, city = figures(ZONE_OF_FIVE), figures(CITY)
    assert (five["districts_accepted"], five["districts_expected"], float(five["coverage"])) == (2, 5, 40.0)
    assert (city["districts_accepted"], city["districts_expected"]) == (3, 13)
    assert (five["open_count"], city["open_count"], city["poverty_count"]) == (3, 4, 1)
    assert (float(five["enrolment_rate"]), float(city["enrolment_rate"])) == (92.5, 92.0)


def test_every_period_has_every_area_and_every_value_of_each_breakdown(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    release = publish()
    columns = forms()["dropout_control"].sheet("dropout_case").by_name
    reasons, kinds = columns["reason"].codes, columns["dropout_kind"].codes
    assert release.rows["city_dropout_control"] == (13 + 2 + 1) * (1 + len(reasons) + len(kinds) + len(("是", "否")))


def test_only_what_is_in_force_counts(loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2)]))
    submit(loader, "b", checked([case(3)]))
    submit(loader, "c", checked([case(4)], verdict=Outcome.REJECTED))
    publish()
    assert figures(ZHONGSHAN)["open_count"] == 1


def test_the_current_release_is_the_latest_and_former_ones_stay(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    first = publish()
    submit(loader, "b", checked([case(1), case(2)]))
    second = publish(note="第二次")
    assert figures(ZHONGSHAN)["open_count"] == 2
    assert figures(ZHONGSHAN)["release_id"] == second.release_id
    with engine("insider").begin() as connection:
        former = connection.scalar(
            text(
                "SELECT open_count FROM city.city_dropout_control"
                " WHERE release_id = :id AND area_code = :area AND reason = '全部'"
                " AND dropout_kind = '全部' AND registered_poor = '全部'"
            ),
            {"id": first.release_id, "area": ZHONGSHAN},
        )
    assert former == 1


def test_submissions_tell_where_each_report_stands(loader: Engine) -> None:
    late = datetime(2020, 6, 6, 0, 0, tzinfo=ZONE)
    in_time = datetime(2020, 6, 5, 23, 59, 59, tzinfo=ZONE)
    submit(loader, "a", checked([case(1)], verdict=Outcome.REJECTED), received_at=in_time)
    submit(loader, "b", checked([case(1)]), received_at=late)
    typed = [(7, {"resident_id": "x"})]
    workbook = checked([case(1)], district=XIGANG, verdict=Outcome.ACCEPTED_WITH_ERRORS, quarantined=typed)
    submit(loader, "c", workbook, received_at=in_time)
    submit(loader, "d", checked(district=JINPU, verdict=Outcome.REJECTED))
    receive(loader, "e", district="210204")
    publish()
    city = submissions(CITY)
    words = ("expected", "received", "on_time", "accepted", "accepted_with_errors", "rejected", "undecided", "missing")
    assert [city[word] for word in words] == [13, 4, 1, 1, 1, 1, 1, 9]
    assert submissions("210204")["rows_read"] is None
    assert (city["submissions"], city["rows_read"], city["rows_loaded"], city["rows_quarantined"]) == (5, 5, 4, 1)
    assert (submissions(ZHONGSHAN)["on_time"], submissions(XIGANG)["on_time"]) == (0, 1)
    assert (submissions(ZHONGSHAN)["late"], submissions(XIGANG)["late"]) == (1, 0)


def test_what_was_taken_back_counts_as_sent_and_as_missing(loader: Engine) -> None:
    late, in_time = datetime(2020, 6, 6, 0, 0, tzinfo=ZONE), datetime(2020, 6, 5, 23, 59, 59, tzinfo=ZONE)
    words = ("expected", "received", "on_time", "accepted", "rejected", "undecided", "missing", "submissions")

    def counts(area: str) -> list[int]:
        return [submissions(area)[word] for word in words]

    only = submit(loader, "a", checked([case(1), case(2)]), received_at=in_time)
    withdraw(loader, only.submission_id, received_at=late)
    submit(loader, "b", checked([case(1)], district=XIGANG), received_at=in_time)
    second = submit(loader, "c", checked([case(1), case(2)], district=XIGANG), received_at=late)
    withdraw(loader, second.submission_id, received_at=late)
    publish()
    assert counts(ZHONGSHAN) == [1, 0, 0, 0, 0, 0, 1, 1]
    assert figures(ZHONGSHAN)["open_count"] is None
    assert (submissions(ZHONGSHAN)["coverage"], submissions(ZHONGSHAN)["rows_read"]) == (0, None)
    assert counts(XIGANG) == [1, 1, 1, 1, 0, 0, 0, 2]
    assert figures(XIGANG)["open_count"] == 1
    assert submissions(XIGANG)["rows_loaded"] == 2
    assert counts(CITY) == [13, 1, 1, 1, 0, 0, 12, 3]

    receive(loader, "d")
    publish()
    assert counts(ZHONGSHAN) == [1, 1, 0, 0, 0, 1, 0, 2]
    late_one = submit_next(loader, late)
    publish()
    assert counts(ZHONGSHAN) == [1, 1, 0, 1, 0, 0, 0, 3]
    note_withdrawal(loader, late_one)
    publish()
    assert counts(ZHONGSHAN) == [1, 1, 0, 1, 0, 0, 0, 3]


def submit_next(loader: Engine, received_at: datetime) -> int:
    """Decide what waits in 中山区, then one more; its id."""
    taken = claimed(loader)
    assert taken is not None
    finish(loader, taken, checked([case(1)], verdict=Outcome.REJECTED))
    return submit(loader, "e", checked([case(1)]), received_at=received_at).submission_id


def test_a_month_that_nobody_reported_is_missing_in_all_districts(loader: Engine) -> None:
    # Today is 2020-07-04: May was reported, June has ended.
    submit(loader, "a", checked([case(1)]))
    publish()
    assert submissions(CITY, "2020-06")["missing"] == 13
    with engine("insider").begin() as connection:
        periods = connection.scalars(text("SELECT DISTINCT period FROM city.current_city_dropout_control"))
        assert list(periods) == [MAY]
