"""控辍保学台账, the dropout-control ledger: each month, due on the 5th of the next (work plan, item 31).

Oddities of the source: closed cases may leave the ledger the month after; an empty 疑似辍学台账 beside a filled
在校人数 says "no case", so the form has no nil return; a child who never enrolled (失学) has neither school nor grade.
"""

from district_reports.forms._common import (
    CHANGE_FROM,
    COMPULSORY,
    REMARK,
    RESIDENT_ID,
    SCHOOL_CODE_KEY,
    STUDENT_NAME,
    count,
)
from district_reports.model.condition import When
from district_reports.model.derived import AgeAt, CarriedOver, ExpectedSchools, SexOfId, compared
from district_reports.model.form import Column, Form, Privacy, Sheet, TextKind, Type
from district_reports.model.period import PeriodKind
from district_reports.model.prefill import CarriedRows, Kept, SchoolRows, SexFromId

_NEVER_ENROLLED = When("dropout_kind", ("失学",))
_OPEN = When("case_status", ("未劝返", "劝返中"))

DROPOUT_CASE = Sheet(
    table="dropout_case",
    title="疑似辍学台账",
    row_is="一名学生",
    who=("student_name", "school_code"),
    notes="每名学生一行。没有疑似辍学学生的，本表留空，只填“在校人数”。已返校、已安置、已核销的，次月可不再填报。",
    columns=(
        RESIDENT_ID,
        STUDENT_NAME,
        Column(name="student_no", title="学籍号", type=Type.STUDENT_NO, privacy=Privacy.IDENTIFIER),
        Column(name="sex", title="性别", type=Type.CODE, required=True, codes=("男", "女")),
        Column(
            name="household_place",
            title="户籍地",
            type=Type.TEXT,
            required=True,
            text_kind=TextKind.NAME,
            privacy=Privacy.PRIVATE,
        ),
        Column(
            name="school_code",
            title="学校标识码",
            type=Type.SCHOOL_CODE,
            required=True,
            optional_when=_NEVER_ENROLLED,
            help="失学的可不填。",
        ),
        Column(
            name="grade",
            title="年级",
            type=Type.INTEGER,
            required=True,
            optional_when=_NEVER_ENROLLED,
            minimum=None,
            between=(1, 9),
            help="1 至 9；失学的可不填。",
        ),
        Column(name="registered_poor", title="建档立卡", type=Type.YES_NO, required=True),
        Column(name="discovered_on", title="发现日期", type=Type.DATE, required=True),
        Column(
            name="dropout_kind", title="辍学类别", type=Type.CODE, required=True, codes=("疑似辍学", "辍学", "失学")
        ),
        Column(
            name="reason",
            title="主要原因",
            type=Type.CODE,
            required=True,
            codes=("因贫", "厌学", "身体残疾", "长期患病", "外出务工", "早婚早育", "随迁转出", "出国出境", "其他"),
        ),
        Column(
            name="case_officer",
            title="劝返责任人",
            type=Type.TEXT,
            required=True,
            text_kind=TextKind.NAME,
            privacy=Privacy.PRIVATE,
        ),
        count("persuasion_count", "劝返次数"),
        Column(
            name="case_status",
            title="劝返状态",
            type=Type.CODE,
            required=True,
            codes=("未劝返", "劝返中", "已返校", "已安置", "已核销"),
        ),
        Column(name="returned_on", title="返校日期", type=Type.DATE, help="已返校的必填。"),
        Column(
            name="placement",
            title="安置方式",
            type=Type.CODE,
            codes=("普通班复学", "随班就读", "特殊教育学校", "送教上门", "职业教育", "其他"),
            help="已安置的必填。",
        ),
        Column(
            name="write_off_reason",
            title="核销原因",
            type=Type.CODE,
            codes=("死亡", "出国出境", "户籍迁出", "年满十七周岁", "已完成义务教育", "学籍信息错误", "其他"),
            help="已核销的必填。",
        ),
        REMARK,
    ),
    derived=(
        SexOfId("resident_id_sex", "resident_id"),
        AgeAt("age_at_discovery", "resident_id", on="discovered_on"),
    ),
    frames=(
        CarriedOver(
            "open_cases",
            "resident_id",
            where=_OPEN,
            shown=("student_name", "discovered_on"),
        ),
    ),
    # How often the child was talked to and where that stands is told anew each month.
    prefill=CarriedRows(
        where=_OPEN,
        kept=Kept(
            always=(
                *("resident_id", "student_name", "student_no", "sex", "household_place", "school_code"),
                *("registered_poor", "discovered_on", "dropout_kind", "reason", "case_officer"),
            ),
            in_school_year=("grade",),
        ),
    ),
    follows=(SexFromId(column="sex", resident_id="resident_id"),),
)

COMPULSORY_ENROLMENT = Sheet(
    table="compulsory_enrolment",
    title="在校人数",
    row_is="一所学校",
    who=("school_code",),
    notes="每所义务教育学校一行（教学点、小学、初中、九年一贯制、十二年一贯制、完全中学），填义务教育阶段人数。",
    columns=(
        SCHOOL_CODE_KEY,
        count("expected_enrolment", "应在校人数"),
        count("actual_enrolment", "实际在校人数"),
    ),
    derived=compared("expected_enrolment", by="school_code", at_least=CHANGE_FROM),
    frames=(ExpectedSchools("schools_without_enrolment", column="school_code", school_types=COMPULSORY),),
    prefill=SchoolRows(types=COMPULSORY),
)

FORM = Form(
    key="dropout_control",
    title="控辍保学台账",
    version="2020.1",
    period_kind=PeriodKind.MONTH,
    due_day=5,
    sheets=(DROPOUT_CASE, COMPULSORY_ENROLMENT),
)
