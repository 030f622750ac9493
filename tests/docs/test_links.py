"""What the pages and the code refer to is there: files, headings, sections, names in code."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from district_reports.settings import load_settings

ROOT = load_settings({}).root
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
SOURCES = [
    *(ROOT / name for name in ("Makefile", "Dockerfile", "docker-compose.yaml", "pyproject.toml", ".ci/run")),
    *(
        path
        for folder in ("plugins", "dags", "sql", "expectations", "tests", "docs")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".sql", ".json", ".j2", ".css", ".js", ".toml", ".md"} and path != Path(__file__)
    ),
    *ROOT.glob("*.md"),
]

# Once the plan of the work lay outside of the repository, where an owner can't read it.
OUTSIDE = re.compile(r"(?<![\w-])(?:forms|design|style)\.md\b")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FILE_IN_CODE = re.compile(r"`(\w[\w.-]*/[\w./-]*\.(?:py|sql|json|csv|md|toml|css|j2))`")
LIBRARY = ROOT / "plugins" / "district_reports"
# The example of a fifth form is files of a test.
FOLDERS = (ROOT, LIBRARY.parent, LIBRARY, ROOT / "tests" / "contract" / "fifth_form")
QUOTED = r'"([^"\n]+)"'
SECTION_OF = re.compile(rf"docs/([\w/-]+\.md)(?:,\s+{QUOTED}(?:\s+and\s+{QUOTED})?)?")
COMMENT_GOES_ON = re.compile(r"\n\s*(?:#|--|//|\*)?\s*")


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    text = LINK.sub(lambda link: link[0][1 : link[0].index("]")], heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def headings(text: str) -> list[str]:
    return HEADING.findall(FENCED.sub("", text))


@cache
def headings_of(page: Path) -> list[str]:
    return headings(page.read_text(encoding="utf-8"))


def anchors(titles: list[str]) -> set[str]:
    found: Counter[str] = Counter()
    made = set()
    for name in map(slug, titles):
        made.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return made


def broken_links(text: str, page: Path) -> Iterator[str]:
    """The links of a Markdown text at `page` that lead nowhere; those to other hosts are not followed."""
    for target in LINK.findall(CODE.sub("", FENCED.sub("", text))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if path != page and not path.exists():
            yield f"{target}: no such file"
        elif anchor and anchor not in anchors(headings(text) if path == page else headings_of(path)):
            yield f"{target}: no such heading"


def broken_references(text: str) -> Iterator[str]:
    """What a text names as a page of docs/, or as a section of one, and is not there."""
    for page, *sections in SECTION_OF.findall(COMMENT_GOES_ON.sub(" ", text)):
        path = DOCS / page
        if not path.exists():
            yield f"docs/{page}: no such page"
            continue
        yield from (f'docs/{page}: no section "{name}"' for name in sections if name and name not in headings_of(path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page):
    assert list(broken_links(page.read_text(encoding="utf-8"), page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page):
    named = set(FILE_IN_CODE.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if not any((folder / name).exists() for folder in FOLDERS)} == set()


def test_every_page_and_section_that_is_named_exists():
    broken = {
        str(path.relative_to(ROOT)): found
        for path in SOURCES
        if (found := list(broken_references(path.read_text(encoding="utf-8"))))
    }
    assert broken == {}


def test_no_file_names_what_lies_outside_of_the_repository():
    assert [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in SOURCES
        if (found := OUTSIDE.search(path.read_text(encoding="utf-8")))
    ] == []


def test_every_name_in_code_of_the_glossary_stands_in_the_code():
    code = {
        word
        for path in SOURCES
        if path.suffix in {".py", ".sql"} and not path.is_relative_to(ROOT / "tests" / "docs")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    rows = [line.split(" | ") for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()]
    names = [name for row in rows if len(row) == 4 for name in re.findall(r"`(\w+)`", row[2])]
    assert len(names) > 50
    assert [name for name in names if name not in code] == []


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[rules](rules.md), [up](../README.md), [a folder](pictures), [out](https://example.org/x.md)", 0),
        ("## Here\n[here](#here), [there](contract.md#the-clock)", 0),
        ("## Two, words `x`\n## Two words x\n[a](#two-words-x) [b](#two-words-x-1)", 0),
        ("`[code](nowhere.md)`\n```\n[code](nowhere.md)\n```", 0),
        ("[gone](gone.md)", 1),
        ("![gone](pictures/gone.png)", 1),
        ("## Here\n[there](#there), [here](contract.md#gone)", 2),
        ("```\n## Here\n```\n[here](#here)", 1),
    ],
)
def test_a_link_that_leads_nowhere_is_found(text, broken):
    assert len(list(broken_links(text, DOCS / "page.md"))) == broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ('(docs/contract.md, "The clock")', 0),
        ('# As docs/contract.md,\n# "What becomes of\n# a submission" says', 0),
        ('docs/contract.md, "The clock" and "Rules"', 0),
        ('docs/contract.md, "The watch"', 1),
        ('docs/contract.md, "The clock" and "Laws"', 1),
        ("docs/gone.md", 1),
    ],
)
def test_a_reference_to_no_page_or_section_is_found(text, broken):
    assert len(list(broken_references(text))) == broken
