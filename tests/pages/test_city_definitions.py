"""What a figure means, and what has to be said beside it, stand where the figure stands."""

import csv
import io
import re

import openpyxl

from pages.small_city import ZHONGSHAN

FACILITIES = "city/tables/city_facilities"
WHOLE = "完全中学和十二年一贯制学校整校计入义务教育"
ONE_DISTRICT = "只含 1/13 个区县"
SOME_SCHOOLS = "只含 52/883 所学校"
BOTH_MISSING = f"{ONE_DISTRICT} · {SOME_SCHOOLS}"
PARTIAL = "没有报全：只含已报的区县和单位"
NOTHING_EARLIER = "没有更早的报表可以比较"


def beside(page: str, area: str, column: str) -> list[str]:
    """The caveats that a table has beside the figure of an area (by its code in an address) in a column."""
    cell = re.search(rf'<a href="[^"]*area={area}&[^"]*column={column}">[^<]*</a>(.*?)</td>', page)
    return re.findall(r'aria-label="注意 \d+：([^"]*)"', cell[1])


def test_a_caveat_stands_beside_the_figures_for_which_it_holds_and_no_others(client_as):
    page = client_as("officer").get(f"{FACILITIES}?period=2020-Q2&measure=compulsory_large_class_count").text
    city = "%E5%85%A8%E5%B8%82"
    told = beside(page, city, "compulsory_large_class_count")
    assert {said.split("，")[0] for said in told} == {BOTH_MISSING, WHOLE}
    assert [said.split("，")[0] for said in beside(page, ZHONGSHAN, "compulsory_large_class_count")] == [WHOLE]
    assert beside(page, city, "class_count") == [BOTH_MISSING]
    assert beside(page, ZHONGSHAN, "class_count") == []
    assert beside(page, city, "districts_accepted") == [], "coverage says it itself"
    # The first report has nothing to compare with; a district without any has nothing to say.
    assert [said.split("，")[0] for said in beside(page, ZHONGSHAN, "new_large_class_count")] == [NOTHING_EARLIER]
    assert (
        beside(page, "210203", "new_large_class_count") == beside(page, "210203", "compulsory_large_class_count") == []
    )
    # Each number leads to its text, and what is missing everywhere has one for all figures.
    listed = dict(re.findall(r'<li id="caveat-(\d+)"[^>]*>([^<]*)</li>', page))
    asked = {(number, said) for number, said in re.findall(r'aria-label="注意 (\d+)：([^"]*)"', page)}
    (partial,) = (number for number, said in listed.items() if said.startswith(PARTIAL))
    assert {said for number, said in asked if number == partial} == {BOTH_MISSING}
    assert {(number, said) for number, said in asked if number != partial} == {
        (number, said) for number, said in listed.items() if number != partial
    }
    assert "义务教育学校（教学点、小学、初中、九年一贯制、十二年一贯制、完全中学）56 人及以上的班级数" in page


def test_a_commitment_shows_its_definition_and_the_caveats_of_what_it_is_measured_by(client_as):
    page = client_as("officer").get("city").text
    rows = {row.split("<")[0]: row for row in page.split('<th scope="row" class="wrap">')[1:]}
    large, lighting = rows["义务教育大班额（56人及以上）"], rows["教室采光照明达标率"]
    assert f"：{WHOLE}" in large
    assert WHOLE not in lighting
    # One footnote for what is missing, however many figures it holds for and whatever their numbers are.
    (partial,) = re.findall(rf'<li id="caveat-(\d+)"[^>]*>{PARTIAL}', page)
    assert f"注意 {partial}：{ONE_DISTRICT} · 只含 52/883 个单位" in large
    assert f"注意 {partial}：{ONE_DISTRICT}" in lighting
    assert page.count('<li id="caveat-') <= 30, "who reads fifty reads none"
    assert '<dd><a href="/district-reports/city/definitions#city_facilities.lit_classroom_count">' in lighting
    assert "采光照明达标的教室占教室总数的比例" in lighting


def test_a_trace_says_what_its_figure_means(client_as):
    query = "table=city_facilities&column=compulsory_large_class_count&period=2020-Q2&area=全市"
    page = client_as("officer").get(f"city/trace?{query}").text
    assert f"<li>{ONE_DISTRICT}</li><li>{SOME_SCHOOLS}</li><li>{WHOLE}" in page
    assert "各区县相加得片区和全市" in page
    commitment = "table=city_commitments&column=actual&period=2020-Q2&area=全市&key.commitment=large_classes"
    told = client_as("officer").get(f"city/trace?{commitment}").text
    assert f"<li>{ONE_DISTRICT}</li>" in told
    assert "从 147 个降到 0" in told


def test_every_definition_has_a_place_and_what_leads_there_finds_it(client_as):
    client = client_as("officer")
    page = client.get("city/definitions").text
    places = set(re.findall(r'id="([^"]+)"', page))
    pages = [page, client.get("city").text, client.get(f"{FACILITIES}?measure=lit_classroom_rate").text]
    led = [anchor for each in pages for anchor in re.findall(r'href="[^"]*/city/definitions#([^"]+)"', each)]
    assert {"commitments.large_classes", "city_facilities.lit_classroom_rate", "city_facilities.classroom_count"} <= {
        *led
    }
    assert {*led} <= places
    english = client.get("city/definitions?lang=en").text
    assert "The share of classrooms with lighting up to standard." in english
    assert "The districts add up to the zone and the city" in english


def test_a_file_says_at_the_end_of_a_row_what_holds_in_it_and_defines_each_column(client_as):
    client = client_as("officer")
    query = "period=2020-Q2&level=district"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{FACILITIES}.xlsx?{query}").content))
    header, *rows = book["数据"].iter_rows(values_only=True)
    place = {title: number for number, title in enumerate(header)}
    said = {row[place["区域代码"]]: row[place["注意"]] or "" for row in rows}
    assert header[-1] == "注意"
    assert ONE_DISTRICT in said["全市"]
    assert ONE_DISTRICT not in said[ZHONGSHAN]
    compared = ["比上期新增大班额", "比本年首期新增大班额"]
    named = "、".join([*compared, *(f"义务教育{title}" for title in compared)])
    assert f"{named}：{NOTHING_EARLIER}" in said[ZHONGSHAN]
    assert said["210203"] == "", "nothing came from there"
    assert not any(WHOLE in each for each in said.values()), "what holds in every row stands with the column"
    notes = list(book["说明"].iter_rows(values_only=True))
    names = next(line for line in notes if "定义" in line)
    cards = {line[names.index("标识")]: dict(zip(names, line, strict=True)) for line in notes}
    assert WHOLE in cards["compulsory_large_class_count"]["注意"]
    rate = cards["lit_classroom_rate"]
    assert (rate["分子"], rate["分母"], rate["计划条目"]) == ("采光照明达标教室", "教室总数", "8")
    lines = list(csv.DictReader(io.StringIO(client.get(f"{FACILITIES}.csv?{query}").content.decode("utf-8-sig"))))
    assert {line["区域代码"]: line["注意"] for line in lines} == said


def test_a_file_of_commitments_says_of_each_row_what_is_its_own(client_as):
    book = openpyxl.load_workbook(
        io.BytesIO(client_as("officer").get("city/tables/city_commitments.xlsx?whole=yes").content)
    )
    header, *rows = book["数据"].iter_rows(values_only=True)
    place = {title: number for number, title in enumerate(header)}
    said = {
        row[place["目标任务"]]: row[place["注意"]]
        for row in rows
        if (row[place["区域"]], row[place["报告期"]]) == ("全市", "2020-Q2")
    }
    assert WHOLE in said["large_classes"]
    assert WHOLE not in said["classroom_lighting"]
    assert "计划没有写明这个目标" in said["classroom_lighting"]
    cards = {line[-1]: line for line in book["说明"].iter_rows(values_only=True)}
    assert "从 147 个降到 0" in " ".join(filter(None, cards["large_classes"]))
