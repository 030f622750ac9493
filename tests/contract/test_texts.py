"""Every text that a clerk reads: Chinese, full-width punctuation, whole sentences, a remedy, bounded in length.

The content rules' placeholders are in ``test_expectations.py``, which knows the frames.
"""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from district_reports.checks import catalogue
from district_reports.checks.instructions import all_texts
from district_reports.checks.suites import suites
from district_reports.checks.wording import filled
from district_reports.forms import forms
from district_reports.settings import load_settings

LIBRARY = load_settings({}).root / "plugins" / "district_reports"
TEXTS = [
    pytest.param(rule, variant, text, id=f"{rule}-{variant}")
    for rule, entry in catalogue.rules().items()
    for variant, text in entry["variants"].items()
]
CONTENT = [
    pytest.param(one["meta"], id=f"{form.key}-{one['meta']['rule']}-{index}")
    for form in forms().values()
    for index, one in enumerate(one for frame in suites(form).by_frame.values() for one in frame)
]
OF_A_CELL = {"sheet", "cell", "column", "value"}
WORDS = {
    "F01": {"kind", "sheet", "why", "cell", "number", "receipt", "standing", "label", "value", "locked_on"},
    "F03": {"limit", "detail", "sheet", "cell", "first", "second", "range"},
    "F04": {"name", "target"},
    "F05": {"label", "cell", "value", "count", "titles"},
    "F06": {"value", "known"},
    "F07": {"value", "expected"},
    "F08": {"value", "expected", "odd"},
    "F09": {"value", "kind", "example", "first_day", "locked_on", "odd"},
    "F10": {"sheet", "count", "titles"},
    "F11": {"sheet", "column", "unknown", "where", "count", "rows"},
    "F12": {"sheet", "column", "letter", "header_row"},
    "F13": {"sheet", "column", "cell", "first"},
    "F14": {"titles"},
    "F15": {"rows"},
    "F16": {"sheet", "rows", "bad"},
    "F17": {"received_at", "receipt", "outcome"},
    "F18": {"sheet", "first", "expected", "where"},
    "F19": {"due_on", "received_on", "days"},
    "T01": OF_A_CELL | {"codes", "likely", "first", "last", "count", "cells"},
    "T02": OF_A_CELL | {"odd", "stored"},
    "T03": OF_A_CELL | {"odd"},
    "T04": OF_A_CELL | {"codes", "likely", "odd"},
    "T08": OF_A_CELL | {"length", "limit", "place"},
    "T10": OF_A_CELL | {"normal", "stored", "read", "odd", "count"},
    "T11": {"sheet", "cell", "row", "column", "letter", "count", "first"},
    "T12": {"sheet", "cell", "row", "column", "range"},
    "T13": OF_A_CELL | {"minimum"},
}
"""What each file and cell rule is told when it is found; the cell rules that are not here know their cell."""

CHINESE = "一-鿿"
WIDE = f"{CHINESE}、。，；：！？“”《》「」（）〔〕—…"
HALF_WIDTH = re.compile(rf"[{WIDE}]\s?[,;:!?()\[\]]|[,;:!?()\[\]]\s?[{WIDE}]|[{CHINESE}]\.(?![a-z])|[{CHINESE}][\"']")
ENGLISH = re.compile(r"[A-Za-z]{4,}")
KNOWN_TO_CLERKS = {
    *("Excel", "Word", "Power", "Query", "Strict", "Open", "OpenDocument", "Numbers"),
    *("IMAGE", "WEBSERVICE", "xlsx", "html", "Mbps"),
}
"""Names of programs, formats and functions, as the clerk sees them on the screen, and a unit."""
LONGEST = 32_767
"""Characters that a cell of Excel holds."""


def placeholders(text: str) -> dict[str, str]:
    """Name → format of each placeholder."""
    return {name: form or "" for _, name, form, _ in Formatter().parse(text) if name is not None}


def spoken(text: str) -> str:
    """`text` with something short for each placeholder."""
    return re.sub(r"\{[^}]*\}", "某", text)


def faults(text: str) -> list[str]:
    """What is wrong with a sentence for clerks."""
    found = []
    said = spoken(text)
    if match := HALF_WIDTH.search(said):
        found.append(f"half-width punctuation: {match[0]}")
    if jargon := set(ENGLISH.findall(said)) - KNOWN_TO_CLERKS:
        found.append(f"English: {', '.join(sorted(jargon))}")
    if "{" in said or "}" in said or "$" in said:
        found.append("a bracket that is no placeholder")
    if not said.endswith("。"):
        found.append("no 。 at its end")
    if not re.search(f"[{CHINESE}]", said):
        found.append("no Chinese")
    return found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("“{column}”要填数字，现在是“{value}”。", 0),
        ("报告期要写成 2020-06 这样，24:00 前放进 A1:B2 旁边的 .xlsx。", 0),
        ("文件超过 {limit} MB,没有读取。", 1),
        ("文件结构异常({detail})。", 1),
        ("图片(PNG)。", 1),
        ("没有句号", 1),
        ("unknown 字段。", 1),
        ("Not Chinese.", 3),
    ],
)
def test_the_lint_sees(text, number):
    assert len(faults(text)) >= number
    assert bool(faults(text)) == bool(number)


@pytest.mark.parametrize(("rule", "variant", "text"), TEXTS)
def test_file_and_cell_rules_speak_to_clerks(rule, variant, text):
    assert {part: faults(text[part]) for part in ("message", "fix")} == {"message": [], "fix": []}


@pytest.mark.parametrize(("rule", "variant", "text"), TEXTS)
def test_file_and_cell_rules_name_only_what_they_are_told(rule, variant, text):
    known = WORDS.get(rule, OF_A_CELL if rule.startswith("T") else set())
    assert {*placeholders(text["message"]), *placeholders(text["fix"])} <= known


@pytest.mark.parametrize("meta", CONTENT)
def test_content_rules_speak_to_clerks(meta):
    assert {part: faults(meta[part]) for part in ("message", "fix")} == {"message": [], "fix": []}


def test_titles_are_short_and_chinese():
    for title in {text.title for text in all_texts()}:
        assert faults(f"{title}。") == [], title
        assert len(title) <= 30, title


@pytest.mark.parametrize("text", [*(text.values[2] for text in TEXTS), *(text.values[0] for text in CONTENT)])
def test_no_text_grows_with_what_the_file_holds(text):
    for part in ("message", "fix"):
        long = {name: _longest(name, form) for name, form in placeholders(text[part]).items()}
        assert len(filled(text[part], long)) <= 720


def _longest(name: str, form: str) -> object:
    if form:
        return 12_345_678.9
    return ("长" * LONGEST,) * LONGEST if name in ("codes", "known", "unknown", "key") else "长" * LONGEST


def literals(code: str) -> Iterator[tuple[int, str]]:
    """Line and text of every Chinese string in `code`, f-strings with 0 for what they insert.

    Docstrings, patterns and SQL are no texts.
    """
    tree = ast.parse(code)
    skipped: set[ast.AST] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            skipped |= set(ast.walk(node))
        if isinstance(node, ast.JoinedStr):
            skipped |= set(ast.walk(node)) - {node}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)
        else:
            continue
        if re.search(f"[{CHINESE}]", text) and not re.search("SELECT |IS NULL", text):
            yield node.lineno, text


CODE = sorted(path for path in LIBRARY.rglob("*.py") if "samples" not in path.relative_to(LIBRARY).parts)


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_texts_in_the_code_have_full_width_punctuation(path):
    wrong = [
        f"line {line}: {text!r}"
        for line, text in literals(path.read_text(encoding="utf-8"))
        if HALF_WIDTH.search(re.sub(r"\[[^\]]*\]\([^)]*\)", "某", text))
    ]
    assert wrong == []


def test_the_walk_over_the_code_sees():
    code = 'def f(x):\n    """见(下)。"""\n    re.compile("(合计)")\n    return f"有 {x} 行(错)", "好。"'
    assert [text for _, text in literals(code)] == ["有 0 行(错)", "好。"]
    assert len(CODE) > 100
