"""Every route, asset and error needs Airflow's authentication and a role; nothing else answers."""

import pytest

from district_reports.settings import settings


@pytest.mark.parametrize("path", ["", "assets/style.css", "docs", "redoc", "openapi.json", "no/such/page"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "HEAD"])
def test_anonymous_is_not_let_in(client_as, path, method):
    answer = client_as(None).request(method, path)
    assert answer.status_code == 401
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_forged_token_is_not_let_in(client_as):
    client = client_as(None)
    client.cookies.set("_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJlbmdpbmVlciJ9.")
    assert client.get("").status_code == 401


def test_who_is_not_in_the_table_sees_nothing(client_as):
    client = client_as("stranger")
    for path in ("", "assets/style.css", "no/such/page"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "用户表中没有您的账号" in answer.text


def test_who_leaves_the_table_is_out_at_once(client_as):
    client = client_as("officer")
    assert client.get("").status_code == 307
    table = settings().users
    table.write_text(table.read_text("utf-8").replace("officer,officer,\n", ""), "utf-8")
    assert client.get("").status_code == 403


@pytest.mark.parametrize(
    "row", ["officer,mayor,", "officer,officer,210202", "zhongshan,district,", "zhongshan,district,中山区", ",officer,"]
)
def test_a_broken_table_lets_nobody_in(client_as, row):
    settings().users.write_text(f"user,role,district_code\n{row}\n", "utf-8")
    answer = client_as("officer").get("")
    assert answer.status_code == 500
    assert "系统出错" in answer.text


def test_neither_docs_nor_the_way_out_of_the_assets(client_as):
    client = client_as("engineer")
    ways_out = ("assets/..%2fapp.py", "assets/../app.py", "assets/%2e%2e/app.py")
    for path in ("docs", "redoc", "openapi.json", "assets/", *ways_out):
        assert client.get(path).status_code == 404, path
    assert client.post("assets/style.css").status_code == 405
    kept = client.get("assets/style.css")
    assert kept.status_code == 200
    assert "private" in kept.headers["cache-control"]
