"""Generic code names no form: what is particular to one stands in its module, its suite and its summary."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from district_reports.forms import forms
from district_reports.settings import load_settings

ROOT = load_settings({}).root
LIBRARY = ROOT / "plugins" / "district_reports"
PARTICULAR = tuple(
    LIBRARY / part for part in ("forms", *(f"local/samples/{of}" for of in ("forms", "mistakes", "worklist")))
)
NAMES = sorted({*forms(), *(sheet.table for form in forms().values() for sheet in form.sheets)})
NAME = re.compile(rf"(?<![a-z])(?:{'|'.join(NAMES)})(?![a-z])")
RULE_OF_A_FORM = re.compile(r"(?<![A-Za-z0-9])[ABDE][0-9]{2}(?![A-Za-z0-9])")


def generic_files() -> list[Path]:
    library = [path for path in LIBRARY.rglob("*.py") if not any(path.is_relative_to(part) for part in PARTICULAR)]
    return sorted([*library, *(ROOT / "dags").glob("*.py")])


def literals(code: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string in `code`, pieces of f-strings included; docstrings aside."""
    tree = ast.parse(code)
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.lineno, node.value


def particulars(code: str) -> list[str]:
    """The strings in `code` that name a form, a table of one, or a rule of one, with their lines."""
    return [
        f"line {line}: {text!r} names {found[0]}"
        for line, text in literals(code)
        if (found := NAME.search(text) or RULE_OF_A_FORM.search(text))
    ]


@pytest.mark.parametrize("path", generic_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_generic_code_names_no_form(path):
    assert particulars(path.read_text(encoding="utf-8")) == []


def test_all_generic_code_is_looked_at():
    looked_at = {path.relative_to(ROOT).parts[:3] for path in generic_files()}
    for part in (
        "checks",
        "ledger",
        "receiving",
        "processing",
        "upkeep",
        "feedback",
        "publish",
        "warehouse",
        "workbook",
    ):
        assert ("plugins", "district_reports", part) in looked_at
    assert len([path for path in generic_files() if path.parent.name == "dags"]) >= 4


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('"""As dropout_control does."""', 0),
        ('def one():\n    """Rule A04."""\n    return "A4"', 0),
        ('if form.key == "student_aid":\n    pass', 1),
        ('x = f"SELECT * FROM facts.aid_payment WHERE {name}"', 1),
        ('y = "city.current_city_facilities"', 1),
        ('z = ["C06", "D07"]', 1),
        ('w = "AB100 and A1 and 2E05"', 0),
    ],
)
def test_the_walk_sees(code, found):
    assert len(particulars(code)) == found
