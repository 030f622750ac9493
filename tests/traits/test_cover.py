"""The 封面 as programs leave it: what its cells hold, read for the identity alone and with the whole workbook."""

from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook
from district_reports.reference.register import Register
from district_reports.workbook.reading.child import inspect
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import RECEIVED_ON
from traits.raw_book import number
from traits.trait import DATE_STYLE, Trait

SHARED = ["<si><r><t>王</t></r><r><t>敏</t></r><rPh sb='0' eb='1'><t>wang</t></rPh></si>"]
FIRST_OF_JUNE = 43983
COVERS = [
    Trait(name="sound"),
    Trait(name="period as a date", cover={"B6": number("B6", FIRST_OF_JUNE, DATE_STYLE)}),
    Trait(name="version and code as numbers", cover={"B3": number("B3", 2020.1), "B4": number("B4", 210202)}),
    Trait(name="a shared text", cover={"B7": '<c r="B7" t="s"><v>0</v></c>'}, shared=SHARED),
    Trait(name="a formula's text", cover={"B7": '<c r="B7" t="str"><f>A1</f><v>王敏</v></c>'}),
    Trait(name="a telephone as a number", cover={"B8": number("B8", "4.1182E7")}),
    Trait(name="a day without its format", cover={"B9": number("B9", 44015)}),
    Trait(name="an empty formula in the note", cover={"B11": '<c r="B11" t="str"><f>A1</f><v></v></c>'}),
    Trait(name="no result in the note", cover={"B11": '<c r="B11"><f>A1</f></c>'}),
    Trait(name="no result for the filler", cover={"B7": '<c r="B7"><f>A1</f></c>'}, findings=("F05 封面!B7",)),
    Trait(
        name="an empty result for the filler",
        cover={"B7": '<c r="B7" t="str"><f>A1</f><v></v></c>'},
        findings=("F05 封面!B7",),
    ),
    Trait(name="no result for the period", cover={"B6": '<c r="B6"><f>A1</f></c>'}, findings=("F05 封面!B6",)),
    Trait(name="an error for the period", cover={"B6": '<c r="B6" t="e"><v>#N/A</v></c>'}, findings=("F09 封面!B6",)),
    Trait(
        name="a new error for the period",
        cover={"B6": '<c r="B6" t="e"><v>#SPILL!</v></c>'},
        findings=("F09 封面!B6",),
    ),
    Trait(name="the period as a bare serial", cover={"B6": number("B6", FIRST_OF_JUNE)}, findings=("F09 封面!B6",)),
]


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load(Path(__file__).parents[1] / "checks" / "reference")


@pytest.mark.parametrize("trait", COVERS, ids=[trait.name for trait in COVERS])
def test_a_cover_ends_in_its_finding(trait, tmp_path, register):
    sheets = read_sheets(trait.write(tmp_path / "book.xlsx"))

    checked = check_workbook(sheets, register, "210202", RECEIVED_ON)
    assert tuple(f"{one.rule} {one.sheet}!{one.cell}" for one in checked.findings) == trait.findings
    assert checked.verdict == ("rejected" if trait.findings else "accepted")


@pytest.mark.parametrize("trait", COVERS, ids=[trait.name for trait in COVERS])
def test_receiving_sees_the_same_cover(trait, tmp_path):
    path = trait.write(tmp_path / "book.xlsx")
    inspection = inspect(path)

    assert inspection.problems == ()
    (cover,) = read_sheets(path, ["封面"])
    assert repr([told.columns for told in inspection.covers]) == repr([cover.columns])
