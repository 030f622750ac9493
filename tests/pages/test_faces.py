"""Inside and outside: which page shows which face to whom, and no withheld figure where it is for outside."""

import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from district_reports.ledger.viewing import writing
from district_reports.publish.outgoing.ledger import outgoing
from district_reports.publish.outgoing.requests import What, ask
from district_reports.publish.summary import summaries
from district_reports.settings import settings
from pages.conftest import PEOPLE
from pages.outside import CITY, COMMITMENTS, LEDGER, let_out, plant, prepare, work_off
from pages.small_city import JUNE, XIGANG, ZHONGSHAN
from pages.test_routes import all_routes, path_of
from pages.walk import walk

ASKED = f"city/tables/{LEDGER}?period={JUNE}&measure=open_count"
TRACE = f"city/trace?table={LEDGER}&column=open_count&period={JUNE}&key.reason=全部"


def digits_of(answer) -> str:
    """All that an answer says, files within it unpacked, without what stands between the digits of a number."""
    content: bytes = answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode("utf-8", "replace").replace(",", "")


def outside_addresses(face: str) -> list[str]:
    """Every address at which the figures of the city might stand, asked for in a face."""
    tables = [summary.table for summary in summaries(settings().summaries)]
    views = (
        "",
        "period=2020-06",
        "level=zone",
        "level=city",
        "by=period",
        "by=reason",
        "measure=enrolment_rate",
        "measure=open_per_thousand",
        f"measure=open_count&against=2020-05&one={ZHONGSHAN}&other={XIGANG}",
    )
    found = [f"city{query}" for query in ("", f"?area={ZHONGSHAN}", f"?area={XIGANG}", "?item=31", "?release=2")]
    found += [f"city/tables/{table}?{view}" for table in tables for view in views]
    found += [f"city/tables/{table}.{kind}?{view}" for table in tables for kind in ("xlsx", "csv") for view in
              ("whole=yes", *views[:2])]  # fmt: skip
    found += ["city/changes", "city/changes?release=2", "city/definitions", "city?night=2030-01-01"]
    found += [f"city/trace?table={table}&column={column}&period={JUNE}&area={quote(area)}{key}"
              for area in (ZHONGSHAN, XIGANG, CITY)
              for table, column, key in ((LEDGER, "open_count", ""), (COMMITMENTS, "actual",
                                         "&key.commitment=dropout_for_poverty"))]  # fmt: skip
    return [f"{path}{'&' if '?' in path else '?'}face={face}" for path in found]


@pytest.fixture
def left(client_as: Callable[[str], TestClient]) -> dict[str, tuple[str, ...]]:
    """Both releases are outside, of the later one what was planted is withheld: its digits, by area."""
    planted = plant(2)
    let_out(1)
    let_out(2)
    return planted


def test_no_withheld_figure_stands_in_what_is_for_outside(client_as, left):
    every = [digits for area in left.values() for digits in area]
    officer = client_as("officer")
    inside = "".join(digits_of(officer.get(path)) for path in outside_addresses("inside"))
    assert [digits for digits in every if digits not in inside] == [], "what is looked for can be found"
    told = {path: officer.get(path) for path in outside_addresses("outside")}
    assert {answer.status_code for answer in told.values()} <= {200, 403, 404}
    assert sum(answer.status_code == 200 for answer in told.values()) > 60
    assert [path for path, answer in told.items() if any(each in digits_of(answer) for each in every)] == []


def test_a_clerk_sees_no_withheld_figure_but_those_of_the_own_district(client_as, left):
    for name, own in (("zhongshan", ZHONGSHAN), ("xigang", XIGANG)):
        client = client_as(name)
        paths = [*outside_addresses("outside"), *outside_addresses("inside"), *outside_addresses("")]
        paths += [path_of(route) for route in all_routes() if "GET" in route.methods]
        told = {path: digits_of(client.get(path)) for path in paths}
        told |= {path: page.replace(",", "") for path, page in walk(client).items()}
        others = [digits for area, each in left.items() if area != own for digits in each]
        assert [path for path, said in told.items() if any(digits in said for digits in others)] == []
        assert [digits for digits in left[own] if not any(digits in said for said in told.values())] == []


def test_the_inside_is_refused_to_a_clerk(client_as, left):
    client = client_as("zhongshan")
    for path in ("city", ASKED, f"city/tables/{LEDGER}.csv", f"city/tables/{LEDGER}.xlsx", "city/changes"):
        joined = "&" if "?" in path else "?"
        assert client.get(f"{path}{joined}face=inside").status_code == 403
        assert client.get(f"{path}{joined}face=elsewhere").status_code == 400
    for face in ("", "&face=outside", "&face=inside"):
        assert client.get(f"{TRACE}&area={ZHONGSHAN}{face}").status_code == 403
    for release in ("2", "1"):
        assert client.get(f"city?release={release}").status_code == 200
    assert client.get("city?release=99").status_code == 404


def test_every_page_with_figures_says_its_face(client_as, left):
    officer, clerk = client_as("officer"), client_as("zhongshan")
    for path in ("city", ASKED, "city/changes"):
        joined = "&" if "?" in path else "?"
        assert "以下为内部数字" in officer.get(path).text
        assert "以下为已批准对外发布的数字。" in officer.get(f"{path}{joined}face=outside").text
        assert ("本区县的行是内部数字" in clerk.get(path).text) == (path != "city/changes")
    assert "以下为已批准对外发布的数字。" in clerk.get("city/changes").text
    assert "以下为内部数字" in officer.get(f"{TRACE}&area={CITY}").text


def test_links_and_forms_stay_with_the_face(client_as, left):
    page = client_as("officer").get("city?face=outside").text
    links = re.findall(r'href="[^"]*?(/city(?!.css)[^"]*)"', page)
    assert len(links) > 20
    assert [link for link in links if "face=" not in link] == []
    assert [link for link in links if "face=inside" in link] == ["/city?face=inside"]
    assert page.count('<input type="hidden" name="face" value="outside">') == page.count('<form class="filter"')
    assert "face=" not in "".join(re.findall(r'href="[^"]*?(/worklist[^"]*)"', page))


def test_a_withheld_figure_is_said_to_be_withheld_in_table_map_and_chart(client_as, left):
    page = client_as("officer").get(f"{ASKED}&face=outside").text
    table = page[page.index('id="figures"') :]
    assert table.count('<span class="withheld">已隐去</span>') == 9, "two planted, and a count per 1,000"
    assert page.count('class="tile-withheld">已隐去') == 2
    assert ">已隐去</text>" in page[page.index('<figure class="chart">') :]
    clerk = client_as("zhongshan").get(ASKED).text
    assert clerk.count('class="tile-withheld">已隐去') == 1, "the own tile has its figure"


def test_the_board_says_what_is_withheld(client_as, left):
    page = client_as("officer").get("city?face=outside&item=31").text
    row = page[page.index('<tr id="task-dropout_for_poverty">') :].partition("</tr>")[0]
    assert '<span class="withheld">已隐去</span>' in row
    assert "（有区县的数字已隐去）" in row, "who is furthest is said of the others only"
    assert "中山区" not in row
    inside = client_as("officer").get("city?item=31").text
    row = inside[inside.index('<tr id="task-dropout_for_poverty">') :].partition("</tr>")[0]
    assert "中山区" in row


def test_a_night_finds_what_left_of_that_day(client_as, left):
    for night, version in (
        ("2020-06-03", "2020-05 v1.0"),
        ("2020-07-03", "2020-05 v1.0"),
        ("2020-07-04", "2020-06 v1.0"),
    ):
        assert f"对外发布 {version}" in client_as("zhongshan").get(f"city?night={night}").text
    assert "到 2020-06-02 夜里还没有发布" in client_as("zhongshan").get("city?night=2020-06-02").text


def test_the_trace_of_a_withheld_figure_is_refused_in_words(client_as, left):
    officer = client_as("officer")
    refused = officer.get(f"{TRACE}&area={CITY}&face=outside")
    assert refused.status_code == 403
    assert "这个数字对外已隐去" in refused.text
    shown = officer.get(f"{TRACE.replace('open_count', 'new_count')}&area={CITY}&face=outside")
    assert shown.status_code == 200
    assert "这个数字也已对外发布" in shown.text
    assert officer.get(f"{TRACE}&area=nowhere&face=outside").status_code == 404


def test_a_download_says_its_face_in_its_name_and_in_its_notes(client_as, left):
    officer, clerk = client_as("officer"), client_as("zhongshan")
    names = {
        officer.get(f"{ASKED.replace('?', '.xlsx?')}").headers["content-disposition"],
        officer.get(f"{ASKED.replace('?', '.xlsx?')}&face=outside").headers["content-disposition"],
        clerk.get(f"{ASKED.replace('?', '.xlsx?')}").headers["content-disposition"],
    }
    assert {name.partition("UTF-8''")[2] for name in names} == {
        quote("控辍保学_2020-06_第2次发布_内部.xlsx"),
        quote("控辍保学_2020-06_2020-06 v1.0_对外.xlsx"),
        quote("控辍保学_2020-06_2020-06 v1.0_含本区县内部数字.xlsx"),
    }
    notes = digits_of(officer.get(f"{ASKED.replace('?', '.xlsx?')}&face=outside"))
    assert "对外：已批准对外发布的数字" in notes
    assert "已隐去" in notes
    csv = officer.get(f"{ASKED.replace('?', '.csv?')}&face=outside").text
    (zhongshan,) = (line for line in csv.splitlines() if f",{ZHONGSHAN}," in line)
    assert ",c," in zhongshan


def test_before_anything_has_left_the_outside_is_a_friendly_page(client_as):
    for name in ("zhongshan", "officer"):
        answer = client_as(name).get(f"{ASKED}&face=outside")
        assert answer.status_code == 200
        assert "还没有对外发布过全市数据" in answer.text
    prepare(2)
    assert "还没有对外发布过全市数据" in client_as("zhongshan").get("city").text, "nobody has approved it"


def test_what_is_revoked_is_gone_and_its_notice_stands(client_as, left):
    with writing(PEOPLE["approver"]) as connection:
        (prepared,) = (each.prepared_id for each in outgoing(connection) if each.release_id == 2)
        ask(connection, What.REVOKE, asked_by="approver", prepared_id=prepared, reason="六月数字有误，请用 v1.1")
    work_off()
    clerk = client_as("zhongshan")
    assert "2020-05 v1.0" in clerk.get("city").text, "the one before holds again"
    gone = clerk.get("city?release=2").text
    assert "2020-06 v1.0 已于" in gone
    assert "六月数字有误，请用 v1.1" in gone
    assert clerk.get(f"city/tables/{LEDGER}.csv?release=2").status_code == 404


def test_what_changed_outside_names_no_withheld_figure(client_as, left):
    page = client_as("zhongshan").get("city/changes").text
    assert "没有列出的数值没有变化，或者在其中一个版本里已隐去" in page
    assert page.count("<tr>") > 10
    assert "回执" not in page[page.index("<table") :]
