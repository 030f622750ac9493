import os
from datetime import datetime
from pathlib import Path

import pytest

from district_reports.clock import ZONE
from district_reports.errors import SystemFault
from district_reports.storage.folders import (
    district_folders,
    free_name,
    labelled,
    lay_out,
    require_share,
    safe_name,
    shown_name,
)
from district_reports.storage.share import open_local

NOON = datetime(2020, 7, 4, 12, tzinfo=ZONE)


def test_lay_out_makes_the_four_folders_of_each_district(tmp_path: Path, register) -> None:
    for _ in range(2):
        folders = lay_out(tmp_path / "uploads", register.districts)
    assert [folder.name for folder in folders] == ["210202-中山区", "210203-西岗区"]
    assert {path.name for path in folders[0].place.path.iterdir()} == {"上报", "预检", "已接收", "反馈"}
    assert district_folders(tmp_path / "uploads") == folders


def test_a_renamed_district_keeps_its_folder(tmp_path: Path, register) -> None:
    (tmp_path / "210202-旧名区").mkdir()
    assert lay_out(tmp_path, register.districts)[0].name == "210202-旧名区"


def test_a_share_that_is_offline_is_not_no_files(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="can't be listed"):
        district_folders(tmp_path / "offline")


def test_only_district_folders_count(tmp_path: Path) -> None:
    for name in ("说明", "210202-中山区", "2102-x", "210203-"):
        (tmp_path / name).mkdir()
    (tmp_path / "210204-链接").symlink_to(tmp_path / "说明")
    assert [folder.code for folder in district_folders(tmp_path)] == ["210202"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("台账.xlsx", "台账.xlsx"),
        ("../a/b.xlsx", "_a_b.xlsx"),
        ('a:b*"c?.xlsx', "a_b__c_.xlsx"),
        ("a\u202excod.xlsx", "a_xcod.xlsx"),
        ("...", "_"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension_and_whole_characters(tmp_path: Path) -> None:
    name = safe_name("台" * 200 + ".xlsx")
    assert name.endswith("台.xlsx")
    assert len(name.encode()) <= 255
    (tmp_path / name).touch()
    with open_local(tmp_path) as folder:
        second = free_name(folder, name, NOON)
    (tmp_path / second).touch()
    assert second.endswith("_20200704-120000.xlsx")


def test_a_taken_name_gets_the_time_and_then_a_number(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with open_local(tmp_path) as folder:
            names.append(free_name(folder, "台账.xlsx", NOON))
        (tmp_path / names[-1]).touch()
    assert names == ["台账.xlsx", "台账_20200704-120000.xlsx", "台账_20200704-120000-2.xlsx"]


def test_a_gbk_name_can_be_shown() -> None:
    assert shown_name(os.fsdecode("台账.xlsx".encode("gb18030"))) == "台账.xlsx"


def test_a_share_that_is_not_mounted_is_not_laid_out(tmp_path: Path) -> None:
    uploads, archive = tmp_path / "uploads", tmp_path / "archive"
    require_share(uploads, archive)
    archive.mkdir()
    require_share(uploads, archive)
    (archive / "ab").mkdir()
    for _ in range(2):
        with pytest.raises(SystemFault, match="is the share mounted"):
            require_share(uploads, archive)
        uploads.mkdir(exist_ok=True)
    (uploads / "210202-中山区").mkdir()
    require_share(uploads, archive)


def test_a_label_is_never_cut() -> None:
    assert labelled("台账", "_回执7.txt") == "台账_回执7.txt"
    for character in "a台𠮷":
        name = labelled(character * 250, "_回执12345678_已收到.txt")
        assert name.endswith(f"{character}_回执12345678_已收到.txt")
        assert len(name.encode()) <= 255
