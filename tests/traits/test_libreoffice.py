"""A ledger written by hand, saved again by LibreOffice, says the same."""

import shutil
import subprocess
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook
from district_reports.reference.register import Register
from district_reports.workbook.guard.guard import guard
from district_reports.workbook.reading.reader import read_sheets
from independent.held_cells import held_cells
from ledger_book import RECEIVED_ON
from traits.trait import Trait

SOUND = Trait(
    name="sound",
    children=40,
    cells={"R4": '<c r="R4" t="s"><v>0</v></c>', "M5": '<c r="M5"><f>2+1</f><v>3</v></c>'},
    shared=["<si><r><t>甲</t></r><r><t>乙 &amp; 丙</t></r></si>"],
    values={"R4": "甲乙 & 丙", "M5": 3},
)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice (apt: libreoffice-calc-nogui)")
def test_saved_again_by_libreoffice(tmp_path):
    path, again = SOUND.write(tmp_path / "book.xlsx"), tmp_path / "again" / "book.xlsx"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(again.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=400)
    register = Register.load(Path(__file__).parents[1] / "checks" / "reference")

    assert guard(again) == []
    checked = check_workbook(read_sheets(again), register, "210202", RECEIVED_ON)
    assert checked.findings == ()
    assert checked.rows["dropout_case"].to_pylist() == SOUND.rows_loaded()
    # LibreOffice keeps every cell, and drops those that were merged away and empty.
    assert [(one.title, sorted(one.addresses)) for one in held_cells(again)] == [
        (one.title, sorted(one.addresses)) for one in held_cells(path)
    ]
