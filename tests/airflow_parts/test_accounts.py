"""Who is removed, or gets another role or password, is out at once: of the UI, the REST API and the pages."""

import json

import httpx
import pytest

from airflow_parts.conftest import PASSWORDS, PEOPLE, Server
from district_reports.passwords import hashed

PLACES = ("/api/v2/dags", "/api/v2/pools", "/ui/config", "/ui/auth/me", "/district-reports/progress")


@pytest.fixture(autouse=True)
def as_at_first(server: Server):
    yield
    server.reset()


def statuses(server: Server, token: str) -> set[int]:
    return {server.get(path, token, by_cookie).status_code for path in PLACES for by_cookie in (True, False)}


def test_who_is_removed_is_out_of_everything(server: Server):
    token, other = server.token("li"), server.token("wang")
    assert statuses(server, token) == statuses(server, other) == {200}
    server.write_users({name: rest for name, rest in PEOPLE.items() if name != "li"})
    assert statuses(server, token) == {401}
    assert statuses(server, other) == {200}
    gone = server.get("/ui/config", token, by_cookie=True)
    assert '_token=""' in gone.headers["set-cookie"], "the browser is told to forget it"
    assert server.log_in("li").status_code == 401
    # Back again, with the password of before: so it is a removal that ended the token, and nothing else.
    server.reset()
    assert statuses(server, token) == {200}


def test_another_role_counts_at_once(server: Server):
    token = server.token("li")
    assert httpx.delete(f"{server.url}/api/v2/pools/none", headers=bearer(token)).status_code == 404
    server.write_users({**PEOPLE, "li": "officer,"})
    assert httpx.delete(f"{server.url}/api/v2/pools/none", headers=bearer(token)).status_code == 403
    assert server.get("/api/v2/dags", token).status_code == 200
    server.write_users({**PEOPLE, "li": "district,210202"})
    assert server.get("/api/v2/dags", token).status_code == 403
    assert server.get("/district-reports/progress", token).status_code == 200
    assert server.get("/district-reports/outgoing", token).status_code == 403


@pytest.mark.parametrize("name", ["li", "zhao"], ids=["a hash before", "as it is before"])
def test_another_password_ends_the_tokens_of_the_former(server: Server, name: str):
    token = server.token(name)
    kept = json.loads(server.passwords.read_text("utf-8"))
    server.passwords.write_text(json.dumps({**kept, name: hashed("a new one")}), "utf-8")
    assert statuses(server, token) == {401}
    assert server.log_in(name).status_code == 401
    assert server.log_in(name, "a new one").status_code == 201


def test_the_user_as_whom_we_ask_airflow_needs_no_row(server: Server):
    token = server.token("admin")
    assert server.get("/api/v2/pools", token).status_code == 200
    assert server.get("/district-reports/progress", token).status_code == 403


def test_a_new_user_needs_no_restart(server: Server):
    server.write_users({**PEOPLE, "sun": "officer,"})
    assert server.log_in("sun", "anything").status_code == 401, "without a password nobody is let in"
    kept = json.loads(server.passwords.read_text("utf-8"))
    server.passwords.write_text(json.dumps({**kept, "sun": hashed("welcome")}), "utf-8")
    assert server.log_in("sun", "welcome").status_code == 201


def test_a_table_that_makes_no_sense_lets_nobody_in(server: Server):
    token = server.token("li")
    server.write_users({"li": "mayor,"})
    assert not {200} & statuses(server, token)


def test_every_way_asks_for_the_password(server: Server):
    for way in ("/auth/token", "/auth/token/cli"):
        assert server.log_in("chen", way=way).status_code == 201
        assert server.log_in("chen", "wrong", way=way).status_code == 401
    form = {"username": "chen", "password": PASSWORDS["chen"]}
    assert httpx.post(f"{server.url}/auth/token", data=form).status_code == 201
    # The two ways in without a password that SimpleAuthManager has are not there.
    assert httpx.get(f"{server.url}/auth/token").status_code == 405
    assert httpx.get(f"{server.url}/auth/token/login").status_code == 404


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
