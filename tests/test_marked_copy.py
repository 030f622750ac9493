"""``check --marked-copy OUT``: what a district would find in its 反馈, and no other file is touched."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from district_reports import cli
from district_reports.reference.register import Register
from district_reports.settings import load_settings
from ledger_book import CASES, case, write_book


@pytest.fixture
def check(tmp_path: Path, tmp_settings) -> Callable[..., int]:
    """Runs the command in this process; how it ends."""

    def run(*arguments: object) -> int:
        return cli.main(["check", "--received-on", "2020-07-04", *map(str, arguments)])

    return run


def lying_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def first_open_school(district: str) -> str:
    """A school of the city's register that is open on the last of June."""
    register = Register.load(load_settings({}).reference)
    last_day = date(2020, 6, 30)
    return min(each.code for each in register.schools if each.district_code == district and each.is_open(last_day))


def texts(book: Path) -> str:
    return "\n".join(
        str(cell) for sheet in openpyxl.load_workbook(book) for row in sheet.values for cell in row if cell
    )


def test_one_file(check, tmp_path: Path) -> None:
    book = write_book(tmp_path / "台账.xlsx")
    before = lying_in(tmp_path)
    # Its schools are not in the register, so that nothing of it would load.
    assert check(book, "--marked-copy", tmp_path / "out" / "标注.xlsx") == 1
    assert set(lying_in(tmp_path)) - set(before) == {"out/标注.xlsx", "out/标注.html"}
    assert before.items() <= lying_in(tmp_path).items()
    assert "C02" in texts(tmp_path / "out" / "标注.xlsx")
    assert "预检结果：会被退回" in (tmp_path / "out" / "标注.html").read_text("utf-8")


def test_several_files_and_what_can_not_be_opened(check, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "信.pdf").write_bytes(b"%PDF-1.7")
    assert check(tmp_path / "a", tmp_path / "b", "--marked-copy", tmp_path / "out") == 1
    assert set(lying_in(tmp_path / "out")) == {"信.xlsx", "信.html", "信_2.xlsx", "信_2.html"}
    assert "F01" in texts(tmp_path / "out" / "信_2.xlsx")


def test_names_as_long_as_a_disk_takes(check, tmp_path: Path) -> None:
    name = "中山区教育局二〇二〇年六月控辍保学台账（最终版）" * 4
    book = write_book(tmp_path / f"{name[:80]}.xlsx")
    (tmp_path / "out").mkdir()
    assert check(book, "--marked-copy", tmp_path / "out") == 1
    assert set(lying_in(tmp_path / "out")) == {f"{name[:80]}.xlsx", f"{name[:80]}.html"}
    assert "C02" in texts(tmp_path / "out" / f"{name[:80]}.xlsx")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name[:84]}.et").write_bytes(b"%PDF-1.7")
    assert check(tmp_path / "a", tmp_path / "b", "--marked-copy", tmp_path / "both") == 1
    books = [path.name for path in (tmp_path / "both").glob("*.xlsx")]
    assert len(books) == len(set(books)) == 2
    assert all(one.startswith(name[:80]) and len(one.encode()) <= 255 for one in books)


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("台账.xlsx", "is a file to be checked"),
        ("link.xlsx", "is a file to be checked"),
        (".", "is a file to be checked"),
        ("台账.csv", "ends in .xlsx"),
    ],
)
def test_an_original_is_never_written_over(check, tmp_path: Path, capsys, out: str, words: str) -> None:
    (tmp_path / "台账.xlsx").write_bytes(b"%PDF-1.7")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "台账.xlsx")
    before = lying_in(tmp_path)
    assert check(tmp_path / "台账.xlsx", "--marked-copy", tmp_path / out) == 2
    assert words in capsys.readouterr().err
    assert lying_in(tmp_path) == before


def test_several_files_need_a_folder(check, tmp_path: Path, capsys) -> None:
    for name in ("1.xlsx", "2.xlsx", "out.xlsx"):
        (tmp_path / name).write_bytes(b"x")
    assert check(tmp_path / "1.xlsx", tmp_path / "2.xlsx", "--marked-copy", tmp_path / "out.xlsx") == 2
    assert "is no folder" in capsys.readouterr().err


def test_a_page_that_is_to_be_checked_is_not_written_over(check, tmp_path: Path) -> None:
    (tmp_path / "信.html").write_text("<html></html>")
    assert check(tmp_path / "信.html", "--marked-copy", tmp_path / "信.xlsx") == 2


def mended_by_its_list(copy: Path) -> None:
    """Do in a marked copy what its 问题清单 says of each mistake, from the last row to the first."""
    book = openpyxl.load_workbook(copy)
    rows = list(book["问题清单"].values)
    headers = next(row for row in rows if "怎样改" in row)
    told = [dict(zip(headers, row, strict=True)) for row in rows[rows.index(headers) + 1 :]]
    mistakes = [one for one in told if one["级别"] == "错误" and one["单元格"]]
    for one in sorted(mistakes, key=lambda one: book[CASES][one["单元格"]].row, reverse=True):
        cell, remedy = book[CASES][one["单元格"]], one["怎样改"]
        if "整行删去" in remedy:
            first, last = map(int, re.findall(r"第 (\d+) 至 (\d+) 行", one["问题"])[0])
            book[CASES].delete_rows(first, last - first + 1)
        else:
            cell.value = None if "可以留空" in remedy else re.findall("请改为“(.*?)”", remedy)[0]
    book.save(copy)


def test_what_the_list_says_to_do_is_enough(check, tmp_path: Path) -> None:
    school = first_open_school("210202")
    sound = [case(number, 学校标识码=school) for number in range(1, 60)]
    wrong = case(
        60, 学校标识码=school, 性别="女孩", 劝返状态="正在劝返", 主要原因="打工", 安置方式="待定", 建档立卡="没有"
    )
    no_data = [{"身份证件号": "填表人：孙丽"}, {"备注": "本页合计"}]
    path = write_book(
        tmp_path / "台账.xlsx",
        cases=[wrong, *sound, *[{"建档立卡": "否"}] * 30, *no_data],
        enrolment=[{"学校标识码": school, "应在校人数": 10, "实际在校人数": 10}],
    )
    copy = tmp_path / "标注.xlsx"
    assert check(path, "--marked-copy", copy) == 1

    mended_by_its_list(copy)

    assert check(copy, "--json") == 0
