"""FAB's auth manager in an environment of its own, as the image is built with it: its users, our table of users."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from airflow_parts.conftest import PASSWORDS, PEOPLE, ROOT, Server, deployment, environment_of, running
from conftest import Template

ROLES = {"li": "Admin", "wang": "Viewer", "zhao": "Public", "stranger": "Viewer"}
"""What FAB lets them do in Airflow's own UI; the stranger is not in the table of users."""
pytestmark = pytest.mark.slow


def program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has what the Dockerfile installs with EXTRAS="--extra fab"."""
    folder = tmp_path_factory.mktemp("fab") / "venv"
    subprocess.run([program("uv"), "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    install = ["pip", "install", "--quiet", "--require-hashes", "--python", str(folder / "bin" / "python")]
    chosen = ["-r", "pyproject.toml", "--extra", "fab", "--constraints", "requirements-fab.lock"]
    done = subprocess.run([program("uv"), *install, *chosen], cwd=ROOT, capture_output=True, text=True, timeout=900)
    if done.returncode and re.search(r"connect|resolve host|timed out|offline", done.stderr):
        pytest.skip("no registry of packages answers, from which FAB's provider would be installed")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def fab(python: Path, migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with deployment(migrated_template, tmp_path_factory.mktemp("fab accounts")) as (found, warehouse):
        environment = {
            **environment_of(found, warehouse),
            "AIRFLOW__CORE__AUTH_MANAGER": "district_reports.airflow_parts.fab_accounts.FabAccounts",
            "PYTHONPATH": str(ROOT / "plugins"),
        }
        airflow = [str(python), "-m", "airflow"]
        _run([*airflow, "db", "migrate"], environment)
        for name, role in ROLES.items():
            told = ["--username", name, "--role", role, "--firstname", name, "--lastname", name]
            secret = ["--email", f"{name}@example.org", "--password", PASSWORDS.get(name, name)]
            _run([*airflow, "users", "create", *told, *secret], environment)
        port = found.url.rpartition(":")[2]
        serve = ["api-server", "--apps", "core", "--workers", "1", "--proxy-headers", "--host", "127.0.0.1"]
        with running(found, [*airflow, *serve, "--port", port], environment):
            yield found


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def status(fab: Server, token: str, *paths: str) -> list[int]:
    return [fab.get(path, token).status_code for path in paths]


def test_the_table_of_users_says_whose_role_somebody_has(fab: Server):
    token = {name: fab.token(name) for name in PEOPLE if name in ROLES}
    assert status(fab, token["li"], "/api/v2/dags", "/district-reports/access-log") == [200, 200]
    assert status(fab, token["wang"], "/api/v2/dags", "/district-reports/city") == [200, 200]
    assert status(fab, token["wang"], "/district-reports/access-log") == [403]
    assert status(fab, token["zhao"], "/api/v2/dags", "/district-reports/city") == [403, 403]
    assert status(fab, token["zhao"], "/district-reports/progress") == [200]
    stranger = fab.log_in("stranger", "stranger").json()["access_token"]
    assert status(fab, stranger, "/api/v2/dags", "/ui/config", "/district-reports/progress") == [401] * 3
    fab.write_users({name: rest for name, rest in PEOPLE.items() if name != "li"})
    assert status(fab, token["li"], "/api/v2/dags", "/ui/config", "/district-reports/progress") == [401] * 3
    fab.reset()
    assert status(fab, token["li"], "/api/v2/dags") == [200]


@pytest.mark.parametrize(
    ("name", "lands_on"), [("zhao", "/district-reports/progress"), ("wang", "/district-reports/city")]
)
def test_people_land_on_their_pages_and_log_out(fab: Server, name: str, lands_on: str):
    with httpx.Client(base_url=fab.url, timeout=60, headers={"Accept": "text/html"}) as browser:
        page = browser.get("/auth/login/", follow_redirects=True)
        [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        form = {"username": name, "password": PASSWORDS[name], "csrf_token": token}
        landed = browser.post(page.url, data=form, follow_redirects=True)
        assert (landed.status_code, landed.url.path) == (200, lands_on)
        in_the_frame = browser.get("/plugin/district-reports-progress", follow_redirects=True)
        assert ("上报进度" in in_the_frame.text) == (name == "zhao"), "who sees Airflow's UI sees the page in its frame"
        browser.get("/api/v2/auth/logout", follow_redirects=True)
        assert browser.get(lands_on).status_code == 401
        # FAB's own session has ended as well: nobody is let in again without the password.
        again = browser.get("/auth/login/?next=/district-reports/progress", follow_redirects=True)
        assert 'type="password"' in again.text


def test_every_way_to_send_a_password_to_it_is_watched(fab: Server):
    with httpx.Client(base_url=fab.url, timeout=60) as browser:

        def send(password: str) -> httpx.Response:
            page = browser.get("/auth/login/").text
            [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)
            form = {"username": "wang", "password": password, "csrf_token": token}
            return browser.post("/auth/login/", data=form)

        before = len(fab.log())
        assert send("wrong").status_code == 302
        assert "_token" not in browser.cookies
        assert send(PASSWORDS["wang"]).status_code == 302
        assert browser.get("/district-reports/progress").status_code == 200
        assert [row[:2] for row in fab.log()[before:]] == [("wang", 401), ("wang", 200)]
    answers = [fab.log_in("zhao", "wrong", way).status_code for way in ("/auth/token", "/auth/token/cli") * 4]
    assert answers == [401] * 5 + [429] * 3
    assert httpx.post(f"{fab.url}/auth/login/", data={"username": "zhao", "password": "x"}).status_code == 429
