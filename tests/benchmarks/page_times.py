"""How long the server works on a page at ten years of data: ``make bench-pages``.

A warehouse is filled by SQL (tests/benchmarks/ten_years.py, many_items.py); each page is asked for through the real
gate, with a real token, once cold and then seven times. Times are of the whole request within the process, in
milliseconds.
"""

import html
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

ASKED = 7
ITEMS = 3000
PAGES = {
    "progress": ("officer", "progress"),
    "progress, a district": ("zhongshan", "progress"),
    "worklist": ("officer", "worklist"),
    "worklist, a district": ("zhongshan", "worklist"),
    "an item": ("officer", "worklist/1"),
    "submissions": ("officer", "submissions"),
    "a submission": ("engineer", "submissions/4000"),
    "quality, 12 months": ("officer", "quality"),
    "quality, ten years": ("officer", "quality?from=2016-01&to=2025-12"),
    "mistakes, a district": ("zhongshan", "quality/mistakes"),
    "city board": ("officer", "city"),
    "a city table": ("officer", "city/tables/city_student_aid"),
}
TRACES = {"a commitment's trace": "city board", "a figure's trace": "a city table"}
"""Pages that are asked for by the first link to a trace on another one."""
_A_TRACE = re.compile(r'href="([^"]*/city/trace\?[^"]*)"')


def main() -> None:
    """Fill, ask, print."""
    os.environ["DISTRICT_REPORTS_EMBEDDED_FSYNC"] = "off"
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environ:
        _measure(Path(folder), environ)


def _measure(folder: Path, environ: pytest.MonkeyPatch) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.testclient import TestClient

    from benchmarks.many_items import fill_items
    from benchmarks.ten_years import fill
    from district_reports import clock
    from district_reports.database.bootstrap import make_warehouse
    from district_reports.database.embedded.server import EmbeddedServer
    from district_reports.database.engine import dispose_engines
    from district_reports.pages import PREFIX
    from district_reports.reference.register import Register
    from district_reports.settings import settings
    from district_reports.users import Role, Viewer, lay_out
    from district_reports.warehouse.migrate import migrate
    from pages.tokens import COOKIE, airflow_tokens

    environ.setenv("DISTRICT_REPORTS_HOME", str(folder / "home"))
    environ.setenv("DISTRICT_REPORTS_UPLOADS", str(folder / "uploads"))
    # The register begins in 2016.
    environ.setenv("DISTRICT_REPORTS_TODAY", "2026-01-10")
    settings.cache_clear()
    server = EmbeddedServer(settings().home / "postgres")
    server.start()
    try:
        make_warehouse(settings(), _say)
        migrate()
        begun = time.perf_counter()
        rows = fill(Register.load(settings().reference), clock.today())
        rows |= fill_items(ITEMS, clock.today())
        _say(f"filled in {time.perf_counter() - begun:.0f} s: {rows}")
        people = (Viewer("officer", Role.OFFICER), Viewer("zhongshan", Role.DISTRICT, "210202"))
        lay_out(settings().users, [Viewer("engineer", Role.ENGINEER), *people])
        tokens = airflow_tokens(folder, {"engineer": "admin", "officer": "viewer", "zhongshan": "viewer"}, environ)
        from district_reports.pages.app import app

        site = Starlette(routes=[Mount(PREFIX, app())])
        _say(f"{'page':24}{'first':>9}{'least':>9}{'median':>9}{'slowest':>9}{'KB':>8}")
        for name in (*PAGES, *TRACES):
            user, path = PAGES[TRACES.get(name, name)]
            client = TestClient(site, base_url=f"http://testserver{PREFIX}/", cookies={COOKIE: tokens[user]})
            if name in TRACES:
                path = html.unescape(_A_TRACE.findall(client.get(path).text)[0]).removeprefix(f"{PREFIX}/")
            times = []
            for _ in range(1 + ASKED):
                begun = time.perf_counter()
                answer = client.get(path)
                times.append(1000 * (time.perf_counter() - begun))
                answer.raise_for_status()
            first, *others = times
            size = len(answer.content) / 1024
            _say(
                f"{name:24}{first:9.0f}{min(others):9.0f}{statistics.median(others):9.0f}{max(others):9.0f}{size:8.0f}"
            )
    finally:
        dispose_engines()
        server.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
