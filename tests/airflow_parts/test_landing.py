"""Where people land: after log-in, by an address of Airflow's frame, and after they have logged out."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from airflow_parts.conftest import PASSWORDS, Server

PAGES = "/district-reports"
FRAME = "/plugin/district-reports-progress"


@contextmanager
def browser(server: Server, name: str | None = None) -> Iterator[httpx.Client]:
    """A browser that follows no redirect by itself, logged in as `name`."""
    with httpx.Client(base_url=server.url, headers={"Accept": "text/html"}, timeout=60) as client:
        if name is not None:
            form = {"username": name, "password": PASSWORDS[name]}
            assert client.post("/auth/login", data=form).status_code == 303
        yield client


@pytest.mark.parametrize(("name", "lands_on"), [("zhao", f"{PAGES}/progress"), ("wang", f"{PAGES}/city"), ("li", "/")])
def test_everybody_lands_where_he_works(server: Server, name: str, lands_on: str):
    with browser(server) as client:
        # As Airflow's UI does for who opens its home: with that as the page to come back to.
        asked = client.get("/api/v2/auth/login", params={"next": "/"})
        page = client.get(asked.headers["location"])
        assert page.status_code == 307
        sent = client.post(page.headers["location"], data={"username": name, "password": PASSWORDS[name]})
        assert sent.headers["location"] == f"{PAGES}/"
        landed = client.get(sent.headers["location"])
        assert landed.headers["location"].removeprefix(server.url) == lands_on
        assert client.get(lands_on).status_code == 200


def test_who_asked_for_a_page_comes_back_to_it(server: Server):
    with browser(server) as client:
        asked = client.get("/api/v2/auth/login", params={"next": f"{FRAME}?period=2020-05"})
        page = asked.headers["location"]
        assert client.get(page).status_code == 200
        sent = client.post(page, data={"username": "zhao", "password": PASSWORDS["zhao"]})
        assert sent.headers["location"] == f"{FRAME}?period=2020-05"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (FRAME, f"{PAGES}/progress"),
        (f"{FRAME}?period=2020-05", f"{PAGES}/progress?period=2020-05"),
        (f"{FRAME}{PAGES}/submissions/3?page=2", f"{PAGES}/submissions/3?page=2"),
        ("/plugin/district-reports-city", f"{PAGES}/city"),
        ("/", f"{PAGES}/"),
        ("/dags/ingest_dropout_control", f"{PAGES}/"),
        ("/plugin/somebody-elses", f"{PAGES}/"),
        (f"{FRAME}//evil.example", f"{PAGES}/"),
        (f"{FRAME}{PAGES}/%2e%2e/%2e%2e/auth/logout", f"{PAGES}/"),
    ],
)
def test_a_districts_people_see_the_page_without_airflows_frame(server: Server, address: str, page: str):
    with browser(server, "zhao") as client:
        led = client.get(address)
        assert (led.status_code, led.headers["location"]) == (307, page)


@pytest.mark.parametrize("name", ["wang", "li"])
def test_who_may_see_airflow_sees_the_page_in_its_frame(server: Server, name: str):
    with browser(server, name) as client:
        for address in (FRAME, f"{FRAME}{PAGES}/progress?period=2020-05", "/", "/dags"):
            assert client.get(address).status_code == 200, address
        # Airflow's UI would drop what is asked for.
        led = client.get(f"{FRAME}?period=2020-05")
        assert led.headers["location"] == f"{FRAME}{PAGES}/progress?period=2020-05"


def test_programs_and_airflows_own_requests_are_not_led_anywhere(server: Server):
    with browser(server, "zhao") as client:
        for path in ("/api/v2/dags", "/ui/config"):
            assert client.get(path, headers={"Accept": "application/json"}).status_code in (200, 403), path
        assert client.get("/api/v2/dags").status_code == 403


@pytest.mark.parametrize("name", ["zhao", "wang", "li"])
def test_who_logs_out_is_out(server: Server, name: str):
    with browser(server, name) as client:
        page = client.get(f"{PAGES}/progress")
        assert f'href="{LOG_OUT}" data-outside>退出登录</a>' in page.text
        token = client.cookies["_token"]
        left = client.get(LOG_OUT)
        assert left.headers["location"] == "/auth/login"
        assert "_token" not in client.cookies
    # Whoever has kept the cookie has nothing; Airflow says 403 of a token that was taken back.
    for path in (f"{PAGES}/progress", "/ui/config", "/api/v2/dags"):
        assert server.get(path, token, by_cookie=True).status_code in (401, 403), path


LOG_OUT = "/api/v2/auth/logout"
