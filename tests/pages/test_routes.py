"""Every route that there is, by its own declaration: who may call it, and that nobody else can."""

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from district_reports.pages import csrf
from district_reports.pages.access import Needs
from district_reports.pages.app import routes
from district_reports.users import MAY
from pages.conftest import PEOPLE, csrf_of
from pages.tokens import COOKIE, log_in

# A value for each parameter of a path, so that a new kind of path has to be thought of here.
EXAMPLES = {
    "name": "style.css",
    "submission_id": "1",
    "item_id": "1",
    "table": "city_submissions",
    "path": "index.html",
    "request_id": "1",
    "what": "approve",
}


def all_routes() -> list[APIRoute]:
    found = routes().routes
    # A mount or a websocket would answer beside the dependencies that are looked at here.
    assert all(isinstance(route, APIRoute) for route in found)
    return found


def path_of(route: APIRoute) -> str:
    names = {parameter.name: EXAMPLES[parameter.name] for parameter in route.dependant.path_params}
    return route.path_format.format(**names).lstrip("/")


def called(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from called(each)


def permissions(route: APIRoute) -> set[str]:
    return {call.permission for call in called(route.dependant) if isinstance(call, Needs)}


def each_way():
    return [
        pytest.param(route, method, id=f"{method} {route.path}") for route in all_routes() for method in route.methods
    ]


@pytest.mark.parametrize(("route", "method"), each_way())
def test_a_route_names_its_permission_and_guards_its_changes(route, method):
    assert permissions(route), "anybody in the table of users could call it"
    assert method in ("GET", "POST")
    if method == "POST":
        assert csrf.checked in set(called(route.dependant))


def test_who_may_not_is_told_so_and_anonymous_is_not_let_in(client_as, tokens):
    refused = 0
    for route in all_routes():
        for method in route.methods:
            assert client_as(None).request(method, path_of(route)).status_code == 401, route.path
            for name, person in PEOPLE.items():
                if permissions(route) <= MAY[person.role]:
                    continue
                refused += 1
                data = {csrf.FIELD: csrf.made_for(tokens[name])} if method == "POST" else None
                answer = client_as(name).request(method, path_of(route), data=data)
                assert answer.status_code == 403, f"{name} {method} {route.path}"
                assert "没有权限" in answer.text
    assert refused > 0


def test_a_change_needs_the_token_of_the_viewer_itself(client_as):
    foreign = csrf_of(client_as("officer").get(f"progress/extension?{KEY}").text)
    assert sum("POST" in route.methods for route in all_routes()) >= 6
    for route in all_routes():
        if "POST" not in route.methods:
            continue
        client = client_as("engineer")
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "x.y.z"}, {"csrf_token": foreign}):
            answer = client.post(path_of(route), data=data)
            assert answer.status_code == 403, route.path
            assert "操作没有执行" in answer.text


def test_a_token_of_another_log_in_of_the_same_user_is_refused(client_as):
    client = client_as("engineer")
    page = client.get(f"progress/extension?{KEY}").text
    sent = {"form": "dropout_control", "district": "210203", "period": "2020-05", "until": "2020-12-31"}
    change = sent | {"reason": "系统故障", "csrf_token": csrf_of(page)}
    again = log_in("engineer", "admin")

    client.cookies.set(COOKIE, again)
    refused = client.post("progress/extension", data=change)
    assert refused.status_code == 403
    assert "打开之后登录更新过" in refused.text
    # What is sent on purpose goes before the cookie, as for Airflow itself.
    sent_too = {"Authorization": f"Bearer {again}"}
    assert client_as("engineer").post("progress/extension", data=change, headers=sent_too).status_code == 403
    fresh = change | {"csrf_token": csrf_of(client.get(f"progress/extension?{KEY}").text)}
    assert client.post("progress/extension", data=fresh).status_code == 303


KEY = "form=dropout_control&district=210203&period=2020-05"
