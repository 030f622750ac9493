"""What a check is told of a district's last accepted period."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from district_reports.forms import forms
from district_reports.model.finding import Outcome
from district_reports.model.history import History
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.warehouse.history import history_in
from submitted import FORM, MAY, XIGANG, ZHONGSHAN, case, checked, submit

JULY = Period.parse("2020-07")


def asked(loader: Engine, period: Period = JULY, district: str = ZHONGSHAN) -> History:
    return history_in(loader, Register.load(settings().reference))(forms()[FORM], district, period)


def test_the_last_accepted_period_before_with_what_the_rules_need(loader: Engine) -> None:
    submit(loader, "april", checked([case(1)], period="2020-04"))
    submit(loader, "may", checked([case(2)], period=MAY, enrolment=(1000, 990)))
    history = asked(loader)
    assert history.period == MAY
    assert list(history.rows["dropout_case"]) == [
        {
            "resident_id": "21020220100100002X",
            "case_status": "劝返中",
            "student_name": "张小2",
            "discovered_on": date(2020, 5, 6),
        }
    ]
    assert list(history.rows["compulsory_enrolment"]) == [
        {"school_code": f"{ZHONGSHAN}0001", "expected_enrolment": 1000}
    ]
    assert "张小2" not in repr(history)


def test_only_the_version_in_force_and_only_what_was_accepted(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    submit(loader, "b", checked([case(2), case(3)]))
    submit(loader, "c", checked([case(4)], period="2020-06", verdict=Outcome.REJECTED))
    history = asked(loader)
    assert history.period == MAY
    assert [row["student_name"] for row in history.rows["dropout_case"]] == ["张小2", "张小3"]


def test_neither_another_district_nor_the_period_itself_nor_a_later_one(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], district=XIGANG))
    submit(loader, "b", checked([case(2)], period="2020-07"))
    submit(loader, "c", checked([case(3)], period="2020-08"))
    assert asked(loader) == History()


def merge(reference_folder: Path, day: str) -> None:
    """西岗区 becomes part of 中山区."""
    (reference_folder / "mergers.csv").write_text(
        f"merged_on,district_code,into_code\n{day},{XIGANG},{ZHONGSHAN}\n", encoding="utf-8"
    )


def test_after_a_merger_the_reports_of_both_districts_taken_together(loader: Engine, reference_folder: Path) -> None:
    merge(reference_folder, "2020-06-15")
    submit(loader, "a", checked([case(1)]))
    submit(loader, "b", checked([case(2), case(3)], district=XIGANG))
    # A report for a month at whose end the district was no more says nothing.
    submit(loader, "c", checked([case(4)], district=XIGANG, period="2020-06"))
    june = asked(loader, Period.parse("2020-06"))
    assert june.period == MAY
    assert [row["student_name"] for row in june.rows["dropout_case"]] == ["张小1", "张小2", "张小3"]
    assert [row["school_code"] for row in june.rows["compulsory_enrolment"]] == [f"{ZHONGSHAN}0001", f"{XIGANG}0001"]

    may = asked(loader, Period.parse(MAY))
    assert may == History()
    submit(loader, "d", checked([case(5)], period="2020-06"))
    assert [row["student_name"] for row in asked(loader).rows["dropout_case"]] == ["张小5"]


def test_a_merged_district_is_asked_once_its_successor_was_silent(loader: Engine, reference_folder: Path) -> None:
    merge(reference_folder, "2020-06-15")
    submit(loader, "b", checked([case(2)], district=XIGANG, period="2020-04"))
    history = asked(loader)
    assert (history.period, len(history.rows["dropout_case"])) == ("2020-04", 1)
