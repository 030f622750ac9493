"""Columns and code lists that several forms share."""

from district_reports.model.condition import When
from district_reports.model.form import REMARK_LENGTH, Column, Privacy, TextKind, Type
from district_reports.reference.register import KINDERGARTEN, SCHOOL_TYPES

SCHOOLS = tuple(kind for kind in SCHOOL_TYPES if kind != KINDERGARTEN)
"""The school types without 幼儿园."""
COMPULSORY = ("教学点", "小学", "初中", "九年一贯制", "十二年一贯制", "完全中学")
"""The school types with pupils of compulsory education that C10 names (特殊教育 is not among them)."""
STAGES = ("学前", "小学", "初中", "普通高中", "中职")
CHANGE_FROM = 20
"""C06 looks at changes only where the last accepted period had this many, or more."""

RESIDENT_ID = Column(
    name="resident_id",
    title="身份证件号",
    type=Type.RESIDENT_ID,
    required=True,
    key=True,
    privacy=Privacy.IDENTIFIER,
)
STUDENT_NAME = Column(
    name="student_name",
    title="姓名",
    type=Type.TEXT,
    required=True,
    text_kind=TextKind.NAME,
    privacy=Privacy.PRIVATE,
)
STUDENT_NO = Column(
    name="student_no",
    title="学籍号",
    type=Type.STUDENT_NO,
    required=True,
    optional_when=When("stage", ("学前", "中职")),
    privacy=Privacy.IDENTIFIER,
    help="学前和中职的可不填。",
)
SCHOOL_CODE = Column(name="school_code", title="学校标识码", type=Type.SCHOOL_CODE, required=True)
SCHOOL_CODE_KEY = Column(name="school_code", title="学校标识码", type=Type.SCHOOL_CODE, required=True, key=True)
STAGE = Column(name="stage", title="学段", type=Type.CODE, required=True, codes=STAGES)
REMARK = Column(name="remark", title="备注", type=Type.TEXT, max_length=REMARK_LENGTH, privacy=Privacy.PRIVATE)


def count(name: str, title: str, help: str = "") -> Column:
    """A required whole number from 0."""
    return Column(name=name, title=title, type=Type.INTEGER, required=True, help=help)


def yes_no(name: str, title: str, help: str = "") -> Column:
    """A required 是 or 否."""
    return Column(name=name, title=title, type=Type.YES_NO, required=True, help=help)


def code(name: str, title: str, codes: tuple[str, ...]) -> Column:
    """A required code."""
    return Column(name=name, title=title, type=Type.CODE, required=True, codes=codes)
