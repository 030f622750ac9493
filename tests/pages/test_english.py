"""Pages in English are English: what is Chinese in them says so, and a period is said as people say it."""

import re
from html.parser import HTMLParser

import pytest

from pages.cross_city import add_items, explain
from pages.walk import walk

CHINESE = re.compile("[\u3400-\u9fff]")
CODE = re.compile(r"\b\d{4}-[QS]\d\b")
"""A period as files and addresses write it; charts do so for want of room."""
READ_OUT = ("aria-label", "title", "alt", "placeholder", "data-label", "content")
EMPTY = frozenset({"meta", "link", "br", "img", "input", "hr"})


class Foreign(HTMLParser):
    """Finds Chinese outside elements that are marked as Chinese, and codes of periods outside charts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = [("", False)]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        marked = named["lang"].startswith("zh") if "lang" in named else self._open[-1][1]
        if not marked:
            self.found += [f"<{tag} {name}>: {named[name]}" for name in READ_OUT if CHINESE.search(named.get(name, ""))]
        if tag not in EMPTY:
            self._open.append((tag, marked))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1][0] not in (tag, ""):
            self._open.pop()
        if self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        tag, marked = self._open[-1]
        if marked or tag in ("style", "script", "code"):
            return
        drawn = any(name == "svg" for name, _ in self._open)
        if CHINESE.search(data) or (CODE.search(data) and not drawn):
            self.found.append(f"<{tag}>: {data.strip()}")


def foreign(page: str) -> list[str]:
    reader = Foreign()
    reader.feed(page)
    return reader.found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<p>Zhongshan <span lang="zh-CN">中山区</span></p>', []),
        ('<p lang="zh-CN"><b>中山区</b></p>', []),
        ("<p>Zhongshan</p><br><p>中山区</p>", ["<p>: 中山区"]),
        ('<a title="中山区">x</a>', ["<a title>: 中山区"]),
        ('<p lang="zh-CN"><b lang="en">中山区</b></p>', ["<b>: 中山区"]),
        ("<p>Q2 2020</p><svg><text>2020-Q2</text></svg>", []),
        ("<p>of 2020-Q2</p>", ["<p>: of 2020-Q2"]),
    ],
)
def test_the_look_sees(page, found):
    assert foreign(page) == found


@pytest.mark.parametrize("person", ["officer", "zhongshan"])
def test_english_pages_are_english(client_as, person):
    add_items()
    explain(1)
    pages = walk(client_as(person), "en")
    # Reports and Data Docs are pages of their own.
    ours = {path: page for path, page in pages.items() if 'class="bar"' in page}
    assert len(ours) > 15
    found = [f"{path} {each}" for path, page in ours.items() for each in foreign(page)]
    assert not found, "\n".join(found)
