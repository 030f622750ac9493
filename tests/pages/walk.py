"""Every kind of page, found as a user finds it: by following the links, from the entries of the navigation on."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from starlette.testclient import TestClient

from district_reports.pages import PREFIX

ENTRIES = ("/progress", "/worklist", "/submissions", "/quality", "/city", "/outgoing")
AT_MOST = 120


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if "data-outside" in dict(attributes):  # to Airflow's own UI
            return
        self.found += [value for name, value in attributes if name in ("href", "src") and value]


def links_of(page: str, address: str) -> Iterator[str]:
    """The pages of ours that a page refers to, as paths with their queries."""
    reader = _Links()
    reader.feed(page)
    for link in reader.found:
        parts = urlsplit(urljoin(address, link))
        if parts.scheme in ("http", "https") and parts.path.startswith(f"{PREFIX}/"):
            yield parts.path.removeprefix(PREFIX) + (f"?{parts.query}" if parts.query else "")


def kind(path: str) -> str:
    """Pages are alike whose paths differ by a number or by the name of a table only."""
    return re.sub(r"\d+|(?<=/tables/)\w+", "0", urlsplit(path).path)


def walk(client: TestClient, language: str = "zh") -> dict[str, str]:
    """Pages of every kind by their paths, as HTML: of one kind, one for each thing that may be asked of it.

    Each link that was followed led somewhere.
    """
    asked: dict[str, set[str]] = {}
    waiting = [f"{entry}?lang={language}" for entry in ENTRIES]
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop(0)
        names = {name for name, _ in parse_qsl(urlsplit(path).query)}
        if path.startswith("/assets/") or (kind(path) in asked and names <= asked[kind(path)]):
            continue
        asked.setdefault(kind(path), set()).update(names)
        answer = client.get(path.lstrip("/"), follow_redirects=True)
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        downloaded = "attachment" in answer.headers.get("content-disposition", "")
        if answer.headers["content-type"].startswith("text/html") and not downloaded:
            pages[path] = answer.text
            waiting += links_of(answer.text, f"http://testserver{PREFIX}{path}")
            assert len(pages) < AT_MOST, "the pages have more kinds than this walk may look at"
    return pages
