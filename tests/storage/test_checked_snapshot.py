"""The checked snapshot: what is written is what is read, whole or not at all."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.model.finding import Outcome
from district_reports.storage import checked_snapshot
from district_reports.storage.checked_snapshot import load_checked, load_who, save_checked
from submitted import a_finding, case, checked

WORKBOOK = replace(
    checked(
        [case(1), case(2)],
        verdict=Outcome.ACCEPTED_WITH_ERRORS,
        quarantined=[(7, {"resident_id": "2102\x00", "discovered_on": date(2020, 5, 6), "grade": 5})],
        findings=(a_finding(),),
    ),
    who={"疑似辍学台账": {7: "张三"}},
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_checked(tmp_path / "1", WORKBOOK)
    loaded = load_checked(tmp_path / "1")
    same = ("form", "district", "period", "received_on", "verdict", "reason", "rules_hash", "findings", "counts")
    assert [getattr(loaded, name) for name in same] == [getattr(WORKBOOK, name) for name in same]
    assert loaded.rows == WORKBOOK.rows
    kept = {"resident_id": "2102␀", "discovered_on": "2020-05-06", "grade": 5}
    assert loaded.quarantined == {"dropout_case": [(7, kept)]}
    assert loaded.who == load_who(tmp_path / "1") == WORKBOOK.who


def test_of_a_snapshot_that_is_gone_nobody_knows_who(tmp_path: Path) -> None:
    assert load_who(tmp_path / "1") == {}


def test_a_second_attempt_takes_the_place_of_the_first(tmp_path: Path) -> None:
    save_checked(tmp_path / "1", WORKBOOK)
    save_checked(tmp_path / "1", checked([case(3)]))
    assert load_checked(tmp_path / "1").rows["dropout_case"].num_rows == 1
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_an_attempt_that_breaks_leaves_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checked(tmp_path / "1", WORKBOOK)

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checked_snapshot, "_sync", full)
    with pytest.raises(OSError, match="No space"):
        save_checked(tmp_path / "1", checked())
    assert load_checked(tmp_path / "1").findings == WORKBOOK.findings
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_a_snapshot_is_for_its_owner_only(tmp_path: Path) -> None:
    save_checked(tmp_path / "1", WORKBOOK)
    assert (tmp_path / "1").stat().st_mode & 0o077 == 0


def test_a_snapshot_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="check the workbook again"):
        load_checked(tmp_path / "1")
