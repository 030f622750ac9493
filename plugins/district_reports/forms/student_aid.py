"""学生资助, student aid: each semester, due on 20 August for the spring and 20 February for the autumn (item 31).

Oddities of the source: pre-school children and pupils of vocational schools may lack a student number; what is paid
may be paid after the semester's end; 中职免学费 is open to students outside the hardship list. Programmes and their
ceilings a semester are reference data (``aid_programmes.csv``).
"""

from district_reports.forms._common import (
    CHANGE_FROM,
    REMARK,
    RESIDENT_ID,
    SCHOOL_CODE,
    STAGE,
    STUDENT_NAME,
    STUDENT_NO,
    code,
)
from district_reports.model.condition import Above, When
from district_reports.model.derived import (
    EarliestDate,
    MatchingRows,
    ReferenceNumber,
    ReferenceRows,
    ReferenceText,
    RowCountChange,
)
from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.period import PeriodKind
from district_reports.model.prefill import CarriedRows, Computed, FromSchool, FromTable, HelperSheet, Kept, Promotion

_SAME_STUDENT = (("resident_id", "resident_id"),)
_SAME_PROGRAMME = (("programme", "programme"), ("stage", "stage"))
_PAID = When("payment_status", ("已发放",))
# Schools of the other types have pupils of several stages.
_STAGE_OF_SCHOOL = FromSchool(
    column="stage",
    school_code="school_code",
    by_type=(
        *(("幼儿园", "学前"), ("教学点", "小学"), ("小学", "小学")),
        *(("初中", "初中"), ("普通高中", "普通高中"), ("中职", "中职")),
    ),
)
_LAST_GRADES = (("学前", 3), ("小学", 6), ("初中", 9), ("普通高中", 12), ("中职", 3))

HARDSHIP_STUDENT = Sheet(
    table="hardship_student",
    title="困难学生认定",
    row_is="一名学生",
    who=("student_name", "school_code"),
    notes="本学期认定为家庭经济困难的学生，每名一行。",
    columns=(
        STUDENT_NO,
        STUDENT_NAME,
        RESIDENT_ID,
        SCHOOL_CODE,
        STAGE,
        Column(
            name="grade",
            title="年级",
            type=Type.INTEGER,
            required=True,
            minimum=None,
            between=(1, 12),
            help="学前 1 至 3，小学 1 至 6，初中 7 至 9，普通高中 10 至 12，中职 1 至 3。",
        ),
        code(
            "hardship_type",
            "困难类型",
            (
                *("建档立卡", "最低生活保障", "特困救助供养", "孤儿"),
                *("残疾学生", "残疾人子女", "烈士子女", "其他经济困难"),
            ),
        ),
        code("hardship_level", "困难等级", ("特别困难", "困难", "一般困难")),
        Column(name="identified_on", title="认定日期", type=Type.DATE, required=True),
    ),
    derived=(
        MatchingRows("paid_rows", "aid_payment", _SAME_STUDENT, where=(_PAID, Above("paid_amount", 0)), doubtful=True),
        EarliestDate("first_paid_on", "aid_payment", _SAME_STUDENT, "paid_on", where=(_PAID,)),
    ),
    frames=(RowCountChange("hardship_student_change", at_least=CHANGE_FROM),),
    # Who is in need is decided anew each school year.
    prefill=CarriedRows(
        kept=Kept(
            always=("student_no", "student_name", "resident_id", "school_code", "stage", "grade", "hardship_type"),
            in_school_year=("hardship_level", "identified_on"),
        ),
        promotion=Promotion(
            grade="grade",
            stage="stage",
            last=_LAST_GRADES,
            left=("school_code",),
        ),
    ),
    follows=(
        HelperSheet(
            title="认定日期",
            row_is="一所学校",
            by=("school_code",),
            columns=("identified_on",),
            notes="有新认定的学校，认定日期填一次；个别不同的到“困难学生认定”里改那一行；各人不一的不填。",
        ),
        _STAGE_OF_SCHOOL,
    ),
)

AID_PAYMENT = Sheet(
    table="aid_payment",
    title="资助发放",
    row_is="一名学生的一个资助项目",
    who=("student_name", "school_code"),
    notes="每名学生每个资助项目一行。已发放、已退回的填发放日期；未发放的发放金额填 0，不填发放日期。",
    columns=(
        STUDENT_NO,
        STUDENT_NAME,
        RESIDENT_ID,
        SCHOOL_CODE,
        STAGE,
        Column(
            name="programme",
            title="资助项目",
            type=Type.CODE,
            required=True,
            key=True,
            codes=ReferenceCodes("aid_programmes", "programme"),
        ),
        Column(
            name="entitled_amount",
            title="资助标准",
            type=Type.DECIMAL,
            required=True,
            above_zero=True,
            help="元，本学期应发给该生的金额。",
        ),
        Column(
            name="paid_amount",
            title="发放金额",
            type=Type.DECIMAL,
            required=True,
            help="元；未发放的填 0。",
        ),
        code("payment_status", "发放状态", ("已发放", "未发放", "已退回")),
        Column(
            name="paid_on",
            title="发放日期",
            type=Type.DATE,
            may_follow_period=True,
            help="已发放、已退回的必填；未发放的不填。",
        ),
        Column(
            name="payment_channel",
            title="发放方式",
            type=Type.CODE,
            codes=("银行卡", "资助卡", "校园卡", "学费减免"),
        ),
        REMARK,
    ),
    derived=(
        ReferenceRows("programme_rows", "aid_programmes", _SAME_PROGRAMME),
        ReferenceNumber("ceiling", "aid_programmes", _SAME_PROGRAMME, "ceiling_amount"),
        ReferenceText("needs_hardship", "aid_programmes", _SAME_PROGRAMME, "needs_hardship"),
        MatchingRows("hardship_rows", "hardship_student", _SAME_STUDENT),
        MatchingRows("boarding_rows", "aid_payment", _SAME_STUDENT, where=(When("programme", ("寄宿生生活补助",)),)),
        MatchingRows("day_pupil_rows", "aid_payment", _SAME_STUDENT, where=(When("programme", ("非寄宿生生活补助",)),)),
    ),
    # What became of the money is told anew. Whoever has left the stage follows the other sheet, and is asked for a
    # programme.
    prefill=CarriedRows(
        kept=Kept(
            always=("student_no", "student_name", "resident_id", "school_code", "stage", "programme"),
            in_school_year=("entitled_amount",),
        ),
        promotion=Promotion(
            grade="grade",
            stage="stage",
            last=_LAST_GRADES,
            left=("school_code", "stage", "programme"),
            told_by=("hardship_student", "resident_id"),
        ),
    ),
    follows=(
        FromTable(
            table="hardship_student",
            by=("resident_id",),
            columns=("student_no", "student_name", "school_code", "stage"),
        ),
        _STAGE_OF_SCHOOL,
        HelperSheet(
            title="发放批次",
            row_is="一所学校一个学段的一个资助项目",
            by=("school_code", "stage", "programme"),
            columns=("entitled_amount", "payment_status", "paid_on", "payment_channel"),
            known=("payment_channel",),
            asked=("payment_status", "paid_on"),
            unless=When("payment_status", ("未发放",)),
            notes=(
                "每所学校的每个项目填一次。选“已发放”，就是说这一批都已按标准足额发放；个别没有发、退回、没有发足，"
                "或标准、日期、方式不同的，到“资助发放”里改那一行；各人不一的不填。"
            ),
        ),
        Computed(
            column="paid_amount",
            on="payment_status",
            cases=(("未发放", 0),),
            otherwise="entitled_amount",
        ),
    ),
)

FORM = Form(
    key="student_aid",
    title="学生资助",
    version="2020.1",
    period_kind=PeriodKind.SEMESTER,
    due_day=20,
    nil_allowed=True,
    sheets=(HARDSHIP_STUDENT, AID_PAYMENT),
)
