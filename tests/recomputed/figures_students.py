"""What `city_student_aid` and `city_dropout_control` must say of an area, from its reports in force."""

from collections.abc import Callable
from decimal import Decimal

from independent.book import CASES, ENROLMENT, HARDSHIP, PAYMENT
from recomputed.exact import Row, added, amount, percent, total
from recomputed.house import Accepted, House

ALL = "全部"
STAGES = ("学前", "小学", "初中", "普通高中", "中职")
COMPULSORY_STAGES = ("小学", "初中")
PROGRAMMES = (
    *("学前教育资助", "寄宿生生活补助", "非寄宿生生活补助", "普通高中国家助学金", "普通高中免学杂费"),
    *("中职国家助学金", "中职免学费", "地方资助"),
)
REASONS = ("因贫", "厌学", "身体残疾", "长期患病", "外出务工", "早婚早育", "随迁转出", "出国出境", "其他")
KINDS = ("疑似辍学", "辍学", "失学")
OPEN = ("未劝返", "劝返中")


def rows(reports: list[Accepted], sheet: str) -> list[Row]:
    return [row for report in reports for row in report.sheets.get(sheet, [])]


def people(of: list[Row], where: Callable[[Row], bool] = lambda row: True) -> set[object]:
    return {row["身份证件号"] for row in of if where(row)}


def _aided(row: Row) -> bool:
    return row["发放状态"] == "已发放" and amount([row], "发放金额") > 0


def _unpaid(row: Row) -> Decimal:
    """What is left of the row's entitlement after what was paid out, be it sent back since."""
    out = amount([row], "发放金额") if row["发放状态"] in ("已发放", "已退回") else Decimal(0)
    return amount([row], "资助标准") - out


def student_aid(reports: list[Accepted], stage: str, programme: str) -> dict[str, object]:
    """Of a stage and a programme, or of all."""

    def in_stage(row: Row) -> bool:
        return stage in (ALL, row["学段"])

    listed = [row for row in rows(reports, HARDSHIP) if in_stage(row)]
    paid = [row for row in rows(reports, PAYMENT) if in_stage(row) and programme in (ALL, row["资助项目"])]
    entitled = amount(paid, "资助标准")
    given = amount([row for row in paid if row["发放状态"] == "已发放"], "发放金额")
    returned = amount([row for row in paid if row["发放状态"] == "已退回"], "发放金额")
    found: dict[str, object] = {
        "aided_student_count": len(people(paid, _aided)),
        "partly_aided_student_count": _partly(paid),
        "entitled_student_count": len(people(paid)),
        "returned_student_count": len(people(paid, lambda row: row["发放状态"] == "已退回")),
        "unpaid_student_count": len(people(paid, lambda row: _unpaid(row) > 0)),
        "entitled_amount": entitled,
        "paid_amount": given,
        "returned_amount": returned,
        "unpaid_amount": entitled - given - returned,
        **dict.fromkeys(
            (
                *("hardship_student_count", "aided_hardship_student_count", "aid_coverage_rate"),
                *("compulsory_unaided_student_count", "compulsory_hardship_student_count"),
                "compulsory_aided_hardship_student_count",
            )
        ),
    }
    if programme != ALL:
        return found
    hardship = people(listed)
    helped = hardship & people(paid, _aided)
    found["hardship_student_count"] = len(hardship)
    found["aided_hardship_student_count"] = len(helped)
    found["aid_coverage_rate"] = percent(len(helped), len(hardship))
    if stage in COMPULSORY_STAGES:
        found["compulsory_unaided_student_count"] = len(hardship - helped)
    if stage == ALL:
        owed = people(listed, lambda row: row["学段"] in COMPULSORY_STAGES)
        got = owed & people(paid, lambda row: row["学段"] in COMPULSORY_STAGES and _aided(row))
        found["compulsory_hardship_student_count"] = len(owed)
        found["compulsory_aided_hardship_student_count"] = len(got)
        found["compulsory_unaided_student_count"] = len(owed) - len(got)
    return found


def _partly(paid: list[Row]) -> int:
    """Students who got something of what they are entitled to, and not all of it."""
    sums: dict[object, tuple[Decimal, Decimal]] = {}
    for row in paid:
        got, owed = sums.get(row["身份证件号"], (Decimal(0), Decimal(0)))
        if row["发放状态"] == "已发放":
            got += amount([row], "发放金额")
        sums[row["身份证件号"]] = got, owed + amount([row], "资助标准")
    return sum(0 < got < owed for got, owed in sums.values())


def dropout_control(house: House, reports: list[Accepted], reason: str, kind: str, poor: str) -> dict[str, object]:
    """Of one breakdown, or of all."""

    def counts(row: Row) -> bool:
        return reason in (ALL, row["主要原因"]) and kind in (ALL, row["辍学类别"]) and poor in (ALL, row["建档立卡"])

    cases = [row for row in rows(reports, CASES) if counts(row)]
    still_open = [row for row in cases if row["劝返状态"] in OPEN]

    def closed_as(status: str) -> int:
        return sum(row["劝返状态"] == status for row in cases)

    found: dict[str, object] = {
        "open_count": len(still_open),
        "new_count": sum(_found_in(report, row) for report in reports for row in rows([report], CASES) if counts(row)),
        "late_found_count": added(_late(house, report, counts) for report in reports),
        "returned_count": closed_as("已返校"),
        "placed_count": closed_as("已安置"),
        "written_off_count": closed_as("已核销"),
        "poverty_count": sum(row["主要原因"] == "因贫" for row in still_open),
        "open_child_count": len(people(still_open)),
        **dict.fromkeys(("expected_enrolment", "actual_enrolment", "enrolment_rate")),
    }
    if (reason, kind, poor) == (ALL, ALL, ALL):
        schools = rows(reports, ENROLMENT)
        expected, actual = total(schools, "应在校人数"), total(schools, "实际在校人数")
        found["expected_enrolment"], found["actual_enrolment"] = expected, actual
        found["enrolment_rate"] = percent(actual, expected)
    return found


def _found_in(report: Accepted, row: Row) -> bool:
    return report.period.first <= row["发现日期"] <= report.period.last


def _late(house: House, report: Accepted, counts: Callable[[Row], bool]) -> int | None:
    """Discovered before the period, and in no earlier ledger; None in the district's first."""
    before = house.earlier(report)
    if not before:
        return None
    known = people(rows(before, CASES))
    return sum(
        row["发现日期"] < report.period.first and row["身份证件号"] not in known
        for row in rows([report], CASES)
        if counts(row)
    )
