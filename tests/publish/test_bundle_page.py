"""The mayor's summary in a real browser: two pages of A4, whatever there is to tell, and nothing from elsewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from district_reports.database.engine import engine
from district_reports.publish import Release
from district_reports.publish.bundle.blanks import Blank
from district_reports.publish.bundle.content import OUTSIDE, Change, Content, Table, read_content
from district_reports.publish.bundle.summary_page import TABLE, summary_page
from district_reports.publish.causes import ChangeCause
from publish.left import JUNE, let_leave, withheld_rows
from publish.reading import CITY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

A4 = {"width": 794, "height": 1123}


@pytest.fixture
def content(release: Release) -> Content:
    """Of a whole city; how 全市 stands on the wording with the lowest key is withheld."""
    let_leave(release.release_id, JUNE, "v1.0", withheld_rows(TABLE, release.release_id, CITY, "actual", "status"))
    with engine("publisher").begin() as connection:
        return read_content(connection, release.release_id)


@pytest.fixture
def page(browser: "Browser", tmp_path: Path) -> Iterator["Page"]:
    opened = browser.new_page(viewport=A4)
    yield opened
    opened.close()


def show(page: "Page", content: Content, folder: Path) -> list[str]:
    """Open the summary of `content`; what it asked for beside itself."""
    file = folder / "摘要.html"
    file.write_text(summary_page(content), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    return asked[1:]


def pages_of(page: "Page") -> int:
    page.emulate_media(media="print")
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def cut(page: "Page") -> list[int]:
    """The pages that hold more than they show."""
    return list(
        page.evaluate(
            """[...document.querySelectorAll('.sheet')].map((sheet, number) => {
                const foot = sheet.querySelector('.foot').getBoundingClientRect().top;
                const last = [...sheet.children].filter(each => !each.matches('.foot'))
                    .map(each => each.getBoundingClientRect().bottom);
                return Math.max(...last) > foot ? number + 1 : 0;
            }).filter(Boolean)"""
        )
    )


def test_it_is_two_pages_and_asks_for_nothing(content: Content, page: "Page", tmp_path: Path) -> None:
    assert show(page, content, tmp_path) == []
    assert pages_of(page) == 2
    assert cut(page) == []
    assert page.locator("script, link, img, iframe").count() == 0
    assert page.locator("svg.map g").count() == 13
    assert "首次对外发布" in page.inner_text("body")


def test_what_is_withheld_is_said_so(content: Content, page: "Page", tmp_path: Path) -> None:
    show(page, content, tmp_path)
    assert page.locator("td.status", has_text="已隐去").count() == 1
    assert page.locator("td.number", has_text="已隐去").count() == 1


def test_it_is_two_pages_with_ever_so_many_commitments_in_long_words(
    content: Content, page: "Page", tmp_path: Path
) -> None:
    for status in ("滞后", "正常推进"):
        show(page, _crowded(content, status), tmp_path)
        assert pages_of(page) == 2, status
        assert cut(page) == [], status
        assert "另有" in page.inner_text("body")


def _crowded(content: Content, status: str) -> Content:
    """Many of them, and many figures that changed for every cause there is."""
    tables = tuple(_five_times(each, status) for each in content.tables)
    (table,) = (each for each in tables if each.name == TABLE)
    changes = tuple(
        Change(
            *(OUTSIDE, TABLE, row["period"], row["level"], row["area_code"]),
            key={"commitment": row["commitment"]},
            column="status",
            before="未达标（无基期）",
            after="未达标（无基期）",
            causes=list(ChangeCause),
        )
        for row in table.rows
    )
    return replace(content, tables=tables, against=content.version, changes=changes)


def _five_times(table: Table, status: str) -> Table:
    if table.name != TABLE:
        return table
    rows: list[Mapping[str, Any]] = []
    for number in range(5):
        rows += [
            {
                **row,
                "commitment": f"{row['commitment']} {number}",
                "wording": row["wording"] * 4,
                "status": row["status"] if number == 0 else status,
            }
            for row in table.rows
        ]
    return replace(table, rows=tuple(rows))


def test_the_urgent_ones_come_first(content: Content, page: "Page", tmp_path: Path) -> None:
    show(page, content, tmp_path)
    (first, *_) = page.locator("td.status").all_inner_texts()
    (table,) = (each for each in content.tables if each.name == TABLE)
    of_city = {row["status"] for row in table.rows if row["area_code"] == CITY} - {Blank.WITHHELD}
    assert "滞后" not in of_city or first == "滞后"
