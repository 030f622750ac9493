"""Guessing passwords: who fails must wait, by every way to log in; the access log knows, and tells no secret."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from airflow_parts.conftest import PASSWORDS, Server
from district_reports.airflow_parts.accounts import Accounts
from district_reports.airflow_parts.log_ins import LARGEST_BODY, WAYS
from district_reports.airflow_parts.throttle import PAIR
from district_reports.database.engine import engine


def test_a_burst_is_stopped_whatever_way_it_comes(server: Server):
    ways = ("/auth/token", "/auth/token/cli")

    def attempt(number: int) -> httpx.Response:
        # What it says of where it comes from is not believed.
        return httpx.post(
            f"{server.url}{ways[number % 2]}",
            json={"username": "zhao", "password": f"guess {number}"},
            headers={"X-Forwarded-For": f"6.6.6.{number}", "Forwarded": f"for=6.6.6.{number}"},
            timeout=60,
        )

    before = len(server.log())
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(attempt, range(40)))
    assert [answer.status_code for answer in answers].count(401) == PAIR.free
    [first, *_] = refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 40 - PAIR.free
    assert 0 < int(first.headers["retry-after"]) <= 10
    assert "登录失败次数过多" in first.json()["detail"]
    assert "try again in" in first.json()["detail"]
    # The right password does not help as long as the wait lasts.
    form = {"username": "zhao", "password": PASSWORDS["zhao"]}
    assert httpx.post(f"{server.url}/auth/token", data=form).status_code == 429
    # A neighbour at the same address logs in.
    assert server.log_in("wang").status_code == 201
    # One row for a wait, and not one for each of a thousand attempts in it.
    told = server.log()[before:]
    assert sorted(told) == sorted(
        [*[("zhao", 401, "127.0.0.1")] * PAIR.free, ("zhao", 429, "127.0.0.1"), ("wang", 200, "127.0.0.1")]
    )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{{"username": "chen", "username": ["{}"], "password": "x"}}'),
        ("application/json", '["{}"]'),
        ("application/x-www-form-urlencoded", "username=chen{}%3B&password=x&username=other"),
        ("application/x-www-form-urlencoded", "username=chen;a={}&password=x"),
        ("APPLICATION/X-WWW-FORM-URLENCODED", "username=chen&password={}"),
        ("multipart/form-data; boundary=b", "--b\r\n{}"),
    ],
)
def test_a_name_that_is_read_in_two_ways_has_no_more_attempts(server: Server, content_type: str, body: str):
    """They all count together, so the first of these tests leaves few attempts to the others."""
    answers = [
        httpx.post(f"{server.url}/auth/token", content=body.format(number), headers={"Content-Type": content_type})
        for number in range(PAIR.free + 1)
    ]
    assert answers[-1].status_code == 429
    assert 201 not in {answer.status_code for answer in answers}


def test_what_was_typed_as_a_name_is_not_kept(server: Server):
    before = len(server.log())
    for name in ("my-secret-password", "nobody"):
        assert server.log_in(name, "x").status_code == 401
    assert server.log()[before:] == [(None, 401, "127.0.0.1")] * 2
    with engine("migrator").begin() as connection:
        assert "my-secret" not in str(connection.execute(text("SELECT * FROM ledger.access_log")).all())
    assert "my-secret" not in (server.home / "server.log").read_text("utf-8")


def test_a_body_that_is_too_large_is_not_read(server: Server):
    assert server.log_in("li", "x" * LARGEST_BODY).status_code == 413


def test_people_log_in_while_the_log_cannot_be_written(server: Server):
    with engine("migrator").begin() as connection:
        connection.execute(text("REVOKE INSERT ON ledger.access_log FROM district_reports_pages"))
    try:
        token = server.token("li")
        assert server.get("/district-reports/progress", token).status_code == 503
    finally:
        with engine("migrator").begin() as connection:
            connection.execute(
                text(
                    "GRANT INSERT (viewer, role, district_code, address, kind, subject, status)"
                    " ON ledger.access_log TO district_reports_pages"
                )
            )


def test_who_guesses_on_the_page_reads_how_long_to_wait(server: Server):
    form = {"username": "sun", "password": "guess"}
    answers = [
        httpx.post(f"{server.url}/auth/login?next=/x", data=form, headers={"Accept": "text/html"})
        for _ in range(PAIR.free + 1)
    ]
    assert [answer.status_code for answer in answers] == [401] * PAIR.free + [429]
    assert "登录失败次数过多" in answers[-1].text
    assert 'href="/auth/login?next=/x"' in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0


def test_every_way_to_send_a_password_is_watched():
    """Of our own app; FAB's is looked at in test_fab.py."""
    routes = [route for route in Accounts().get_fastapi_app().routes if isinstance(route, APIRoute)]
    posts = {f"/auth{route.path}".rstrip("/") for route in routes if "POST" in route.methods}
    assert posts == WAYS
