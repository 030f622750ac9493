"""Releases come whole, one after the other, and refuse what would mislead."""

import threading
from datetime import datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.database.engine import engine
from district_reports.database.moments import DECISIONS_LOCK
from district_reports.errors import SystemFault
from district_reports.ledger.receipts import Identity, record_receipt
from district_reports.publish import publish
from district_reports.publish.summary import summaries
from district_reports.settings import Settings, settings
from submitted import a_drop, case, checked, submit

HEADER = (
    "-- form: dropout_control\n-- key: period, level, area_code\n"
    "-- counts of people: case_count\n-- additive: case_count\n"
)
SELECT = """
SELECT period, level, area_code, count(row_number) AS case_count
FROM area JOIN reporting_period USING (form, period)
LEFT JOIN in_force USING (form, period, district_code)
LEFT JOIN facts.dropout_case USING (submission_id, period, district_code)
WHERE form = :form AND reported GROUP BY period, level, area_code
"""


@pytest.fixture
def summary_folder(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root of the test's own, where it may write summaries; the settings name it."""
    root = tmp_path / "root"
    folder = root / "sql" / "summaries"
    folder.mkdir(parents=True)
    (root / "sql" / "reconciliation").symlink_to(settings().reconciliation)
    monkeypatch.setenv("DISTRICT_REPORTS_ROOT", str(root))
    settings.cache_clear()
    return folder


def current(column: str) -> list:
    with engine("insider").begin() as connection:
        return list(connection.scalars(text(f"SELECT {column} FROM city.current_city_cases WHERE level = 'city'")))


def releases() -> int:
    with engine("insider").begin() as connection:
        return connection.execute(text("SELECT count(*) FROM city.release")).scalar_one()


def wait_until_someone_waits() -> None:
    """Until a session of this database waits for another's lock."""
    here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    deadline = monotonic() + 60
    with engine("migrator").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text(f"{here} AND wait_event_type = 'Lock'")):
            assert monotonic() < deadline, "nobody waits"
            sleep(0.02)


def test_a_new_summary_is_a_file(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1), case(2)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    assert publish().rows == {"city_cases": 16}
    assert current("case_count") == [2]


def test_a_column_that_is_added_is_null_in_former_releases(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    publish()
    wider = SELECT.replace("AS case_count", "AS case_count, max(grade) AS highest_grade")
    (summary_folder / "city_cases.sql").write_text(HEADER + wider, encoding="utf-8")
    publish()
    assert current("highest_grade") == [5]
    with engine("insider").begin() as connection:
        assert connection.execute(text("SELECT count(highest_grade) FROM city.city_cases")).scalar_one() == 3


def test_a_column_that_changes_its_type_is_refused(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    publish()
    other = SELECT.replace("count(row_number)", "count(row_number)::text")
    (summary_folder / "city_cases.sql").write_text(HEADER + other, encoding="utf-8")
    with pytest.raises(SystemFault, match=r"city_cases\.case_count is published as bigint"):
        publish()
    assert current("case_count") == [1]


def test_a_release_that_breaks_leaves_no_half(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    publish()
    (summary_folder / "city_worse.sql").write_text(HEADER + SELECT.replace("count(", "1 / count("), encoding="utf-8")
    with pytest.raises(DBAPIError, match="DivisionByZero"):
        publish()
    assert releases() == 1
    assert current("case_count") == [1]


def test_readers_see_the_former_release_until_the_new_one_is_whole(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    publish()
    submit(loader, "b", checked([case(1), case(2)]))
    seen = []
    publish(progress=lambda _: seen.append((releases(), *current("case_count"))))
    assert set(seen) == {(1, 1)}
    assert current("case_count") == [2]


def test_a_release_waits_for_decisions_under_way(summary_folder: Path, loader: Engine) -> None:
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    published = []
    worker = threading.Thread(target=lambda: published.append(publish()))
    with loader.begin() as deciding:
        deciding.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": DECISIONS_LOCK})
        worker.start()
        wait_until_someone_waits()
        assert not published
        decided_at = deciding.execute(text("SELECT clock_timestamp()")).scalar_one()
    worker.join()
    assert published[0].known_at > decided_at


def test_a_release_of_a_former_moment_is_never_the_current_one(summary_folder: Path, loader: Engine) -> None:
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    submit(loader, "a", checked([case(1)]))
    first = publish()
    submit(loader, "b", checked([case(1), case(2)]))
    second = publish()
    again = publish(as_of=first.known_at)
    assert (again.as_of, again.day, again.rows) == (first.known_at, first.day, first.rows)
    assert current("case_count") == [2]
    with engine("insider").begin() as connection:
        known = "SELECT release_id, case_count FROM city.city_cases_as_known(:moment) WHERE level = 'city'"
        for release, count in ((first, 1), (second, 2)):
            row = connection.execute(text(known), {"moment": release.known_at}).one()
            assert tuple(row) == (release.release_id, count)
        before = first.known_at - timedelta(microseconds=1)
        assert connection.execute(text(known), {"moment": before}).all() == []


def test_a_breakdown_is_added_to_a_published_table(summary_folder: Path, loader: Engine) -> None:
    path = summary_folder / "city_cases.sql"
    header = "-- form: dropout_control\n-- key: {key}\n-- counts of people: open_count\n-- additive: open_count\n"
    trace = "-- trace open_count: count of dropout_case by {by}\n"
    area = "period, level, area_code"
    path.write_text(header.format(key=f"{area}, reason") + trace.format(by="reason"), encoding="utf-8")
    submit(loader, "a", checked([case(1), case(2)]))
    publish()
    path.write_text(header.format(key=f"{area}, reason, sex") + trace.format(by="reason, sex"), encoding="utf-8")
    publish()
    with engine("insider").begin() as connection:
        counted = connection.execute(
            text(
                "SELECT release_id, reason, sex, open_count FROM city.city_cases"
                " WHERE area_code = '全市' AND open_count > 0 ORDER BY release_id, reason DESC, sex"
            )
        ).all()
    assert counted == [
        (1, "厌学", "全部", 2),
        (1, "全部", "全部", 2),
        (2, "厌学", "全部", 2),
        (2, "全部", "全部", 2),
        (2, "全部", "男", 2),
    ]


def test_as_of_a_day_is_its_end_and_the_future_is_refused(
    summary_folder: Path, loader: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    submit(loader, "a", checked([case(1)]))
    publish()
    today = datetime.now(ZONE).date()
    yesterday = today - timedelta(days=1)
    assert main(["publish", "--as-of", yesterday.isoformat()]) == 0
    with engine("insider").begin() as connection:
        row = connection.execute(text("SELECT day, as_of FROM city.release ORDER BY release_id DESC LIMIT 1")).one()
        assert (row.day, row.as_of) == (yesterday, datetime.combine(yesterday, time.max, ZONE))
        # Neither the report nor the districts were known yet.
        assert connection.scalar(text("SELECT count(*) FROM city.city_cases WHERE release_id = 2")) == 0
    assert main(["publish", "--as-of", today.isoformat()]) == 1
    assert "has not come yet" in capsys.readouterr().err
    assert main(["publish", "--as-of", datetime.now(ZONE).isoformat()]) == 0
    with pytest.raises(SystemExit):
        main(["publish", "--as-of", "gestern"])
    assert "neither a day like 2020-07-04 nor a moment" in capsys.readouterr().err
    assert current("case_count") == [1]


def test_a_release_waits_for_drops_that_are_being_noted(summary_folder: Path, loader: Engine) -> None:
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    published = []
    worker = threading.Thread(target=lambda: published.append(publish()))
    with loader.begin() as dropping:
        receipt_id, _ = record_receipt(dropping, a_drop("a"), Identity(form="dropout_control", period="2020-05"))
        worker.start()
        wait_until_someone_waits()
        assert not published
    worker.join()
    with engine("loader").begin() as connection:
        noted_at = connection.execute(
            text("SELECT noted_at FROM ledger.receipt WHERE receipt_id = :id"), {"id": receipt_id}
        ).scalar_one()
    assert published[0].known_at > noted_at


def test_two_at_once_come_one_after_the_other(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    (summary_folder / "city_cases.sql").write_text(HEADER + SELECT, encoding="utf-8")
    published = []
    workers = [threading.Thread(target=lambda: published.append(publish())) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(release.release_id for release in published) == [1, 2]


def test_rows_that_share_a_key_are_refused(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    narrow = HEADER.replace(", area_code", "")
    (summary_folder / "city_cases.sql").write_text(narrow + SELECT, encoding="utf-8")
    with pytest.raises(SystemFault, match=r"city_cases\.sql: 2 keys"):
        publish()


def test_what_disclosure_control_asks_for_has_to_be_selected(summary_folder: Path, loader: Engine) -> None:
    submit(loader, "a", checked([case(1)]))
    header = f"{HEADER}-- protect rests: hours on case_count\n"
    (summary_folder / "city_cases.sql").write_text(header + SELECT, encoding="utf-8")
    with pytest.raises(SystemFault, match=r"city_cases\.sql: its header names 'hours', which it does not select"):
        publish()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("-- key: period\n-- additive: none\n", "counts of people"),
        ("-- counts of people: none\n-- additive: none\n", "key"),
        ("-- key: period\n-- counts of people: none\n", "additive"),
        ("-- key: period\n-- counts of people: none\n-- additive: none\n-- stands on: facts\n", "stands on"),
    ],
)
def test_a_header_that_lacks_a_word_is_refused(tmp_path: Path, header: str, words: str) -> None:
    (tmp_path / "city_cases.sql").write_text(header + SELECT, encoding="utf-8")
    with pytest.raises(SystemFault, match=words):
        summaries(tmp_path)


def test_the_summaries_of_the_house_say_what_they_count(tmp_settings: Settings) -> None:
    found = {each.table: each for each in summaries(tmp_settings.summaries)}
    assert "open_count" in found["city_dropout_control"].counts_of_people
    assert found["city_commitments"].counts_of_people == ()
