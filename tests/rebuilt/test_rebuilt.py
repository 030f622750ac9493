"""Releases rebuilt from the ledger: one altered cell anywhere is found and named, and no value is told."""

import shutil
from pathlib import Path

import pytest

from altered import altered
from district_reports import __version__
from district_reports.cli import main
from district_reports.database.engine import Role
from district_reports.publish.rebuilt.releases import NoSuchRelease, verify_release, verify_releases
from district_reports.settings import settings
from outgoing.house import EVERY, FIRST, LEDGER, read
from rebuilt.house import Releases

ROW = f"area_code = '210202' AND period = '2020-05' AND {EVERY}"
PLACE = "(2020-05, district, 210202, 全部, 全部, 全部)"
ALTERED = 7_654_321
"""A figure that chance does not hit."""


def problems(release_id: int) -> list[str]:
    found = verify_release(release_id).problems
    assert not any(str(ALTERED) in line or f"{ALTERED:,}" in line for line in found)
    return found


def named(release_id: int, place: str) -> bool:
    return any(place in line for line in problems(release_id))


def test_sound_releases_are_found_sound(releases: Releases) -> None:
    found = verify_releases()
    assert found.problems == []
    assert found.notes == []
    # Of what left something is withheld, or there would be little to compare.
    assert read(Role.READER, "SELECT count(*) > 10 FROM outgoing.withheld") == [(True,)]


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "schema", ["city", pytest.param("city_now", marks=SLOW), "outside", pytest.param("outside_now", marks=SLOW)]
)
def test_an_altered_figure_is_named(releases: Releases, schema: str) -> None:
    altered(f"UPDATE {schema}.{LEDGER} SET open_count = {ALTERED} WHERE release_id = :id AND {ROW}", id=releases.left)
    assert named(releases.left, f"{schema}.{LEDGER} {PLACE}: open_count")
    assert problems(releases.inside) == []


@pytest.mark.slow
@pytest.mark.parametrize("release", [pytest.param("revoked", marks=SLOW), "inside", "then"])
def test_whatever_became_of_the_release(releases: Releases, release: str) -> None:
    release_id = getattr(releases, release)
    altered(f"UPDATE city.{LEDGER} SET open_count = {ALTERED} WHERE release_id = :id AND {ROW}", id=release_id)
    assert named(release_id, f"city.{LEDGER} {PLACE}: open_count")


@pytest.mark.slow
def test_a_figure_that_was_there_and_is_empty_now_is_named(releases: Releases) -> None:
    altered(f"UPDATE city.{LEDGER} SET open_count = NULL WHERE release_id = :id AND {ROW}", id=releases.inside)
    assert named(releases.inside, f"city.{LEDGER} {PLACE}: open_count")


@pytest.mark.slow
def test_a_missing_row_is_named(releases: Releases) -> None:
    altered(f"DELETE FROM city_now.{LEDGER} WHERE release_id = :id AND {ROW}", id=releases.inside)
    assert named(releases.inside, f"city_now.{LEDGER} {PLACE}: the row is missing")


@pytest.mark.slow
def test_a_row_too_many_is_named(releases: Releases) -> None:
    altered(
        f"UPDATE city.{LEDGER} SET release_id = :id, reason = '全' WHERE release_id = :other AND {ROW}",
        id=releases.inside,
        other=releases.then,
    )
    place = PLACE.replace("全部", "全", 1)
    assert named(releases.inside, f"city.{LEDGER} {place}: the row should not be there")


BESIDE = {
    "city.release_change (city, city_dropout_control, 2020-05,": (
        "UPDATE city.release_change SET before = '7654321' WHERE release_id = :id AND schema_name = 'city'"
        " AND column_name = 'open_count' AND area_code = '210202'"
    ),
    "city.release_source (dropout_control, 2020-05, 210202): submission_id": (
        "UPDATE city.release_source SET submission_id = NULL WHERE release_id = :id AND form = 'dropout_control'"
        " AND period = '2020-05' AND district_code = '210202'"
    ),
    "city.release_area (210202): answers_for": (
        "UPDATE city.release_area SET answers_for = '{210299}' WHERE release_id = :id AND district_code = '210202'"
    ),
    "city.release_definition (city_teacher_training): version": (
        "UPDATE city.release_definition SET version = version + 1 WHERE release_id = :id"
        " AND table_name = 'city_teacher_training'"
    ),
    "city.city_teacher_training: its content is another one": (
        "UPDATE city.release_content SET sha256 = repeat('0', 64) WHERE release_id = :id AND schema_name = 'city'"
        " AND table_name = 'city_teacher_training'"
    ),
    "city.release_content: the hashes are not those": (
        "UPDATE city.release SET content_sha256 = repeat('0', 64) WHERE release_id = :id"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", BESIDE)
def test_what_is_kept_beside_the_figures_is_compared(releases: Releases, place: str) -> None:
    altered(BESIDE[place], id=releases.inside)
    assert named(releases.inside, place)


OUTSIDE = {
    "outside.release_change (outside, city_dropout_control, 2020-05,": (
        "UPDATE outside.release_change SET after = '7654321' WHERE release_id = :id AND schema_name = 'outside'"
        " AND column_name = 'open_count' AND area_code = '210202' AND period = '2020-05'"
    ),
    "outside.city_dropout_control (2020-05, ": (
        "DELETE FROM outgoing.withheld WHERE schema_name = 'city' AND table_name = 'city_dropout_control'"
        " AND prepared_id = (SELECT max(prepared_id) FROM outgoing.prepared WHERE release_id = :id)"
    ),
    "figures of city.city_dropout_control are to be withheld that it does not have": (
        "UPDATE outgoing.withheld SET columns = '{no_such_count}' WHERE schema_name = 'city'"
        " AND prepared_id = (SELECT max(prepared_id) FROM outgoing.prepared WHERE release_id = :id)"
        " AND table_name = 'city_dropout_control'"
    ),
    "content_sha256": "UPDATE outside.release SET content_sha256 = repeat('0', 64) WHERE release_id = :id",
    "note or against": "UPDATE outside.release SET against = NULL WHERE release_id = :id",
    "moment, day or period": "UPDATE outside.release SET day = day - 1 WHERE release_id = :id",
    "another version than it was prepared as": "UPDATE outside.release SET version = 'v1.9' WHERE release_id = :id",
    "who prepared it approved it": f"UPDATE outgoing.request SET asked_by = '{FIRST}' WHERE :id > 0",
    "by a rule that was never loaded": (
        "UPDATE outgoing.prepared SET rule_sha256 = repeat('0', 64) WHERE release_id = :id"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("place", OUTSIDE)
def test_what_left_is_compared_with_its_ledger(releases: Releases, place: str) -> None:
    altered(OUTSIDE[place], id=releases.revoked)
    assert named(releases.revoked, place)


@pytest.mark.slow
def test_what_is_told_too_much_is_unsafe(releases: Releases) -> None:
    columns = [name for (name,) in read(Role.READER, _COLUMNS)]
    told = ", ".join(f"{name} = inside.{name}" for name in columns)
    # Everything that was withheld leaves, and the ledger says that it should.
    altered(
        f"UPDATE outside.{LEDGER} AS outside SET {told}, withheld = '{{}}' FROM city.{LEDGER} AS inside"
        " WHERE outside.release_id = inside.release_id"
        " AND (outside.period, outside.level, outside.area_code, outside.reason, outside.dropout_kind,"
        " outside.registered_poor) = (inside.period, inside.level, inside.area_code, inside.reason,"
        " inside.dropout_kind, inside.registered_poor)",
        "DELETE FROM outgoing.withheld",
    )
    assert named(releases.left, f"what has left narrows down {LEDGER}.")


_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'city.city_dropout_control'::regclass AND attnum > 0"
    " AND NOT attisdropped AND attname NOT IN"
    " ('release_id', 'period', 'level', 'area_code', 'reason', 'dropout_kind', 'registered_poor')"
)


def folder(version: str) -> Path:
    return settings().bundles / "2020-06" / version


@pytest.mark.slow
@pytest.mark.parametrize("what", ["has other bytes", "is missing", "should not be there"])
def test_each_file_of_the_bundle_is_compared(releases: Releases, what: str) -> None:
    path = folder("v1.0") / "data" / f"{LEDGER}.csv"
    if what == "has other bytes":
        path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))
    elif what == "is missing":
        path.unlink()
    else:
        path = path.with_name("more.csv")
        path.write_bytes(b"")
    assert problems(releases.left) == [
        f"release {releases.left}, bundle 2020-06/v1.0/data/{path.name} {what}",
    ]


@pytest.mark.slow
def test_of_what_was_taken_back_the_notice_alone_lies_there(releases: Releases) -> None:
    assert [path.name for path in folder("v1.1").iterdir()] == ["撤回说明.txt"]
    shutil.copy(folder("v1.0") / "README.md", folder("v1.1"))
    assert named(releases.revoked, "bundle 2020-06/v1.1/README.md should not be there")


@pytest.mark.slow
def test_a_folder_of_nothing_that_left_is_named(releases: Releases) -> None:
    (settings().bundles / "2020-06" / "v1.7").mkdir()
    assert "bundle 2020-06/v1.7: no release left as that" in verify_releases().problems


@pytest.mark.slow
def test_of_another_definition_the_content_hash_alone_is_known(releases: Releases) -> None:
    altered(
        "UPDATE city.release_definition SET sha256 = repeat('0', 64) WHERE release_id = :id AND table_name = :table",
        id=releases.inside,
        table=LEDGER,
    )
    found = verify_release(releases.inside)
    assert found.problems == []
    assert any(f"{LEDGER} was made by another definition than today's" in note for note in found.notes)
    altered(f"UPDATE city.{LEDGER} SET open_count = {ALTERED} WHERE release_id = :id AND {ROW}", id=releases.inside)
    assert problems(releases.inside) == [
        f"release {releases.inside}, city.{LEDGER}: its content is another one than city.release_content tells"
    ]


@pytest.mark.slow
def test_of_a_release_of_before_hashes_were_kept_the_figures_are_compared(releases: Releases) -> None:
    altered(
        "DELETE FROM city.release_content WHERE release_id = :id",
        "UPDATE city.release SET content_sha256 = NULL WHERE release_id = :id",
        id=releases.inside,
    )
    found = verify_release(releases.inside)
    assert found.problems == []
    assert found.notes == [f"release {releases.inside}, made before content hashes were kept"]


@pytest.mark.slow
def test_what_another_library_made_is_compared_as_far_as_it_goes(releases: Releases) -> None:
    altered("UPDATE city.release SET library_version = '0.0.1' WHERE release_id = :id", id=releases.left)
    (folder("v1.0") / "README.md").write_bytes(b"other words")
    assert __version__ != "0.0.1"
    # Its own manifest does not know them.
    assert named(releases.left, "bundle 2020-06/v1.0/README.md has other bytes")


def test_the_command_says_so(releases: Releases, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--release", str(releases.left)]) == 0
    altered(f"UPDATE outside.{LEDGER} SET open_count = {ALTERED} WHERE release_id = :id AND {ROW}", id=releases.left)
    for kept in (settings().uploads, settings().archive):
        kept.mkdir()
    assert main(["verify", "--all"]) == 1
    printed = capsys.readouterr().out
    assert f"problem: release {releases.left}, outside.{LEDGER} {PLACE}: open_count" in printed
    assert str(ALTERED) not in printed
    assert main(["verify", "--release", "99"]) == 2
    with pytest.raises(NoSuchRelease):
        verify_release(99)


@pytest.mark.slow
@pytest.mark.parametrize("schema", ["city", "outside_now"])
def test_without_more_the_command_compares_hashes(
    releases: Releases, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for kept in (settings().uploads, settings().archive):
        kept.mkdir()
    main(["verify"])
    assert "release" not in capsys.readouterr().out
    altered(f"UPDATE {schema}.{LEDGER} SET open_count = {ALTERED} WHERE release_id = :id AND {ROW}", id=releases.left)
    assert main(["verify"]) == 1
    assert f"problem: release {releases.left}, {schema.removesuffix('_now')}." in capsys.readouterr().out


@pytest.mark.slow
def test_the_commands_of_disclosure_control(releases: Releases, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit-disclosure"]) == 0
    assert "none unsafe" in capsys.readouterr().out
    assert main(["withheld-share", "--release", str(releases.left)]) == 0
    printed = capsys.readouterr().out
    assert f"city.{LEDGER}" in printed
    assert "no counts of the whole city" in printed
    assert main(["audit-disclosure", "--release", str(releases.inside)]) == 2
    altered("DELETE FROM outgoing.withheld", f"UPDATE outside.{LEDGER} SET withheld = '{{}}'")
    assert main(["audit-disclosure", "--release", str(releases.left)]) == 1
    assert "unsafe: " in capsys.readouterr().out
