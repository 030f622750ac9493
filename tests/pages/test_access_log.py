"""Who has looked at what: every route declares it, what is personal leaves a row, and none goes out without one."""

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from district_reports import clock
from district_reports.database.engine import engine
from district_reports.ledger.access_log import Kind, record
from district_reports.ledger.viewing import reading
from district_reports.pages import PREFIX
from district_reports.pages.showing import Declared, shown_by
from district_reports.users import MAY
from pages.conftest import PEOPLE, change
from pages.small_city import CHILD, ZHONGSHAN
from pages.test_routes import all_routes, path_of, permissions
from pages.tokens import COOKIE
from pages.walk import walk

PERSONAL = {
    "/progress": "contacts",
    "/progress/reminders.xlsx": "contacts",
    "/progress/template": "template",
    "/worklist": "worklist",
    "/worklist/{item_id}": "worklist",
    "/submissions": "submissions",
    "/submissions/{submission_id}": "findings",
    "/submissions/{submission_id}/changes": "changes",
    "/submissions/{submission_id}/original": "original",
    "/submissions/{submission_id}/answer": "answer",
    "/submissions/{submission_id}/report": "report",
    "/city/trace": "trace",
}
"""Said once more, so that a declaration can't be taken off by mistake."""
NOTED = {
    "/progress": "contacts",
    "/worklist": "ruling",
    "/worklist/{item_id}": "ruling",
    "/outgoing": "release_outside",
    "/outgoing/{request_id}/{what}": "release_outside",
}
"""Changes of which it is noted who made them, or wanted to; and what shows its page again with what is wrong."""


def rows() -> list[dict[str, object]]:
    """The log, oldest first."""
    with engine("migrator").begin() as connection:
        found = connection.execute(text("SELECT * FROM ledger.access_log ORDER BY access_id"))
        return [dict(row) for row in found.mappings()]


def test_every_route_declares_what_it_shows():
    declared = {}
    for route in all_routes():
        assert isinstance(route, Declared), route.path
        if "POST" in route.methods:
            # A change shows nothing: the page that is got next does. Who rules, or wants to, is noted all the same.
            assert shown_by(route).kind == NOTED.get(route.path), route.path
        else:
            declared[route.path] = shown_by(route).kind
    assert {path: kind for path, kind in declared.items() if path in PERSONAL} == PERSONAL
    with pytest.raises(TypeError, match="does not declare"):
        Declared("/forgotten", lambda: None)


def test_whatever_is_personal_leaves_a_row_when_it_is_asked_for(client_as, warehouse):
    asked = 0
    for route in all_routes():
        kind = shown_by(route).kind
        for name, person in PEOPLE.items():
            before = len(rows())
            if "POST" in route.methods:
                continue
            answer = client_as(name).get(path_of(route))
            left = rows()[before:]
            if kind is None:
                assert left == [], route.path
                continue
            asked += 1
            [row] = left
            assert (row["kind"], row["viewer"], row["role"]) == (kind, name, person.role), route.path
            assert (row["district_code"], row["address"]) == (person.district_code, "testclient")
            assert row["status"] == answer.status_code
            assert (row["status"] == 403) == (not permissions(route) <= MAY[person.role])
            assert abs((datetime.now(UTC) - row["at"]).total_seconds()) < 60
    assert asked > 30


def test_no_page_with_a_childs_name_is_silent(client_as, warehouse):
    """By what stands in the pages, not by what they declare."""
    client = client_as("engineer")
    seen = 0
    for path in walk(client):
        before = len(rows())
        told = client.get(path.lstrip("/"), follow_redirects=True).text
        if CHILD in told or "tel:" in told:
            seen += 1
            assert len(rows()) > before, path
    assert seen >= 2


def test_the_subject_says_what_and_never_who(client_as, warehouse):
    client = client_as("engineer")
    client.get("submissions/12")
    client.get("submissions/210202201005060071")
    client.get("city/tables/city_submissions.csv")
    client.get("city/tables/210202201005060071.csv")
    query = {"table": "city_submissions", "column": CHILD, "area": "210202", "period": "2020-05"}
    client.get("city/trace", params=query)
    assert [row["subject"] for row in rows()] == [
        "12",
        "(submission_id)",
        "city_submissions",
        "(table)",
        "city_submissions (column) 2020-05 210202",
    ]


def test_what_cannot_be_noted_is_not_shown(client_as, warehouse):
    client = client_as("zhongshan")
    with reading(PEOPLE["zhongshan"]) as connection:
        own = connection.scalar(text("SELECT min(submission_id) FROM findings.shown_finding WHERE message LIKE :child"),
                                {"child": f"%{CHILD}%"})  # fmt: skip
    for path in (f"submissions/{own}", f"submissions/{own}/original"):
        assert client.get(path).status_code == 200
    change("REVOKE INSERT ON ledger.access_log FROM district_reports_pages")
    for path in (f"submissions/{own}", f"submissions/{own}/original", "progress"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "暂时不能显示" in answer.text
        assert CHILD not in answer.text
    assert client_as("officer").get("city").status_code == 200


def test_only_a_trusted_proxy_says_where_somebody_is(site, tokens, warehouse):
    forged = {"X-Forwarded-For": "6.6.6.6, 10.0.0.9"}
    for trusted, address in (("none", "testclient"), ("testclient", "10.0.0.9")):
        behind = TestClient(
            ProxyHeadersMiddleware(site, trusted_hosts=trusted),
            base_url=f"http://testserver{PREFIX}/",
            cookies={COOKIE: tokens["officer"]},
        )
        behind.get("progress", headers=forged)
        assert rows()[-1]["address"] == address


def test_the_page_is_for_engineers_and_shows_what_is_asked_for(client_as, warehouse):
    record(Kind.LOG_IN, 401, "10.0.0.9", None)
    client_as("zhongshan").get("progress")
    client_as("officer").get("progress")
    client = client_as("engineer")
    shown = client.get("access-log").text
    assert "未登记的账号" in shown
    assert "10.0.0.9" in shown
    assert f"区县 {ZHONGSHAN}" in shown
    only = client.get("access-log", params={"viewer": "zhongshan", "kind": "contacts"}).text
    assert "zhongshan" in only
    assert "10.0.0.9" not in only
    assert "zhongshan" in client.get("access-log", params={"day": f"{datetime.now(clock.ZONE):%Y-%m-%d}"}).text
    assert "没有记录" in client.get("access-log", params={"day": "2020-07-04"}).text
    saved = client.get("access-log/rows.csv", params={"viewer": "zhongshan"})
    [header, row] = csv.reader(io.StringIO(saved.content.decode("utf-8-sig")))
    assert header[:2] == ["时间", "账号"]
    assert row[1:4] == ["zhongshan", "区县", ZHONGSHAN]
    assert [row["kind"] for row in rows()[-5:]] == ["access_log"] * 5
    for path in ("access-log", "access-log/rows.csv"):
        assert client_as("officer").get(path).status_code == 403
        assert client_as("zhongshan").get(path).status_code == 403
    for query in ({"day": "today"}, {"kind": "children"}):
        assert client.get("access-log", params=query).status_code == 400
    assert "access-log" not in client_as("officer").get("progress").text


def test_the_database_shows_the_log_to_engineers_alone(warehouse):
    record(Kind.LOG_IN, 200, "10.0.0.9", PEOPLE["officer"])
    for name, seen in (("engineer", 1), ("officer", 0), ("zhongshan", 0)):
        with reading(PEOPLE[name]) as connection:
            assert connection.scalar(text("SELECT count(*) FROM ledger.access_log")) == seen
