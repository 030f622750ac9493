"""All pages in a real browser: both languages, a desk and a phone, light and dark; nothing complains."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.walk import kind, walk

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@pytest.mark.parametrize(
    ("language", "size", "scheme"), [("zh", DESK, "light"), ("en", PHONE, "dark")], ids=["desk", "phone"]
)
def test_every_page_reads_well(client_as, visitor, served, language, size, scheme):
    pages = walk(client_as("engineer"), language)
    view, complaints = visitor(viewport=size, color_scheme=scheme)
    barriers, wide, shown = [], [], {}
    for path in pages:
        # Of pages that differ in what was asked for, one is looked at: the walk has seen that the others answer.
        shown.setdefault(kind(path), path)
    assert len(shown) >= 8
    for path in shown.values():
        answer = view.goto(served.page(path))
        assert answer.ok, path
        # Reports and Data Docs are pages of their own, in which no script may run, the test's neither.
        if 'class="bar"' not in pages[path]:
            continue
        assert view.locator("html").get_attribute("data-theme") == scheme
        assert view.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
        if view.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
        found = Axe().run(view).response["violations"]
        barriers += [
            f"{path}: {each['id']} {each['nodes'][0]['html'][:200]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
    assert complaints == []
    assert barriers == []
    assert wide == []


def test_who_is_not_logged_in_reads_what_to_do(browser, served):
    view = browser.new_page(locale="zh-CN")
    assert view.goto(served.page("/progress?period=2020-06")).status == 401
    way_in = view.get_by_role("link", name="登录")
    # Its style is in the page, since nothing else may be loaded, and the policy lets that one in.
    assert way_in.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(61, 90, 138)"
    assert way_in.get_attribute("href") == "/auth/login?next=%2Fdistrict-reports%2Fprogress%3Fperiod%3D2020-06"
    assert Axe().run(view).response["violations"] == []
    view.close()
