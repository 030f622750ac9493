"""``check --marked-copy OUT``: what a district would find in its 反馈, and no other file is touched."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from district_reports import cli
from ledger_book import write_book


@pytest.fixture
def check(tmp_path: Path, tmp_settings) -> Callable[..., int]:
    """Runs the command in this process; how it ends."""

    def run(*arguments: object) -> int:
        return cli.main(["check", "--received-on", "2020-07-04", *map(str, arguments)])

    return run


def lying_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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
