"""The rules across submissions are files: what one lacks is said, and what is there can be used."""

import json
import re
import shutil
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.reconciliation.rules import cross_rules, read_rules
from district_reports.settings import settings

_WORD = re.compile(r"\{([a-z_]+)\}")
ALWAYS = {"period", "others", "everyone"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "reconciliation"
    shutil.copytree(settings().reconciliation, copied)
    return copied


@pytest.mark.parametrize("code", [rule.code for rule in cross_rules().rules])
def test_each_part_has_words_and_each_word_a_value(code: str) -> None:
    rule = cross_rules()[code]
    parts = set(re.findall(r"'([a-z_]+)' AS part", rule.select)) | set(re.findall(r"row, '([a-z_]+)',\n", rule.select))
    assert parts <= set(rule.words)
    given = set(re.findall(r"'([a-z_]+)', ", f"{rule.select} "))
    for words in rule.words.values():
        assert set(_WORD.findall(words.message + words.fix)) <= given | ALWAYS


@pytest.mark.parametrize("missing", ["X01.sql", "X01.json", "relations.sql"])
def test_a_missing_file_is_named(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(SystemFault, match=missing):
        read_rules(folder)


@pytest.mark.parametrize("lacking", ["severity", "title", "variants"])
def test_a_missing_word_is_named(folder: Path, lacking: str) -> None:
    path = folder / "X02.json"
    said = json.loads(path.read_text("utf-8"))
    del said[lacking]
    path.write_text(json.dumps(said), "utf-8")
    with pytest.raises(SystemFault, match=rf"X02\.json.*{lacking}"):
        read_rules(folder)


def test_a_rule_has_a_code(folder: Path) -> None:
    (folder / "twice_paid.sql").write_text("SELECT", "utf-8")
    with pytest.raises(SystemFault, match="twice_paid"):
        read_rules(folder)
