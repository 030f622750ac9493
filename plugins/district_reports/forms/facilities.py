"""办学条件, school facilities: each quarter, due on the 15th of the next month (work plan, items 8, 11, 12, 13, 15).

Oddities of the source: oversize classes (66 pupils and more) are counted among the large ones (56 and more) too; what
is said of "this year" (toilets converted, places and kindergartens opened) runs up from January, quarter by quarter.
"""

from district_reports.forms._common import (
    CHANGE_FROM,
    SCHOOL_CODE_KEY,
    SCHOOLS,
    code,
    count,
    yes_no,
)
from district_reports.model.condition import Above, When
from district_reports.model.derived import ExpectedSchools, FirstOpened, InYear, Percentage, Quotient, compared
from district_reports.model.form import Column, Form, Sheet, TextKind, Type
from district_reports.model.period import PeriodKind
from district_reports.model.prefill import Computed, Kept, SchoolRows, Settled
from district_reports.reference.register import AREA_TYPES, KINDERGARTEN, SPONSORS

_COVERAGE = ("全覆盖", "部分覆盖", "无")
_AREA_TYPE = code("area_type", "城乡类型", AREA_TYPES)
_DRY_TOILETS = (
    count("dry_toilet_start", "年初旱厕数"),
    count("dry_toilet_converted", "本年改造旱厕数", help="本年 1 月 1 日以来的累计数。"),
)
_NOTHING_TO_CONVERT = Settled(column="dry_toilet_converted", value=0, given="dry_toilet_start", among=(0,))

SCHOOL_FACILITY = Sheet(
    table="school_facility",
    title="学校",
    row_is="一所学校",
    who=("school_name",),
    notes="每所学校（含教学点、特殊教育学校）一行，填季度末的情况；“本年”的填年初以来的累计数。",
    columns=(
        SCHOOL_CODE_KEY,
        Column(name="school_name", title="学校名称", type=Type.TEXT, required=True, text_kind=TextKind.NAME),
        code("school_type", "办学类型", SCHOOLS),
        code("sponsor", "举办者", SPONSORS),
        _AREA_TYPE,
        yes_no("rural_boarding", "乡村寄宿制"),
        yes_no("rural_small", "乡村小规模"),
        yes_no("retained", "规划保留"),
        count("class_count", "班级数"),
        count("pupil_count", "在校生数"),
        count("large_class_count", "大班额班数（56人及以上）", help="含超大班额班数。"),
        count("oversize_class_count", "超大班额班数（66人及以上）"),
        Column(name="bandwidth_mbps", title="互联网带宽（Mbps）", type=Type.DECIMAL, required=True),
        code("wireless", "无线网络", _COVERAGE),
        code("learning_space", "网络学习空间", _COVERAGE),
        *_DRY_TOILETS,
        count("classroom_count", "教室总数"),
        count("lit_classroom_count", "采光照明达标教室数"),
        count("desk_count", "课桌椅总套数"),
        count("fit_desk_count", "达标课桌椅套数"),
        Column(name="inspected_on", title="专项检查日期", type=Type.DATE, help="本年没有检查的不填。"),
        count("inclusive_pupil_count", "随班就读残疾学生数"),
        count("resource_room_count", "资源教室数"),
        yes_no("football_school", "全国足球特色学校"),
        Column(name="football_inspection", title="足球复检结果", type=Type.CODE, codes=("通过", "未通过", "未检")),
        count("counsellor_count", "专职心理教师数"),
    ),
    derived=(
        Quotient("pupils_per_class", "pupil_count", "class_count"),
        *compared("class_count", by="school_code", at_least=CHANGE_FROM),
        *compared("pupil_count", by="school_code", at_least=CHANGE_FROM),
    ),
    frames=(ExpectedSchools("schools_without_facilities", column="school_code", school_types=SCHOOLS),),
    # 乡村小规模 hangs on the number of pupils, which is counted anew, but where B03 allows 否 alone. 未检 may be
    # over by the next report, and so may what is not whole yet.
    prefill=SchoolRows(
        types=SCHOOLS,
        register=(
            *(("school_name", "name"), ("school_type", "school_type")),
            *(("sponsor", "sponsor"), ("area_type", "area_type")),
        ),
        kept=Kept(
            always=(
                *("rural_boarding", "retained", "football_school"),
                *(When("wireless", ("全覆盖",)), When("learning_space", ("全覆盖",))),
            ),
            in_school_year=(Above("bandwidth_mbps", 99),),
            in_year=("dry_toilet_start", "inspected_on", When("football_inspection", ("通过", "未通过"))),
        ),
        settled=(
            Settled(column="rural_boarding", value="否", given="area_type", among=("城区",)),
            Settled(column="rural_small", value="否", given="area_type", among=("城区", "镇区")),
            _NOTHING_TO_CONVERT,
        ),
    ),
    # B01: no large class, and so none of the oversize ones that are counted in them.
    follows=(Computed(column="oversize_class_count", on="large_class_count", cases=((0, 0),)),),
)

KINDERGARTEN_FACILITY = Sheet(
    table="kindergarten_facility",
    title="幼儿园",
    row_is="一所幼儿园",
    who=("school_name",),
    notes="每所幼儿园一行，填季度末的情况；“本年”的填年初以来的累计数。",
    columns=(
        Column(name="school_code", title="园所标识码", type=Type.SCHOOL_CODE, required=True, key=True),
        Column(name="school_name", title="园所名称", type=Type.TEXT, required=True, text_kind=TextKind.NAME),
        code("ownership", "办园性质", ("公办", "普惠性民办", "其他民办")),
        _AREA_TYPE,
        yes_no("township_centre", "乡镇中心园"),
        yes_no("opened_this_year", "本年新开办", help="本年 1 月 1 日以来首次开办的；改名、划转、合并的不算。"),
        count("place_count", "学位数"),
        count("new_public_places", "本年新增公办学位", help="不是公办的填 0。"),
        count("child_count", "在园幼儿数"),
        code("community_kindergarten", "小区配套园", ("否", "已移交", "未移交")),
        *_DRY_TOILETS,
        yes_no("football_kindergarten", "足球特色幼儿园"),
    ),
    derived=(
        FirstOpened("first_opened_on", "school_code"),
        InYear("opened_in_year", "first_opened_on"),
        Percentage("most_children", "place_count", 120),
        *compared("child_count", by="school_code", at_least=CHANGE_FROM),
    ),
    frames=(ExpectedSchools("kindergartens_without_facilities", column="school_code", school_types=(KINDERGARTEN,)),),
    prefill=SchoolRows(
        types=(KINDERGARTEN,),
        register=(("school_name", "name"), ("area_type", "area_type")),
        kept=Kept(
            always=(
                *("ownership", "township_centre", "football_kindergarten"),
                When("community_kindergarten", ("否", "已移交")),
            ),
            in_year=("dry_toilet_start",),
        ),
        opened_this_year="opened_this_year",
        settled=(
            Settled(column="new_public_places", value=0, given="ownership", among=("普惠性民办", "其他民办")),
            _NOTHING_TO_CONVERT,
        ),
    ),
)

FORM = Form(
    key="facilities",
    title="办学条件",
    version="2020.1",
    period_kind=PeriodKind.QUARTER,
    due_day=15,
    sheets=(SCHOOL_FACILITY, KINDERGARTEN_FACILITY),
)
