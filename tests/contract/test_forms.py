"""Every form keeps to docs/contract.md and docs/architecture.md. A failure names what is missing, and where.

The forms and files are those of the library that is imported: ``test_fifth_form.py`` runs this on a tree of its own.
"""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

import district_reports
from district_reports.checks.instructions import rules_of
from district_reports.forms import forms
from district_reports.local.samples.forms import sampled_forms
from district_reports.model.form import TEXT_LENGTH, Column, Form, Privacy, ReferenceCodes, Sheet, Type
from district_reports.model.period import Period
from district_reports.publish.summary import summaries
from district_reports.reference.register import Register
from district_reports.settings import load_settings
from district_reports.warehouse.tables import tables_of
from district_reports.workbook.names import header
from district_reports.workbook.templates.template import write_template

SETTINGS = load_settings({})
REGISTER = Register.load(SETTINGS.reference)
FORMS = forms()
DAY = date(2020, 6, 30)
FORMS_OF_THE_DEMO = ("student_aid", "dropout_control", "facilities", "teacher_training")
"""The four forms of the city, which the demo plays: they have made-up workbooks. A form added later may do without."""

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CHINESE = re.compile(r"[一-鿿]")
HALF_WIDTH = re.compile(r"[一-鿿、。，；：！？“”《》「」（）][,;:!?()]|[,;:!?()][一-鿿“”《》「」（）]")
LONGEST_NAME = 50
"""PostgreSQL cuts names at 63 bytes; indexes and constraints add a word to the table's."""

# The grammar of names: what the last word of a name promises, and what a type must be called.
TYPES_OF_WORD = {
    "on": {Type.DATE},
    "count": {Type.INTEGER},
    "amount": {Type.DECIMAL},
    "code": {Type.SCHOOL_CODE},
    "id": {Type.RESIDENT_ID, Type.TEXT},
    "no": {Type.STUDENT_NO, Type.TEXT},
    "name": {Type.TEXT},
}
WORD_OF_TYPE = {Type.DATE: "on", Type.SCHOOL_CODE: "code", Type.RESIDENT_ID: "id", Type.STUDENT_NO: "no"}

# Text about a person, by the words of its name or title. What is not foreseen here is caught by the next rule: in a
# sheet whose rows are people, a text is public only if it is agreed that it says nothing about the person.
ABOUT_A_PERSON = frozenset(
    {
        *("address", "child", "contact", "guardian", "household", "note", "officer", "parent", "person", "phone"),
        *("principal", "pupil", "remark", "representative", "student", "teacher", "telephone"),
    }
)
TITLE_ABOUT_A_PERSON = re.compile(r"姓名|证件|学籍|户籍|住址|地址|电话|手机|家长|监护|备注|说明|(?:人|员)$")
AGREED_PUBLIC = frozenset({"subject", "course_name"})


def naming_problems(column: Column) -> Iterator[str]:
    """What is wrong with the column's name."""
    word = column.name.rpartition("_")[2]
    if not SNAKE.fullmatch(column.name):
        yield "is not lower snake case"
    if column.type not in TYPES_OF_WORD.get(word, {column.type}):
        yield f"ends in _{word}, which promises {sorted(TYPES_OF_WORD[word])}, and is {column.type}"
    if WORD_OF_TYPE.get(column.type, word) != word:
        yield f"is {column.type}, whose names end in _{WORD_OF_TYPE[column.type]}"


def is_about_people(sheet: Sheet) -> bool:
    """Whether a row of the sheet is a person, or something of one person's."""
    return any(
        column.privacy is Privacy.IDENTIFIER or column.type in (Type.RESIDENT_ID, Type.STUDENT_NO)
        for column in sheet.columns
    )


def privacy_problem(column: Column, sheet: Sheet) -> str | None:
    """Why the column may not have the privacy that it declares."""
    if column.type in (Type.RESIDENT_ID, Type.STUDENT_NO):
        wanted = Privacy.IDENTIFIER
        return None if column.privacy is wanted else "identifies a person: it must be IDENTIFIER"
    if column.type is not Type.TEXT or column.privacy is not Privacy.PUBLIC:
        return None
    if ABOUT_A_PERSON & set(column.name.split("_")) or TITLE_ABOUT_A_PERSON.search(header(column.title)):
        return "is text about a person: it must be PRIVATE, or IDENTIFIER if it identifies one"
    if column.max_length > TEXT_LENGTH:
        return f"is free text of more than {TEXT_LENGTH} characters, and may tell of people: it must be PRIVATE"
    if is_about_people(sheet) and column.name not in AGREED_PUBLIC:
        return "is text in a row about a person: make it PRIVATE or IDENTIFIER, or agree on it in AGREED_PUBLIC"
    return None


def file_of(form: Form) -> str:
    return f"forms/{form.key}.py"


def test_forms_and_files_are_of_the_library_that_is_tested():
    assert Path(district_reports.__file__).parents[2] == SETTINGS.root
    folder = SETTINGS.root / "plugins" / "district_reports" / "forms"
    assert {path.stem for path in folder.glob("[!_]*.py")} == set(FORMS)


@every_form
def test_the_module_tells_the_source_and_its_oddities(form):
    docstring = inspect.getdoc(import_module(f"district_reports.forms.{form.key}")) or ""
    assert form.title in docstring, f"{file_of(form)}: its docstring must begin with {form.title}"
    assert re.search(r"\bitems? \d+", docstring), f"{file_of(form)}: its docstring must name the work plan's item"
    assert re.search(r"^Oddities of the source: \S", docstring, re.M), (
        f"{file_of(form)}: its docstring must tell the source's oddities (“Oddities of the source: …”)"
    )


@every_form
def test_the_form_says_what_it_is_and_when_it_is_due(form):
    assert SNAKE.fullmatch(form.key), f"{file_of(form)}: the key is not lower snake case"
    assert CHINESE.search(form.title), f"{file_of(form)}: the title must be the clerk's word"
    assert Counter(other.title for other in FORMS.values())[form.title] == 1, f"another form is called {form.title} too"
    assert re.fullmatch(r"\d{4}\.\d+", form.version), f"{file_of(form)}: version must be like 2020.1"
    assert 1 <= form.due_day <= 28, f"{file_of(form)}: due_day must be a day that every month has"
    assert form.lock_days > 0, f"{file_of(form)}: lock_days must be above 0"
    assert form.sheets, f"{file_of(form)}: it has no sheet"


@every_form
def test_every_sheet_has_a_title_a_table_what_a_row_is_and_a_key(form):
    tables = Counter(sheet.table for other in FORMS.values() for sheet in other.sheets)
    for sheet in form.sheets:
        where = f"{file_of(form)}, {sheet.table or sheet.title}"
        assert SNAKE.fullmatch(sheet.table), f"{where}: table is not lower snake case"
        assert len(sheet.table) <= LONGEST_NAME, f"{where}: table is longer than {LONGEST_NAME} characters"
        assert tables[sheet.table] == 1, f"{where}: two sheets have this table"
        assert CHINESE.search(sheet.title), f"{where}: title must be the clerk's word"
        assert CHINESE.search(sheet.row_is), f"{where}: row_is must say what a row is, such as 一名学生"
        assert sheet.key, f"{where}: no column is key=True"
        assert sheet.who, f"{where}: who must name the columns that tell whom or which school a row is about"
        assert set(sheet.who) <= sheet.by_name.keys(), f"{where}: who names a column that there is not"
    assert len({sheet.title for sheet in form.sheets}) == len(form.sheets), f"{file_of(form)}: two sheets of one title"


@every_form
def test_names_follow_the_grammar(form):
    wrong = [
        f"{file_of(form)}, {sheet.table}.{column.name} {problem}"
        for sheet in form.sheets
        for column in sheet.columns
        for problem in naming_problems(column)
    ]
    assert wrong == []


@every_form
def test_titles_stay_distinct_as_headers_are_compared(form):
    for sheet in form.sheets:
        titles = Counter(header(column.title) for column in sheet.columns)
        twice = [title for title, number in titles.items() if number > 1 or not title]
        assert twice == [], f"{file_of(form)}, {sheet.table}: these headers would be F13 in every workbook"


@every_form
def test_code_lists_hold_codes(form):
    for sheet in form.sheets:
        for column in sheet.columns:
            where = f"{file_of(form)}, {sheet.table}.{column.name}"
            assert bool(column.codes) == (column.type is Type.CODE), (
                f"{where}: codes belong to Type.CODE, and it to them"
            )
            codes = REGISTER.codes(column.codes) if isinstance(column.codes, ReferenceCodes) else column.codes
            assert len(set(codes)) == len(codes), f"{where}: a code stands twice"
            assert all(code == code.strip() and code for code in codes), f"{where}: a code is empty or has spaces"


@every_form
def test_conditions_name_a_column_and_its_codes(form):
    for sheet in form.sheets:
        for column in sheet.columns:
            if column.optional_when is None:
                continue
            where = f"{file_of(form)}, {sheet.table}.{column.name}: optional_when"
            assert column.required, f"{where} lifts required=True, which is not set"
            condition = sheet.by_name.get(column.optional_when.column)
            assert condition is not None, f"{where} names no column of the sheet"
            assert set(column.optional_when.values) <= set(condition.codes), f"{where} names a code that is not listed"
        optional = [name for name in sheet.key if not sheet.by_name[name].required or sheet.by_name[name].optional_when]
        assert optional == [], f"{file_of(form)}, {sheet.table}: a key column must be required in every row"


@every_form
def test_nothing_about_a_person_is_public(form):
    wrong = [
        f"{file_of(form)}, {sheet.table}.{column.name} ({column.title}) {problem}"
        for sheet in form.sheets
        for column in sheet.columns
        if (problem := privacy_problem(column, sheet))
    ]
    assert wrong == []


@every_form
def test_what_clerks_read_has_full_width_punctuation(form):
    texts = [form.title, *form.notes]
    for sheet in form.sheets:
        texts += [sheet.title, sheet.row_is, sheet.notes]
        texts += [text for column in sheet.columns for text in (column.title, column.help)]
    assert [text for text in texts if HALF_WIDTH.search(text)] == [], file_of(form)


@every_form
def test_a_template_can_be_written(form, tmp_path):
    period = Period.containing(form.period_kind, DAY)
    district = REGISTER.districts_on(DAY)[0]
    write_template(form, REGISTER, district, period, tmp_path / "template.xlsx", rules=rules_of(form))

    written = load_workbook(tmp_path / "template.xlsx")
    assert written.sheetnames == ["封面", *(sheet.title for sheet in form.sheets), "填表说明", "代码表"]
    for sheet in form.sheets:
        headers = [str(cell.value) for cell in written[sheet.title][3]]
        assert [header(title) for title in headers if title not in sheet.names_beside.values()] == [
            header(column.title) for column in sheet.columns
        ], f"{sheet.title}: the headers of the template are not the form's"


@every_form
def test_tables_can_be_made(form):
    for tables in tables_of([form]).values():
        for table in (tables.facts, tables.identities):
            if table is not None:
                CreateTable(table).compile(dialect=postgresql.dialect())
        personal = [column.name for column in tables.sheet.columns if column.privacy is not Privacy.PUBLIC]
        assert [name for name in personal if name in tables.facts.columns] == [], f"{tables.sheet.table}: in the facts"
        assert (tables.identities is not None) == bool(personal)


@every_form
def test_a_summary_publishes_the_form(form):
    ours = [summary for summary in summaries(SETTINGS.summaries) if summary.form == form.key]
    assert ours, f"sql/summaries/city_{form.key}.sql is missing: none there has `-- form: {form.key}` in its header"
    for summary in ours:
        assert {"period", "level", "area_code"} <= set(summary.key), f"{summary.table}.sql: a row an area and period"
        untraced = [name for name in (*summary.counts_of_people, *summary.additive) if name not in summary.origins]
        assert not untraced, (
            f"{summary.table}.sql does not say where its figures come from: no `-- trace {untraced[0]}: …`"
        )


@pytest.mark.parametrize("key", FORMS_OF_THE_DEMO)
def test_the_demo_has_made_up_workbooks_of_the_form(key):
    for part in ("forms", "mistakes"):
        module = SETTINGS.root / "plugins" / "district_reports" / "local" / "samples" / part / f"{key}.py"
        assert module.is_file(), f"local/samples/{part}/{key}.py is missing"
    assert key in {form.key for form in sampled_forms()}


@pytest.mark.parametrize(
    ("name", "kind", "complaint"),
    [
        ("Started_on", Type.DATE, "snake"),
        ("start_day", Type.DATE, "_on"),
        ("started_on", Type.TEXT, "date"),
        ("pupil_count", Type.DECIMAL, "integer"),
        ("school", Type.SCHOOL_CODE, "_code"),
        ("hardship_code", Type.CODE, "school_code"),
        ("student", Type.STUDENT_NO, "_no"),
    ],
)
def test_the_grammar_refuses(name, kind, complaint):
    assert complaint in " ".join(naming_problems(Column(name=name, title="某列", type=kind)))


PUPIL = Column(name="resident_id", title="身份证件号", type=Type.RESIDENT_ID, privacy=Privacy.IDENTIFIER)
SCHOOL = Column(name="school_code", title="学校标识码", type=Type.SCHOOL_CODE)


@pytest.mark.parametrize(
    ("beside", "column"),
    [
        (SCHOOL, Column(name="resident_id", title="证件", type=Type.RESIDENT_ID)),
        (SCHOOL, Column(name="student_no", title="学籍号", type=Type.STUDENT_NO, privacy=Privacy.PRIVATE)),
        (SCHOOL, Column(name="teacher_name", title="教师", type=Type.TEXT)),
        (SCHOOL, Column(name="liaison", title="联系人", type=Type.TEXT)),
        (SCHOOL, Column(name="story", title="经过", type=Type.TEXT, max_length=1000)),
        (PUPIL, Column(name="village", title="所在村", type=Type.TEXT)),
    ],
    ids=lambda column: column.name,
)
def test_the_rule_of_privacy_refuses(beside, column):
    assert privacy_problem(column, Sheet(table="thing", title="表", row_is="一项", columns=(beside, column)))
