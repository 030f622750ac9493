"""One defect each in dropout_control. Rows: see sound_students.dropout_control."""

from datetime import date, datetime, time

from independent.book import CASES as LEDGER
from independent.book import ENROLMENT, Book
from independent.case import Case, On, at, in_cell, puts
from independent.packages import replaced
from independent.persons import resident_id, with_check_character, with_wrong_check_character
from independent.sound_students import CHILD, dropout

FORM = "dropout_control"
CASE, COUNT = On(FORM, LEDGER), On(FORM, ENROLMENT)
RETURNED = {"劝返状态": "已返校", "返校日期": date(2020, 6, 20)}


def child(number: int, birth: str) -> dict[str, object]:
    """The cells of a child born on another day, without student number."""
    return {"身份证件号": resident_id(number, birth), "学籍号": None}


def infinite(book: Book) -> None:
    book.put(ENROLMENT, 8, {"应在校人数": 777777})
    book.packings.append(replaced("<v>777777</v>", "<v>1E+400</v>"))


def repeated(sheet: str, row: int, last: int, header: str) -> Case:
    def plant(book: Book) -> None:
        book.add(sheet, dict(book.row(sheet, row)))

    places = tuple(in_cell("C03", sheet, header, one) for one in (row, last))
    return Case(f"C03 the key twice under {header}", FORM, plant, places)


def without_row(row: int, kind: str) -> Case:
    return Case(f"C10 no row of {kind}", FORM, lambda book: book.remove(ENROLMENT, row), (at("C10", ENROLMENT, None),))


CELLS = [
    CASE.one("T01 no sex", 4, "性别", 性别=None),
    CASE.one("T01 no ID", 5, "身份证件号", 身份证件号=None),
    CASE.one("T01 no school beside 疑似辍学", 7, "学校标识码", 学校标识码=None),
    CASE.one("T01 no grade beside 疑似辍学", 8, "年级", 年级=None),
    CASE.one("T01 a name of a zero-width space", 9, "姓名", 姓名="\u200b"),
    COUNT.one("T01 no actual enrolment", 6, "实际在校人数", 实际在校人数=None),
    CASE.one("T02 attempts with 次", 10, "劝返次数", 劝返次数="3次"),
    CASE.one("T02 one and a half attempts", 11, "劝返次数", 劝返次数=1.5),
    CASE.one("T02 a grade as 初一", 12, "年级", 年级="初一"),
    COUNT.one("T02 五百", 9, "应在校人数", 应在校人数="五百"),
    CASE.one("T03 a bare number", 13, "发现日期", 发现日期=43990),
    CASE.one("T03 a time of day", 14, "发现日期", 发现日期=datetime(2020, 6, 8, 9, 15)),  # noqa: DTZ001
    CASE.one("T03 a time without a day", 15, "发现日期", 发现日期=time(9, 15)),
    CASE.one("T03 2020年6月", 39, "返校日期", 返校日期="2020年6月"),
    CASE.one("T04 a sex of no list", 16, "性别", 性别="男生"),
    CASE.one("T04 yes in words of no list", 17, "建档立卡", 建档立卡="有"),
    CASE.one("T04 a reason of no list", 18, "主要原因", 主要原因="家庭贫困"),
    CASE.one("T04 a status of no list", 19, "劝返状态", 劝返状态="已劝返"),
    CASE.one("T04 a kind of no list", 20, "辍学类别", 辍学类别="休学"),
    CASE.one("T05 an ID as a number", 21, "身份证件号", 身份证件号=210283200805060180),
    CASE.one("T06 #VALUE!", 22, "户籍地", 户籍地="#VALUE!"),
    CASE.one("T07 attempts by formula", 23, "劝返次数", 劝返次数="=1+1"),
    COUNT.one("T07 a sum by formula", 4, "应在校人数", 应在校人数="=450+450"),
    CASE.one("T08 a control character", 24, "劝返责任人", 劝返责任人="周_x0007_老师"),
    CASE.one("T08 a delete character", 25, "户籍地", 户籍地="大连市\x7f庄河市"),
    CASE.one("T08 a remark of 1001 characters", 26, "备注", 备注="长" * 1001),
    CASE.one("T13 attempts below 0", 27, "劝返次数", 劝返次数=-1),
    COUNT.one("T13 enrolment below 0", 10, "实际在校人数", 实际在校人数=-88),
    COUNT.one("T13 out of range", 5, "应在校人数", 应在校人数=30_000_000_000),
    Case("T13 infinite", FORM, infinite, (in_cell("T13", ENROLMENT, "应在校人数", 8),)),
]
ANY_FORM = [
    CASE.one(
        "C01 check character",
        4,
        "身份证件号",
        身份证件号=with_wrong_check_character(resident_id(1, CHILD)),
        学籍号=None,
    ),
    CASE.one(
        "C01 a wrong ID is not compared with number, sex or age",
        5,
        "身份证件号",
        身份证件号=with_check_character("20028320180506001"),
    ),
    CASE.one("C01 19 characters", 6, "身份证件号", 身份证件号=resident_id(3, CHILD) + "0"),
    CASE.one("C01 province 00", 7, "身份证件号", 身份证件号=with_check_character("00028320080506004")),
    CASE.one("C01 born in month 13", 8, "身份证件号", 身份证件号=with_check_character("21028320081306005")),
    CASE.one("C01 29 February 2009", 9, "身份证件号", 身份证件号=with_check_character("21028320090229006")),
    CASE.one("C01 a letter inside", 10, "身份证件号", 身份证件号="21028320080506O07X"),
    CASE.one("C02 not in the register", 11, "学校标识码", 学校标识码="2102837777"),
    CASE.one("C02 of another district", 12, "学校标识码", 学校标识码="2102810001"),
    CASE.one("C02 closed on the first of the month", 13, "学校标识码", 学校标识码="2102830021"),
    CASE.one("C02 another district's since the first of the month", 14, "学校标识码", 学校标识码="2102830024"),
    CASE.one("C02 not yet open", 15, "学校标识码", 学校标识码="2102830015"),
    COUNT.added(
        "C02 a row of a closed school",
        {"学校标识码": "2102830014", "应在校人数": 0, "实际在校人数": 0},
        COUNT.place("C02", "学校标识码", 13),
    ),
    Case(
        "C02 a school's code mistyped, so that its row is missing too",
        FORM,
        puts((ENROLMENT, 9, {"学校标识码": "2102830066"})),
        (COUNT.place("C02", "学校标识码", 9), at("C10", ENROLMENT, None)),
    ),
    repeated(LEDGER, 20, 44, "身份证件号"),
    repeated(ENROLMENT, 7, 13, "学校标识码"),
    CASE.added(
        "C03 the key twice, one of the rows with a mistake",
        dropout(9, 劝返次数="两次"),
        CASE.place("C03", "身份证件号", 12),
        CASE.place("C03", "身份证件号", 44),
        CASE.place("T02", "劝返次数", 44),
    ),
    CASE.one("C04 discovered after the period", 16, "发现日期", 发现日期=date(2020, 7, 1)),
    CASE.one("C04 discovered after receipt", 16, "发现日期", 发现日期=date(2020, 7, 6)),
    CASE.one("C04 returned after the period", 39, "返校日期", 返校日期=date(2020, 7, 2)),
    CASE.one("C05 a boy called a girl", 18, "性别", 性别="女"),
    CASE.one("C05 a girl called a boy", 19, "性别", 性别="男"),
    CASE.one("C07 another one's ID", 21, "学籍号", 学籍号=f"G{resident_id(99, CHILD)}"),
    CASE.one("C09 17 characters after G", 22, "学籍号", 学籍号=f"G{resident_id(19, CHILD)[:17]}"),
    CASE.one("C09 letter X", 23, "学籍号", 学籍号=f"X{resident_id(20, CHILD)}"),
    without_row(6, "a 教学点"),
    without_row(9, "a 十二年一贯制"),
    without_row(12, "a 完全中学"),
    without_row(10, "a school opened in the month"),
    without_row(11, "a school that closes on the next day"),
]
CONTENT = [
    CASE.one("D01 five years old", 24, "发现日期", {**child(21, "20140701"), "发现日期": date(2020, 6, 30)}),
    CASE.one("D01 eighteen on that day", 25, "发现日期", {**child(22, "20020610"), "发现日期": date(2020, 6, 10)}),
    CASE.one("D02 no return date", 39, "返校日期", 返校日期=None),
    CASE.one("D02 returned before discovered", 26, "返校日期", {**RETURNED, "返校日期": date(2020, 6, 1)}),
    CASE.one("D03 no placement", 40, "安置方式", 安置方式=None),
    CASE.one("D04 no reason to write off", 41, "核销原因", 核销原因=None),
    CASE.one("D05 grade 10", 27, "年级", 年级=10),
    CASE.one("D05 grade 0", 28, "年级", 年级=0),
    CASE.one("D05 grade -3 is no T13", 29, "年级", 年级=-3),
    CASE.one("D06 因贫 and 劝返中", 30, "主要原因", 主要原因="因贫"),
    CASE.one("D06 因贫 and 未劝返", 38, "主要原因", 主要原因="因贫"),
    CASE.one("D08 劝返中 after no attempt", 31, "劝返次数", 劝返次数=0),
    CASE.one("D08 已返校 after no attempt", 39, "劝返次数", 劝返次数=0),
    COUNT.one("D09 one more than expected", 7, "实际在校人数", 实际在校人数=1205),
]
CASES = [*CELLS, *ANY_FORM, *CONTENT]
