"""The register of the hostile city: thirteen districts, two of which become one, and a dozen schools each."""

import csv
import shutil
from pathlib import Path

Line = tuple[str, ...]

DISTRICTS: tuple[Line, ...] = (
    ("210202", "中山区", "市内五区", "2016-01-01", ""),
    ("210203", "西岗区", "市内五区", "2016-01-01", ""),
    ("210204", "沙河口区", "市内五区", "2016-01-01", ""),
    # Changes its zone in the middle of a quarter, and of the spring semester.
    ("210211", "甘井子区", "市内五区", "2016-01-01", "2020-04-10"),
    ("210211", "甘井子区", "涉农地区", "2020-04-10", ""),
    ("210212", "旅顺口区", "涉农地区", "2016-01-01", ""),
    ("210213", "金普新区", "涉农地区", "2016-01-01", ""),
    # Was a town of its own name before.
    ("210214", "普兰店市", "涉农地区", "2016-01-01", "2020-02-01"),
    ("210214", "普兰店区", "涉农地区", "2020-02-01", ""),
    ("210224", "长海县", "涉农地区", "2016-01-01", ""),
    ("210281", "瓦房店市", "涉农地区", "2016-01-01", ""),
    ("210283", "庄河市", "涉农地区", "2016-01-01", ""),
    ("210291", "高新园区", "市内五区", "2016-01-01", ""),
    ("210292", "长兴岛经济区", "涉农地区", "2016-01-01", ""),
    ("210293", "花园口经济区", "涉农地区", "2016-01-01", ""),
)
MERGED, INTO, MERGED_ON = "210203", "210202", "2020-05-15"
CODES = tuple(dict.fromkeys(line[0] for line in DISTRICTS))

# Number, type, area, sponsor; which districts have the rarer ones follows below.
SCHOOLS = (
    ("0001", "小学", "城区", "公办"),
    ("0002", "小学", "乡村", "公办"),
    ("0003", "初中", "镇区", "公办"),
    ("0004", "九年一贯制", "乡村", "民办"),
    ("0005", "教学点", "乡村", "公办"),
    ("0006", "普通高中", "镇区", "公办"),
    ("0007", "中职", "城区", "民办"),
    ("0008", "特殊教育", "镇区", "公办"),
    ("0009", "十二年一贯制", "镇区", "公办"),
    ("0010", "完全中学", "城区", "民办"),
    ("0101", "幼儿园", "乡村", "公办"),
    ("0102", "幼儿园", "镇区", "民办"),
    ("0103", "幼儿园", "城区", "民办"),
)
RARE = {
    "0005": ("210211", "210212", "210213", "210281", "210293"),
    "0007": ("210202", "210203", "210211", "210213", "210281", "210291"),
    "0008": ("210203", "210204", "210211", "210213", "210281", "210283"),
    "0009": ("210202", "210211", "210283"),
    "0010": ("210204", "210213", "210281"),
    "0103": ("210202", "210204", "210213", "210291"),
}
COMMITMENTS = {
    # What a small city can reach, so that each step to a status is met at the level of the city, too.
    "football_schools": {"target": "45"},
    "football_schools_passed": {"target": "18"},
    "inclusive_kindergartens": {"target": "70"},
    "new_public_kindergartens": {"target": "5"},
    "dropout_for_poverty": {"target": "17"},
    # Between the line that begins with the year and that which begins a day before.
    "new_public_places": {"target": "1027"},
    "resource_rooms_lacking": {"baseline": "90", "baseline_on": "2020-02-01"},
    # Due at the end of a quarter, and in the middle of one.
    "special_school_wireless": {"due": "2020-09-30"},
    "rural_school_internet": {"due": "2020-08-15"},
}
"""A commitment → what its row has instead."""
RENAMED, CLOSED, OPENED, MOVED, GROWN = "2102130001", "2102120002", "2102910011", "2102810011", "2102830012"
REBUILT = "2102030013"


def _schools() -> list[Line]:
    lines: list[Line] = []
    names = {line[0]: line[1] for line in DISTRICTS}
    for district in CODES:
        for number, kind, area, sponsor in SCHOOLS:
            code = f"{district}{number}"
            if district not in RARE.get(number, CODES):
                continue
            name = f"{names[district]}第{int(number)}{kind}"
            if code == RENAMED:
                lines += [
                    (code, f"{name}旧校", district, kind, area, sponsor, "1990-09-01", "2020-02-15"),
                    (code, name, district, kind, area, sponsor, "2020-02-15", ""),
                ]
                continue
            # Closed in the middle of a month, a quarter and a semester.
            ends = "2020-05-20" if code == CLOSED else ""
            lines.append((code, name, district, kind, area, sponsor, "1990-09-01", ends))
    lines += [
        (OPENED, "高新园区新小学", "210291", "小学", "城区", "公办", "2020-06-10", ""),
        (MOVED, "界河小学", "210281", "小学", "镇区", "公办", "1990-09-01", "2020-04-01"),
        (MOVED, "界河小学", "210283", "小学", "镇区", "公办", "2020-04-01", ""),
        (GROWN, "庄河市山口学校", "210283", "小学", "乡村", "公办", "1990-09-01", "2020-05-01"),
        (GROWN, "庄河市山口学校", "210283", "九年一贯制", "乡村", "公办", "2020-05-01", ""),
        # Closed while its district is merged: the last report that has it is not the last that speaks for it.
        (REBUILT, "西岗区重建小学", "210203", "小学", "城区", "公办", "1990-09-01", "2020-04-01"),
        (REBUILT, "西岗区重建小学", "210203", "小学", "城区", "公办", "2020-07-01", ""),
    ]
    return lines


def write_register(folder: Path, reference: Path) -> Path:
    """The reference folder of the city: districts, schools, a merger and some targets of its own; the rest as it is."""
    shutil.copytree(reference, folder)
    _write(folder / "districts.csv", "district_code,name,zone,valid_from,valid_to", DISTRICTS)
    heads = "school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on"
    _write(folder / "schools.csv", heads, _schools())
    with (folder / "commitments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [tuple({**row, **COMMITMENTS.get(row["commitment"], {})}.values()) for row in rows]
    _write(folder / "commitments.csv", ",".join(rows[0]), lines)
    _write(folder / "mergers.csv", "merged_on,district_code,into_code", [(MERGED_ON, MERGED, INTO)])
    return folder


def _write(path: Path, header: str, lines: tuple[Line, ...] | list[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(lines)
