"""Fifty people who do not exist, each breaking a rule, and where their names and numbers may stand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from district_reports.database.embedded.server import EmbeddedServer
from district_reports.model.identifiers import make_resident_id
from running_deployment import House, grep, run_sql, spellings

LIST, PAYMENTS = "困难学生认定", "资助发放"
NUMBER = 50
_FIRST, _SECOND = "赑鼋鬯麤龘", "犇猋骉羴鱻毳淼焱垚晶"
"""Characters that no other name of the samples has."""


def names() -> list[str]:
    return [f"欧阳{first}{second}" for first in _FIRST for second in _SECOND]


def identifiers() -> list[str]:
    """One each; those of the first half have a wrong check character."""
    sound = [make_resident_id("210283", date(2009, 3, 1 + place % 28), 501 + 2 * place) for place in range(NUMBER)]
    return [number if place >= NUMBER // 2 else _wrong(number) for place, number in enumerate(sound)]


def _wrong(number: str) -> str:
    return number[:17] + ("0" if number[17] != "0" else "1")


def add_canaries(workbook: Path, target: Path) -> list[str]:
    """`workbook`, a report of student aid, with fifty rows more on the list; the words that may not leave the district.

    The first half are critical (C01, and T02, T03 or T04 beside it for a name in the wrong cell); the
    others are sound but get no payment (A05, a warning). Names also stand in remarks of payments, and in texts that are
    no cells of the form: a header (F12), names of a sheet and of a range, a comment, a title, the cover.
    """
    book = load_workbook(workbook)
    sheet = book[LIST]
    headers = [str(cell.value) for cell in sheet[3]]
    last = sheet.max_row
    pattern = next(
        dict(zip(headers, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=4, max_row=last)
        if row[headers.index("学段")].value == "小学"
    )
    for place, (name, number) in enumerate(zip(names(), identifiers(), strict=True)):
        row = pattern | {"姓名": name, "身份证件号": number, "学籍号": f"G{number}"}
        if place < NUMBER // 2:
            header, value = (("认定日期", f"{name}那天"), ("年级", f"{name}年级"), ("困难类型", f"{name}的困难"))[
                place % 3
            ]
            row[header] = value
        for column, header in enumerate(headers, 1):
            sheet.cell(last + 1 + place, column, row[header])
    payments = book[PAYMENTS]
    remark = [str(cell.value) for cell in payments[3]].index("备注") + 1
    for place, name in enumerate(names()):
        payments.cell(4 + place, remark, f"{name}的备注")
    _beside_the_cells(book)
    book.save(target)
    return [*names(), *identifiers()]


def _beside_the_cells(book: Workbook) -> None:
    header, sheet, range_, comment, title, unit, note = names()[:7]
    payments = book[PAYMENTS]
    place = payments.max_column + 1
    payments.cell(3, place).value, payments.cell(4, place).value = header, 1
    book.create_sheet(sheet)["A1"] = 1
    book.defined_names[range_] = DefinedName(range_, attr_text=f"'{sheet}'!$A$1")
    payments["A1"] = title
    payments["A1"].comment = Comment(comment, comment)
    values = {row[0].value: row[1] for row in book["封面"].iter_rows(max_col=2)}
    values["填报单位"].value, values["情况说明"].value = unit, note


def outside(deployment: House, district: str, words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """(place, those of `words` in it) of every place where none may stand."""
    home = deployment.settings.home
    kept = {"archive", "postgres"}
    for entry in sorted(home.iterdir()):
        if entry.name not in kept:
            yield entry.name, sorted(grep(entry, words))
    for folder in sorted(deployment.settings.uploads.iterdir()):
        if not folder.name.startswith(district):
            yield folder.name, sorted(grep(folder, words))
    server = EmbeddedServer(home / "postgres")
    log = (home / "postgres" / "server.log").read_text(errors="replace")
    yield "PostgreSQL's log", among(log, words)
    yield "Airflow's metadata", among(dump(server.url("airflow", "postgresql"), "true"), words)
    own = "table_schema NOT IN ('findings', 'quarantine', 'identities')"
    yield "the warehouse", among(dump(server.url("warehouse", "postgresql"), own), words)


def inside(deployment: House, words: list[str]) -> list[str]:
    """Those that stand in the schemas where they belong, so that looking for them means something."""
    url = EmbeddedServer(deployment.settings.home / "postgres").url("warehouse", "postgresql")
    return among(dump(url, "table_schema IN ('findings', 'quarantine', 'identities')"), words)


def among(content: str, words: list[str]) -> list[str]:
    """Those of `words` that occur, in any spelling."""
    return [word for word in words if any(spelling in content for spelling in spellings(word))]


def dump(url: str, which: str) -> str:
    """Every row of the tables as text."""
    tables = run_sql(
        url,
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        f" AND {which} AND table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    return "\n".join(
        row for schema, name in tables for (row,) in run_sql(url, f'SELECT t::text FROM "{schema}"."{name}" AS t')
    )


def explain(answer: Path, target: Path, words: str) -> int:
    """Write `words` beside every warning on the list of a marked copy; how many."""
    book = load_workbook(answer)
    sheet = book["问题清单"]
    (head,) = (row for row in sheet.iter_rows() if "单元格" in [cell.value for cell in row])
    places: dict[Any, int] = {cell.value: cell.column for cell in head}
    written = 0
    for row in range(head[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, places["级别"]).value == "警告":
            sheet.cell(row, places["情况说明"], f"{words}：已在外地领取资助")
            written += 1
    book.save(target)
    return written
