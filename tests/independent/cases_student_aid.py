"""One defect each in student_aid. Rows: see sound_students.student_aid."""

from datetime import date, datetime

from independent.book import HARDSHIP, PAYMENT, Book, Row
from independent.case import Case, On, in_cell, puts
from independent.persons import resident_id, with_check_character, with_wrong_check_character
from independent.sound_students import BIRTHS, STAGES, payment

FORM = "student_aid"
LISTED, PAID = On(FORM, HARDSHIP), On(FORM, PAYMENT)
UNPAID_ID = resident_id(32, BIRTHS["普通高中"])


def same_id(name: str, row: int, **cells: object) -> Case:
    """The same ID on both sheets, so that the comparing rules have nothing to say; a finding on each."""

    expected = tuple(in_cell(name[:3], sheet, "身份证件号", row) for sheet in (HARDSHIP, PAYMENT))
    return Case(name, FORM, puts((HARDSHIP, row, cells), (PAYMENT, row, cells)), expected)


def copy_of(number: int, stage: str, programme: str, amount: float, **cells: object) -> Row:
    _, _, _, schools = STAGES[stage]
    return payment(number, stage, schools[number % len(schools)], programme, amount, **cells)


def repeated(sheet: str, row: int) -> Case:
    def plant(book: Book) -> None:
        book.add(sheet, dict(book.row(sheet, row)))

    last = {HARDSHIP: 44, PAYMENT: 48}[sheet]
    places = tuple(in_cell("C03", sheet, "身份证件号", one) for one in (row, last))
    return Case(f"C03 the key twice on sheet {1 if sheet == HARDSHIP else 2}", FORM, plant, places)


def without_payment(row: int) -> Case:
    return Case(
        f"A05 the payment in row {row} is missing",
        FORM,
        lambda book: book.remove(PAYMENT, row),
        (in_cell("A05", HARDSHIP, "身份证件号", row),),
    )


def wrong_id_on_one_sheet(book: Book) -> None:
    row = book.row(PAYMENT, 6)
    row["身份证件号"] = with_wrong_check_character(str(row["身份证件号"]))


CELLS = [
    LISTED.one("T01 no student number in 小学", 4, "学籍号", 学籍号=None),
    LISTED.one("T01 no name, only spaces", 9, "姓名", 姓名=" \u3000 "),
    LISTED.one("T01 no ID", 35, "身份证件号", 身份证件号=None),
    LISTED.one("T01 no level", 43, "困难等级", 困难等级=None),
    LISTED.one("T02 grade in words", 6, "年级", 年级="五年级"),
    LISTED.one("T03 a bare number for a date", 7, "认定日期", 认定日期=43906),
    LISTED.one("T03 year and month only", 8, "认定日期", 认定日期="2020年3月"),
    LISTED.one("T04 a type of no list", 10, "困难类型", 困难类型="低保"),
    LISTED.one("T04 stage", 30, "学段", 学段="高中"),
    LISTED.one("T05 an ID as a number", 35, "身份证件号", 身份证件号=int(resident_id(33, "20030915")[:17] + "4")),
    LISTED.one("T06 #N/A in a name", 12, "姓名", 姓名="#N/A"),
    LISTED.one("T07 a grade by formula", 13, "年级", 年级="=3+1"),
    LISTED.one("T08 a control character", 14, "姓名", 姓名="学_x0007_生"),
    LISTED.one("T08 a name of 201 characters", 15, "姓名", 姓名="学" * 201),
    PAID.one("T01 no student number in 普通高中", 31, "学籍号", 学籍号=None),
    PAID.one("T01 no programme", 44, "资助项目", 资助项目=None),
    PAID.one("T01 no status", 45, "发放状态", 发放状态=None),
    PAID.one("T02 an amount with 元", 30, "资助标准", 资助标准="1200元"),
    PAID.one("T02 an amount in words", 31, "发放金额", 发放金额="一千五百"),
    PAID.one("T02 three decimals", 18, "资助标准", 资助标准=312.495),
    PAID.one("T03 a time of day", 12, "发放日期", 发放日期=datetime(2020, 5, 20, 14, 5)),  # noqa: DTZ001
    PAID.one("T03 a day that is not", 13, "发放日期", 发放日期="2020-06-31"),
    PAID.one("T04 a programme of no list", 11, "资助项目", 资助项目="生活补助"),
    PAID.one("T04 a status of no list", 44, "发放状态", 发放状态="已发"),
    PAID.one("T04 a channel of no list", 9, "发放方式", 发放方式="现金"),
    PAID.one("T05 an ID as a number on a payment", 44, "身份证件号", 身份证件号=210283201003110012),
    PAID.one("T06 #DIV/0! in an entitlement", 8, "资助标准", 资助标准="#DIV/0!"),
    PAID.one("T06 #REF! in an optional remark", 7, "备注", 备注="#REF!"),
    PAID.one("T07 a remark by formula", 8, "备注", 备注='="补"&"发"'),
    PAID.one("T08 a remark of 1001 characters", 9, "备注", 备注="长" * 1001),
    PAID.one("T13 an entitlement below 0", 10, "资助标准", 资助标准=-250),
    PAID.one("T13 an amount below 0", 44, "发放金额", 发放金额=-0.01),
]
ANY_FORM = [
    LISTED.one("C01 check character", 35, "身份证件号", 身份证件号=with_wrong_check_character(UNPAID_ID)),
    LISTED.one("C01 17 characters", 35, "身份证件号", 身份证件号=UNPAID_ID[:17]),
    same_id("C01 province 20", 20, 身份证件号=with_check_character("20028320060422017")),
    same_id("C01 born on 31 April", 21, 身份证件号=with_check_character("21028320060431018")),
    PAID.one("C01 an old ID of 15 digits", 35, "身份证件号", 学籍号=None, 身份证件号="210283031127041"),
    LISTED.one("C02 not in the register", 30, "学校标识码", 学校标识码="2102839999"),
    LISTED.one("C02 of another district", 4, "学校标识码", 学校标识码="2102810001"),
    PAID.one("C02 closed before the period", 5, "学校标识码", 学校标识码="2102830014"),
    PAID.one("C02 not yet open", 18, "学校标识码", 学校标识码="2102830015"),
    PAID.one("C02 nine digits", 18, "学校标识码", 学校标识码="210283000"),
    repeated(HARDSHIP, 22),
    repeated(PAYMENT, 23),
    LISTED.one("C04 identified after receipt", 35, "认定日期", 认定日期=date(2020, 7, 10)),
    PAID.one("C04 paid after receipt", 16, "发放日期", 发放日期=date(2020, 7, 5)),
    LISTED.one("C07 another one's ID", 14, "学籍号", 学籍号=f"G{resident_id(77, '20100311')}"),
    PAID.one("C07 another one's ID on a payment", 47, "学籍号", 学籍号=f"G{resident_id(34, BIRTHS['中职'])}"),
    Case(
        "C08 paid in January",
        FORM,
        puts((HARDSHIP, 17, {"认定日期": date(2019, 10, 8)}), (PAYMENT, 17, {"发放日期": date(2020, 1, 31)})),
        (in_cell("C08", PAYMENT, "发放日期", 17),),
    ),
    LISTED.one("C09 too short", 15, "学籍号", 学籍号="G2102832010031101"),
    LISTED.one("C09 another letter", 16, "学籍号", 学籍号="A" + resident_id(13, BIRTHS["小学"])),
    LISTED.one("C09 合计 beside a valid ID is no total row", 17, "学籍号", 学籍号="合计"),
    PAID.one("C09 an ID without G", 45, "学籍号", 学籍号=resident_id(28, BIRTHS["普通高中"])),
]
CONTENT = [
    PAID.one("A01 初中 with a programme of 普通高中", 20, "资助项目", 资助项目="普通高中国家助学金", 资助标准=600),
    PAID.one("A01 学前 with 中职免学费", 40, "资助项目", 资助项目="中职免学费"),
    PAID.one("A02 a cent more than the entitlement", 30, "发放金额", 发放金额=1200.01),
    PAID.one("A02 paid 800 of 700", 44, "发放金额", 资助标准=700),
    PAID.one("A03 已发放 without a date", 31, "发放日期", 发放日期=None),
    PAID.one("A03 已退回 without a date", 46, "发放日期", 发放日期=None),
    PAID.one("A03 未发放 with a date", 45, "发放日期", 发放日期=date(2020, 6, 1)),
    PAID.one("A03 未发放 with an amount", 45, "发放日期", 发放金额=1200),
    PAID.added(
        "A04 地方资助 to one not listed",
        copy_of(50, "小学", "地方资助", 300),
        PAID.place("A04", "身份证件号", 48),
    ),
    PAID.one(
        "A04 中职国家助学金 to one not listed",
        35,
        "身份证件号",
        资助项目="中职国家助学金",
        资助标准=1000,
        发放金额=1000,
    ),
    Case(
        "A04 taken off the list",
        FORM,
        puts((HARDSHIP, 40, {"身份证件号": resident_id(60, BIRTHS["学前"]), "姓名": "学生60"})),
        (PAID.place("A04", "身份证件号", 40),),
    ),
    without_payment(19),
    without_payment(29),
    Case(
        "A05 未发放 only",
        FORM,
        puts((PAYMENT, 25, {"发放状态": "未发放", "发放金额": 0, "发放日期": None})),
        (LISTED.place("A05", "身份证件号", 25),),
    ),
    Case(
        "A05 已退回 only",
        FORM,
        puts((PAYMENT, 15, {"发放状态": "已退回"})),
        (LISTED.place("A05", "身份证件号", 15),),
    ),
    Case(
        "A05 paid nothing",
        FORM,
        puts((PAYMENT, 16, {"发放金额": 0})),
        (LISTED.place("A05", "身份证件号", 16),),
    ),
    PAID.added(
        "A06 小学: boarding and not boarding",
        copy_of(6, "小学", "非寄宿生生活补助", 250),
        PAID.place("A06", "资助项目", 9),
        PAID.place("A06", "资助项目", 48),
    ),
    PAID.added(
        "A06 初中: boarding and not boarding",
        copy_of(17, "初中", "寄宿生生活补助", 600),
        PAID.place("A06", "资助项目", 20),
        PAID.place("A06", "资助项目", 48),
    ),
    PAID.one("A07 non-boarding 小学 above 250", 6, "资助标准", 资助标准=250.01),
    PAID.one("A07 the ceiling of 初中 in 小学", 7, "资助标准", 资助标准=625),
    PAID.one("A07 地方资助 above 3000", 44, "资助标准", 资助标准=3001),
    PAID.one("A07 an entitlement of 0", 45, "资助标准", 资助标准=0),
    LISTED.one("A08 identified a day after the payment", 32, "认定日期", 认定日期=date(2020, 5, 21)),
    LISTED.one("A09 grade 7 in 小学", 4, "年级", 年级=7),
    LISTED.one("A09 grade 6 in 初中", 18, "年级", 年级=6),
    LISTED.one("A09 grade 1 in 普通高中", 30, "年级", 年级=1),
    LISTED.one("A09 grade 4 in 中职", 36, "年级", 年级=4),
    LISTED.one("A09 grade 0 in 学前", 41, "年级", 年级=0),
    LISTED.one("A09 grade -1 in 小学", 5, "年级", 年级=-1),
]
# An amount or a status that cannot be read does not say that nothing was paid: no A05 besides (the contract is silent).
UNREADABLE = [
    PAID.one("T02 an amount in words, the only payment of a 小学 child", 8, "发放金额", 发放金额="二百五十"),
    PAID.one("T04 a status of no list, the only payment of a 初中 child", 19, "发放状态", 发放状态="已发"),
    PAID.one("T07 an amount by formula, the only payment of a 初中 child", 21, "发放金额", 发放金额="=600+25"),
]
# One mistake, and what the contract's comparing rules make of it besides. A payment whose ID is wrong is told so (C01)
# and takes no part in the rules of its row (no A04); the child that it should have named lacks its payment (A05).
CASCADES = [
    Case(
        "C01 a wrong ID on the payment of a 小学 child",
        FORM,
        wrong_id_on_one_sheet,
        (
            PAID.place("C01", "身份证件号", 6),
            LISTED.place("A05", "身份证件号", 6),
        ),
    ),
    Case(
        "A09 a quarantined row still lists its student, and a quarantined payment still pays",
        FORM,
        puts((HARDSHIP, 10, {"年级": 12}), (PAYMENT, 10, {"学校标识码": "2102839999"})),
        (LISTED.place("A09", "年级", 10), PAID.place("C02", "学校标识码", 10)),
    ),
    PAID.added(
        "A06 with a quarantined row",
        copy_of(8, "小学", "非寄宿生生活补助", 250, 发放方式="现金"),
        PAID.place("T04", "发放方式", 48),
        PAID.place("A06", "资助项目", 11),
        PAID.place("A06", "资助项目", 48),
    ),
    Case(
        "A08 of a row that is quarantined",
        FORM,
        puts((HARDSHIP, 33, {"认定日期": date(2020, 6, 15), "年级": 9})),
        (LISTED.place("A08", "认定日期", 33), LISTED.place("A09", "年级", 33)),
    ),
]
CASES = [*CELLS, *ANY_FORM, *CONTENT, *UNREADABLE, *CASCADES]
