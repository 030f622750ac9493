"""The worklist: what is asked for, what is told of an item, and rulings that hold for what the officer saw."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from district_reports.database.engine import engine
from district_reports.ledger.rulings import rule
from district_reports.ledger.viewing import writing
from district_reports.pages.worklist import listing
from district_reports.pages.worklist.ruling import ruled_by
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings
from pages.conftest import PEOPLE, change, csrf_of
from pages.cross_city import EXPLAINED, ITEMS, TWICE_PAID, add_items, aid, explain, school_of
from pages.small_city import XIGANG, ZHONGSHAN

WHY = "两区已核实。"
MERGED = "210299"
X01, X05, X06 = [1, 2, 3], 4, 5


@pytest.fixture
def items(warehouse):
    add_items()


@pytest.fixture
def officer(items, client_as):
    return client_as("officer")


def numbers(page: str) -> list[int]:
    """The items of a list, in its order."""
    return [int(each) for each in re.findall(r'<th scope="row"><a href="[^"]*/worklist/([0-9]+)', page)]


def told(page: str) -> str:
    """What a page says, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :])))


def rulings() -> list[tuple[int, int, bool, str, str]]:
    with engine("migrator").begin() as connection:
        rows = connection.execute(
            text("SELECT item_id, spell, closes, reason, ruled_by FROM reconciliation.ruling ORDER BY ruling_id")
        )
        return [tuple(row) for row in rows]


def post(client, path: str, **data: object):
    page = client.get(path.partition("?")[0])
    return client.post(path, data={"csrf_token": csrf_of(page.text), "reason": WHY, **data})


def on(day: str, monkeypatch) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_TODAY", day)
    settings.cache_clear()


def test_the_list_holds_what_is_asked_for(officer, monkeypatch):
    explain(1)
    explain(2)
    explain(2, XIGANG)
    ruled_by(PEOPLE["officer"], ["5.1"], WHY, closes=True)
    aid(ZHONGSHAN, without=TWICE_PAID[2:])
    reconcile()
    expected = {"": [1, 4], "waiting": [4], "partly": [1], "explained": [2], "ruled": [5], "gone": [3]}
    for state, found in (*expected.items(), ("all", [1, 2, 3, 4, 5])):
        assert numbers(officer.get(f"worklist?state={state}").text) == found, state
    page = told(officer.get("worklist").text)
    assert "未办结 2 待核对 1 部分已说明 1 已说明 1 已裁定 1 已消除 1" in page
    assert "X01 两个区县资助同一名学生 1 X05 同一证件号有两个姓名 1" in page
    assert "中山区 已说明 、 西岗区" in page
    of_rule = officer.get("worklist?rule=X05").text
    assert numbers(of_rule) == [X05]
    assert "未办结 1 待核对 1 部分已说明 0" in told(of_rule)
    assert numbers(officer.get(f"worklist?district={XIGANG}").text) == [1, 4]
    assert numbers(officer.get("worklist?district=210281").text) == []
    on("2020-08-04", monkeypatch)
    assert numbers(officer.get("worklist?age=31-90").text) == [1, 4]
    assert numbers(officer.get("worklist?age=8-30").text) == []
    assert "2020-07-04 31 部分已说明" in told(officer.get("worklist").text)
    for query in ("rule=X99", "state=open1", "age=5", "district=999999"):
        assert officer.get(f"worklist?{query}").status_code == 400


def test_a_long_list_has_pages(officer, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    found = [officer.get(f"worklist?page={page}").text for page in (1, 2, 3, 9)]
    assert [numbers(page) for page in found] == [[1, 2], [3, 4], [5], [5]]
    assert "第 2 页，共 3 页" in found[1]
    assert 'rel="next" href="/district-reports/worklist?page=3"' in found[1]


def test_an_officer_sees_both_sides_beside_each_other(officer):
    explain(1)
    page = officer.get("worklist/1").text
    [ours, theirs] = page.split('<section class="panel"')[1:]
    said = told(page)
    for side, district, amount in ((ours, ZHONGSHAN, "500"), (theirs, XIGANG, "431.7")):
        assert f"发放了“地方资助”{amount} 元" in side
        assert school_of(district)[1] in side
        assert "资助发放" in side
        assert "孙**" in side
        assert "210202********010X" in side
    assert EXPLAINED in ours.split("<h2>")[0]
    assert EXPLAINED not in theirs.split("<h2>")[0]
    assert "2020-07-04 首次出现" in said
    assert f"中山区说明： {EXPLAINED}" in said
    assert officer.get("worklist/999").status_code == 404
    assert officer.get("worklist/x").status_code == 400


def test_a_district_has_its_own_items_and_no_others(items, client_as):
    client = client_as("zhongshan")
    page = told(client.get("worklist").text)
    assert "共 5 项" in page
    assert "还涉及 西岗区" in page
    assert "核对学生本学期在哪里就读" in page
    assert client.get("worklist?district=210203").status_code == 404
    other = PEOPLE["xigang"]
    table = settings().users
    table.write_text(
        table.read_text("utf-8").replace(f"xigang,district,{other.district_code}", "xigang,district,210283"), "utf-8"
    )
    assert "没有符合条件的事项" in client_as("xigang").get("worklist?state=all").text
    assert client_as("xigang").get("worklist/1").status_code == 404


def test_a_ruling_is_kept_with_its_reason_and_undone_with_another(officer, client_as):
    done = post(officer, "worklist/1", item="1.1", what="close", reason=f"  {WHY}\n查过。 ")
    assert done.status_code == 303
    assert done.headers["location"] == "/district-reports/worklist/1?ruled=1"
    page = told(officer.get("worklist/1?ruled=1").text)
    assert "已裁定 1 项：编号 1。" in page
    assert f"裁定（officer）： {WHY} 查过。" in page
    assert "重新打开" in page
    assert numbers(officer.get("worklist?state=ruled").text) == [1]
    district = told(client_as("zhongshan").get("worklist/1").text)
    assert "裁定（officer）" in district
    assert WHY not in district
    again = post(officer, "worklist/1", item="1.1", what="reopen", reason="又有新情况。")
    assert again.headers["location"] == "/district-reports/worklist/1?reopened=1"
    assert 1 in numbers(officer.get("worklist").text)
    assert rulings() == [
        (1, 1, True, f"{WHY} 查过。", "officer"),
        (1, 1, False, "又有新情况。", "officer"),
    ]
    with engine("migrator").begin() as connection:
        logged = connection.execute(
            text("SELECT viewer, subject, status FROM ledger.access_log WHERE kind = 'ruling' ORDER BY access_id")
        ).all()
    assert [tuple(row) for row in logged] == [("officer", "1", 303)] * 2


def test_several_are_ruled_on_at_once_but_for_those_that_changed_meanwhile(officer):
    shown = csrf_of(officer.get("worklist").text)
    aid(ZHONGSHAN, without=TWICE_PAID[2:], amount=Decimal("612.50"))
    reconcile()
    # 1 and 2 have another amount now, and 3 is gone.
    sent = {"csrf_token": shown, "reason": WHY, "item": ["1.1", "2.1", "3.1", "4.1", "5.1", "99.1"]}
    done = officer.post("worklist?state=all&page=1", data=sent)
    assert done.status_code == 303
    page = told(officer.get(done.headers["location"].removeprefix("/district-reports/")).text)
    assert "已裁定 2 项：编号 4, 5。" in page
    assert "编号 1, 2, 3, 99 没有处理" in page
    assert "state=all" in done.headers["location"]
    assert [row[:3] for row in rulings()] == [(4, 1, True), (5, 1, True)]
    assert numbers(officer.get("worklist").text) == [1, 2]
    assert post(officer, "worklist", item="1.2").headers["location"].endswith("?ruled=1")


def test_a_ruling_falls_when_a_value_changes(officer):
    post(officer, "worklist", item=["1.1", "2.1"])
    aid(ZHONGSHAN, amount=Decimal("612.50"))
    reconcile()
    assert numbers(officer.get("worklist").text) == [1, 2, 3, 4, 5]
    assert "内容有变，重新待核对" in officer.get("worklist/1").text


def test_a_form_that_is_sent_twice_rules_once(officer, client_as, tokens):
    token = csrf_of(officer.get("worklist").text)
    sent = {"csrf_token": token, "reason": WHY, "item": ["1.1", "2.1"]}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client_as("officer").post("worklist", data=sent), range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len(rulings()) == 2
    said = sorted(answer.headers["location"].partition("?")[2] for answer in answers)
    assert said == ["already=1%2C2"] * 3 + ["ruled=1%2C2"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"item": "1.1", "reason": " \n\u3000"}, "请写明理由"),
        ({"item": "1.1", "reason": "长" * 501}, "太长了"),
        ({"reason": WHY}, "请先选中"),
    ],
    ids=["blank", "long", "none"],
)
def test_what_is_wrong_with_a_form_is_said_and_what_was_ticked_stays(officer, data, said):
    answer = post(officer, "worklist?rule=X01", **data)
    assert answer.status_code == 422
    assert said in answer.text
    assert numbers(answer.text) == X01
    assert ('value="1.1" aria-label="选中编号 1" checked' in answer.text) == ("item" in data)
    assert rulings() == []


def test_a_form_that_no_page_made_is_refused(officer):
    for items in (["1"], ["1.1.1"], ["-1.1"], ["1.1", "1.2"], [f"{number}.1" for number in range(1, 99)]):
        assert post(officer, "worklist", item=items).status_code == 400, items
    assert post(officer, "worklist/1", item="2.1", what="close").status_code == 400
    assert post(officer, "worklist/1", item="1.1", what="erase").status_code == 400
    assert rulings() == []


def test_what_a_merged_district_said_is_its_successors(items, client_as):
    explain(1, MERGED, EXPLAINED)
    explain(2, MERGED, EXPLAINED)
    change("ALTER TABLE reconciliation.side DISABLE TRIGGER keep_rows")
    change(
        "UPDATE reconciliation.side SET speakers = array_append(speakers, :merged)"
        " WHERE item_id = 1 AND district_code = :code",
        merged=MERGED,
        code=ZHONGSHAN,
    )
    page = client_as("zhongshan").get("worklist/1").text
    assert page.count(EXPLAINED) == 2, "beside the rows, and in the history"
    assert "部分已说明" in page
    assert EXPLAINED not in client_as("xigang").get("worklist/1").text
    assert EXPLAINED not in client_as("zhongshan").get("worklist/2").text


def test_the_database_takes_a_ruling_of_those_only_who_see_all_districts(items):
    with pytest.raises(DBAPIError, match="row-level security"), writing(PEOPLE["zhongshan"]) as connection:
        rule(connection, {1: 1}, closes=True, reason=WHY, by="zhongshan")
    assert rulings() == []


def test_the_database_takes_no_ruling_ahead_of_what_it_is_about(items):
    """It would hold once the item has changed, unseen by anybody."""
    for spell in (0, 2):
        with pytest.raises(DBAPIError, match="no such spell"), writing(PEOPLE["officer"]) as connection:
            connection.execute(
                text(
                    "INSERT INTO reconciliation.ruling (item_id, spell, closes, reason, ruled_by)"
                    " VALUES (1, :spell, true, :why, 'officer')"
                ),
                {"spell": spell, "why": WHY},
            )
    assert rulings() == []


def test_nobody_rules_by_an_address_or_from_another_site(officer):
    for path in ("worklist", "worklist/1"):
        asked = officer.get(f"{path}?item=1.1&what=close&reason={WHY}")
        assert asked.status_code == 200
        for token in ("", "forged", csrf_of(asked.text)[:-1]):
            sent = {"csrf_token": token, "item": "1.1", "what": "close", "reason": WHY}
            assert officer.post(path, data=sent).status_code == 403
    assert rulings() == []


@pytest.mark.parametrize("path", ["worklist", "worklist/1"])
def test_a_district_does_not_rule(items, client_as, path):
    client = client_as("zhongshan")
    assert 'name="reason"' not in client.get(path).text
    token = csrf_of(client_as("officer").get(path).text)
    for sent in ({}, {"csrf_token": token}):
        answer = client.post(path, data={**sent, "item": "1.1", "what": "close", "reason": WHY})
        assert answer.status_code == 403
    assert rulings() == []


def test_progress_and_board_tell_how_many_wait(officer, client_as, monkeypatch):
    post(officer, "worklist", item=[f"{X06}.1"])
    on("2020-07-13", monkeypatch)
    page = officer.get("progress").text
    assert "待核对 4 最久 9 天" in told(page)
    assert page.count(f'href="/district-reports/worklist?district={XIGANG}"') == 1
    assert "待核对 0 没有未办结的" in told(officer.get("progress?district=210281").text)
    mine = client_as("zhongshan").get("progress").text
    assert "有 4 项待核对" in told(mine)
    assert "待核对：未办结 4 项，最久的已挂 9 天" in officer.get("city").text
    post(officer, "worklist", item=[f"{number}.1" for number in (*X01, X05)])
    assert "待核对：没有未办结的事项" in officer.get("city").text
    assert len(rulings()) == ITEMS
