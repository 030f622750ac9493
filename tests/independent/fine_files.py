"""What clerks, Excel and WPS do to a file and to cells that must be understood: no critical finding, no warning."""

from collections.abc import Callable
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from independent.book import (
    BANDWIDTH,
    FRONT,
    HARDSHIP,
    KINDERGARTEN,
    LARGE,
    OVERSIZE,
    PAYMENT,
    RECORD,
    SCHOOL,
    Book,
    Row,
)
from independent.book import CASES as LEDGER
from independent.case import ANY, Case, at, in_cell, puts
from independent.cases_dropout import CASE, COUNT
from independent.cases_schools import COURSE, NURSERY, PLACE, STAFF
from independent.cases_student_aid import LISTED, PAID
from independent.packages import replaced
from independent.persons import resident_id, with_x

AID, DROPOUT, FACILITIES, TRAINING = "student_aid", "dropout_control", "facilities", "teacher_training"


def touched(name: str, form: str, touch: Callable[[Workbook], None]) -> Case:
    return Case(name, form, lambda book: book.touches.append(touch))


def cover(name: str, form: str, **values: object) -> Case:
    return Case(name, form, lambda book: book.cover.update(values))


def headers(name: str, form: str, sheet: str, *changes: tuple[str, str]) -> Case:
    def plant(book: Book) -> None:
        for old, new in changes:
            book.rename(sheet, old, new)

    return Case(name, form, plant)


def turned_round(form: str, sheet: str) -> Case:
    return Case(
        f"columns of {sheet} in another order",
        form,
        lambda book: book.sheets[sheet].headers.reverse(),
        infos=(at("F18", sheet, ANY),),
    )


def both_sheets(name: str, row: int, listed: Row, paid: Row) -> Case:
    infos = tuple(in_cell("T10", sheet, "身份证件号", row) for sheet in (HARDSHIP, PAYMENT))
    return Case(name, AID, puts((HARDSHIP, row, listed), (PAYMENT, row, paid)), infos=infos)


def other_order_of_labels(book: Book) -> None:
    pairs = list(book.cover.items())
    book.cover.clear()
    book.cover.update([("单位负责人", "刘局"), *reversed(pairs), ("审核人", "张科")])


def blank_rows(book: Book) -> None:
    book.sheets[LEDGER].rows.insert(5, {})
    book.sheets[LEDGER].rows.insert(20, {"备注": "   "})


def other_sheets(book: Workbook) -> None:
    for number, title in enumerate(("填表说明", "代码表", "Sheet1", "合计")):
        sheet = book.create_sheet(title, number)
        sheet.append(["性别", "男", "=1/0"])
        sheet.merge_cells("A2:C3")
    book["代码表"].sheet_state = "hidden"


def decorated(book: Workbook) -> None:
    sheet = book[PAYMENT]
    sheet.freeze_panes = "D4"
    sheet.auto_filter.ref = "A3:L47"
    sheet.protection.sheet = True
    sheet["H4"].comment = Comment("已核对", "孙丽")
    sheet.column_dimensions["C"].width = 24
    sheet.conditional_formatting.add("G4:H47", CellIsRule("lessThan", ["0"], fill=PatternFill("solid", "FFC7CE")))
    choice = DataValidation("list", formula1='"已发放,未发放,已退回"')
    sheet.add_data_validation(choice)
    choice.add("I4:I500")
    book.defined_names["状态"] = DefinedName("状态", attr_text="资助发放!$I$4:$I$47")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=8, min_row=4, max_row=12))
    sheet.add_chart(chart, "N4")
    for row in range(48, 300):
        sheet.cell(row, 3).number_format = "@"


def linked_cover(book: Workbook) -> None:
    book[FRONT]["B8"].hyperlink = "mailto:office@example.org"
    book[FRONT].merge_cells("B11:E11")
    book[FRONT]["A14"] = "以上由填报单位填写"


def hidden_but_empty(book: Workbook) -> None:
    sheet = book[LEDGER]
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[60].hidden = True
    sheet.column_dimensions["T"].hidden = True


def front_last(book: Workbook) -> None:
    book.move_sheet(FRONT, 2)


def stored_results(book: Book) -> None:
    """A number and a text with a formula, as Excel saves them: with the result."""
    book.put(LEDGER, 20, {"劝返次数": "=1+1"})
    book.put(LEDGER, 21, {"备注": '=A4&""'})
    book.packings += [
        replaced("<f>1+1</f><v />", "<f>1+1</f><v>2</v>"),
        replaced('<c r="R21"><f>A4&amp;""</f><v />', '<c r="R21" t="str"><f>A4&amp;""</f><v></v>'),
    ]


COVER = [
    cover("the period as a date", DROPOUT, 报告期=date(2020, 6, 1)),
    cover("the period with spaces", AID, 报告期=" 2020-S1 "),
    cover("the version as a number", AID, 模板版本=2020.1),
    cover("the district as a number", FACILITIES, 填报单位代码=210283),
    cover("nothing in what may be empty", TRAINING, 报表名称=None, 填报单位=None, 情况说明=None),
    cover("an explanation of several lines", AID, 情况说明="第一行\n第二行"),
    cover("the date of filling in as text", DROPOUT, 填报日期="2020年7月3日"),
    Case("labels in another order and others", FACILITIES, other_order_of_labels),
    touched("a link, a merge and notes on the cover", TRAINING, linked_cover),
]
LAYOUT = [
    touched("other sheets, one hidden", DROPOUT, other_sheets),
    touched("the cover is not the first sheet", FACILITIES, front_last),
    touched("filter, protection, comment, chart, dropdown, name, formats below", AID, decorated),
    touched("hidden rows and columns without data", DROPOUT, hidden_but_empty),
    Case("blank rows between", DROPOUT, blank_rows),
    Case("formulas with stored results", DROPOUT, stored_results),
    turned_round(AID, HARDSHIP),
    turned_round(DROPOUT, LEDGER),
    turned_round(FACILITIES, SCHOOL),
    turned_round(TRAINING, RECORD),
    headers(
        "half-width brackets", FACILITIES, SCHOOL, (LARGE, "大班额班数(56人及以上)"), (BANDWIDTH, "互联网带宽(Mbps)")
    ),
    headers(
        "no units", FACILITIES, SCHOOL, (LARGE, "大班额班数"), (OVERSIZE, "超大班额班数"), (BANDWIDTH, "互联网带宽")
    ),
    headers("other units", AID, PAYMENT, ("资助标准", "资助标准（元）"), ("发放金额", "发放金额 (元)")),
    headers("spaces and line breaks", DROPOUT, LEDGER, ("年级", "年 级"), ("劝返次数", "劝返\n次数（次）")),
    headers("full-width spaces", FACILITIES, KINDERGARTEN, ("园所名称", "园所\u3000名称"), ("学位数", "学位数（个）")),
]
X_BOY = with_x("20100311", 201)
CELLS = [
    CASE.fine("a date as 2020年6月5日", 10, 发现日期="2020年6月5日", t10=["发现日期"]),
    PAID.fine("a date as 2020.5.6", 10, 发放日期="2020.5.6", t10=["发放日期"]),
    LISTED.fine("a date as 2020/3/6", 10, 认定日期="2020/3/6", t10=["认定日期"]),
    PLACE.fine("a date as 2020-05-06", 10, 专项检查日期="2020-05-06", t10=["专项检查日期"]),
    COURSE.fine("dates as 20200615", 28, 开始日期="20200615", 结束日期="20200619", t10=["开始日期", "结束日期"]),
    PAID.fine("a date at midnight", 10, 发放日期=datetime(2020, 5, 6)),  # noqa: DTZ001
    PAID.fine("1,500", 31, 资助标准="1,500", t10=["资助标准"]),
    PAID.fine("full-width digits", 9, 发放金额="５００", t10=["发放金额"]),
    CASE.fine("a number as text", 10, 劝返次数="2", t10=["劝返次数"]),
    COUNT.fine("a school code as a number", 5, 学校标识码=2102830002, t10=["学校标识码"]),
    STAFF.fine("a full-width school code", 5, 学校标识码="２１０２８３０００２", t10=["学校标识码"]),
    NURSERY.fine("a school code with a space", 5, 园所标识码="2102830012 ", t10=["园所标识码"]),
    CASE.fine("a zero-width space in an ID", 10, 身份证件号=f"\u200b{resident_id(7, '20080506')}", t10=["身份证件号"]),
    CASE.fine("spaces around a code word", 11, 性别=" 女", t10=["性别"]),
    CASE.fine("a line break in a remark", 11, 备注="电话\n联系过", t10=["备注"]),
    CASE.fine("a tab in a name", 11, 户籍地="庄河市\t青堆镇", t10=["户籍地"]),
    CASE.fine("only spaces where nothing is asked", 11, 备注="  "),
    both_sheets(
        "a lower-case x on one sheet and a full-width one on the other",
        10,
        {"身份证件号": X_BOY.lower(), "学籍号": "J210283202000000007"},
        {"身份证件号": X_BOY.replace("X", "Ｘ"), "学籍号": "J210283202000000007"},
    ),
    both_sheets(
        "zero-width spaces in the IDs of both sheets",
        11,
        {"身份证件号": f"{resident_id(8, '20100311')}\u200b"},
        {"身份证件号": f"\ufeff{resident_id(8, '20100311')}"},
    ),
    PAID.fine("a whole number with a decimal point", 9, 资助标准=500.0),
    PLACE.fine("a whole number as 24.0 in text", 4, 班级数="24.0", t10=["班级数"]),
]
CASES = [*COVER, *LAYOUT, *CELLS]
