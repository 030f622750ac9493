"""The bundle of a release that left: a valid package, the same bytes each time, and nothing in it that is withheld."""

import csv
import io
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
from frictionless import Package, system
from sqlalchemy import event, text

from altered import altered
from district_reports.database.engine import engine
from district_reports.publish import Release, publish
from district_reports.publish.bundle.files import bundle_files, zipped
from publish.left import (
    HIDDEN,
    HIDDEN_AMOUNT,
    JUNE,
    LEDGER,
    MAY,
    SHOWN,
    THE_ROW,
    Left,
    described,
    let_leave,
    revoke,
    withheld_of_the_row,
)
from publish.reading import CITY, EVERY_CASE
from submitted import ZHONGSHAN

CASE_KEY = ("period", "level", "area_code", "reason", "dropout_kind", "registered_poor")


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def files_of(release_id: int) -> Mapping[str, bytes]:
    with engine("publisher").begin() as connection:
        return bundle_files(connection, release_id)


def laid_out(files: Mapping[str, bytes], folder: Path) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def texts_in(path: str, content: bytes) -> Iterator[str]:
    """The file as text, and the parts of a workbook."""
    if not path.endswith(".xlsx"):
        yield content.decode("utf-8-sig")
        return
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            yield book.read(name).decode("utf-8", "replace")


def found_in(files: Mapping[str, bytes], figure: int | Decimal) -> set[str]:
    """The files in which the figure stands, written in any way."""
    plain = f"{figure:f}" if isinstance(figure, Decimal) else str(figure)
    spelled = {plain, f"{figure:,}", plain.split(".")[0]}
    return {
        path for path, content in files.items() for each in texts_in(path, content) if any(s in each for s in spelled)
    }


def test_frictionless_finds_nothing_wrong_with_the_package(left: Left, tmp_path: Path) -> None:
    folder = laid_out(files_of(left.second), tmp_path / "bundle")
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    assert report.flatten(["name", "rowNumber", "fieldName", "type", "message"]) == []
    assert report.stats["tasks"] == len(described(files_of(left.second))["resources"])


def test_a_changed_byte_is_found_by_the_package_and_by_the_manifest(left: Left, tmp_path: Path) -> None:
    folder = laid_out(files_of(left.second), tmp_path / "bundle")
    assert subprocess.run(["sha256sum", "--quiet", "-c", "manifest.sha256"], cwd=folder).returncode == 0
    data = folder / "data" / f"{LEDGER}.csv"
    data.write_bytes(data.read_bytes().replace(str(SHOWN).encode(), str(SHOWN + 1).encode(), 1))
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    assert {each for (each,) in report.flatten(["type"])} == {"hash-count"}
    assert subprocess.run(["sha256sum", "--quiet", "-c", "manifest.sha256"], cwd=folder).returncode == 1


def test_the_same_release_gives_the_same_bytes(left: Left) -> None:
    before = files_of(left.first), files_of(left.second)
    assert files_of(left.second) == before[1]
    assert zipped(before[1], "a") == zipped(dict(reversed(before[1].items())), "a")
    # What leaves later does not change what left.
    let_leave(publish().release_id, MAY, "v1.2", withheld_of_the_row("new_count"))
    revoke(left.first, "名单有误")
    assert (files_of(left.first), files_of(left.second)) == before


def test_no_withheld_figure_is_in_any_file(left: Left) -> None:
    files = files_of(left.second)
    assert found_in(files, SHOWN) >= {f"data/{LEDGER}.csv", f"{MAY}-v1.1.xlsx"}
    assert found_in(files, HIDDEN) == set()
    assert found_in(files, HIDDEN_AMOUNT) == set()


def test_a_withheld_cell_is_c_and_listed_without_a_reason(left: Left) -> None:
    files = files_of(left.second)
    (row,) = (row for row in read(files[f"data/{LEDGER}.csv"]) if tuple(row[name] for name in CASE_KEY) == THE_ROW)
    assert (row["open_count"], row["enrolment_rate"], row["new_count"]) == ("c", "c", str(SHOWN))
    listed = read(files["withheld.csv"])
    assert [(each["table"], each["area_code"], each["column"]) for each in listed] == [
        (LEDGER, ZHONGSHAN, "open_count"),
        (LEDGER, ZHONGSHAN, "enrolment_rate"),
    ]
    counted = [each for each in read(files["withheld_by_table.csv"]) if each["withheld"] != "0"]
    assert [(each["table"], each["level"], each["withheld"]) for each in counted] == [(LEDGER, "district", "2")]


def test_a_withheld_cell_of_the_workbook_says_so(left: Left) -> None:
    content = files_of(left.second)[f"{MAY}-v1.1.xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[:2] == ["封面", "说明"]
    assert book.sheetnames[-1] == "修订"
    sheet = book["控辍保学"]
    assert sheet.freeze_panes == "E2"
    titles = [cell.value for cell in sheet[1]]
    (row,) = (
        cells
        for cells in sheet.iter_rows(min_row=2, values_only=True)
        if cells[:3] == (MAY, "区县", ZHONGSHAN) and cells[4:7] == tuple(EVERY_CASE.values())
    )
    said = dict(zip(titles, row, strict=True))
    assert said["未结案学生（人）"] == "已隐去"
    assert said["本期新发现（人）"] == SHOWN


def test_no_data_and_not_applicable_are_told_apart(release: Release) -> None:
    let_leave(release.release_id, JUNE, "v1.0")
    files = files_of(release.release_id)
    ledger = read(files[f"data/{LEDGER}.csv"])
    silent = next(row for row in ledger if row["districts_accepted"] == "0" and row["reason"] == "全部")
    assert (silent["open_count"], silent["expected_enrolment"]) == ("x", "x")
    by_reason = next(row for row in ledger if row["districts_accepted"] == "1" and row["reason"] == "厌学")
    assert by_reason["open_count"].isdecimal()
    # Enrolment is not reported by reason, and what is a share of it does not apply either.
    assert (by_reason["expected_enrolment"], by_reason["enrolment_rate"]) == ("z", "z")
    # Nothing is earlier than a district's first ledger.
    first = next(row for row in ledger if row["period"] == MAY and row["districts_accepted"] == "1")
    assert first["late_found_count"] == "x"
    training = read(files["data/city_teacher_training.csv"])
    meant_for_nobody = [row for row in training if row["training_category"] == "名优教师"]
    assert {row["headcount"] for row in meant_for_nobody} == {row["coverage_rate"] for row in meant_for_nobody} == {"z"}
    commitments = read(files["data/city_commitments.csv"])
    assert {row["target"] for row in commitments if row["level"] == "zone"} > {"z"}
    assert {row["status"] for row in commitments if row["target"] == "z"} <= {"z", "待报", "不适用", "无上期"}
    assert {row["denominator"] for row in commitments if row["commitment"] == "new_public_places"} == {"z"}


def test_what_changed_is_listed_with_its_cause_and_the_version_before(left: Left) -> None:
    files = files_of(left.second)
    listed = {
        (row["area_code"], row["breakdown"], row["column"]): row
        for row in read(files["changes.csv"])
        if row["boundaries"] == "then" and row["table"] == LEDGER
    }
    everything = ";".join(f"{name}={value}" for name, value in EVERY_CASE.items())
    change = listed[CITY, everything, "open_count"]
    assert (change["before"], change["after"], change["causes"], change["against"]) == ("2", "4", "更正", f"{MAY} v1.0")
    assert (ZHONGSHAN, everything, "open_count") not in listed
    assert f"与 {MAY} v1.0 相比" in files["CHANGES.md"].decode()
    first = files_of(left.first)
    assert read(first["changes.csv"]) == []
    assert "首次对外发布" in first["CHANGES.md"].decode()


def test_tables_stand_in_todays_boundaries_only_where_these_differ(left: Left) -> None:
    assert not [path for path in files_of(left.second) if path.startswith("data_now/")]
    altered(
        f"UPDATE outside_now.{LEDGER} SET open_count = 7 WHERE release_id = :release AND area_code = :area",
        release=left.second,
        area=CITY,
    )
    files = files_of(left.second)
    assert [path for path in files if path.startswith("data_now/")] == [f"data_now/{LEDGER}.csv"]
    assert f"data_now-{LEDGER}".replace("_", "-") in {each["name"] for each in described(files)["resources"]}


def test_the_dictionary_has_every_column_and_the_codes(left: Left) -> None:
    files = files_of(left.second)
    known = {(row["table"], row["column"]): row for row in read(files["dictionary.csv"])}
    for resource in described(files)["resources"]:
        if resource["path"].startswith("data/"):
            table = resource["path"].removeprefix("data/").removesuffix(".csv")
            for field in resource["schema"]["fields"]:
                row = known[table, field["name"]]
                assert row["title_zh"] == field["title"]
                assert row["definition_zh"]
                assert row["title_en"]
    rate = known[LEDGER, "enrolment_rate"]
    assert (rate["numerator"], rate["unit"]) == (f"{LEDGER}.actual_enrolment", "%")
    assert "units_reported" in rate["coverage"]
    assert [known["*", f"“{code}”"]["title_zh"] for code in "cxz"] == ["已隐去", "无数据", "不适用"]


def test_it_is_made_from_outside_alone(left: Left) -> None:
    with engine("publisher").begin() as connection:
        asked = []
        event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        bundle_files(connection, left.second)
    assert asked
    assert [each for each in asked if "city." in each or "city_now" in each] == []


def test_whoever_reads_outside_gets_the_same(left: Left) -> None:
    with engine("analyst").begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM outside.release")) == 2
        assert bundle_files(connection, left.second) == files_of(left.second)
