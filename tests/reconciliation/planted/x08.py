"""X08: actual enrolment of a quarter's last month and pupils of the same school differ by more than 5 %, and by 3."""

from recomputed.place import GROWN, MOVED
from reconciliation.planter import Planter

QUARTERS = ("2019-Q3", "2019-Q4", "2020-Q1", "2020-Q2", "2020-Q3")
COMPARED = ("0001", "0002", "0003", "0004")
OTHER_TYPES = ("0009", "0010", "0005")
DIFFER = ((60, 56), (56, 60), (59, 56), (56, 59), (3, 0), (0, 3), (101, 95), (95, 101), (1000, 949), (40, 400))
"""Enrolment and pupils that differ too much, by as little as can be."""
AGREE = ((60, 57), (57, 60), (100, 95), (95, 100), (20, 18), (18, 20), (2, 0), (0, 0), (1000, 950), (41, 39))
"""At 5 % of the larger, which is more of the smaller; or by two pupils, however small the school."""
DISTRICTS = ("210211", "210213", "210283", "210214", "210281", "210293", "210212", "210224")


def plant(p: Planter) -> None:
    schools = [f"{district}{number}" for number in COMPARED for district in DISTRICTS if number != "0002"]
    free = [(school, quarter) for quarter in QUARTERS for school in schools]
    # The ledger of September is missing, taken back or sent back there.
    free = [one for one in free if one[1] != "2020-Q3" or one[0][:6] not in ("210212", "210224", "210281")]
    free.reverse()
    for turn in range(4):
        for actual, pupils in DIFFER:
            p.item("X08", f"{actual}与{pupils}", *p.counted(*free.pop(), actual, pupils))
        for actual, pupils in AGREE[: 10 if turn < 2 else 5]:
            p.counted(*free.pop(), actual, pupils)
            p.nothing(f"{actual}与{pupils}")
    _places(p)
    _near(p)


def _places(p: Planter) -> None:
    p.item("X08", "合并之前的学校", *p.counted("2102030001", "2020-Q1", 60, 56))
    p.item("X08", "合并之后由新区报", *p.counted("2102030001", "2020-Q2", 60, 56))
    p.item("X08", "合并之后由新区报，又一季度", *p.counted("2102030001", "2020-Q3", 60, 56))
    p.item("X08", "划出之前", *p.counted(MOVED, "2020-Q1", 60, 56))
    p.item("X08", "划出之后", *p.counted(MOVED, "2020-Q2", 60, 56))
    p.item("X08", "由小学变为九年一贯制", *p.counted(GROWN, "2020-Q2", 60, 56))
    for quarter in ("2019-Q3", "2019-Q4", "2020-Q2"):
        p.item("X08", f"每季度一项，{quarter}", *p.counted("2102040001", quarter, 60, 56))
    p.item("X08", "又一所", *p.counted("2102040003", "2020-Q2", 60, 56))


def _near(p: Planter) -> None:
    for school in ("2102110009", "2102830009", "2102130010", "2102810010", "2102110005", "2102930005"):
        p.counted(school, "2020-Q1", 60, 40)
        p.nothing("别的办学类型")
    # The other months of the quarter differ, its last does not.
    for month in ("2020-07", "2020-08"):
        for school in ("2102040003", "2102110002"):
            p.enrolled(school, month).cells.update({"应在校人数": 500, "实际在校人数": 5})
            p.nothing("季度里别的月份")
    # The last month's ledger does not stand: July and August do.
    for school in ("2102240003", "2102120003", "2102810003"):
        for month in ("2020-07", "2020-08"):
            p.enrolled(school, month).cells.update({"应在校人数": 500, "实际在校人数": 5})
        p.nothing("没有季度末月的台账")
    # What should be there is not what is there.
    ledger, _ = p.counted("2102110002", "2020-Q2", 60, 60)
    ledger.cells["应在校人数"] = 90
    p.nothing("应在校人数不比")
    for at in (0, 1):
        rows = p.counted(("2102130002", "2102830002")[at], "2020-Q2", 60, 40)
        p.draft.spoil(rows[at])
        p.nothing("一边有错未入库")
    p.enrolled("2102920003", "2019-12").cells.update({"应在校人数": 500, "实际在校人数": 5})
    p.nothing("没有办学条件")
    p.enrolled("2102020001", "2020-06").cells.update({"应在校人数": 500, "实际在校人数": 500})
    rows = p.school("2102020001", "2020-Q2")
    rows[1].cells.update({"在校生数": 500})
    p.nothing("两边都比上月多，一样多")
