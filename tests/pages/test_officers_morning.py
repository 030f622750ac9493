"""An officer's morning: who must be called, several districts extended at once, calls noted, files seen."""

import io
import re
from datetime import date, datetime
from html import unescape

import openpyxl
import pytest
from sqlalchemy import text

from district_reports.clock import ZONE
from district_reports.database.engine import engine
from district_reports.ledger.viewing import reading
from pages.conftest import PEOPLE, change, csrf_of
from pages.small_city import JUNE, LEDGER, LVSHUN, MAY, SHAHEKOU, XIGANG
from pages.test_progress import groups, plain, row_of

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
THREE = ("210203", "210211", "210213")


def asked(statement: str) -> list[tuple[object, ...]]:
    with engine("migrator").begin() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def extensions() -> list[tuple[object, ...]]:
    return asked("SELECT district_code, period, until, reason, granted_by FROM ledger.lock_exception ORDER BY 1")


def reports(*codes: str, period: str = MAY) -> list[str]:
    return [f"{LEDGER}.{code}.{period}" for code in codes]


def post(client, query: str = "", **fields: object):
    token = csrf_of(client.get("progress").text)
    return client.post(f"progress{query}", data={**fields, "csrf_token": token})


def follow(client, answer) -> str:
    assert answer.status_code == 303
    return client.get(f"http://testserver{answer.headers['location']}").text


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_morning_in_a_few_clicks(visitor, served, size):
    view, complaints = visitor("officer", viewport=size)
    clicks = 0

    def click(what) -> None:
        nonlocal clicks
        clicks += 1
        what.click()

    # Who must be called: it stands first, with the number, without a click.
    view.goto(served.page("/progress"))
    overdue = view.get_by_role("form", name="控辍保学台账 2020年5月 · 未报")
    assert "逾期 29 天" in overdue.get_by_role("heading").inner_text()
    assert overdue.get_by_role("listitem").count() == 10
    # One has called.
    click(overdue.get_by_role("button", name="记联系：西岗区"))
    assert "已记下联系了 1 个区县：西岗区" in view.get_by_role("status").inner_text()
    assert clicks == 1
    assert "07-04" in overdue.get_by_role("listitem").filter(has_text="西岗区").inner_text()
    # Extend three, and see that it worked.
    clicks = 0
    for name in ("西岗区", "甘井子区", "金普新区"):
        click(overdue.get_by_role("checkbox", name=name))
    click(overdue.get_by_text("给勾选的区县开放补报"))
    overdue.get_by_label("最后一天").fill("2020-08-15")
    overdue.get_by_label("原因").fill("三地系统故障")
    click(overdue.get_by_role("button", name="开放补报"))
    assert "已为 3 个区县开放补报至 2020-08-15：西岗区、甘井子区、金普新区" in view.get_by_role("status").inner_text()
    assert clicks == 5
    assert overdue.count() == 2  # those that have until 20 July, and those that have longer
    assert view.locator("#exceptions ~ .scroll tbody tr").count() == 3
    assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []


def test_thirteen_districts_and_four_forms_fit_one_screen(visitor, served):
    for size, width in ((DESK, 1366), (PHONE, 390)):
        view, _ = visitor("officer", viewport=size)
        view.goto(served.page("/progress"))
        table = view.locator("table.matrix")
        assert table.locator("tbody tr").count() == 13
        box = table.bounding_box()
        assert box["height"] <= size["height"]
        assert box["x"] + box["width"] <= width


def test_what_the_cell_does_not_show_is_there_where_it_is_asked_for(visitor, served):
    view, _ = visitor("officer", viewport=DESK)
    view.goto(served.page("/progress"))
    told = view.locator("table.matrix .more").first
    assert told.bounding_box()["width"] <= 1
    view.get_by_label("显示时间和行数").check()
    assert told.bounding_box()["width"] > 50
    assert "收到" in told.inner_text()


def test_several_are_extended_together_and_each_is_on_record(client_as):
    client = client_as("officer")
    answer = post(client, what="extend", report=reports(*THREE), until="2020-08-15", reason="系统故障", group="x")
    assert "已为 3 个区县开放补报至 2020-08-15：西岗区、甘井子区、金普新区（控辍保学台账 2020年5月）" in plain(
        follow(client, answer)
    )
    assert extensions() == [(code, MAY, date(2020, 8, 15), "系统故障", "officer") for code in THREE]


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        # The last of three can't be meant: none is recorded.
        ({"report": [*reports(*THREE[:2]), *reports(XIGANG, period="2020-08")]}, 422, "才开始"),
        ({"report": []}, 422, "请先勾选区县"),
        ({"report": reports(*THREE), "until": "2020-07-03"}, 422, "这一天已经过了"),
        ({"report": reports(*THREE), "reason": " "}, 422, "请写明原因"),
        ({"report": [*reports(XIGANG), "x.210203.2020-05"]}, 400, ""),
        ({"report": [*reports(XIGANG), "210203"]}, 400, ""),
        ({"report": reports(*THREE), "what": "revoke"}, 400, ""),
    ],
)
def test_all_are_extended_or_none(client_as, sent, status, told):
    client = client_as("officer")
    group = re.findall(r'name="group" value="([^"]*)"', client.get("progress").text)[0]
    fields = {"what": "extend", "until": "2020-12-31", "reason": "故障", "group": group, **sent}
    answer = post(client, **fields)
    assert answer.status_code == status
    assert told in answer.text
    assert extensions() == []
    if status == 422:
        # What was ticked and filled in stands there still.
        assert f'value="{fields["until"]}"' in answer.text
        ticked = re.findall(r'name="report" value="([^"]*)" checked', answer.text)
        assert ticked == [each for each in sent["report"] if each.endswith(MAY)]


def test_what_is_locked_can_be_extended_for_all_that_need_it(client_as):
    client = client_as("officer")
    told = groups(client.get("progress?period=2020-03").text)
    heading, districts = told[-1]
    assert "已锁定 2020-05-20 后不再接收 · 13 个区县" in heading
    assert len(districts) == 13
    answer = post(
        client,
        "?period=2020-03",
        what="extend",
        report=reports(*THREE, period="2020-03"),
        until="2020-07-10",
        reason="x",
    )
    page = follow(client, answer)
    assert [(heading.split(" · ")[-1]) for heading, _ in groups(page)] == ["3 个区县", "10 个区县"]


def test_a_call_is_noted_beside_what_waits_for_it(client_as):
    client = client_as("officer")
    page = follow(client, post(client, what="remind", report=reports(XIGANG), note=" 下午报\n送 "))
    follow(client, post(client, one=reports(XIGANG)[0], report=reports(*THREE), note="不是这一句"))
    page = client.get("progress").text
    (said,) = [each for each in groups(page)[0][1] if each.startswith("西岗区")]
    assert re.search(r"07-04 \d\d:\d\d officer 已联系（共 2 次）$", said)
    assert asked("SELECT district_code, period, note, reminded_by FROM ledger.reminder ORDER BY reminder_id") == [
        (XIGANG, MAY, "下午报 送", "officer"),
        (XIGANG, MAY, "", "officer"),
    ]
    assert post(client, what="remind", report=reports(XIGANG), note="长" * 101).status_code == 422
    # The district itself reads nothing of it.
    with reading(PEOPLE["xigang"]) as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger.reminder")) == 0
    assert "已联系" not in client_as("xigang").get(f"progress?reminded={reports(XIGANG)[0]}").text


def test_a_district_acts_on_none(client_as):
    client = client_as("xigang")
    token = csrf_of(client_as("officer").get("progress").text)
    for fields in ({"what": "extend", "until": "2020-08-15", "reason": "x"}, {"what": "remind"}):
        sent = {**fields, "report": reports(XIGANG), "csrf_token": token}
        assert client.post("progress", data=sent).status_code == 403
    assert extensions() == []


def test_the_list_for_excel_holds_whom_to_call_and_no_formula(client_as):
    change("UPDATE ledger.submission SET filler = '=1+1', telephone = '+86 411' WHERE district_code = :d", d=SHAHEKOU)
    client = client_as("officer")
    follow(client, post(client, what="remind", report=reports(SHAHEKOU, period=JUNE), note="今天改"))
    answer = client.get("progress/reminders.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("区县", "报表", "报告期", "状态")
    assert rows[1][:7] == ("西岗区", "控辍保学台账", "2020年5月", "未报", "上报", 29, "2020-07-20")
    (sent_back,) = [row for row in rows if row[0] == "沙河口区" and row[3] == "退回"]
    assert sent_back[7:9] == ("=1+1", "+86 411")
    assert sent_back[9].endswith("officer 已联系：今天改")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    # What was chosen on the page, and what the viewer sees.
    chosen = openpyxl.load_workbook(io.BytesIO(client.get(f"progress/reminders.xlsx?district={XIGANG}").content))
    assert {row[0] for row in chosen.worksheets[0].iter_rows(min_row=2, values_only=True)} == {"西岗区"}
    own = openpyxl.load_workbook(io.BytesIO(client_as("xigang").get("progress/reminders.xlsx").content))
    assert {row[0] for row in own.worksheets[0].iter_rows(min_row=2, values_only=True)} == {"西岗区"}
    assert asked("SELECT DISTINCT kind FROM ledger.access_log") == [("contacts",)]


def test_the_message_to_copy_says_what_to_do_until_when(client_as, visitor, served):
    page = client_as("officer").get(f"progress?district={XIGANG}").text
    said = [unescape(each) for each in re.findall(r"(?s)<textarea class=\"message-text\".*?>(.*?)</textarea>", page)]
    assert said[0] == (
        "西岗区：控辍保学台账（2020年5月）还没有上报。已逾期 29 天，请尽快，最晚 2020-07-20 24:00 前，过后不再接收。"
    )
    view, complaints = visitor("officer", viewport=DESK)
    view.goto(served.page(f"/progress?district={XIGANG}"))
    view.get_by_text("催报的话").first.click()
    button = view.get_by_role("button", name="复制")
    button.click()
    view.get_by_role("button", name="已复制").wait_for()
    assert complaints == []


def test_cards_lead_to_what_they_count(client_as):
    client = client_as("officer")
    page = client.get("progress").text
    links = dict(re.findall(r'<dt>(\S+)</dt><dd><a href="([^"]*)"', page))
    assert set(links) == {"已接收", "按时率", "要报、要改的报表", "待核对", "无法受理的文件"} - {"待核对"}
    number = int(re.findall(r"<dt>已接收</dt><dd><a [^>]*>(\d+) /", page)[0])
    shown = client.get(unescape(links["已接收"]).partition("#")[0].removeprefix("/district-reports/")).text
    assert len(re.findall(r"submissions/\d+", shown.partition('id="matrix"')[2].partition("</table>")[0])) == number
    of_files = unescape(re.findall(rf'href="/district-reports/(submissions\?district={LVSHUN}[^"]*)"', page)[0])
    assert "共 1 份" in client.get(of_files).text
    assert "共 " not in client.get(of_files.replace("since=2020-02-01", "since=2020-07-05")).text
    for name in ("要报、要改的报表", "无法受理的文件"):
        assert f'id="{links[name].partition("#")[2]}"' in page


def test_files_that_were_seen_are_told_no_more_until_others_come(client_as):
    client = client_as("officer")
    page = client.get("progress").text
    assert "其中 1 份没看过" in page
    latest = re.findall(r'name="up_to" value="(\d+)"', page)[0]
    sent = {"district": [LVSHUN], "up_to": latest, "csrf_token": csrf_of(page)}
    # What came after the page was made is new still.
    before = {**sent, "up_to": int(latest) - 1}
    assert "其中 1 份没看过" in follow(client, client.post("progress/seen", data=before))
    page = follow(client, client.post("progress/seen", data=sent))
    assert "都看过了" in page
    assert "记为看过" not in page
    # For oneself alone.
    assert "其中 1 份没看过" in client_as("approver").get("progress").text
    assert asked("SELECT district_code, seen_by FROM ledger.seen_files") == [(LVSHUN, "officer")]
    change(
        "UPDATE ledger.submission SET form = NULL, period = NULL WHERE outcome = 'rejected' AND district_code = :d",
        d=SHAHEKOU,
    )
    assert "其中 1 份没看过" in client.get("progress").text


def test_a_period_that_has_not_begun_has_no_rate(client_as):
    page = client_as("officer").get("progress?period=2020-09").text
    assert "0.0%" not in page
    assert re.search(r"<dt>按时率</dt><dd><a [^>]*>–</a></dd><dd class=\"muted\">还没到上报的时候", page)
    assert (
        row_of(page, "控辍保学台账 2020年9月 · 还没到上报的时候") == "控辍保学台账 2020年9月 · 还没到上报的时候 – – –"
    )


def test_an_extension_is_stamped_by_the_house_clock(client_as):
    client = client_as("officer")
    post(client, what="extend", report=reports(XIGANG), until="2020-08-15", reason="x")
    ((at, noted),) = asked("SELECT granted_at, noted_at FROM ledger.lock_exception")
    assert at.astimezone(ZONE).date() == date(2020, 7, 4)
    assert noted > datetime(2026, 1, 1, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("period", "told"),
    [
        (MAY, "收回以后，2020-07-20 24:00 前报来的仍然照收"),
        ("2020-03", "收回以后，立即不再接收（2020-05-20 已锁定）"),
    ],
)
def test_taking_back_says_until_when_it_is_taken_then(client_as, period, told):
    client = client_as("officer")
    key = {"form": LEDGER, "district": XIGANG, "period": period}
    post(client, what="extend", report=reports(XIGANG, period=period), until="2020-08-15", reason="x")
    query = "&".join(f"{name}={value}" for name, value in key.items())
    page = client.get(f"progress/extension?{query}").text
    assert page.count(told) == 2  # beside the button, and where one is asked once more
    taken_back = {**key, "reason": "已报", "csrf_token": csrf_of(page)}
    page = follow(client, client.post("progress/extension/revoke", data=taken_back))
    until = "2020-07-20" if period == MAY else "2020-05-20"
    assert ("24:00 前报来的照收" in page) == (period == MAY)
    assert row_of(page, until).startswith(f"{until} 收回 已报")
    assert "2020-07-03" not in page
