"""The mayor's three questions (what lags, where, since when), with the clicks that each answer takes; on paper too."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from altered import altered
from pages.test_in_a_browser import DESK, PHONE

Q1, Q2 = "2020-Q1", "2020-Q2"
EYES = "学校近视防控专项检查覆盖率"
_WHOLE = "districts_accepted = districts_expected, units_reported = units_expected"


@pytest.fixture
def lagging(warehouse) -> None:
    """Two of three quarters in, inspections lag for two of them, most in 西岗区."""
    of_it = "release_id = 2 AND commitment = 'schools_inspected'"
    altered(
        "INSERT INTO city.city_commitments SELECT (jsonb_populate_record(told, jsonb_build_object('period',"
        f" '{Q1}'))).* FROM city.city_commitments AS told WHERE {of_it} AND period = '{Q2}' ON CONFLICT DO NOTHING",
        f"UPDATE city.city_commitments SET {_WHOLE} WHERE {of_it} AND period IN ('{Q1}', '{Q2}')",
        f"UPDATE city.city_commitments SET actual = 18.5, pace = 24.66, status = '滞后' WHERE {of_it}"
        f" AND level = 'city' AND period = '{Q1}'",
        f"UPDATE city.city_commitments SET actual = 36.92, pace = 49.59, status = '滞后' WHERE {of_it}"
        f" AND level = 'city' AND period = '{Q2}'",
        f"UPDATE city.city_commitments SET actual = 30.56 WHERE {of_it} AND area_code = '210203' AND period = '{Q2}'",
        f"UPDATE city.city_commitments SET actual = 45.5 WHERE {of_it} AND area_code = '210204' AND period = '{Q2}'",
    )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_lags_where_and_since_when_take_no_click(lagging, visitor, served, size):
    view, complaints = visitor("officer", viewport=size)
    view.goto(served.page("/city"))
    verdict = view.get_by_role("region", name="结论")
    told = verdict.inner_text()
    assert re.match(r"全市：\d 项滞后", told), "what: the sentence"
    card = verdict.get_by_role("listitem").filter(has_text=EYES)
    said = card.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "36.92%" in said, "what: the figure"
    assert "应达 49.59%" in said, "what: where it should be"
    assert "最低：西岗区 30.56%、中山区 40.38%、沙河口区 45.50%" in said, "where"
    assert "自2020年一季度起，连续 2 期" in said, "since when"
    bottom = card.evaluate("each => each.getBoundingClientRect().bottom")
    assert bottom < 2 * size["height"]
    if size == DESK:
        assert bottom < size["height"], "nothing to scroll"
    assert Axe().run(view).response["violations"] == []
    assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []


def test_one_click_leads_to_the_line_to_every_district_and_to_a_caveat(lagging, visitor, served):
    view, complaints = visitor("officer", viewport=DESK)
    view.goto(served.page("/city"))
    view.get_by_role("region", name="结论").get_by_role("link", name=EYES).click()
    line = view.locator("tr:target")
    assert "差 12.67 个百分点" in line.inner_text()
    assert line.locator("svg.trend").count() == 1, "a trend as soon as there are two periods"
    line.locator(".marks a").first.click()
    assert view.locator("ol.caveats li:target").is_visible(), "what is folded opens for who asks for it"
    view.get_by_role("link", name=f"{EYES}: 各区县").click()
    assert "西岗区" in view.locator("main").inner_text()
    assert complaints == []


def test_it_prints_on_two_sheets(lagging, visitor, served):
    view, _ = visitor("officer", viewport=DESK)
    view.goto(served.page("/city"))
    paper = view.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2


def test_the_address_of_a_night_can_be_sent(lagging, visitor, served):
    view, _ = visitor("officer", viewport=DESK)
    view.goto(served.page("/city"))
    view.get_by_role("link", name="这一夜的链接").click()
    assert view.url.endswith("/city?night=2020-07-04")
    assert "2020-07-04 夜间发布" in view.locator("main").inner_text()
    assert EYES in view.get_by_role("region", name="结论").inner_text()
