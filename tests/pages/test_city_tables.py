"""A city table compared, folded, drawn with its target, and taken along; and a trace that reads as a sentence."""

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest

from district_reports.pages.city.cards import definitions
from district_reports.pages.city.comparison import difference, incomplete
from district_reports.pages.city.trace_words import sum_of
from district_reports.publish.lineage import Formula
from pages.small_city import JUNE, MAY, XIGANG, ZHONGSHAN
from pages.test_access_log import rows
from pages.test_city import LEDGER, changed, ledger_figure

SCHOOLS = "city/tables/city_facilities"


def cells(page: str, identifier: str) -> list[list[str]]:
    """The rows of a table, without its header, as a reader sees them."""
    table = page[page.index(f'id="{identifier}"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.S)
    plain = (re.sub(r"<sup.*?</sup>|<[^>]+>", "", re.sub(r"</t[hd]>", "\t", row)) for row in rows)
    return [[cell.strip() for cell in row.split("\t")[:-1]] for row in plain]


def test_a_table_begins_with_a_rate_and_where_that_is_missing_with_its_count(client_as):
    officer = client_as("officer")
    assert "<h2>每千名应在校学生中的未结案学生（人）</h2>" in officer.get(LEDGER).text
    assert "<h2>未结案学生（人）</h2>" in officer.get(f"{LEDGER}?key.reason=因贫").text
    assert "<h2>专项检查覆盖率（%）</h2>" in officer.get(SCHOOLS).text


def test_the_target_of_what_is_shown_is_a_line_and_of_nothing_else(client_as):
    officer = client_as("officer")
    assert "虚线是目标 100%（2020-12-31 前达到）" in officer.get(f"{SCHOOLS}?measure=inspected_school_rate").text
    assert "目标 100%</text>" in officer.get(f"{SCHOOLS}?measure=inspected_school_rate").text
    assert "虚线" not in officer.get(f"{SCHOOLS}?measure=school_count").text
    training = "city/tables/city_teacher_training?measure=coverage_year_rate&key.training_category="
    assert "虚线是目标 100%" in officer.get(f"{training}思政课教师全员通识").text
    assert "虚线" not in officer.get(f"{training}全部").text


def test_another_period_stands_beside_with_what_it_differs_by(client_as):
    page = client_as("officer").get(f"{LEDGER}?period={JUNE}&measure=open_count&against={MAY}").text
    own = next(row for row in cells(page, "figures") if row and row[0] == "中山区")
    now, before = ledger_figure(2), ledger_figure(2, MAY)
    assert own[1:3] == [str(now), str(before)]
    assert own[3].startswith(f"{now - before:+d}".replace("+0", "0"))
    assert "2020年6月比2020年5月" in page
    assert f"against={MAY}" in page[page.index("city_dropout_control.png") :], "the picture is of the same view"
    assert "against=" not in client_as("officer").get(f"{LEDGER}?against=1999-01").text.split("<table")[1]


def test_two_districts_stand_beside_each_other_under_one_address(client_as):
    page = client_as("officer").get(f"{LEDGER}?measure=open_count&one={ZHONGSHAN}&other={XIGANG}").text
    assert "中山区和西岗区对比" in page
    _, *rows = cells(page, "areas-table")
    assert rows[0][0] == "未结案学生（人）"
    assert Decimal(rows[0][1]) - Decimal(rows[0][2]) == Decimal(rows[0][3])
    assert "areas-table" not in client_as("officer").get(f"{LEDGER}?one={ZHONGSHAN}&other={ZHONGSHAN}").text


def test_a_difference_of_a_withheld_figure_is_withheld():
    told, hidden = {"open_count": 5, "withheld": []}, {"open_count": None, "withheld": ["open_count"]}
    assert difference(told, {"open_count": 2}, "open_count").value == 3
    for pair in ((told, hidden), (hidden, told), (hidden, None)):
        found = difference(*pair, "open_count")
        assert found.hidden
        assert found.value is None
    assert difference(told, {"open_count": None}, "open_count").value is None
    assert incomplete({"districts_accepted": 12, "districts_expected": 13})
    assert not incomplete({"districts_accepted": 13, "districts_expected": 13, "units_reported": None})


def test_what_is_the_same_in_every_row_is_folded_and_named(client_as):
    page = client_as("officer").get(f"{LEDGER}?period={JUNE}&level=district").text
    named = page[page.index('<details class="folded">') :]
    named = named[: named.index("</summary>")]
    assert "各区县都一样的指标" in named, "the row of the whole city may say something else"
    assert "应报区县 1 个" in named, "with its unit"
    assert "–" not in named
    shown = page[page.index('id="figures"') : page.index('<details class="folded">')]
    assert "应报区县" not in shown
    assert "未结案学生（人）" in shown


def test_a_picture_is_a_png_and_stands_in_the_access_log(client_as):
    officer = client_as("officer")
    for query in (f"period={JUNE}&against={MAY}", "picture=map", "by=period", "by=reason&measure=open_count"):
        answer = officer.get(f"{LEDGER}.png?{query}")
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG\r\n")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert officer.get(f"{LEDGER}.png?picture=map&level=city").status_code == 404
    assert officer.get("city/tables/city_secrets.png").status_code == 404
    assert client_as("zhongshan").get(f"{LEDGER}.png?face=inside").status_code == 403
    assert [row["kind"] for row in rows() if row["status"] == 200] == ["table_download"] * 4


def test_a_trace_has_a_title_a_sum_and_one_table_by_district(client_as):
    query = "table=city_facilities&column=inspected_school_rate&period=2020-Q2&area=全市"
    page = client_as("officer").get(f"city/trace?{query}").text
    assert "专项检查覆盖率，2020年二季度，全市</h1>" in page
    part, whole = re.search(r'<p class="sum">([\d,]+) ÷ ([\d,]+) = ', page).groups()
    assert page.count("<table") == 1
    assert re.findall(r">([\d,.]+)</a></td>", page[page.index("<tbody>") :])[:2] == [part, whole], "of one district"
    assert f"area={ZHONGSHAN}" in page, "whose figures lead on"
    assert "CASE WHEN" not in page[: page.index("计算方法和声明原文")]
    commitment = "table=city_commitments&column=actual&period=2020-Q2&area=全市&key.commitment=schools_inspected"
    page = client_as("officer").get(f"city/trace?{commitment}").text
    assert "学校近视防控专项检查覆盖率，2020年二季度，全市</h1>" in page
    assert page.count("<table") == 1
    assert "THEN" not in re.sub(r"<code.*?</code>", "", page)


def test_every_formula_of_ours_has_a_sum_that_can_be_read():
    known = definitions("zh")
    for summary in known.tables.values():
        for column, origin in summary.origins.items():
            if not isinstance(origin, Formula):
                continue
            names = known.inputs(summary.table, column)
            inputs = [SimpleNamespace(column=name, value=2 + place) for place, name in enumerate(names)]
            found = SimpleNamespace(
                table=summary.table, column=column, value=7, inputs=inputs, parts=(), additive=False
            )
            words = known.words(summary.table)
            figure = SimpleNamespace(trace=found, words=words, printed=lambda value: str(value))
            assert sum_of(figure, known).endswith(" = 7"), f"{summary.table}.{column}"


def test_a_trace_of_a_count_adds_up_its_districts(client_as):
    query = f"table=city_submissions&column=expected&period={JUNE}&area=全市&key.form=dropout_control"
    page = client_as("officer").get(f"city/trace?{query}").text
    assert '<p class="sum">13 个区县相加 = 13 份</p>' in page
    assert page.count("<table") == 1
    assert re.findall(r">([\d,.]+)</td>", page[page.index("<tfoot>") :]) == ["13"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_has_the_same_colours_by_day_and_by_night(visitor, served, scheme):
    view, complaints = visitor("officer", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    view.goto(served.page("/city/tables/city_dropout_control?measure=open_count"))
    colours = view.evaluate(
        "[...document.querySelectorAll('.legend .swatch')].map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert colours[:2] == ["rgb(230, 238, 249)", "rgb(20, 55, 106)"], "light is little, dark is much"
    assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tiles = view.evaluate("document.querySelector('table.map').getBoundingClientRect().right")
    assert tiles <= 390, "the map fits a phone"
    assert complaints == []


def test_an_officer_compares_and_takes_the_table_along(visitor, served):
    changed("UPDATE city.city_dropout_control SET area_name = '=1+1' WHERE area_code = '210203'")
    view, complaints = visitor("officer", viewport={"width": 1366, "height": 768})
    view.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view.goto(served.page(f"/city/tables/city_dropout_control?period={JUNE}&measure=open_count"))
    before = view.url
    view.get_by_text("比较…").click()
    view.get_by_label("与另一期比较").select_option(MAY)
    view.get_by_label("区域一").select_option(ZHONGSHAN)
    view.get_by_label("区域二").select_option(XIGANG)
    assert view.url == before, "nothing is sent before the button"
    view.get_by_role("button", name="查看").click()
    assert all(each in view.url for each in (f"against={MAY}", f"one={ZHONGSHAN}", f"other={XIGANG}"))
    view.locator("[data-copy-table=figures]").click()
    view.get_by_role("button", name="已复制").wait_for()
    lines = view.evaluate("navigator.clipboard.readText()").split("\n")
    assert lines[1].split("\t")[:3] == ["中山区", str(ledger_figure(2)), str(ledger_figure(2, MAY))]
    assert any(line.startswith("'=1+1\t") for line in lines), "Excel runs nothing of it"
    view.locator("section.fits [data-copy-image]").click()
    view.locator("section.fits [data-copy-image]", has_text="已复制").wait_for()
    kinds = view.evaluate("navigator.clipboard.read().then((items) => items.flatMap((each) => each.types))")
    assert kinds == ["image/png"]
    assert complaints == []
