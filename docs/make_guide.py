"""Make the guide for who reports for the first time: its pictures, and docs/first-report.md. Needs no running demo.

The pictures are of a real template and of the real answer to a draft with two mistakes in it, so `make guide` makes
them anew when templates or answers look otherwise. The words are those of the pages (pages/words/guide.json). Needs
Chromium (CHROMIUM names another), LibreOffice and pdftoppm.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from playwright.sync_api import sync_playwright

from district_reports.model.form import FIRST_DATA_ROW
from district_reports.pages.guide.steps import PICTURES, guide_page
from district_reports.pages.rendering import ASSETS

PAGE = Path(__file__).with_name("first-report.md")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FORM, DISTRICT, PERIOD, RECEIVED_ON = "dropout_control", "210202", "2020-06", "2020-07-04"
SHEET = "疑似辍学台账"
SHOWN = frozenset({"身份证件号", "姓名", "性别", "学校标识码", "学校名称", "年级", "发现日期", "劝返状态", "返校日期"})
"""Of the columns of that sheet; all of them could not be read."""
LISTED = frozenset({"单元格", "是谁", "当前值", "问题", "怎样改", "级别"})
"""Of the columns of 问题清单."""
MISTAKES: Mapping[tuple[int, str], object] = {(0, "劝返状态"): "返校了", (1, "身份证件号"): 2.10202200503130798e17}
"""By the row of data and the column: what clerks type, and what Excel makes of a long number."""
COLOURS = 96
WIDEST, HIGHEST = 1300, 900
"""Pixels."""


@dataclass(frozen=True)
class Area:
    """A part of a workbook's sheet, as it is printed.

    ``rows`` is the last one that is shown, None for all of the sheet; ``columns`` are the titles of those shown.
    """

    workbook: Path
    sheet: str
    rows: int | None = None
    columns: frozenset[str] | None = None


def main() -> None:
    """Write every picture, then the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        template, answer = folder / "template.xlsx", folder / "answer.xlsx"
        ours(
            "template", FORM, "--district", DISTRICT, "--period", PERIOD, "--prefill", "--register-only", "-o", template
        )
        ours("sample", "--out", folder / "samples", "--districts", 1, "--scale", 0.3)
        draft = mistaken(next((folder / "samples").glob(f"*/*{PERIOD}.xlsx")), folder / f"{PERIOD}.xlsx")
        # 1: it has findings, which is what it is for.
        ours("check", draft, "--district", DISTRICT, "--received-on", RECEIVED_ON, "--marked-copy", answer, ends=(0, 1))
        areas = {
            "guide-cover": Area(template, "封面"),
            "guide-sheet": Area(draft, SHEET, FIRST_DATA_ROW + 4, SHOWN),
            "guide-marked": Area(answer, SHEET, FIRST_DATA_ROW + 4, SHOWN),
            "guide-list": Area(answer, "问题清单", columns=LISTED),
        }
        pictures = {name: render(area, folder / name) for name, area in areas.items()}
        pictures["guide-report"] = report(answer.with_suffix(".html"), folder / "report.pdf")
        assert set(pictures) == set(PICTURES)
        for each, pixels in pictures.items():
            (ASSETS / f"{each}.png").write_bytes(png(pixels))
    PAGE.write_text(guide_page(), encoding="utf-8")


def ours(*command: object, ends: tuple[int, ...] = (0,)) -> None:
    """Run `district-reports` with `command`."""
    program = Path(sys.executable).with_name("district-reports")
    done = subprocess.run([program, *map(str, command)], capture_output=True, text=True)
    if done.returncode not in ends:
        raise SystemExit(f"district-reports {command[0]}: {done.stdout}{done.stderr}")


def mistaken(sample: Path, draft: Path) -> Path:
    """A copy of the sound sample with :data:`MISTAKES` in it."""
    book = openpyxl.load_workbook(sample, rich_text=True)
    sheet = book[SHEET]
    columns = {cell.value: cell.column for cell in sheet[FIRST_DATA_ROW - 1]}
    for (row, title), value in MISTAKES.items():
        sheet.cell(FIRST_DATA_ROW + row, columns[title]).value = value
    book.save(draft)
    return draft


def render(area: Area, folder: Path) -> Any:
    """The cells as LibreOffice prints them, with the letters and numbers around them."""
    folder.mkdir()
    book = openpyxl.load_workbook(area.workbook, rich_text=True)
    for sheet in book.worksheets:
        sheet.sheet_state = "visible" if sheet.title == area.sheet else "hidden"
    sheet = book[area.sheet]
    book.active = book.index(sheet)
    first = 1
    if area.columns is not None:
        heads = next(row for row in sheet.iter_rows() if len({str(cell.value) for cell in row} & area.columns) > 2)
        for cell in heads:
            sheet.column_dimensions[cell.column_letter].hidden = cell.value not in area.columns
        # What stands above a list's heads is as wide as the list.
        first = 1 if heads[0].row < FIRST_DATA_ROW else heads[0].row
    last = sheet.cell(area.rows or sheet.max_row, sheet.max_column).coordinate
    sheet.print_area = f"A{first}:{last}"
    sheet.print_title_rows = sheet.print_title_cols = None
    sheet.print_options.headings = sheet.print_options.gridLines = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.scale = None
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1
    sheet.oddHeader.center.text = sheet.oddFooter.center.text = sheet.oddFooter.left.text = None
    sheet.oddFooter.right.text = sheet.oddHeader.left.text = sheet.oddHeader.right.text = None
    copy = folder / "part.xlsx"
    book.save(copy)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(copy)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return cropped(first_page(copy.with_suffix(".pdf")))


def report(html: Path, pdf: Path) -> Any:
    """The beginning of the quality report, as a browser shows it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 900, "height": 700}, locale="zh-CN")
        page.goto(html.as_uri())
        page.emulate_media(media="screen", color_scheme="light")
        page.pdf(path=pdf, print_background=True)
        browser.close()
    return cropped(first_page(pdf)[:HIGHEST])


def first_page(pdf: Path) -> Any:
    """The first page as rows of pixels, :data:`WIDEST` wide."""
    size = ["-scale-to-x", str(WIDEST), "-scale-to-y", "-1"]
    said = subprocess.run(["pdftoppm", "-singlefile", *size, str(pdf)], check=True, capture_output=True).stdout
    kind, shape, deepest, pixels = said.split(b"\n", 3)
    assert (kind, deepest) == (b"P6", b"255")
    wide, high = map(int, shape.split())
    return np.frombuffer(pixels, np.uint8).reshape(high, wide, 3)


def cropped(pixels: Any, margin: int = 8) -> Any:
    """Without the paper around what is printed."""
    inked = (pixels < 250).any(axis=2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    return pixels[top : rows[-1] + margin, left : columns[-1] + margin]


def png(pixels: Any) -> bytes:
    """As PNG with the :data:`COLOURS` most frequent colours, each other one as the nearest of them."""
    flat = pixels.reshape(-1, 3)
    coarse = (flat >> 3 << 3) | (flat >> 5)
    kinds, kind_of, counts = np.unique(coarse, axis=0, return_inverse=True, return_counts=True)
    palette = kinds[np.argsort(-counts)[:COLOURS]]
    away = ((kinds[:, None, :].astype(int) - palette[None].astype(int)) ** 2).sum(axis=2)
    rows = away.argmin(axis=1).astype(np.uint8)[kind_of.reshape(-1)].reshape(pixels.shape[:2])
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts))


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    name, content = part
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


if __name__ == "__main__":
    main()
