"""A submission's page: what it tells, what it hands out, and what its buttons do."""

import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from openpyxl import load_workbook
from sqlalchemy import text
from starlette.responses import JSONResponse

from district_reports.database.engine import Role, engine
from district_reports.pages import PREFIX
from district_reports.settings import settings
from district_reports.storage.folders import answer_at
from pages.conftest import change, csrf_of
from pages.small_city import CHILD, JUNE, LEDGER, LVSHUN, XIGANG, ZHONGSHAN

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ids(district: str, form: str | None = LEDGER, period: str | None = JUNE) -> list[int]:
    """The district's submissions of a key, oldest first."""
    with engine(Role.LOADER).begin() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT submission_id FROM ledger.submission WHERE district_code = :district"
                    " AND form IS NOT DISTINCT FROM :form AND period IS NOT DISTINCT FROM :period ORDER BY receipt_id"
                ),
                {"district": district, "form": form, "period": period},
            )
        )


def answer_of(submission_id: int) -> Path:
    """Where its marked copy lies."""
    with engine(Role.LOADER).begin() as connection:
        placed = connection.scalar(
            text("SELECT answered_as FROM ledger.submission WHERE submission_id = :id"), {"id": submission_id}
        )
    return answer_at(settings().uploads, placed).path


def after(client, done) -> str:
    """The page to which a change leads."""
    assert done.status_code == 303
    return client.get(done.headers["location"].removeprefix(f"{PREFIX}/")).text


def test_the_list_is_what_was_chosen_newest_first(client_as, warehouse):
    client = client_as("officer")
    first, second = ids(ZHONGSHAN)
    page = client.get(f"submissions?district={ZHONGSHAN}&form={LEDGER}&period={JUNE}").text
    assert page.index(f'/submissions/{second}"') < page.index(f'/submissions/{first}"')
    assert "共 2 份" in page
    only = client.get("submissions?outcome=rejected&unidentified=1").text
    assert f'/submissions/{ids(LVSHUN, None, None)[0]}"' in only
    assert "共 1 份" in only
    assert "没有符合条件的文件" in client.get(f"submissions?district={XIGANG}&period=2020-01").text


def test_the_list_goes_on_page_by_page(client_as, monkeypatch):
    monkeypatch.setattr("district_reports.pages.submissions.listing.PAGE", 4)
    client = client_as("officer")
    first, second = client.get("submissions").text, client.get("submissions?page=2").text
    assert "page=2" in first
    rows = [set(page.split('scope="row"')[1:]) for page in (first, second)]
    assert [len(each) for each in rows] == [4, 4]
    assert not rows[0] & rows[1]


@pytest.mark.parametrize(
    "query", ["district=x&form=y&period=z&outcome=q&page=-1", "page=99999999999999999999", "page=٣"]
)
def test_a_list_of_nonsense_is_the_whole_list(client_as, query):
    assert client_as("officer").get(f"submissions?{query}").text.count("<tr>") > 5


def test_a_file_that_was_corrected_tells_how_it_went_and_by_what_it_was_replaced(client_as, warehouse):
    first, second = ids(ZHONGSHAN)
    page = client_as("zhongshan").get(f"submissions/{first}").text
    steps = [
        page.index(words)
        for words in ("放进“上报”", "原件存档", "检查完成", "作出结论", "结果放进“反馈”", "被新的一份替换")
    ]
    assert steps == sorted(steps)
    assert f'/submissions/{second}"' in page
    assert "部分接收" in page
    assert CHILD in page
    later = client_as("zhongshan").get(f"submissions/{second}").text
    assert "现在生效的就是这一份" in later
    assert f'/submissions/{second}/changes"' in later


def test_an_officer_sees_the_rule_and_the_cell_and_not_what_it_says(client_as, warehouse):
    page = client_as("officer").get(f"submissions/{ids(ZHONGSHAN)[0]}").text
    assert "T02" in page
    assert "不是合格的数字" in page
    assert "您的角色不显示" in page
    assert CHILD not in page


def test_many_places_come_rule_by_rule_and_page_by_page(client_as, monkeypatch, warehouse):
    monkeypatch.setattr("district_reports.ledger.findings_by_rule.ALL_SHOWN", 3)
    one = ids(XIGANG)[0]
    change(
        "INSERT INTO findings.finding (submission_id, position, rule, severity, message, fix, sheet, cell, row_number)"
        " SELECT :id, 1000 + n, 'C06', 'warning', '第 ' || n || ' 处', '核对', '表', 'B' || n, n"
        " FROM generate_series(1, 7) AS n",
        id=one,
    )
    client = client_as("engineer")
    assert "第 1 处" not in client.get(f"submissions/{one}").text
    address = f"submissions/{one}?rule=C06&severity=warning"
    pages = [client.get(f"{address}&page={number}").text for number in (1, 2, 3)]
    assert [[n for n in range(1, 8) if f"第 {n} 处" in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]


def test_what_is_still_to_come_is_said(client_as, warehouse):
    one = ids(ZHONGSHAN)[1]
    change(
        "UPDATE ledger.submission SET state = 'checked', outcome = NULL, reason = NULL, decided_at = NULL,"
        " answered_at = NULL, answered_as = NULL WHERE submission_id = :id",
        id=one,
    )
    page = client_as("officer").get(f"submissions/{one}").text
    assert page.count("尚未") == 2
    assert "处理中" in page


def test_a_withdrawal_and_a_duplicate_lead_to_what_they_are_about(client_as, warehouse):
    first, second = ids(ZHONGSHAN)
    change("UPDATE ledger.submission SET outcome = 'duplicate', duplicate_of = :first WHERE submission_id = :second",
           first=first, second=second)  # fmt: skip
    client = client_as("officer")
    assert "与另一份内容相同" in client.get(f"submissions/{second}").text
    assert "又收到一份相同的" in client.get(f"submissions/{first}").text
    change("UPDATE ledger.submission SET outcome = 'accepted', duplicate_of = NULL, withdraws = :first, filler = NULL"
           " WHERE submission_id = :second", first=first, second=second)  # fmt: skip
    assert "区县申请撤回" in client.get(f"submissions/{second}").text
    assert "被撤回" in client.get(f"submissions/{first}").text


def test_changes_are_numbers_without_names(client_as, warehouse):
    first, second = ids(ZHONGSHAN)
    page = client_as("officer").get(f"submissions/{second}/changes").text
    assert "疑似辍学台账" in page
    assert "改动行" in page
    assert CHILD not in page
    assert "没有可比较的上一版" in client_as("officer").get(f"submissions/{first}/changes").text


def test_the_files_are_handed_out_by_name(client_as, warehouse):
    one = ids(ZHONGSHAN)[0]
    change("UPDATE ledger.receipt SET file_name = :name WHERE receipt_id = (SELECT receipt_id FROM ledger.submission"
           " WHERE submission_id = :id)", name='../a"\r\nb.xlsx', id=one)  # fmt: skip
    client = client_as("zhongshan")
    original = client.get(f"submissions/{one}/original")
    assert original.headers["content-type"] == WORKBOOK
    assert original.headers["content-disposition"] == "attachment; filename*=UTF-8''_a___b.xlsx"
    assert original.headers["x-content-type-options"] == "nosniff"
    assert load_workbook(BytesIO(original.content))
    marked = client.get(f"submissions/{one}/answer")
    assert "问题清单" in load_workbook(BytesIO(marked.content)).sheetnames
    report = client.get(f"submissions/{one}/report")
    assert report.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert CHILD in report.text


@pytest.mark.parametrize("what", ["link", "folder link", "folder", "pipe", "gone"])
def test_nothing_is_handed_out_but_the_answer_itself(client_as, warehouse, tmp_path, what):
    one = ids(ZHONGSHAN)[1]
    answer = answer_of(one)
    secret = tmp_path / answer.name
    secret.write_bytes(b"PK\x03\x04 a secret of another district")
    if what == "folder link":
        answer.parent.rename(answer.parent.with_name("others"))
        answer.parent.symlink_to(tmp_path)
    else:
        answer.unlink()
    if what == "link":
        answer.symlink_to(secret)
    elif what == "folder":
        answer.mkdir()
    elif what == "pipe":
        os.mkfifo(answer)
    got = client_as("zhongshan").get(f"submissions/{one}/answer")
    assert got.status_code == 404
    assert "反馈表不在文件夹里" in got.text


def test_a_damaged_original_is_not_handed_out(client_as, warehouse):
    one = ids(ZHONGSHAN)[0]
    with engine(Role.LOADER).begin() as connection:
        sha256 = connection.scalar(text("SELECT sha256 FROM ledger.submission WHERE submission_id = :id"), {"id": one})
    (archived,) = settings().archive.glob(f"??/{sha256}/original.xlsx")
    archived.chmod(0o600)
    archived.write_bytes(b"something else")
    got = client_as("engineer").get(f"submissions/{one}/original")
    assert got.status_code == 404
    assert "district-reports verify" in got.text


def test_the_answer_is_written_again_once(client_as, warehouse):
    one = ids(ZHONGSHAN)[1]
    answer = answer_of(one)
    answer.unlink()
    client = client_as("engineer")
    page = client.get(f"submissions/{one}").text
    form = {"csrf_token": csrf_of(page), "seen": ""}
    done = client.post(f"submissions/{one}/answer", data=form)
    assert "反馈已重写" in after(client, done)
    assert load_workbook(answer)
    again = client.post(f"submissions/{one}/answer", data=form)
    assert "没有重写" in after(client, again)
    former = client.post(f"submissions/{ids(ZHONGSHAN)[0]}/answer", data=form)
    assert "已被后来的取代" in after(client, former)


@pytest.fixture
def airflow(monkeypatch):
    """An Airflow that notes what it is asked, and answers as ``airflow.state.answer`` says."""
    app = FastAPI()
    app.state.asked, app.state.answer = [], (200, {"dag_run_id": "manual__2020-07-04T01:02:03+00:00"})

    @app.api_route("/api/v2/{path:path}", methods=["GET", "POST"])
    async def answered(request: Request, path: str):
        body = await request.body()
        app.state.asked.append((request.method, path, json.loads(body) if body else dict(request.query_params),
                                request.headers["authorization"]))  # fmt: skip
        status, content = app.state.answer
        return JSONResponse(content, status)

    monkeypatch.setattr("district_reports.pages.airflow._airflow", lambda: app)
    return app


def test_a_rehearsal_and_a_restatement_are_started_as_the_viewer(client_as, airflow, tokens):
    one, client = ids(ZHONGSHAN)[1], client_as("engineer")
    token = csrf_of(client.get(f"submissions/{one}").text)
    for kind, dry_run, words in (("rehearse", True, "试算已开始"), ("restate", False, "重新判定已开始")):
        done = client.post(f"submissions/{one}/restate", data={"csrf_token": token, "kind": kind, "publish": "1"})
        said = after(client, done)
        assert words in said
        assert "/dags/restate_submissions/runs/manual__2020-07-04T01%3A02%3A03%2B00%3A00" in said
        conf = {"form": LEDGER, "district": ZHONGSHAN, "period": JUNE, "dry_run": dry_run, "publish": not dry_run}
        assert airflow.state.asked.pop() == (
            "POST",
            "dags/restate_submissions/dagRuns",
            {"logical_date": None, "conf": conf},
            f"Bearer {tokens['engineer']}",
        )


def test_airflows_no_is_passed_on(client_as, airflow):
    one, client = ids(ZHONGSHAN)[1], client_as("engineer")
    token = csrf_of(client.get(f"submissions/{one}").text)
    airflow.state.answer = (403, {"detail": "Forbidden"})
    done = client.post(f"submissions/{one}/restate", data={"csrf_token": token, "kind": "restate"})
    assert "Airflow 没有启动重新判定" in after(client, done)
    wrong = client.post(f"submissions/{one}/restate", data={"csrf_token": token, "kind": "everything"})
    assert wrong.status_code == 400


def test_the_run_is_the_one_that_decided_it(client_as, airflow):
    one, client = ids(ZHONGSHAN)[1], client_as("engineer")
    change("UPDATE ledger.submission SET checked_at = '2026-11-28 10:01Z', decided_at = '2026-11-28 10:02Z'"
           " WHERE submission_id = :id", id=one)  # fmt: skip
    key = f"{ZHONGSHAN}|{JUNE}"

    def run(name: str, begun: str, ended: str | None, key: str = key) -> dict[str, object]:
        return {"dag_run_id": name, "partition_key": key, "start_date": begun, "end_date": ended}

    others = [
        run("later", "2026-11-28T10:05:00Z", "2026-11-28T10:06:00Z"),
        run("waiting", "2026-11-28T10:01:30Z", None),
        run("longer key", "2026-11-28T10:00:00Z", None, f"{key}1"),
    ]
    airflow.state.answer = (200, {"dag_runs": [*others, run("ours", "2026-11-28T10:00:00Z", "2026-11-28T10:03:00Z")]})
    assert client.get(f"submissions/{one}/run").headers["location"] == f"/dags/ingest_{LEDGER}/runs/ours"
    airflow.state.answer = (200, {"dag_runs": others})
    found = client.get(f"submissions/{one}/run").headers["location"]
    assert found == f"/dags/ingest_{LEDGER}/runs?partition_key_pattern={ZHONGSHAN}%7C{JUNE}"


def test_a_message_that_nobody_says_is_not_shown(client_as, warehouse):
    page = client_as("engineer").get(f"submissions/{ids(ZHONGSHAN)[1]}?said=<b>&run=https://x.example/").text
    assert 'class="message' not in page
    assert "x.example" not in page.replace("%2F%2Fx.example", "")
