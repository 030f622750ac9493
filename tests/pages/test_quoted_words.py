"""A name in every text of a workbook that is no cell: told to its district, and to nobody else by anything."""

import io
import logging
from itertools import count

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from sqlalchemy import text

import canary
from district_reports.cli import main
from district_reports.data_docs.site import build
from district_reports.database.engine import Role, engine
from district_reports.ledger.viewing import reading
from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW
from district_reports.publish.release import publish
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import lay_out
from pages import small_city
from pages.conftest import PEOPLE
from pages.small_city import JUNE, LEDGER, SAMPLE_DAY, ZHONGSHAN
from pages.test_city import TRACE
from pages.walk import walk

CASES = "疑似辍学台账"
PLACES = ("header", "twice", "sheet", "overlapping", "name", "macro", "comment", "title", "unit", "note", "period")
WORDS = dict(zip(("file", "answer", *PLACES), canary.names(), strict=False))
"""A name for each place."""


def new_header(sheet, words):
    """A column that the form does not have, with something in it."""
    column = sheet.max_column + 1
    sheet.cell(HEADER_ROW, column).value = words
    sheet.cell(FIRST_DATA_ROW, column).value = "见备注"


def read_with_a_warning(book):
    """What is read: a column more, a sheet more, and names where nobody looks."""
    new_header(book[CASES], WORDS["header"])
    book[CASES]["A1"] = WORDS["title"]
    book[CASES]["A1"].comment = Comment(WORDS["comment"], WORDS["comment"])
    book.create_sheet(WORDS["sheet"])["A1"] = 1
    book.defined_names[WORDS["name"]] = DefinedName(WORDS["name"], attr_text=f"'{WORDS['sheet']}'!$A$1")
    cover = {row[0].value: row[1] for row in book["封面"].iter_rows(max_col=2)}
    cover["填报单位"].value, cover["情况说明"].value = WORDS["unit"], WORDS["note"]


def repeated_header(book):
    new_header(book[CASES], WORDS["twice"])
    new_header(book[CASES], f"{WORDS['twice']}（附）")


def overlapping_merges(book):
    sheet = book.create_sheet(WORDS["overlapping"])
    sheet.merge_cells("A1:B2")
    sheet.merge_cells("B2:C3")


def macro_name(book):
    name = f"auto_open{WORDS['macro']}"
    book.defined_names[name] = DefinedName(name, attr_text="$A$1")


def period_in_words(book):
    next(row for row in book["封面"].iter_rows(max_col=2) if row[0].value == "报告期")[1].value = WORDS["period"]


@pytest.fixture
def log(warehouse, tmp_path, monkeypatch):
    """Workbooks that hold the names, received and decided; what was logged of it."""
    written = io.StringIO()
    logger = logging.getLogger("district_reports")
    monkeypatch.setattr(logger, "handlers", [logging.StreamHandler(written)])
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    register = Register.load(settings().reference)
    (folder,) = (each for each in lay_out(settings().uploads, register.districts) if each.code == ZHONGSHAN)
    sound = small_city.sample(register, LEDGER, ZHONGSHAN, SAMPLE_DAY, tmp_path)
    numbers = count()
    for change in (period_in_words, macro_name, overlapping_merges, repeated_header, read_with_a_warning):
        book = openpyxl.load_workbook(sound)
        change(book)
        book.save(folder.drop.path / f"{WORDS['file']}{next(numbers)}.xlsx")
        small_city.work()
    (notice,) = folder.feedback.path.rglob(f"{WORDS['file']}4_*已收到.txt")
    note = notice.read_text(encoding="utf-8-sig").replace("撤回：否", f"撤回：{WORDS['answer']}")
    (folder.drop.path / "撤回.txt").write_text(note, encoding="utf-8")
    small_city.work()
    publish()
    return written.getvalue()


def numbers_of(column):
    with engine(Role.LOADER).begin() as connection:
        return connection.scalars(text(f"SELECT {column} FROM ledger.submission ORDER BY 1")).all()


def pages(client):
    """Every page and download that a viewer comes to, with that of each submission and of a traced figure."""
    found = {path: client.get(path.lstrip("/"), follow_redirects=True).text for path in walk(client)}
    for number in numbers_of("submission_id"):
        found[f"submission {number}"] = client.get(f"submissions/{number}").text
    found["trace"] = client.get(TRACE).text
    for table in ("district", "form", "month", "rule"):
        found[f"{table}.csv"] = client.get(f"quality/figures/{table}.csv").text
    return found


def places_with_names(texts):
    return {place: there for place, said in texts.items() if (there := canary.among(said, list(WORDS.values())))}


def test_names_in_titles_are_told_to_the_district_alone(log, client_as):
    everything = " ".join(pages(client_as("zhongshan")).values())
    quoted = {place for place, word in WORDS.items() if word in everything}
    assert quoted == {"file", "answer", "header", "twice", "overlapping", "macro", "period"}

    officer = client_as("officer")
    assert WORDS["file"] in client_as("engineer").get(TRACE).text
    assert places_with_names(pages(officer)) == {}
    shown = officer.get(f"submissions/{max(numbers_of('submission_id')) - 1}").text
    assert "<bdi>T 列</bdi>" in shown, "where it is, is told"


def test_names_in_titles_are_in_no_command_and_no_log(log, capfd):
    build(settings().data_docs)
    capfd.readouterr()
    for receipt in numbers_of("receipt_id"):
        assert main(["show", str(receipt)]) == 0
    assert main(["status", "--period", JUNE]) == 0
    out = {"commands": capfd.readouterr().out, "log": log}
    docs = {str(path): path.read_text(encoding="utf-8") for path in settings().data_docs.rglob("*.html")}
    assert docs
    assert "receipt" in log
    assert "F12" in out["commands"]
    assert places_with_names(out | docs) == {}


def test_the_database_tells_no_title_that_is_not_ours(log):
    with reading(PEOPLE["officer"]) as connection:
        rows = "\n".join(connection.scalars(text("SELECT shown::text FROM findings.shown_finding AS shown")))
        reasons = "\n".join(connection.scalars(text("SELECT reason FROM ledger.submission WHERE reason IS NOT NULL")))
    assert CASES in rows
    assert "年级" in rows
    assert places_with_names({"findings": rows, "reasons": reasons}) == {}
