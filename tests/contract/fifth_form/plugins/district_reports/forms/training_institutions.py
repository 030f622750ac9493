"""校外培训机构, after-school training institutions: each quarter, due on the 15th of the next month (item 23).

Oddities of the source: every institution that is known stands here, licensed or not, so that one without a licence
has no licence number; fees paid in advance lie on a supervised account only where the pilot has begun; the blacklist
and the whitelist are the city's, and an institution is on one of them or on neither.
"""

from district_reports.forms._common import REMARK, code, count, yes_no
from district_reports.model.condition import When
from district_reports.model.derived import Quotient, RowsWithKey
from district_reports.model.form import Column, Form, Privacy, Sheet, Type
from district_reports.model.period import PeriodKind

TRAINING_INSTITUTION = Sheet(
    table="training_institution",
    title="机构",
    row_is="一家机构",
    who=("institution_name",),
    notes="每家校外培训机构一行，填季度末的情况；无证的也要填。",
    columns=(
        Column(name="institution_no", title="机构代码", type=Type.TEXT, required=True, key=True, max_length=18),
        Column(name="institution_name", title="机构名称", type=Type.TEXT, required=True),
        Column(name="principal_name", title="负责人", type=Type.TEXT, required=True, privacy=Privacy.PRIVATE),
        code("permit_status", "办学许可", ("有证", "无证", "已吊销")),
        Column(
            name="permit_no",
            title="办学许可证号",
            type=Type.TEXT,
            required=True,
            optional_when=When("permit_status", ("无证",)),
            help="无证的可不填。",
        ),
        code("training_kind", "培训类别", ("学科类", "艺术类", "体育类", "科技类", "其他")),
        count("trainee_count", "在训学员数"),
        count("instructor_count", "教学人员数"),
        yes_no("account_supervised", "资金账户监管"),
        Column(
            name="prepaid_amount",
            title="预收费余额（元）",
            type=Type.DECIMAL,
            required=True,
            help="元，季度末已收未消课的学费。",
        ),
        yes_no("online_training", "开展线上培训"),
        yes_no("online_filed", "线上培训备案"),
        Column(name="inspected_on", title="检查日期", type=Type.DATE, help="本季度最近一次联合执法检查。"),
        count("violation_count", "违规次数"),
        code("listing", "名单", ("白名单", "黑名单", "未列入")),
        Column(
            name="penalty",
            title="处罚措施",
            type=Type.CODE,
            codes=("限期整改", "停业整顿", "吊销许可证", "取缔"),
            help="黑名单的必填。",
        ),
        REMARK,
    ),
    derived=(
        RowsWithKey("permit_rows", ("permit_no",)),
        Quotient("trainees_per_instructor", "trainee_count", "instructor_count"),
    ),
)

FORM = Form(
    key="training_institutions",
    title="校外培训机构",
    version="2020.1",
    period_kind=PeriodKind.QUARTER,
    due_day=15,
    nil_allowed=True,
    sheets=(TRAINING_INSTITUTION,),
)
