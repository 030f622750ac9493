"""What `city_facilities`, `city_kindergartens` and `city_teacher_training` must say of an area."""

from collections.abc import Callable
from datetime import date

from independent.book import BANDWIDTH, HEADCOUNT, KINDERGARTEN, LARGE, OVERSIZE, RECORD, SCHOOL
from recomputed.exact import Row, added, amount, mean, percent, total
from recomputed.figures_students import ALL, rows
from recomputed.house import Accepted, House
from recomputed.register import COMPULSORY

TEACHERS_TO_TRAIN = {
    "思政课教师全员通识": "思政课教师数",
    "思政统编教材教法": "思政课教师数",
    "乡村教师支持": "乡村教师数",
    "名优教师": None,
    "名校长骨干校长": "校级领导数",
    "双师型教师": "双师型教师数",
    "教育信息化": "信息化教师数",
    "法治教育": "骨干教师数",
    "师德师风": "专任教师数",
    "其他": None,
    ALL: "专任教师数",
}
"""A category → the headcount of those whom the work plan wants trained in it."""
RURAL = ("镇区", "乡村")


def facilities(house: House, reports: list[Accepted]) -> dict[str, object]:
    schools = rows(reports, SCHOOL)
    compulsory = [row for row in schools if _compulsory(row)]
    retained = [row for row in schools if row["规划保留"] == "是" and "是" in (row["乡村寄宿制"], row["乡村小规模"])]
    toilets = [row for row in schools if row["举办者"] == "公办" and row["城乡类型"] in RURAL]
    toilets += [row for row in rows(reports, KINDERGARTEN) if row["办园性质"] == "公办" and row["城乡类型"] in RURAL]
    special = [row for row in schools if row["办学类型"] == "特殊教育"]
    needing = [row for row in schools if row["办学类型"] != "特殊教育" and total([row], "随班就读残疾学生数") >= 5]
    inspected = sum(_inspected(report, row) for report in reports for row in rows([report], SCHOOL))
    football = [row for row in schools if row["全国足球特色学校"] == "是"]

    def count(of: list[Row], column: str, value: str) -> int:
        return sum(row[column] == value for row in of)

    def fast(of: list[Row]) -> int:
        return sum(amount([row], BANDWIDTH) >= 100 for row in of)

    start, converted = total(toilets, "年初旱厕数"), total(toilets, "本年改造旱厕数")
    found: dict[str, object] = {
        "school_count": len(schools),
        "class_count": total(schools, "班级数"),
        "large_class_count": total(schools, LARGE),
        "oversize_class_count": total(schools, OVERSIZE),
        "compulsory_large_class_count": total(compulsory, LARGE),
        "compulsory_oversize_class_count": total(compulsory, OVERSIZE),
        "retained_rural_school_count": len(retained),
        "retained_rural_fast_count": fast(retained),
        "retained_rural_fast_rate": percent(fast(retained), len(retained)),
        "fast_school_count": fast(schools),
        "fast_school_rate": percent(fast(schools), len(schools)),
        "wireless_school_count": count(schools, "无线网络", "全覆盖"),
        "partly_wireless_school_count": count(schools, "无线网络", "部分覆盖"),
        "wireless_school_rate": percent(count(schools, "无线网络", "全覆盖"), len(schools)),
        "rural_dry_toilet_start_count": start,
        "rural_dry_toilet_converted_count": converted,
        "rural_dry_toilet_left_count": start - converted,
        "inspected_school_count": inspected,
        "inspected_school_rate": percent(inspected, len(schools)),
        "resource_room_needed_count": len(needing),
        "resource_room_lacking_count": sum(total([row], "资源教室数") == 0 for row in needing),
        "special_school_count": len(special),
        "football_school_count": len(football),
        "football_school_passed_count": count(football, "足球复检结果", "通过"),
        "counsellor_count": total(schools, "专职心理教师数"),
    }
    for name, column in (("wireless", "无线网络"), ("learning_space", "网络学习空间")):
        covered = count(special, column, "全覆盖")
        found[f"special_{name}_count"] = covered
        found[f"special_{name}_rate"] = percent(covered, len(special))
    for name, whole, part in (
        ("classroom", "教室总数", "采光照明达标教室数"),
        ("desk", "课桌椅总套数", "达标课桌椅套数"),
    ):
        word = {"classroom": "lit_classroom", "desk": "fit_desk"}[name]
        found[f"{name}_count"], found[f"{word}_count"] = total(schools, whole), total(schools, part)
        found[f"{word}_rate"] = percent(total(schools, part), total(schools, whole))
    counselled = sum(total([row], "专职心理教师数") > 0 for row in schools)
    found["counsellor_school_count"] = counselled
    found["counsellor_school_rate"] = percent(counselled, len(schools))
    for span, look_back in (("", house.previous), ("_year", house.first_of_year)):
        for prefix, of in (("", lambda row: True), ("compulsory_", _compulsory)):
            compared = [_compared(report, look_back(report), of) for report in reports]
            found[f"{prefix}new_large_class{span}_count"] = added(new for new, _ in compared)
            found[f"{prefix}uncompared_school{span}_count"] = sum(apart for _, apart in compared)
    return found


def _compulsory(row: Row) -> bool:
    return row["办学类型"] in COMPULSORY


def _inspected(report: Accepted, row: Row) -> bool:
    day = row["专项检查日期"]
    return isinstance(day, date) and day.year == report.period.year


def _compared(report: Accepted, before: list[Accepted], of: Callable[[Row], bool]) -> tuple[int | None, int]:
    """Large classes more than there by school, over schools with a row in both; and how many schools are not there."""
    there = {row["学校标识码"]: total([row], LARGE) for row in rows(before, SCHOOL)}
    schools = [row for row in rows([report], SCHOOL) if of(row)]
    both = [row for row in schools if row["学校标识码"] in there]
    more = sum(max(0, total([row], LARGE) - there[row["学校标识码"]]) for row in both)
    return (more if before else None), len(schools) - len(both)


def kindergartens(reports: list[Accepted]) -> dict[str, object]:
    nurseries = rows(reports, KINDERGARTEN)

    def children(*kinds: str) -> int:
        return total([row for row in nurseries if row["办园性质"] in kinds], "在园幼儿数")

    def count(column: str, *values: str) -> int:
        return sum(row[column] in values for row in nurseries)

    handed, estates = count("小区配套园", "已移交"), count("小区配套园", "已移交", "未移交")
    inclusive, every = children("公办", "普惠性民办"), total(nurseries, "在园幼儿数")
    return {
        "kindergarten_count": len(nurseries),
        "place_count": total(nurseries, "学位数"),
        "child_count": every,
        "public_child_count": children("公办"),
        "inclusive_private_child_count": children("普惠性民办"),
        "other_private_child_count": children("其他民办"),
        "inclusive_child_count": inclusive,
        "inclusive_rate": percent(inclusive, every),
        "new_public_kindergarten_count": sum(
            row["办园性质"] == "公办" and row["本年新开办"] == "是" for row in nurseries
        ),
        "new_public_place_count": total(nurseries, "本年新增公办学位"),
        "township_centre_count": count("乡镇中心园", "是"),
        "community_kindergarten_count": estates,
        "handed_over_count": handed,
        "not_handed_over_count": estates - handed,
        "handed_over_rate": percent(handed, estates),
        "football_kindergarten_count": count("足球特色幼儿园", "是"),
    }


def teacher_training(house: House, reports: list[Accepted], category: str) -> dict[str, object]:
    def counts(row: Row) -> bool:
        return category in (ALL, row["培训类别"])

    records = [row for row in rows(reports, RECORD) if counts(row)]
    assessed = [row for row in records if row["考核结果"] != "未考核"]
    passed = [row for row in assessed if row["考核结果"] in ("优秀", "合格")]
    scores = [row for row in records if row["评估得分"] is not None]
    year = [one for report in reports for one in house.year_to_date(report)]
    trained, trained_year = _teachers(reports, counts), _teachers(year, counts)
    found: dict[str, object] = {
        "training_count": len(records),
        "trained_count": trained,
        "trained_year_count": trained_year,
        "hours": amount(records, "学时"),
        "assessed_count": len(assessed),
        "passed_count": len(passed),
        "pass_rate": percent(len(passed), len(assessed)),
        "scored_count": len(scores),
        "score_sum": amount(scores, "评估得分"),
        "mean_score": mean(amount(scores, "评估得分"), len(scores)),
        **dict.fromkeys(("headcount", "coverage_rate", "headcount_year", "coverage_year_rate")),
    }
    if column := TEACHERS_TO_TRAIN[category]:
        told = [one for report in reports for one in _last_told(house, report)]
        headcount, year_headcount = (total(rows(of, HEADCOUNT), column) for of in (reports, told))
        found["headcount"], found["headcount_year"] = headcount, year_headcount
        found["coverage_rate"] = percent(trained, headcount)
        found["coverage_year_rate"] = percent(trained_year, year_headcount)
    return found


def _last_told(house: House, report: Accepted) -> list[Accepted]:
    """The district's last report of the year that says how many teachers there are: a nil return does not."""
    own = [one for one in house.year_to_date(report) if one.district == report.district and one.sheets.get(HEADCOUNT)]
    return own[-1:]


def _teachers(reports: list[Accepted], counts: Callable[[Row], bool]) -> int:
    """Distinct teachers of the rows that count, without those who failed: by ID, else by district and number."""
    return len(
        {
            row["身份证件号"] or (report.district, row["教师编号"])
            for report in reports
            for row in rows([report], RECORD)
            if counts(row) and row["考核结果"] != "不合格"
        }
    )
