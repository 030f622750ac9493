"""A register that changed: what C02 had refused is checked again, from `reference load` to the answer in 反馈/."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import answer_book
from district_reports.cli import main
from district_reports.clock import ZONE
from district_reports.ledger.rechecks import record_recheck
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import stable_files
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage import archive
from district_reports.storage.folders import DistrictFolder, lay_out
from ledger_book import SCHOOLS, case, write_book
from submitted import checked, submit
from submitted import receive as note_drop

FORM, PERIOD = "dropout_control", "2020-06"
DISTRICTS_CSV = """district_code,name,zone,valid_from,valid_to
210202,中山区,市内五区,2000-01-01,
210203,西岗区,市内五区,2000-01-01,
"""
SCHOOLS_CSV = """school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on
2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,
2102020002,中山第二初级中学,210202,初中,城区,公办,1990-09-01,
2102030001,西岗第一小学,210203,小学,城区,公办,1990-09-01,
"""
EIGHTH = "2102020008,中山第八初级中学,210202,初中,城区,公办,2020-06-01,\n"
XIGANG_NINTH = "2102030009,西岗第九初级中学,210203,初中,城区,公办,2020-06-01,\n"


@pytest.fixture
def schools(reference_folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The register's file of schools; a small register is loaded."""
    (reference_folder / "districts.csv").write_text(DISTRICTS_CSV, encoding="utf-8")
    (reference_folder / "schools.csv").write_text(SCHOOLS_CSV, encoding="utf-8")
    assert main(["reference", "load"]) == 0
    capsys.readouterr()
    return reference_folder / "schools.csv"


@pytest.fixture
def folders(schools: Path) -> dict[str, DistrictFolder]:
    register = Register.load(schools.parent)
    return {folder.code: folder for folder in lay_out(settings().uploads, register.districts)}


@pytest.fixture
def drop(folders: dict[str, DistrictFolder], loader: Engine, tmp_path: Path) -> Callable[..., dict[str, object] | None]:
    """Write a ledger, drop it, receive it and (but for ``work=False``) take it through its steps; the answer's log."""

    def dropped(*school_codes: str, district: str = "210202", work: bool = True, **book: object):
        rows = [case(n, 学校标识码="2102020002") for n in range(1, 41)] if district == "210202" else []
        rows += [case(100 + n, 学校标识码=code) for n, code in enumerate(school_codes)]
        enrolment = SCHOOLS if district == "210202" else [{**SCHOOLS[0], "学校标识码": "2102030001"}]
        cover = {"填报单位代码": district, "填报单位": None}
        path = write_book(tmp_path / "book.xlsx", cases=rows, enrolment=enrolment, cover=cover, **book)
        shutil.copyfile(path, folders[district].drop.path / "台账.xlsx")
        take_in(loader)
        return work_on(district) if work else None

    return dropped


def take_in(loader: Engine) -> None:
    receive(
        loader,
        Register.load(settings().reference),
        stable_files=lambda paths: stable_files(paths, sleep=lambda _: None),
    )


def work_on(district: str = "210202") -> dict[str, object] | None:
    step = ingest.validate(FORM, f"{district}|{PERIOD}", "run")
    if step is None:
        return None
    ingest.load(step)
    return ingest.answer(step)


def add(schools: Path, *rows: str) -> None:
    with schools.open("a", encoding="utf-8") as file:
        file.writelines(rows)


def load(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """What `reference load` says of re-checks."""
    assert main(["reference", "load", *options]) == 0
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("re-check")]


def submissions(loader: Engine) -> list[tuple[object, ...]]:
    """(outcome, recheck_of by its place, settled) in the order of receipt."""
    with loader.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT s.submission_id, outcome, recheck_of, settled_at IS NOT NULL AS settled"
                " FROM ledger.submission s JOIN ledger.receipt USING (receipt_id) ORDER BY receipt_id"
            )
        ).all()
    places = {row.submission_id: place for place, row in enumerate(rows)}
    return [(row.outcome, places.get(row.recheck_of), row.settled) for row in rows]


def facts(loader: Engine, district: str = "210202") -> list[str]:
    with loader.begin() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT school_code FROM facts.dropout_case WHERE district_code = :d AND known_until IS NULL"
                    " ORDER BY row_number"
                ),
                {"d": district},
            )
        )


NOTHING = ["re-check: nothing to do"]


def test_rows_that_the_register_now_allows_are_loaded_and_answered(drop, schools, folders, loader, capsys, monkeypatch):
    assert drop("2102020008", "2102020008", "2102029999")["outcome"] == "accepted_with_errors"
    assert len(facts(loader)) == 40
    add(schools, EIGHTH)
    # By now the period is locked; the file is judged as of the day on which it came.
    monkeypatch.setenv("DISTRICT_REPORTS_TODAY", "2020-12-01")
    settings.cache_clear()
    line = f"re-check: 210202 {FORM} {PERIOD}, 3 rows broke C02, 1 does now"

    assert load(capsys, "--dry-run") == [line]
    assert submissions(loader) == [("accepted_with_errors", None, True)]
    assert load(capsys) == [line]
    # Again, before and after it is done: nothing more.
    assert load(capsys) == NOTHING
    assert work_on()["outcome"] == "accepted_with_errors"
    assert load(capsys) == NOTHING
    assert work_on() is None

    assert submissions(loader) == [("accepted_with_errors", None, True), ("accepted_with_errors", 0, True)]
    assert facts(loader) == ["2102020002"] * 40 + ["2102020008"] * 2
    answers = folders["210202"].feedback.path.rglob("控辍保学台账*.xlsx")
    first, second = sorted(answers, key=lambda path: path.name.split("回执")[1])
    assert first.parent.name == "历史"
    assert "说明" not in answer_book.facts(first)
    told = answer_book.facts(second)
    assert told["说明"].startswith("市里的学校名册、检查规则或")
    assert "系统用本单位原来的文件（回执 1）自动重新检查" in told["说明"]
    assert second.name.split("_")[2] == first.name.split("_")[2]
    rules = [row["规则"] for row in answer_book.problems(second)]
    # The new school has no row in 在校人数; nothing is late.
    assert rules == ["C02", "C10"]
    assert list(folders["210202"].drop.path.iterdir()) == []


def test_a_file_that_was_rejected_for_its_schools_is_accepted(drop, schools, loader, capsys):
    assert drop(*["2102020008"] * 6)["outcome"] == "rejected"
    add(schools, EIGHTH)
    assert load(capsys) == [f"re-check: 210202 {FORM} {PERIOD}, 6 rows broke C02, 0 do now"]
    assert work_on()["outcome"] == "accepted"
    assert len(facts(loader)) == 46


def test_what_the_changes_do_not_mend_is_left_alone(drop, schools, loader, capsys):
    drop("2102029999")
    add(schools, EIGHTH)
    assert load(capsys) == NOTHING
    moved = "210202,小学,城区,公办,1990-09-01,2020-06-01\n2102020001,甲小学,210203,小学,城区,公办,2020-06-01,\n"
    schools.write_text(schools.read_text("utf-8").replace("210202,小学,城区,公办,1990-09-01,\n", moved), "utf-8")
    assert load(capsys) == NOTHING
    assert len(submissions(loader)) == 1


def test_a_later_file_speaks_for_the_district(drop, schools, loader, capsys):
    drop("2102020008")
    drop("2102020008", "2102029999", work=False)
    add(schools, EIGHTH)
    # The second is still to be decided, and will be by the new register.
    assert load(capsys) == NOTHING
    work_on()
    assert load(capsys) == NOTHING
    assert [outcome for outcome, _, _ in submissions(loader)] == ["accepted_with_errors"] * 2
    assert facts(loader).count("2102020008") == 1


def test_the_content_of_a_duplicate_is_checked_once(drop, schools, loader, capsys):
    drop("2102020008")
    shutil.copyfile(*_same_again(loader))
    take_in(loader)
    assert work_on()["outcome"] == "duplicate"
    add(schools, EIGHTH)
    assert load(capsys) == [f"re-check: 210202 {FORM} {PERIOD}, 1 row broke C02, 0 do now"]
    assert work_on()["outcome"] == "accepted"
    assert submissions(loader)[-1] == ("accepted", 0, True)


def _same_again(loader: Engine) -> tuple[Path, Path]:
    with loader.begin() as connection:
        row = connection.execute(text("SELECT sha256, folder FROM ledger.receipt")).one()
    return archive.original(settings().archive, row.sha256), settings().uploads / row.folder / "上报" / "又.xlsx"


def test_an_original_that_is_gone_is_named_and_does_not_stop_the_others(drop, schools, loader, capsys):
    drop("2102020008")
    drop("2102030009", district="210203")
    with loader.begin() as connection:
        lost = connection.scalar(text("SELECT sha256 FROM ledger.receipt WHERE district_code = '210202'"))
    (archive.folder_of(settings().archive, lost) / archive.ORIGINAL).unlink()
    add(schools, EIGHTH, XIGANG_NINTH)

    assert main(["reference", "load"]) == 1
    out, err = capsys.readouterr()
    assert f"re-check: 210203 {FORM} {PERIOD}, 1 row broke C02, 0 do now" in out.splitlines()
    assert "1 of 2 could not be checked again: receipt 1: the archived original" in err
    assert work_on("210203")["outcome"] == "accepted"


def test_a_file_that_the_new_register_would_reject_stays_as_it_is(drop, schools, loader, capsys):
    drop("2102020008", "2102020008")
    # The district ends, and its schools with it.
    districts = schools.with_name("districts.csv")
    districts.write_text(DISTRICTS_CSV.replace("中山区,市内五区,2000-01-01,", "中山区,市内五区,2000-01-01,2020-06-30"))
    schools.write_text(SCHOOLS_CSV.replace("1990-09-01,\n21", "1990-09-01,2020-06-30\n21"), "utf-8")

    assert load(capsys) == [f"re-check: 210202 {FORM} {PERIOD}, left as it is: F08 would reject it now", *NOTHING]
    assert len(submissions(loader)) == 1


def test_a_recheck_keeps_what_the_district_gave_and_gives_way_to_a_later_file(loader: Engine) -> None:
    moment = datetime(2020, 6, 3, 9, 0, tzinfo=ZONE)
    first = submit(loader, "a", checked([]), received_at=moment).submission_id
    with loader.begin() as connection:
        again = record_recheck(connection, first)
        row = connection.execute(
            text(
                "SELECT s.*, r.received_at AS at, r.file_name, r.archived_as, r.folder, r.settled_at"
                " FROM ledger.submission s JOIN ledger.receipt r USING (receipt_id) WHERE submission_id = :id"
            ),
            {"id": again},
        ).one()
    assert (row.filler, row.telephone, row.recheck_of, row.state) == ("王会计", "0411-88880000", first, "received")
    assert (row.received_at, row.at, row.file_name, row.archived_as) == (moment, moment, "a.xlsx", "a.xlsx")
    assert row.settled_at is not None
    note_drop(loader, "b")
    with loader.begin() as connection:
        assert record_recheck(connection, first) is None
