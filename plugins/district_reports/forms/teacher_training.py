"""教师培训, teacher training: each quarter, due on the 15th of the next month (work plan, items 20, 25, 27, 30).

Oddities of the source: a course belongs to the quarter in which it ends; one teacher may stand in many rows; the
teacher's number is the city's own and always there, the resident ID is optional.
"""

from district_reports.forms._common import CHANGE_FROM, SCHOOL_CODE, SCHOOL_CODE_KEY, SCHOOLS, code, count
from district_reports.model.condition import When
from district_reports.model.derived import (
    DaysSpanned,
    ExpectedSchools,
    MatchingRows,
    OverlappingRows,
    SchoolAttribute,
    compared,
)
from district_reports.model.form import Column, Form, Privacy, Sheet, TextKind, Type
from district_reports.model.period import PeriodKind
from district_reports.model.prefill import HelperSheet, SchoolRows, Settled

_MOST_HOURS_A_DAY = 10
# E08 and E09: whom a category of courses is for, and so of whom no school can have more trained than there are.
TRAINED_IN = {
    "ideology_teacher": "思政课教师全员通识",
    "rural_teacher": "乡村教师支持",
    "dual_teacher": "双师型教师",
    "it_teacher": "教育信息化",
    "principal": "名校长骨干校长",
}


def _trained(of: str, category: str) -> MatchingRows:
    """``<of>s_trained``, beside the headcount ``<of>_count``: the school's teachers in such courses, each once."""
    return MatchingRows(
        f"{of}s_trained",
        "training_record",
        (("school_code", "school_code"),),
        where=(When("training_category", (category,)),),
        distinct="teacher_no",
    )


TRAINING_RECORD = Sheet(
    table="training_record",
    title="培训记录",
    row_is="一名教师的一次培训",
    who=("teacher_name", "school_code"),
    notes="每名教师每次培训一行，填在结束日期所在的季度。",
    columns=(
        Column(
            name="teacher_no",
            title="教师编号",
            type=Type.TEXT,
            required=True,
            key=True,
            text_kind=TextKind.NUMBER,
            privacy=Privacy.IDENTIFIER,
        ),
        Column(
            name="teacher_name",
            title="姓名",
            type=Type.TEXT,
            required=True,
            text_kind=TextKind.NAME,
            privacy=Privacy.PRIVATE,
        ),
        Column(name="resident_id", title="身份证件号", type=Type.RESIDENT_ID, privacy=Privacy.IDENTIFIER),
        SCHOOL_CODE,
        Column(name="subject", title="任教学科", type=Type.TEXT, required=True, text_kind=TextKind.PHRASE),
        code(
            "training_category",
            "培训类别",
            (
                *("思政课教师全员通识", "思政统编教材教法", "乡村教师支持", "名优教师", "名校长骨干校长"),
                *("双师型教师", "教育信息化", "法治教育", "师德师风", "其他"),
            ),
        ),
        # A course may well ask a question.
        Column(
            name="course_name",
            title="培训名称",
            type=Type.TEXT,
            required=True,
            key=True,
            text_kind=TextKind.PHRASE,
        ),
        code("training_level", "培训层级", ("国家级", "省级", "市级", "区县级", "校本")),
        Column(name="started_on", title="开始日期", type=Type.DATE, required=True, key=True),
        Column(name="ended_on", title="结束日期", type=Type.DATE, required=True),
        Column(
            name="hours",
            title="学时",
            type=Type.DECIMAL,
            required=True,
            above_zero=True,
            help="大于 0，每天不超过 10 学时。",
        ),
        code("result", "考核结果", ("优秀", "合格", "不合格", "未考核")),
        Column(name="score", title="评估得分", type=Type.DECIMAL, minimum=None, between=(0, 100), help="0 至 100。"),
    ),
    derived=(
        SchoolAttribute("registered_type", "school_code", "school_type"),
        SchoolAttribute("registered_area", "school_code", "area_type"),
        DaysSpanned("most_hours", "started_on", "ended_on", times=_MOST_HOURS_A_DAY),
        OverlappingRows(
            "overlapping_rows", by="teacher_no", start="started_on", end="ended_on", same=("course_name", "started_on")
        ),
    ),
    # Most teachers were named before, and a course is told once for all who attended it.
    follows=(
        HelperSheet(
            title="教师名单",
            row_is="一名教师",
            by=("teacher_no",),
            columns=("teacher_name", "resident_id", "school_code", "subject"),
            known=("teacher_name", "resident_id", "school_code", "subject"),
            notes="以前报过的教师已列出；新的教师接在下面填一次（可以从名册整块粘贴数值），或直接在“培训记录”里填。",
            everyone=True,
        ),
        HelperSheet(
            title="培训课程",
            row_is="一次培训",
            by=("course_name",),
            columns=("training_category", "training_level", "started_on", "ended_on", "hours", "result"),
            known=("training_category", "training_level"),
            asked=("training_category", "training_level", "started_on", "ended_on", "hours"),
            notes=(
                "每次培训填一次，同名的几期在名称里写明第几期。上次报过的已列出名称、类别、层级，本期没有办的不用管。"
                "考核结果填多数人的，个别不同的到“培训记录”里改；各人不一的不填。"
            ),
        ),
    ),
)

TEACHER_HEADCOUNT = Sheet(
    table="teacher_headcount",
    title="教师队伍",
    row_is="一所学校",
    who=("school_code",),
    notes="每所学校一行（幼儿园可不填），填季度末的人数。",
    columns=(
        SCHOOL_CODE_KEY,
        count("teacher_count", "专任教师数"),
        count("ideology_teacher_count", "思政课教师数"),
        count("rural_teacher_count", "乡村教师数"),
        count("dual_teacher_count", "双师型教师数"),
        count("backbone_teacher_count", "骨干教师数"),
        count("it_teacher_count", "信息化教师数"),
        count("principal_count", "校级领导数"),
    ),
    derived=(
        *(_trained(of, category) for of, category in TRAINED_IN.items()),
        *compared("teacher_count", by="school_code", at_least=CHANGE_FROM),
    ),
    frames=(ExpectedSchools("schools_without_headcount", column="school_code", school_types=SCHOOLS),),
    # E05 takes 双师型教师 at vocational schools only, and E06 no 乡村教师 in towns.
    prefill=SchoolRows(
        types=SCHOOLS,
        settled=(
            Settled(column="rural_teacher_count", value=0, given="area_type", among=("城区",)),
            Settled(
                column="dual_teacher_count",
                value=0,
                given="school_type",
                among=tuple(kind for kind in SCHOOLS if kind != "中职"),
            ),
        ),
    ),
)

FORM = Form(
    key="teacher_training",
    title="教师培训",
    version="2020.1",
    period_kind=PeriodKind.QUARTER,
    due_day=15,
    nil_allowed=True,
    sheets=(TRAINING_RECORD, TEACHER_HEADCOUNT),
)
