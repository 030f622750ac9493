"""All pages in a real browser: both languages, a desk and a phone, light and dark; nothing complains."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages.cross_city import EXPLAINED, TWICE_PAID, add_items, explain
from pages.walk import kind, walk
from submitted import resident

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@pytest.mark.parametrize(
    ("language", "size", "scheme"), [("zh", DESK, "light"), ("en", PHONE, "dark")], ids=["desk", "phone"]
)
def test_every_page_reads_well(client_as, visitor, served, language, size, scheme):
    add_items()
    explain(1)
    pages = walk(client_as("engineer"), language)
    view, complaints = visitor(viewport=size, color_scheme=scheme)
    barriers, wide, shown = [], [], {}
    for path in pages:
        # Of pages that differ in what was asked for, one is looked at: the walk has seen that the others answer.
        shown.setdefault(kind(path), path)
    assert len(shown) >= 10
    assert "/worklist/0" in shown
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


def test_a_filter_waits_for_its_button(visitor, served):
    view, complaints = visitor("officer", viewport=DESK)
    view.goto(served.page("/submissions"))
    visited: list[str] = []
    view.on("framenavigated", lambda frame: visited.append(frame.url))
    view.get_by_label("报表").select_option("dropout_control")
    view.get_by_label("结论").select_option("rejected")
    view.get_by_role("button", name="查看").click()
    view.wait_for_load_state()
    assert len(visited) == 1, "a choice alone changes nothing"
    assert "form=dropout_control" in visited[0]
    assert "outcome=rejected" in visited[0]
    assert complaints == []


def test_three_items_are_ruled_on_in_a_few_clicks(visitor, served):
    add_items()
    view, complaints = visitor("officer", viewport=DESK)
    view.goto(served.page("/worklist?rule=X01"))
    view.get_by_role("checkbox", name="全选").check()
    view.get_by_label("理由").fill("两区已核实：学期中转学。")
    view.get_by_role("button", name="裁定选中的").click()
    assert "已裁定 3 项：编号 1, 2, 3。" in view.get_by_role("status").inner_text()
    assert "rule=X01" in view.url
    view.get_by_role("link", name="已裁定 3").click()
    assert view.locator("tbody tr").count() == len(TWICE_PAID)
    assert complaints == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_clerk_reads_the_own_side(visitor, served, size):
    add_items()
    explain(1)
    view, complaints = visitor("zhongshan", viewport=size)
    for path in ("/worklist", "/worklist/1"):
        view.goto(served.page(path))
        told = view.locator("main").inner_text()
        assert all(each in told for each in ("西岗区", resident(TWICE_PAID[0]), "第 14 行", "待核对.xlsx"))
        assert view.locator("main form[method=post]").count() == 0
        assert Axe().run(view).response["violations"] == []
        assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert EXPLAINED in told
    assert complaints == []


def test_who_is_not_logged_in_reads_what_to_do(browser, served):
    view = browser.new_page(locale="zh-CN")
    assert view.goto(served.page("/progress?period=2020-06")).status == 401
    way_in = view.get_by_role("link", name="登录")
    # Its style is in the page, since nothing else may be loaded, and the policy lets that one in.
    assert way_in.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(61, 90, 138)"
    assert way_in.get_attribute("href") == "/auth/login?next=%2Fdistrict-reports%2Fprogress%3Fperiod%3D2020-06"
    assert Axe().run(view).response["violations"] == []
    view.close()
