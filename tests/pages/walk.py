"""Every kind of page, found as a user finds it: by following the links, from the entries of the navigation on."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from starlette.testclient import TestClient

from district_reports.pages import PREFIX

ENTRIES = ("/progress", "/submissions", "/quality", "/city")
AT_MOST = 250


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if "data-outside" in dict(attributes):  # to Airflow's own UI
            return
        self.found += [value for name, value in attributes if name in ("href", "src", "action") and value]


def links_of(page: str, address: str) -> Iterator[str]:
    """The pages of ours that a page refers to, as paths with their queries."""
    reader = _Links()
    reader.feed(page)
    for link in reader.found:
        parts = urlsplit(urljoin(address, link))
        if parts.scheme in ("http", "https") and parts.path.startswith(f"{PREFIX}/"):
            yield parts.path.removeprefix(PREFIX) + (f"?{parts.query}" if parts.query else "")


def kind(path: str) -> tuple[str, frozenset[str]]:
    """Pages are alike whose paths differ by numbers only, and whose queries by values only."""
    parts = urlsplit(path)
    keys = frozenset(name for name, _ in parse_qsl(parts.query))
    return re.sub(r"\d+", "0", parts.path), keys


def walk(client: TestClient, language: str = "zh") -> dict[str, str]:
    """One page of each kind by its path, as HTML; each link that was followed led somewhere."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [f"{entry}?lang={language}" for entry in ENTRIES]
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop(0)
        if kind(path) in seen or path.startswith("/assets/"):
            continue
        seen.add(kind(path))
        assert len(seen) < AT_MOST, "the pages have more kinds than this walk may look at"
        answer = client.get(path.lstrip("/"), follow_redirects=True)
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        if answer.headers["content-type"].startswith("text/html") and "attachment" not in answer.headers.get(
            "content-disposition", ""
        ):
            pages[path] = answer.text
            waiting += links_of(answer.text, f"http://testserver{PREFIX}{path}")
    return pages
