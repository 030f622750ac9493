"""A picture of every page for each role, at a desk and on a phone, light and dark, in Chinese and English.

`make demo`, then `make screens`: pictures lie in `.run/screens/<role>/<size>-<scheme>-<language>/`, and `index.html`
there shows them beside one another. Pages are found by following links, one of each kind. Needs Chromium (CHROMIUM
names another).
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from make_pictures import ARGUMENTS, CHROMIUM
from playwright.sync_api import Browser, Page, sync_playwright

from district_reports.local.airflow.environment import HOST, airflow_home
from district_reports.local.airflow.ports import kept_port
from district_reports.pages import PREFIX
from district_reports.settings import settings

Scheme = Literal["light", "dark"]
ROLES = ("officer", "approver", "clerk", "admin")
SIZES = {"desk": (1366, 768), "phone": (390, 844)}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LANGUAGES = ("zh", "en")
ENTRIES = (
    *("/city", "/progress", "/quality", "/worklist", "/submissions", "/outgoing", "/access-log", "/guide"),
    *("/progress/extension", "/no-such-page"),
)
"""Where the navigation leads, and what no link leads to."""
ANOTHER_PAGE = frozenset({"rule", "face"})
"""What makes another page of an address; anything else that may be asked for is a filter."""


def main() -> None:
    """Take every picture, and say where they lie."""
    folder = settings().home / "screens"
    url = f"http://{HOST}:{kept_port(airflow_home(settings()))}"
    passwords = json.loads((airflow_home(settings()) / "passwords.json").read_text("utf-8"))

    def of_role(role: str) -> list[Path]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            view = log_in(browser, url, role, passwords[role])
            found = list(pictures(view, f"{url}{PREFIX}", folder / role))
            browser.close()
        return found

    # A browser for each role: most of the time goes into drawing and packing pictures.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        taken = [path for found in pool.map(of_role, ROLES) for path in found]
    (folder / "index.html").write_text(side_by_side(folder, taken), encoding="utf-8")
    sys.stdout.write(f"{len(taken)} pictures, see {folder / 'index.html'}\n")


def log_in(browser: Browser, url: str, name: str, password: str) -> Page:
    """A page of somebody who is logged in."""
    page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai")
    page.goto(f"{url}/auth/login?next={url}{PREFIX}/progress")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"**{PREFIX}/**")
    return page


def pictures(view: Page, start: str, folder: Path) -> Iterator[Path]:
    """Every page that the viewer comes to, in every look; each is loaded once for a language."""
    places = list(kinds(view, start))
    sys.stdout.write(f"{folder.name}: {len(places)} pages\n")
    for place in places:
        for language in LANGUAGES:
            shown = view.goto(f"{start}{asking(place, lang=language)}")
            if shown is not None and shown.status >= 500:
                raise SystemExit(f"{place} is broken: no picture of it")
            for size, (width, height) in SIZES.items():
                view.set_viewport_size({"width": width, "height": height})
                for scheme in SCHEMES:
                    view.emulate_media(color_scheme=scheme)
                    path = folder / f"{size}-{scheme}-{language}" / f"{named(place)}.png"
                    view.screenshot(path=path, full_page=True)
                    yield path


def kinds(view: Page, start: str) -> Iterator[str]:
    """One page of each kind: those whose addresses differ by a number or by filters are alike."""
    waiting, seen = list(ENTRIES), set[str]()
    while waiting:
        place = waiting.pop(0)
        if kind(place) in seen or place.startswith("/assets/"):
            continue
        seen.add(kind(place))
        answer = view.request.get(f"{start}{place}")
        attached = "attachment" in answer.headers.get("content-disposition", "")
        # What may not be seen is no page; what is not there is one.
        if answer.status not in (200, 404) or attached or "html" not in answer.headers.get("content-type", ""):
            continue
        view.goto(f"{start}{place}")
        # Pages of others, as Great Expectations', have no such part.
        if view.locator("main#content").count() == 0:
            continue
        yield place
        for link in view.eval_on_selector_all("main a[href], nav a[href]", "all => all.map(each => each.href)"):
            parts = urlsplit(urljoin(view.url, link))
            if parts.path.startswith(f"{PREFIX}/"):
                waiting.append(parts.path.removeprefix(PREFIX) + (f"?{parts.query}" if parts.query else ""))


def asking(place: str, **more: str) -> str:
    """The place with `more` in its query."""
    parts = urlsplit(place)
    return f"{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **more})}"


def another(place: str) -> list[str]:
    """What the query of the place makes another page of it."""
    return sorted({name for name, _ in parse_qsl(urlsplit(place).query)} & ANOTHER_PAGE)


def kind(place: str) -> str:
    """What pages that are alike have in common."""
    return re.sub(r"\d+", "0", " ".join([urlsplit(place).path, *another(place)]))


def named(place: str) -> str:
    """The picture's name: the same for every run, as long as the same page is found."""
    return re.sub(r"[^a-z]+", "-", re.sub(r"\d+", "n", kind(place).strip("/")))


def side_by_side(folder: Path, taken: list[Path]) -> str:
    """A page with every picture, those of one page in a row."""
    rows: dict[tuple[str, str], list[Path]] = {}
    for path in taken:
        rows.setdefault((path.parent.parent.name, path.stem), []).append(path)
    lines = ["<!doctype html><meta charset=utf-8><title>Pages</title>"]
    for (role, name), paths in rows.items():
        lines.append(f"<h2>{escape(role)}: {escape(name)}</h2><p>")
        lines += [
            f'<a href="{each.relative_to(folder).as_posix()}"><img loading=lazy width=240'
            f' alt="{each.parent.name}" title="{each.parent.name}" src="{each.relative_to(folder).as_posix()}"></a>'
            for each in paths
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
