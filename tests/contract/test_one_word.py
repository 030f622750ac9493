"""One word for a thing: no text that a clerk or an officer reads has a word that docs/glossary.md says not to use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.test_texts import CODE, literals
from district_reports.settings import load_settings

ROOT = load_settings({}).root
LIBRARY = ROOT / "plugins" / "district_reports"
HEADING = "## Words that clerks and officers read"


def words() -> list[tuple[str, str, tuple[str, ...]]]:
    """What to say, the pattern that is not to be used, and the files where it may stand."""
    part = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    found = []
    for line in part.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3 and "`" in cells[1]:
            allowed = tuple(re.findall("`([^`]+)`", cells[2]))
            found += [(cells[0], pattern, allowed) for pattern in re.findall("`([^`]+)`", cells[1])]
    return found


def texts() -> Iterator[tuple[Path, str]]:
    """Every text that is read, with the file that it stands in."""
    for path in CODE:
        yield from ((path, said) for _, said in literals(path.read_text(encoding="utf-8")))
    for path in LIBRARY.rglob("*.json"):
        entries = json.loads(path.read_text(encoding="utf-8"))
        if path.parent.name == "words":
            yield from ((path, entry["zh"]) for entry in entries.values())
    plain = [
        *LIBRARY.rglob("*.j2"),
        *(ROOT / "expectations").glob("*.json"),
        *(ROOT / "sql" / "summaries").glob("*.csv"),
        *(ROOT / "sql" / "reference").glob("*.csv"),
        ROOT / "README.md",
        *(path for path in (ROOT / "docs").rglob("*.md") if path.name != "glossary.md"),
    ]
    for path in plain:
        yield path, path.read_text(encoding="utf-8")


def misspoken(path: str, said: str) -> list[str]:
    """What `said`, of the file at `path`, should say otherwise."""
    return [
        f"{path}: {match[0]!r}, say {word}: {said[max(0, match.start() - 20) : match.end() + 20]!r}"
        for word, pattern, allowed in words()
        if not any(part in path for part in allowed)
        for match in re.finditer(pattern, said)
    ]


def test_a_thing_has_one_word():
    read = [(str(path.relative_to(ROOT)), said) for path, said in texts()]
    assert len(read) > 1000
    assert [complaint for path, said in read for complaint in misspoken(path, said)] == []


@pytest.mark.parametrize(
    ("said", "path", "faults"),
    [
        ("未报，尚未到期，部分接收", "a.py", 0),
        ("缺报 3 期", "a.py", 1),
        ("未到期", "a.py", 1),
        ("还有 {number} 处没有列出", "a.py", 1),
        ("合并单元格超过 {limit} 处", "a.py", 0),
        ("指标", "a.py", 1),
        ("指标", "plugins/district_reports/pages/words/city.json", 0),
        ("基期值，未达标（无基期）", "a.py", 0),
        ("从基期到目标", "a.py", 1),
        ("未办结 3 项，办结报表", "a.py", 1),
        ("数据截至 2020-06-30", "a.py", 0),
        ("截至 2020-06-30 已知的数据", "a.py", 2),
        ("“在校人数”", "a.py", 0),
        ("「在校人数」", "a.py", 2),
    ],
)
def test_the_look_sees(said, path, faults):
    assert len(misspoken(path, said)) == faults
