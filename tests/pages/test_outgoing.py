"""对外发布: who may ask for what, what the pages say of it, and that a request is never lost."""

import io
import zipfile
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import text

from district_reports.database.engine import engine
from district_reports.pages.outgoing.standing import TONES
from district_reports.pages.words import LANGUAGES, words
from district_reports.publish.outgoing.ledger import State
from district_reports.publish.outgoing.requests import Rule
from pages.conftest import csrf_of
from pages.outside import let_out, prepare, work_off
from pages.test_access_log import rows

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
WHY = "西岗区六月的台账还要更正。"


def requests() -> list[dict[str, Any]]:
    with engine("reader").connect() as connection:
        found = connection.execute(text("SELECT * FROM outgoing.request ORDER BY request_id"))
        return [dict(row) for row in found.mappings()]


def sent(client, path: str, **fields: object):
    """A form of a page that the viewer has open."""
    token = csrf_of(client.get("progress/extension?form=dropout_control&district=210203&period=2020-05").text)
    return client.post(path, data={"csrf_token": token, **fields})


def test_every_state_and_rule_has_words():
    spoken = {each for language in LANGUAGES for each, texts in words().items() if texts[language]}
    assert {f"outgoing.{kind}.{state}" for kind in ("state", "now") for state in State} <= spoken
    assert {f"outgoing.refused.{rule}" for rule in Rule} <= spoken
    assert set(TONES) == set(State)


def test_an_officer_asks_to_prepare_and_what_airflow_can_not_begin_is_kept(client_as):
    officer = client_as("officer")
    page = officer.get("outgoing").text
    assert page.index('<option value="2">') < page.index('<option value="1">'), "the newest first"
    answer = sent(officer, "outgoing", release="2")
    assert answer.status_code == 303
    (request,) = requests()
    assert (request["what"], request["release_id"], request["asked_by"]) == ("prepare", 2, "officer")
    told = officer.get(f"outgoing/{request['request_id']}").text
    assert "拟稿中" in told
    assert "过了一小时还没有变化的" in told
    assert "/dags/release_outside" not in told
    assert "/dags/release_outside" in client_as("engineer").get(f"outgoing/{request['request_id']}").text
    assert '<option value="2">' not in officer.get("outgoing").text
    again = sent(officer, "outgoing", release="2")
    assert again.status_code == 409
    assert "这次发布已经在拟稿或等待批准" in again.text
    for wrong, status in (("99", 409), ("soon", 400), ("", 400), ("0", 400)):
        assert sent(officer, "outgoing", release=wrong).status_code == status
    assert len(requests()) == 1


def test_who_prepared_reads_why_another_has_to_approve(client_as):
    request, _ = prepare(2, by="approver")
    told = client_as("approver").get(f"outgoing/{request}").text
    assert "这一稿是您拟的，要由另一名审批人批准。" in told
    assert f"/outgoing/{request}/approve" not in told
    assert f"/outgoing/{request}/return" in told
    forced = sent(client_as("approver"), f"outgoing/{request}/approve", sure="yes")
    assert forced.status_code == 409
    assert "要由另一名审批人批准" in forced.text
    officer = client_as("officer").get(f"outgoing/{request}").text
    assert "批准或退回要由审批人办理" in officer
    assert "<textarea" not in officer
    assert sent(client_as("engineer"), f"outgoing/{request}/approve", sure="yes").status_code == 303
    assert [each["what"] for each in requests()] == ["prepare", "approve"]


def test_a_decision_needs_to_be_meant_and_a_return_a_reason(client_as):
    request, prepared = prepare(2)
    approver = client_as("approver")
    for what, fields, said in (
        ("approve", {}, "请先勾选确认"),
        ("return", {"sure": "yes"}, "请填写"),
        ("return", {"sure": "yes", "reason": " \n"}, "请填写"),
        ("return", {"sure": "yes", "reason": "长" * 501}, "请不要超过 500 字"),
        ("return", {"reason": WHY}, "请先勾选确认"),
    ):
        answer = sent(approver, f"outgoing/{request}/{what}", **fields)
        assert answer.status_code == 422
        assert said in answer.text
    assert WHY in answer.text, "what was written is not lost"
    early = sent(approver, f"outgoing/{request}/revoke", sure="yes", reason=WHY)
    assert early.status_code == 409
    assert "还没有对外发布，不用撤回" in early.text
    assert sent(approver, f"outgoing/{request}/publish", sure="yes").status_code in (400, 404)
    assert len(requests()) == 1
    assert sent(approver, f"outgoing/{request}/return", sure="yes", reason=f" {WHY}\n").status_code == 303
    assert requests()[-1]["reason"] == WHY
    assert requests()[-1]["prepared_id"] == prepared
    work_off()
    assert "已退回" in client_as("officer").get(f"outgoing/{request}").text
    assert WHY in client_as("officer").get("outgoing").text
    late = sent(approver, f"outgoing/{request}/approve", sure="yes")
    assert late.status_code == 409
    assert "已经有人批准或退回" in late.text


def test_what_another_version_has_overtaken_has_to_be_prepared_again(client_as):
    request, _ = prepare(1)
    let_out(2)
    approver = client_as("approver")
    told = approver.get(f"outgoing/{request}").text
    assert "另有版本对外发布" in told
    assert f"/outgoing/{request}/approve" not in told
    assert sent(approver, f"outgoing/{request}/approve", sure="yes").status_code == 409


def test_what_can_not_be_protected_says_why(client_as):
    request, _ = prepare(2, impossible="长海县的未结案学生数无法保护。")
    told = client_as("approver").get(f"outgoing/{request}").text
    assert "不能发布" in told
    assert "长海县的未结案学生数无法保护。" in told
    assert f"/outgoing/{request}/approve" not in told


def test_the_checklist_is_read_before_anything_leaves(client_as):
    request, _ = prepare(2)
    told = client_as("approver").get(f"outgoing/{request}").text
    for said in ("2/13 个区县", "40/190 所", "X01", "这是第一个对外版本", "2 / 40", "5.0%"):
        assert said in told
    english = client_as("approver").get(f"outgoing/{request}?lang=en").text
    assert "Districts: 2 of 13" in english


def test_the_bundle_and_the_summary_are_of_what_is_outside_alone(client_as):
    request, _ = prepare(2)
    officer = client_as("officer")
    for path in (f"outgoing/{request}/bundle.zip", f"outgoing/{request}/summary", "outgoing/99/bundle.zip"):
        assert officer.get(path).status_code == 404
    assert sent(client_as("approver"), f"outgoing/{request}/approve", sure="yes").status_code == 303
    work_off()
    answer = officer.get(f"outgoing/{request}/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
    assert "2020-06/v1.0/datapackage.json" in names
    summary = officer.get(f"outgoing/{request}/summary")
    assert "2020-06" in summary.text
    assert summary.headers["content-security-policy"].startswith("sandbox")
    for path in (f"outgoing/{request}/bundle.zip", f"outgoing/{request}/summary", f"outgoing/{request}", "outgoing"):
        assert client_as("zhongshan").get(path).status_code == 403
    assert [row["subject"] for row in rows() if row["kind"] == "bundle"][-2:] == [str(request)] * 2


def test_who_asked_is_in_the_access_log(client_as):
    request, _ = prepare(2)
    sent(client_as("officer"), f"outgoing/{request}/approve", sure="yes")
    sent(client_as("approver"), f"outgoing/{request}/approve", sure="yes")
    noted = [(row["viewer"], row["subject"], row["status"]) for row in rows() if row["kind"] == "release_outside"]
    assert noted == [("officer", f"{request} approve", 403), ("approver", f"{request} approve", 303)]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_prepared_returned_prepared_again_approved_downloaded_revoked(visitor, served, size, scheme):
    look = {"viewport": size, "color_scheme": scheme}
    (officer, complaints), (approver, too) = visitor("officer", **look), visitor("approver", **look)

    def is_sound(view) -> None:
        assert Axe().run(view).response["violations"] == []
        assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def drafted() -> None:
        officer.goto(served.page("/outgoing"))
        is_sound(officer)
        officer.get_by_role("button", name="拟稿").click()
        assert "拟稿中" in officer.locator("h1").inner_text()
        is_sound(officer)

    drafted()
    finish_preparing()
    officer.get_by_role("link", name="再看一次").click()
    assert "待批准" in officer.locator("h1").inner_text()
    assert officer.locator("main form").count() == 0
    approver.goto(officer.url)
    is_sound(approver)
    approver.get_by_label("理由").fill(WHY)
    approver.get_by_label("我确认退回这一稿。").check()
    approver.get_by_role("button", name="退回").click()
    assert "已退回。" in approver.get_by_role("status").inner_text()
    work_off()

    drafted()
    finish_preparing()
    approver.goto(officer.url)
    approver.get_by_role("button", name="批准").click()
    assert "待批准" in approver.locator("h1").inner_text(), "the box has to be ticked first"
    approver.get_by_label("我已核对清单").check()
    approver.get_by_role("button", name="批准").click()
    assert "批准中" in approver.locator("h1").inner_text()
    work_off()
    officer.get_by_role("link", name="再看一次").click()
    assert "已发布" in officer.locator("h1").inner_text()
    is_sound(officer)
    with officer.expect_download() as saved:
        officer.get_by_role("link", name="下载发布包").click()
    assert saved.value.suggested_filename == "2020-06 v1.0.zip"

    approver.goto(officer.url)
    is_sound(approver)
    approver.get_by_label("撤回说明").fill("数字有误。")
    approver.get_by_label("我确认撤回").check()
    approver.get_by_role("button", name="撤回").click()
    assert "撤回中" in approver.locator("h1").inner_text()
    work_off()
    approver.get_by_role("link", name="再看一次").click()
    assert "已撤回" in approver.locator("h1").inner_text()
    approver.goto(served.page("/outgoing"))
    is_sound(approver)
    assert approver.locator("tbody tr").count() == 2
    assert "数字有误。" in approver.locator("tbody tr").first.inner_text()
    assert complaints + too == []


def finish_preparing() -> None:
    """What the job would do with the request to prepare that waits."""
    (waiting,) = [each["request_id"] for each in requests() if each["what"] == "prepare" and not is_done(each)]
    prepare(2, request=waiting)


def is_done(request: dict[str, Any]) -> bool:
    with engine("reader").connect() as connection:
        asked = text("SELECT EXISTS (SELECT FROM outgoing.worked_off WHERE request_id = :number)")
        return bool(connection.scalar(asked, {"number": request["request_id"]}))
