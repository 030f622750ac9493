"""The page on which people log in: in the bureau's name, back to the page asked for, and nowhere else."""

import re

import httpx
import pytest

from airflow_parts.conftest import PASSWORDS, Server

HOME = "/district-reports/"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


def send(server: Server, name: str, password: str | None = None, *, after: str = "", **headers: str) -> httpx.Response:
    form = {"username": name, "password": PASSWORDS[name] if password is None else password}
    address = httpx.URL(f"{server.url}/auth/login", params={"next": after} if after else {})
    return httpx.post(address, data=form, headers={**BROWSER, **headers}, timeout=60)


def test_it_goes_by_the_bureaus_name_and_runs_nothing(server: Server):
    answer = httpx.get(f"{server.url}/auth/login?next=/x", headers=BROWSER)
    assert answer.status_code == 200
    assert "<title>登录 · 大连市教育局 区县报表</title>" in answer.text
    assert "Dalian Education Bureau" in answer.text
    assert "Airflow" not in answer.text
    assert "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    # Nothing in the address is taken for words of ours.
    assert "sent-by-mail" not in httpx.get(f"{server.url}/auth/login?name=sent-by-mail&said=sent-by-mail").text


def test_the_right_password_sets_the_cookie_that_no_script_reads(server: Server):
    answer = send(server, "wang", after="/district-reports/quality?form=facilities")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/district-reports/quality?form=facilities"
    cookie = answer.headers["set-cookie"]
    assert re.match(r"_token=[\w.-]+; HttpOnly; Path=/; SameSite=lax$", cookie), cookie
    assert server.get("/district-reports/city", answer.cookies["_token"], by_cookie=True).status_code == 200


def test_a_wrong_password_is_told_in_both_languages_and_quotes_no_markup(server: Server):
    answer = send(server, "wang", "wrong")
    assert answer.status_code == 401
    assert "账号或密码不正确。" in answer.text
    assert "The user name or the password is wrong." in answer.text
    assert "_token" not in answer.cookies
    form = {"username": '"><b>bold</b>', "password": "x"}
    assert "<b>" not in httpx.post(f"{server.url}/auth/login", data=form, headers=BROWSER).text


@pytest.mark.parametrize(
    "after",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "https://evil.example/x"),
        *("javascript:alert(1)", "https:/evil.example", "http://127.0.0.1@evil.example/", "evil.example"),
        " //evil.example",
        *("///evil.example", "/x\r\nSet-Cookie: a=b", "http:\\\\evil.example"),
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_host(server: Server, after: str):
    answer = send(server, "wang", after=after)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_an_address_of_this_host_is_followed_as_a_path(server: Server):
    assert send(server, "wang", after=f"{server.url}/dags?x=1").headers["location"] == "/dags?x=1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://name-behind-a-proxy.example"}, 303),
        ({}, 303),
    ],
)
def test_no_other_site_logs_anybody_in(server: Server, headers: dict[str, str], status: int):
    answer = send(server, "li", **headers)
    assert answer.status_code == status
    assert ("_token" in answer.cookies) == (status == 303)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "username=nobody&username={0}&password={1}"),
        ("application/x-www-form-urlencoded", "username={0}&username=nobody&password={1}"),
        (
            "multipart/form-data; boundary=b",
            '--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n{0}\r\n'
            '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{1}\r\n--b--\r\n',
        ),
        ("application/json", '{{"username": "{0}", "password": "{1}"}}'),
    ],
)
def test_a_name_that_could_be_read_in_two_ways_logs_nobody_in(server: Server, content_type: str, body: str):
    """Else somebody would log in, and stand on record as somebody unknown."""
    content = body.format("chen", PASSWORDS["chen"])
    answer = httpx.post(f"{server.url}/auth/login", content=content, headers={**BROWSER, "Content-Type": content_type})
    assert answer.status_code == 403
    assert "_token" not in answer.cookies


def test_a_log_in_by_the_page_is_on_record(server: Server):
    before = len(server.log())
    assert send(server, "li").status_code == 303
    assert send(server, "li", "wrong").status_code == 401
    assert [row[:2] for row in server.log()[before:]] == [("li", 200), ("li", 401)]
