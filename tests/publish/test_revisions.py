"""What each release records of what it changed: figure by figure, with the cause and its receipts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import Engine, text

from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.database.engine import engine
from district_reports.ledger.rechecks import record_recheck
from district_reports.model.finding import Outcome
from district_reports.publish import publish
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from publish.reading import EVERY_CASE
from publish.records import school
from publish.simulated_year import edit
from submitted import JINPU, XIGANG, ZHONGSHAN, case, checked, claimed, finish, receive, report, submit, withdraw

ON_TIME, LATE = datetime(2020, 6, 5, 23, 59, tzinfo=ZONE), datetime(2020, 6, 6, tzinfo=ZONE)
CITY, ZONE_OF_CITY = "全市", "市内五区"
Play = Callable[[str], None]


def why(release_id: int, column: str, table: str = "city_dropout_control", schema: str = "city", **chosen: str) -> dict:
    """(before, after, causes, receipts) of a column's changes by area; `chosen` by period and columns of the key."""
    with engine("reader").connect() as connection:
        rows = connection.execute(
            text(
                "SELECT *, key || jsonb_build_object('period', period) AS chosen FROM city.release_change"
                " WHERE (release_id, schema_name, table_name, column_name) = (:release_id, :schema, :table, :column)"
            ),
            {"release_id": release_id, "schema": schema, "table": table, "column": column},
        ).all()
    return {
        row.area_code: (row.before, row.after, row.causes, row.receipts)
        for row in rows
        if chosen.items() <= row.chosen.items()
    }


def note(release_id: int) -> str:
    with engine("reader").connect() as connection:
        return str(
            connection.execute(
                text("SELECT note FROM city.release WHERE release_id = :id"), {"id": release_id}
            ).scalar_one()
        )


def everywhere(*told: object) -> dict:
    """The same said of a district of the centre, of its zone and of the city."""
    return dict.fromkeys((ZHONGSHAN, ZONE_OF_CITY, CITY), told)


def test_nothing_changed(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    assert note(publish().release_id) == "首次发布。"
    second = publish()
    assert note(second.release_id) == "与第 1 次发布相比，没有数值变化。"
    with engine("reader").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM city.release_change")) == 0


@pytest.mark.parametrize(("received_at", "cause", "word"), [(ON_TIME, "report", "报送"), (LATE, "late", "迟报")])
def test_a_first_report_is_on_time_or_late(loader: Engine, received_at: datetime, cause: str, word: str) -> None:
    submit(loader, "a", checked([case(1)], district=XIGANG))
    publish()
    submit(loader, "b", checked([case(1)]), received_at=received_at)
    second = publish().release_id
    assert why(second, "open_count", **EVERY_CASE) == {
        ZHONGSHAN: (None, 1, [cause], [2]),
        ZONE_OF_CITY: (1, 2, [cause], [2]),
        CITY: (1, 2, [cause], [2]),
    }
    # What nobody reported is no figure of another district's.
    assert set(why(second, "districts_accepted", **EVERY_CASE)) == {ZHONGSHAN, ZONE_OF_CITY, CITY}
    assert f"{word} 1 份（回执 2）。" in note(second)


def test_a_correction_names_its_receipt_and_is_counted_once(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    submit(loader, "x", checked([case(1)], district=JINPU))
    publish()
    submit(loader, "b", checked([case(1), case(2)]))
    second = publish().release_id
    assert why(second, "open_count", **EVERY_CASE) == {
        ZHONGSHAN: (1, 2, ["correction"], [3]),
        ZONE_OF_CITY: (1, 2, ["correction"], [3]),
        CITY: (2, 3, ["correction"], [3]),
    }
    assert note(second).endswith("：更正 1 份（回执 3）。")


def test_a_withdrawal_names_its_own_receipt(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    first = submit(loader, "b", checked([case(1), case(2)]))
    publish()
    withdraw(loader, first.submission_id)
    second = publish().release_id
    assert why(second, "open_count", **EVERY_CASE) == everywhere(2, 1, ["withdrawal"], [3])
    withdraw(loader, 1)
    third = publish().release_id
    assert why(third, "open_count", **EVERY_CASE) == everywhere(1, None, ["withdrawal"], [4])
    assert note(third).endswith("：撤回 1 份（回执 4）。")


def test_a_file_decided_again_is_a_restatement(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    with loader.begin() as connection:
        record_recheck(connection, 1)
    taken = claimed(loader)
    assert taken is not None
    finish(loader, taken, checked([case(1), case(2)], rules_hash="rules-2"))
    second = publish().release_id
    assert why(second, "open_count", **EVERY_CASE) == everywhere(1, 2, ["restatement"], [2])


def test_a_file_that_is_not_in_force_changes_what_counts_files(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    submit(loader, "b", checked([case(2)], verdict=Outcome.REJECTED))
    receive(loader, "c")
    second = publish().release_id
    told = why(second, "submissions", "city_submissions", form="dropout_control")
    assert told == everywhere(1, 3, ["received", "rejected"], [2, 3])
    assert why(second, "open_count") == {}
    assert note(second).endswith("：退回、来件。")


def facilities(large: int, period: str, district: str = ZHONGSHAN):
    sheets = {"school_facility": [school(f"{district}0001", large_class_count=large)], "kindergarten_facility": []}
    return report("facilities", sheets, district=district, period=period)


def test_a_correction_changes_what_looks_back_on_it(loader: Engine, play: Play) -> None:
    play("2020-08-01")
    submit(loader, "a", facilities(1, "2020-Q1"))
    submit(loader, "b", facilities(3, "2020-Q2"))
    publish()
    submit(loader, "c", facilities(2, "2020-Q1"))
    second = publish().release_id
    now = why(second, "new_large_class_count", "city_facilities", period="2020-Q2")
    assert now == everywhere(2, 1, ["correction"], [3])
    assert why(second, "large_class_count", "city_facilities", period="2020-Q2") == {}
    # The figure of a commitment is that of the other table.
    told = why(second, "numerator", "city_commitments", commitment="large_classes")
    assert told == everywhere(1, 2, ["correction"], [3])


def test_a_merger_that_is_entered_late_is_the_register(loader: Engine, reference_folder: Path, play: Play) -> None:
    play("2020-06-10")
    submit(loader, "a", checked([case(1)]))
    submit(loader, "b", checked([case(1)], district=XIGANG))
    publish()
    rows = f"merged_on,district_code,into_code\n2020-05-15,{XIGANG},{ZHONGSHAN}\n"
    (reference_folder / "mergers.csv").write_text(rows, encoding="utf-8")
    load_reference(lambda _: None)
    second = publish().release_id
    assert why(second, "open_count", **EVERY_CASE) == {
        XIGANG: (1, None, ["register"], []),
        ZONE_OF_CITY: (2, 1, ["register"], []),
        CITY: (2, 1, ["register"], []),
    }, "no report was taken back"
    assert why(second, "open_count", schema="city_now", **EVERY_CASE)[XIGANG] == (1, None, ["register"], [])
    assert note(second).endswith("：名册变更。")


def test_a_new_name_is_the_register(loader: Engine, reference_folder: Path) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    edit(reference_folder, "districts", "210202,中山区", "210202,中山新区")
    load_reference(lambda _: None)
    second = publish().release_id
    assert why(second, "area_name", **EVERY_CASE) == {ZHONGSHAN: ("中山区", "中山新区", ["register"], [])}


def test_a_new_period_has_a_cause_of_its_own(loader: Engine, play: Play) -> None:
    play("2020-06-10")
    submit(loader, "a", checked([case(1)]))
    publish()
    play("2020-07-10")
    submit(loader, "b", checked([case(1)], period="2020-06"), received_at=datetime(2020, 7, 3, tzinfo=ZONE))
    second = publish().release_id
    assert why(second, "open_count", period="2020-06", **EVERY_CASE)[ZHONGSHAN] == (None, 1, ["report"], [2])
    expected = why(second, "districts_expected", period="2020-06", **EVERY_CASE)
    assert expected[JINPU] == (None, 1, ["period"], [])


def test_rows_that_somebody_elses_first_report_brings(loader: Engine) -> None:
    submit(loader, "a", checked([case(1)], period="2020-04"))
    publish()
    submit(loader, "b", checked([case(1)]))
    second = publish().release_id
    assert why(second, "districts_expected", period="2020-05", **EVERY_CASE)[JINPU] == (None, 1, ["report"], [2])


@pytest.fixture
def summary_folder(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our summaries where the test may write; the settings name it."""
    root = tmp_path / "root"
    copytree(settings().summaries, root / "sql" / "summaries")
    (root / "sql" / "reconciliation").symlink_to(settings().reconciliation)
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(root))
    settings.cache_clear()
    return root / "sql" / "summaries"


def test_another_definition_is_a_cause_and_a_version(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2, reason="因贫")]))
    publish()
    ledger = summary_folder / "city_dropout_control.sql"
    counted = "count of dropout_case by reason, dropout_kind, registered_poor"
    line = f"-- trace returned_count: {counted} where case_status = '已返校'"
    other = f"{line.replace('已返校', '劝返中')}\n-- trace case_count: {counted}"
    written = ledger.read_text(encoding="utf-8")
    assert line in written
    ledger.write_text(written.replace(line, other), encoding="utf-8")
    with (summary_folder / "versions.csv").open("a", encoding="utf-8") as file:
        file.write("city_dropout_control,9,另一个口径,another definition\n")
    second = publish().release_id
    assert why(second, "returned_count", **EVERY_CASE) == everywhere(0, 2, ["definition"], [])
    poverty = {**EVERY_CASE, "reason": "因贫"}
    assert why(second, "case_count", **poverty) == everywhere(None, 1, ["definition"], []), "a new column"
    assert why(second, "open_count") == {}, "it means what it meant"
    assert note(second).endswith("：口径变更。")
    with engine("insider").connect() as connection:
        statement = "SELECT version FROM city.release_definition WHERE table_name = :table ORDER BY release_id"
        versions = connection.scalars(text(statement), {"table": "city_dropout_control"}).all()
        assert versions[1] == 9 > versions[0]


def test_a_release_of_a_former_moment_changes_nothing(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    submit(loader, "a", checked([case(1)]))
    first = publish()
    submit(loader, "b", checked([case(1), case(2)]))
    publish()
    again = publish(as_of=first.known_at).release_id
    submit(loader, "c", checked([case(1), case(2), case(3)]))
    last = publish().release_id
    assert why(again, "open_count") == {}
    assert why(last, "open_count", **EVERY_CASE) == everywhere(2, 3, ["correction"], [3]), "against the second"
    for number, words in ((again, "made later"), (1, "the first"), (99, "no release 99")):
        assert main(["changes", "--release", str(number)]) == 2
        assert words in capsys.readouterr().err


def test_the_command_says_what_a_release_changed(loader: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    submit(loader, "a", checked([case(1)]))
    publish()
    submit(loader, "b", checked([case(1), case(2)]))
    second = publish().release_id
    capsys.readouterr()
    assert main(["changes", "--release", str(second)]) == 0
    told = capsys.readouterr().out
    assert (
        f"release {second} against release 1: 45 figures changed\n{note(second)}\ncity_dropout_control 2020-05" in told
    )
    assert "  210202 中山区: open_count 1 → 2 (correction; receipt 2)\n" in told
    assert "  全市 reason=厌学: open_count 1 → 2" in told
    assert main(["changes", "--release", str(second), "--limit", "3"]) == 0
    assert "and 42 more" in capsys.readouterr().out
    assert main(["changes", "--release", str(second), "--json"]) == 0
    assert capsys.readouterr().out.count('"causes": ["correction"], "receipts": [2]') == 45
