"""Mistakes in facilities."""

from datetime import date, timedelta
from typing import Any

from district_reports.local.samples.file_mistakes import (
    columns_swapped,
    other_district,
    sheet_missing,
    too_many_parts,
    wrong_on_cover,
)
from district_reports.local.samples.forms import Rows
from district_reports.local.samples.mistakes import Mistakes
from district_reports.local.samples.package import error_value, formula_without_result, hidden_row
from district_reports.local.samples.planting import Row, cell, edited, hidden_from_view, missing, twice
from district_reports.local.samples.workbooks import SAMPLE_DAY

_SCHOOL, _KINDERGARTEN = "school_facility", "kindergarten_facility"


def _mended(rows: Rows) -> Rows:
    """Without the schools that lack a resource room or a fast line."""
    rooms, lines = {"resource_room_count": 1}, {"bandwidth_mbps": 100}
    mended = [
        row
        | (rooms if row["inclusive_pupil_count"] >= 5 and row["resource_room_count"] == 0 else {})
        | (lines if row["bandwidth_mbps"] < 100 else {})
        for row in rows[_SCHOOL]
    ]
    return rows | {_SCHOOL: mended}


def _plain(row: Row) -> bool:
    """A school that no other rule looks at closely."""
    return bool(row["area_type"] == "城区" and row["large_class_count"] == 0 and row["class_count"] >= 12)


def _crowded(row: Row) -> bool:
    """Few enough classes that their number may jump from one quarter to the next."""
    return _plain(row) and bool(row["class_count"] < 20)


def _large_rural(row: Row) -> bool:
    return bool(row["area_type"] == "乡村" and row["pupil_count"] >= 100)


def _small_rural(row: Row) -> bool:
    return bool(row["rural_small"] == "是" and row["retained"] == "是")


def _place(row: Row) -> bool:
    return bool(row["ownership"] == "公办" and row["new_public_places"] == 0)


def _private(row: Row) -> bool:
    return bool(row["ownership"] == "其他民办")


def _plus(name: str, more: int, to: str) -> Any:
    """The column `to` holds `more` than the column `name`."""
    return lambda row: {to: row[name] + more}


MISTAKES = Mistakes(
    mended=_mended,
    contents=(
        cell("B01", _SCHOOL, "large_class_count", _plus("class_count", 1, "large_class_count"), _plain),
        cell("B01", _SCHOOL, "large_class_count", {"oversize_class_count": 1}, _plain),
        cell("B02", _SCHOOL, "pupil_count", lambda row: {"class_count": row["pupil_count"] // 56}, _crowded),
        cell("B03", _SCHOOL, "rural_small", {"rural_small": "是"}, _large_rural),
        cell("B03", _SCHOOL, "rural_boarding", {"rural_boarding": "是"}, _plain),
        cell("B04", _SCHOOL, "bandwidth_mbps", {"bandwidth_mbps": 50}, _small_rural),
        cell(
            "B05", _SCHOOL, "dry_toilet_converted", _plus("dry_toilet_start", 1, "dry_toilet_converted"), _small_rural
        ),
        cell("B06", _SCHOOL, "lit_classroom_count", _plus("classroom_count", 1, "lit_classroom_count"), _plain),
        cell("B06", _SCHOOL, "fit_desk_count", _plus("desk_count", 5, "fit_desk_count"), _plain),
        cell("B07", _SCHOOL, "resource_room_count", {"inclusive_pupil_count": 6, "resource_room_count": 0}, _plain),
        missing("B10", _SCHOOL, _plain),
        cell("B11", _SCHOOL, "inspected_on", {"inspected_on": date(2019, 10, 22)}, _plain),
        cell(
            *("C06", _SCHOOL, "pupil_count"),
            lambda row: {"pupil_count": row["pupil_count"] * 6 // 10},
            _plain,
            needs_earlier=True,
        ),
        cell("C04", _SCHOOL, "inspected_on", {"inspected_on": SAMPLE_DAY + timedelta(days=3)}, _plain),
        edited("T06", _SCHOOL, "desk_count", error_value("1/0", "#DIV/0!"), _plain),
        edited("T07", _SCHOOL, "classroom_count", formula_without_result("20+4"), _plain),
        edited("T11", _SCHOOL, "school_code", hidden_row, _plain),
        cell("T10", _SCHOOL, "pupil_count", lambda row: {"pupil_count": f"{row['pupil_count']}"}, _plain),
        twice(_KINDERGARTEN, "school_code", _private),
        cell("B08", _KINDERGARTEN, "new_public_places", {"new_public_places": 30}, _private),
        cell("B08", _KINDERGARTEN, "new_public_places", _plus("place_count", 30, "new_public_places"), _place),
        cell(
            "B09", _KINDERGARTEN, "child_count", lambda row: {"place_count": row["child_count"] * 100 // 125}, _private
        ),
        missing("B10", _KINDERGARTEN, _private),
        cell("B11", _KINDERGARTEN, "opened_this_year", {"opened_this_year": "是"}, _private),
        cell(
            *("C06", _KINDERGARTEN, "child_count"),
            lambda row: {"child_count": row["child_count"] * 6 // 10},
            _private,
            needs_earlier=True,
        ),
        hidden_from_view(_KINDERGARTEN, "area_type"),
    ),
    files=(
        too_many_parts(),
        wrong_on_cover("F06", "报表代码写错", "报表代码", "facility"),
        other_district(),
        sheet_missing(_KINDERGARTEN),
        columns_swapped(_SCHOOL),
    ),
)
