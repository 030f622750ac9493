"""The guide for who reports for the first time: where it is offered, that its pictures show, and its page in docs."""

import struct

import pytest

from district_reports.pages.guide.steps import PICTURES, guide_page
from district_reports.pages.rendering import ASSETS
from district_reports.settings import load_settings, settings

ALL_TOGETHER = 400_000
"""Bytes: the pictures are in the repository, and anew in it whenever they change."""


def test_a_district_of_which_nothing_came_is_offered_it_first(client_as):
    offered = "看图学上报"
    assert offered not in client_as("xigang").get("progress").text
    assert "第一次使用？" in client_as("xigang").get("progress").text
    table = settings().users
    table.write_text(table.read_text("utf-8").replace("xigang,district,210203", "xigang,district,210283"), "utf-8")
    page = client_as("xigang").get("progress").text
    assert offered in page
    assert page.index(offered) < page.index("今天要办的事")
    assert offered not in client_as("officer").get("progress").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_picture_shows(visitor, served, language):
    view, complaints = visitor("zhongshan", viewport={"width": 390, "height": 844})
    view.goto(served.page(f"/guide?lang={language}"))
    pictures = view.locator("main img")
    assert pictures.count() == len(PICTURES)
    for number in range(pictures.count()):
        # They are loaded when somebody comes near.
        pictures.nth(number).scroll_into_view_if_needed()
        view.wait_for_function(
            "each => each.complete && each.naturalWidth > 500", arg=pictures.nth(number).element_handle()
        )
        assert pictures.nth(number).get_attribute("alt")
    assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []


def test_the_pictures_are_small_and_whole():
    files = [ASSETS / f"{picture}.png" for picture in PICTURES]
    assert {path.name for path in ASSETS.glob("*.png")} == {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert content.endswith(b"IEND\xaeB`\x82")
        assert 600 < width <= 1300
        assert height <= 1300
    assert sum(path.stat().st_size for path in files) < ALL_TOGETHER


def test_the_page_in_docs_says_the_same():
    written = (load_settings({}).root / "docs" / "first-report.md").read_text(encoding="utf-8")
    assert written == guide_page(), "docs/first-report.md is out of date: make guide"
