"""The rules across submissions are files: what one lacks is said, and what is there can be used."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import DatabaseFault
from district_reports.errors import SystemFault
from district_reports.publish import publish
from district_reports.reconciliation.reconcile import reconcile
from district_reports.reconciliation.rules import cross_rules, read_rules
from district_reports.settings import settings
from submitted import case, checked, submit

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
    # Two rules take their sides from a relation that they share.
    select = rule.select if "jsonb" in rule.select else cross_rules().shared
    parts = {*re.findall(r"'([a-z_]+)' AS part", select), *re.findall(r"row(?:_number)?, '([a-z_]+)',\n", select)}
    assert parts <= set(rule.words)
    given = set(re.findall(r"'([a-z_]+)', ", f"{select} "))
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


def test_another_rule_is_two_files(loader: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "X10.sql").write_text(
        "-- Cases of 5th grade, 100 % of them.\n"
        "SELECT jsonb_build_object('grade', grade) AS subject, 'dropout_case' AS table_name, submission_id, row_number,"
        " 'case' AS part, '{}'::jsonb AS rests_on, '{}'::jsonb AS told FROM dropout_case WHERE grade % 5 = 0",
        "utf-8",
    )
    words = {"severity": "warning", "title": "五年级", "variants": {"case": {"message": "{period}", "fix": "核对。"}}}
    (folder / "X10.json").write_text(json.dumps(words), "utf-8")
    monkeypatch.setattr("district_reports.reconciliation.reconcile.cross_rules", lambda: read_rules(folder))
    submit(loader, "a", checked([case(1), case(2)]))
    assert reconcile().items["X10", "new"] == 1


@pytest.mark.parametrize("night", [reconcile, publish])
def test_a_rule_that_the_database_refuses_is_named_and_nothing_is_written(
    loader: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, night: Callable[[], object]
) -> None:
    (folder / "X06.sql").write_text("SELECT nonsense FROM dropout_case", "utf-8")
    monkeypatch.setattr("district_reports.reconciliation.reconcile.cross_rules", lambda: read_rules(folder))
    submit(loader, "a", checked([case(1)]))
    with pytest.raises(DatabaseFault, match=r"^X06 .*nonsense") as raised:
        night()
    assert "SELECT" not in str(raised.value)
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM reconciliation.run")) == 0
