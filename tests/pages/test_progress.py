"""Page 1: who has reported, who must act today, how much came on time, and extensions that are granted here."""

import re
import shutil
from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import text

from district_reports.database.engine import engine
from district_reports.forms import forms
from district_reports.ledger.contacts import Contact
from district_reports.ledger.status import ReportStatus, State
from district_reports.model.finding import Outcome
from district_reports.model.period import Period
from district_reports.pages.progress.pending_actions import Task, dialled, pending_actions
from district_reports.pages.words import say
from district_reports.reference.register import Register
from district_reports.settings import settings
from pages.conftest import change, csrf_of
from pages.small_city import JUNE, LEDGER, LVSHUN, MAY, SHAHEKOU, XIGANG, ZHONGSHAN

LOCKED = {"form": LEDGER, "district": XIGANG, "period": "2020-03"}
KEY = "&".join(f"{name}={value}" for name, value in LOCKED.items())


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", unescape(html)).split())


def rows(page: str) -> list[str]:
    """The text of each row of the page's tables."""
    return [plain(row) for row in re.findall(r"(?s)<tr>.*?</tr>", page)]


def groups(page: str) -> list[tuple[str, list[str]]]:
    """What several districts have to do: the heading, and what stands there of each of them."""
    found = re.findall(r'(?s)<form class="group.*?</form>', page)
    return [
        (plain(re.findall(r"(?s)<h3.*?</h3>", each)[0]), [plain(one) for one in re.findall(r"(?s)<li>.*?</li>", each)])
        for each in found
    ]


def row_of(page: str, district: str) -> str:
    return next(row for row in rows(page) if row.startswith(district))


def in_force(district: str, period: str) -> int:
    with engine("loader").begin() as connection:
        return connection.execute(
            text("SELECT submission_id FROM ledger.in_force WHERE form = :form AND district_code = :d AND period = :p"),
            {"form": LEDGER, "d": district, "p": period},
        ).scalar_one()


def test_the_matrix_tells_each_state_in_words_and_leads_to_the_file(client_as):
    page = client_as("officer").get("progress").text
    assert row_of(page, "中山区").startswith("中山区 通 通过 2020-07-04 ")
    assert "部 部分接收" in row_of(page, "西岗区")
    assert "退 退回" in row_of(page, "沙河口区")
    assert "待 待报 2020-07-05 截止，还有 1 天" in row_of(page, "甘井子区")
    # The version in force of two that came.
    assert f'href="/district-reports/submissions/{in_force(ZHONGSHAN, JUNE)}"' in page
    assert (
        f'href="/district-reports/submissions?district={LVSHUN}&amp;unidentified=1&amp;since=2020-02-01">1 份' in page
    )
    assert len(re.findall(r'<th scope="row"><a href="[^"]*district=2102\d\d"', page)) == 13


def test_who_must_act_stands_there_with_what_until_when_and_whom_to_call(client_as):
    page = client_as("officer").get("progress").text
    assert page.index("今天谁要办什么") < page.index("各区县报送情况")
    (overdue, waiting), (mend, sent_back), *_ = groups(page)
    # May was never sent by ten districts, which is worse than what was sent back and is not due.
    assert overdue == "控辍保学台账 2020年5月 · 未报 逾期 29 天 尽快，最晚 2020-07-20 · 10 个区县"
    assert len(waiting) == 10
    assert waiting[0].startswith("西岗区 ")
    assert mend == "控辍保学台账 2020年6月 · 按反馈改正，整份重报 2020-07-05 24:00 前 · 1 个区县"
    with engine("loader").begin() as connection:
        telephone = connection.scalar(
            text("SELECT telephone FROM ledger.submission WHERE district_code = :d AND telephone > '' LIMIT 1"),
            {"d": SHAHEKOU},
        )
    assert sent_back[0].startswith("沙河口区 退回 ")
    assert telephone in sent_back[0]
    assert f'href="tel:{dialled(telephone)}"' in page


def test_a_district_sees_itself_and_what_it_must_do(client_as):
    page = client_as("xigang").get("progress").text
    assert "今天要办的事" in page
    assert page.index("今天要办的事") < page.index("本单位报送情况")
    assert any(row.startswith("控辍保学台账 2020年5月 未报 上报 逾期 29 天") for row in rows(page))
    for other in ("中山区", "沙河口区", "/progress/extension", "tel:"):
        assert other not in page
    assert client_as("xigang").get(f"progress?district={ZHONGSHAN}").status_code == 404
    assert client_as("xigang").get(f"progress?district={XIGANG}").status_code == 200


def test_a_district_finds_the_template_of_what_it_can_still_send(client_as):
    (own,) = settings().uploads.glob(f"{XIGANG}-*")
    (own / "模板").mkdir()
    (own / "模板" / f"控辍保学台账_{MAY}_模板.xlsx").write_bytes(b"PK\x03\x04 template")
    try:
        page = client_as("xigang").get("progress").text
        links = [unescape(link) for link in re.findall(r'href="([^"]*/progress/template[^"]*)"', page)]
        address = f"progress/template?form={LEDGER}&district={XIGANG}&period={MAY}"
        assert {link.removeprefix("/district-reports/") for link in links} == {address}
        answer = client_as("xigang").get(address)
        assert answer.content == b"PK\x03\x04 template"
        assert quote(f"控辍保学台账_{MAY}_模板.xlsx") in answer.headers["content-disposition"]
        assert client_as("xigang").get(address.replace(MAY, JUNE)).status_code == 404
        assert client_as("zhongshan").get(address).status_code == 404
        assert client_as("officer").get(address).status_code == 403
        assert "/progress/template" not in client_as("officer").get("progress").text
    finally:
        shutil.rmtree(own / "模板")


def test_the_filter_stands_in_the_address(client_as):
    client = client_as("officer")

    def districts(query: str) -> list[str]:
        return re.findall(r'<th scope="row"><a [^>]*>(\S+?)</a>', client.get(f"progress?{query}").text)

    assert districts("state=rejected") == ["沙河口区"]
    assert districts("zone=市内五区") == ["中山区", "西岗区", "沙河口区", "甘井子区", "高新园区"]
    assert districts(f"district={LVSHUN}&form={LEDGER}") == ["旅顺口区"]
    assert districts(f"period={MAY}&state=accepted") == ["中山区", "沙河口区", "旅顺口区"]
    assert districts(f"period={MAY}&form=facilities") == []
    assert "今天没有要办的事" not in client.get("progress?state=nil").text
    page = client.get(f"progress?period={MAY}&district={XIGANG}&lang=en").text
    assert f'href="/district-reports/progress?period=2020-04&amp;district={XIGANG}&amp;lang=en"' in page
    assert "M Missing" in row_of(page, "Xigang District")


@pytest.mark.parametrize(
    "query",
    ["period=2020-13", "period=0001-01", "period=%00", "form=x", "state=late", "zone=x", "district=999999"],
)
def test_what_can_not_be_meant_is_a_bad_request(client_as, query):
    assert client_as("officer").get(f"progress?{query}").status_code == 400
    assert client_as("officer").get(f"progress?lang=de&{query.split('=')[0]}=").status_code == 200


def test_on_time_is_what_the_citys_table_counts(client_as):
    client = client_as("officer")
    with engine("insider").begin() as connection:
        published = connection.execute(
            text(
                "SELECT area_name, on_time, expected FROM city.city_submissions"
                " WHERE level <> 'district' AND form = :form AND period = :period"
            ),
            {"form": LEDGER, "period": MAY},
        ).all()
    told = {row.area_name: f"{row.on_time}/{row.expected}" for row in published}
    assert told == {"全市": "3/13", "市内五区": "2/5", "涉农地区": "1/8"}
    assert rates(client.get(f"progress?period={MAY}").text) == ["3/13", "2/5", "1/8"]
    # One had come after midnight.
    change(
        "UPDATE ledger.submission SET received_at = '2020-06-06 00:00:00+08' WHERE district_code = :d AND period = :p",
        d=LVSHUN,
        p=MAY,
    )
    page = client.get(f"progress?period={MAY}").text
    assert rates(page) == ["2/13", "2/5", "0/8"]
    assert "迟报 1 天" in row_of(page, "旅顺口区")


def rates(page: str) -> list[str]:
    return re.findall(r"\d+/\d+", row_of(page, "控辍保学台账 2020年5月"))


def test_an_extension_is_granted_and_taken_back_on_record(client_as):
    client = client_as("officer")
    page = client.get(f"progress/extension?{KEY}").text
    assert "2020-05-20" in page
    sent = {
        **LOCKED,
        "until": "2020-07-10",
        "reason": " <script>x</script>\n系统\u202e故障 ",
        "csrf_token": csrf_of(page),
    }
    answer = client.post("progress/extension", data=sent)
    assert answer.status_code == 303
    after = client.get(f"http://testserver{answer.headers['location']}").text
    assert "已开放补报至 2020-07-10" in after
    assert "<script>x" not in after
    assert recorded() == [("officer", "<script>x</script> 系统\\u202e故障", date(2020, 7, 10))]

    overview = client.get("progress").text
    assert "&lt;script&gt;x&lt;/script&gt; 系统" in overview
    # What was locked can be reported now, so it is to be.
    reopened = next(districts for heading, districts in groups(overview) if "2020年3月 · 未报" in heading)
    assert [each.split()[0] for each in reopened] == ["西岗区"]
    own = client_as("xigang").get("progress").text
    assert "系统" in own
    assert "2020-07-10" in own
    assert "系统" not in client_as("zhongshan").get("progress").text

    taken = {**LOCKED, "reason": "已补报", "csrf_token": csrf_of(after)}
    answer = client.post("progress/extension/revoke", data=taken)
    assert answer.status_code == 303
    assert "已收回" in client.get(f"http://testserver{answer.headers['location']}").text
    assert recorded()[1:] == [("officer", "已补报", date(2020, 7, 3))]
    assert "目前没有开放补报的报表" in client.get("progress").text


def recorded() -> list[tuple[str, str, date]]:
    with engine("loader").begin() as connection:
        found = connection.execute(
            text("SELECT granted_by, reason, until FROM ledger.lock_exception ORDER BY exception_id")
        )
        return [tuple(row) for row in found]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"until": "2020-07-03"}, "这一天已经过了"),
        ({"until": "2020-07-18", "period": MAY}, "到 2020-07-20 为止本来就收"),
        ({"until": "", "reason": ""}, "请填日期"),
        ({"until": "31.7.2020"}, "请填日期"),
        ({"period": "2020-08"}, "报告期 2020-08-01 才开始"),
        ({"reason": " \n\t"}, "请写明原因"),
        ({"reason": "长" * 501}, "最多 500 字"),
    ],
)
def test_what_is_wrong_is_said_at_the_form_and_recorded_nowhere(client_as, given, told):
    client = client_as("officer")
    token = csrf_of(client.get(f"progress/extension?{KEY}").text)
    sent = {**LOCKED, "until": "2020-12-31", "reason": "故障", **given, "csrf_token": token}
    answer = client.post("progress/extension", data=sent)
    assert answer.status_code == 422
    assert told in answer.text
    # What was filled in stands there still.
    assert f'value="{sent["until"]}"' in answer.text
    assert recorded() == []


def test_a_report_is_chosen_first_and_must_exist(client_as):
    client = client_as("officer")
    assert "先选报表、区县和报告期" in client.get("progress/extension").text
    page = client.get(f"progress/extension?form={LEDGER}&district={XIGANG}&period=2020-S1").text
    assert "“控辍保学台账”是月报" in page
    assert client.get(f"progress/extension?form={LEDGER}&district=210299&period={MAY}").status_code == 400
    assert client.get(f"progress/extension?form=x&district={XIGANG}&period={MAY}").status_code == 400


def status(code: str, state: State, **others: object) -> ReportStatus:
    register = Register.load(settings().reference)
    form, period = forms()[LEDGER], Period.parse(str(others.pop("period", JUNE)))
    district = register.district(code, period.last_day)
    assert district is not None
    return ReportStatus(
        district=district, form=form, period=period, state=state, late_days=0, due_on=form.due_on(period), **others
    )


def test_the_most_urgent_first_and_nothing_that_can_not_be_done():
    today = date(2020, 7, 4)
    told = pending_actions(
        [
            status("210202", State.EXPECTED),
            status("210203", State.WITH_ERRORS, latest_outcome=Outcome.ACCEPTED_WITH_ERRORS),
            status("210204", State.REJECTED, latest_outcome=Outcome.REJECTED),
            status("210211", State.MISSING, period="2020-05"),
            status("210212", State.WITHDRAWN, period="2020-05"),
            status("210213", State.ACCEPTED, latest_outcome=Outcome.REJECTED),
            # Locked, unless it was reopened; being checked; not to be reported yet; mended already, and being checked.
            status("210214", State.MISSING, period="2020-04"),
            status("210224", State.MISSING, period="2020-04", open_until=today),
            status("210281", State.RECEIVED),
            status("210283", State.NOT_DUE, period="2020-07"),
            status("210291", State.WITH_ERRORS, latest_outcome=None),
        ],
        today,
    )
    assert [(action.status.district.code, action.task, action.overdue_days) for action in told] == [
        ("210224", Task.REPORT, 60),
        ("210211", Task.REPORT, 29),
        ("210212", Task.REPORT_AGAIN, 29),
        ("210204", Task.MEND, 0),
        ("210202", Task.REPORT, 0),
        ("210203", Task.MEND_ROWS, 0),
        ("210213", Task.MEND_LATER, 0),
    ]
    assert told[0].until == today


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0411-8888 0000", "041188880000"),
        ("办公室（0411）88880000 转 5", "041188880000"),
        ("+86 13800000000", "+8613800000000"),
        ("javascript:alert(1)", None),
        ("12", None),
    ],
)
def test_a_number_that_can_be_dialled(written, number):
    assert dialled(written) == number
    action = pending_actions([status("210202", State.REJECTED, contact=Contact("王", written))], date(2020, 7, 4))[0]
    assert action.phone == number


def test_every_state_has_the_words_that_the_districts_know():
    for state in State:
        assert say("zh", f"progress.state.{state}") == state.label
        assert say("en", f"progress.state.{state}")
