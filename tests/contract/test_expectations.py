"""Every form's content rules keep to docs/contract.md, "Rules". A failure names the file, the rule and what is wrong.

The forms and files are those of the library that is imported: ``test_fifth_form.py`` runs this on a tree of its own.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import pandas as pd
import pytest

from district_reports.checks.context import Context
from district_reports.checks.frame import sheet_frame
from district_reports.checks.rows import SheetRows, read_rows
from district_reports.checks.run import check_workbook
from district_reports.checks.sheet_frames import frame_of
from district_reports.checks.structure import check_structure
from district_reports.checks.suites import Expectation, suites
from district_reports.forms import forms
from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.history import History
from district_reports.model.identifiers import make_resident_id
from district_reports.model.knowledge import Knowledge
from district_reports.model.period import Period
from district_reports.reference.register import Register
from district_reports.settings import load_settings
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.template import write_template
from independent.case import SEVERITY as AGREED

SETTINGS = load_settings({})
REGISTER = Register.load(SETTINGS.reference)
FORMS = forms()
RECEIVED_ON = date(2020, 7, 4)
DISTRICT = REGISTER.districts_on(RECEIVED_ON)[0]

WORDS = {
    **dict.fromkeys(("received_on", "first_day", "latest_day", "year_begins"), "2020-06-30"),
    "previous_period": "2020-Q1",
    "value": "值",
    "title": "列",
    "key": "关键列",
}
"""What a message may name beside the columns of its frame (checks/run.py and findings.py)."""

CODE = re.compile(r"[A-Z]\d\d")
CHINESE = re.compile(r"[一-鿿]")
ENGLISH = re.compile(r"[A-Za-z]{5,}")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
HALF_WIDTH = re.compile(r"[一-鿿、。，；：！？“”《》「」（）}][,;:!?()]|[,;:!?()][一-鿿“”《》「」（）{]")

every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def expectations_of(form: Form) -> Iterator[tuple[str, Expectation]]:
    """Frame name and expectation, those of any form included."""
    for frame, expectations in suites(form).by_frame.items():
        for expectation in expectations:
            yield frame, expectation


def names_in(part: Any) -> set[str]:
    """The columns that an expectation's kwargs look at, row conditions included."""
    if isinstance(part, list):
        return set().union(*map(names_in, part))
    if not isinstance(part, dict):
        return set()
    found: set[str] = set()
    for word, value in part.items():
        if word in ("column", "column_A", "column_B"):
            found.add(value["name"] if isinstance(value, dict) else value)
        elif word in ("column_list", "column_set"):
            found |= set(value)
        else:
            found |= names_in(value)
    return found


def placeholders(expectation: Expectation) -> set[str]:
    meta = expectation["meta"]
    return {name for part in ("message", "fix") for _, name, _, _ in Formatter().parse(meta[part]) if name is not None}


def rests_on(derived: Any) -> set[str]:
    """Every text in a derived column's declaration: the names of what it is computed from are among them."""
    if isinstance(derived, str):
        return {derived}
    if isinstance(derived, tuple):
        return set().union(*map(rests_on, derived))
    if is_dataclass(derived):
        return set().union(*(rests_on(getattr(derived, each.name)) for each in fields(derived)))
    return set()


def example(column: Column, period: Period) -> object:
    """A value that the column takes."""
    codes = REGISTER.codes(column.codes) if isinstance(column.codes, ReferenceCodes) else column.codes
    pupil = make_resident_id(DISTRICT.code, date(2010, 5, 6), 7)
    values: dict[Type, object] = {
        Type.TEXT: "某",
        Type.CODE: codes[0] if codes else None,
        Type.INTEGER: 3,
        Type.DECIMAL: Decimal(3),
        Type.DATE: period.first_day,
        Type.YES_NO: "是",
        Type.RESIDENT_ID: pupil,
        Type.STUDENT_NO: f"G{pupil}",
        Type.SCHOOL_CODE: REGISTER.schools_open(DISTRICT.code, period.last_day)[0].code,
    }
    return values[column.type]


class Example:
    """A workbook of `form` with one row a sheet, and the same row as the last accepted period."""

    def __init__(self, form: Form, folder: Path) -> None:
        self.form = form
        self.period = Period.containing(form.period_kind, date(2020, 6, 30))
        rows = {
            sheet.table: [{column.name: example(column, self.period) for column in sheet.columns}]
            for sheet in form.sheets
        }
        path = folder / "example.xlsx"
        cover = {"填报人": "王敏", "联系电话": "0411-00000000", "填报日期": "2020-07-02"}
        write_template(form, REGISTER, DISTRICT, self.period, path, rows, cover)
        self.sheets = read_sheets(path)
        self.history = History(self.period.previous().text, rows)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every frame that the form's rules look at, by its name."""
        layouts = check_structure(self.form, self.sheets).layouts
        read: dict[str, SheetRows] = {layout.sheet.table: read_rows(layout, REGISTER) for layout in layouts}
        context = Context(REGISTER, DISTRICT.code, self.period, RECEIVED_ON, self.history, read)
        found = {table: sheet_frame(rows, context) for table, rows in read.items()}
        return found | {
            kind.name: frame_of(kind, rows, context) for rows in read.values() for kind in rows.sheet.frames
        }


@pytest.fixture(scope="session")
def example_of(tmp_path_factory: pytest.TempPathFactory):
    made: dict[str, Example] = {}

    def one(form: Form) -> Example:
        if form.key not in made:
            made[form.key] = Example(form, tmp_path_factory.mktemp(form.key))
        return made[form.key]

    return one


def sheet_named(form: Form, frame: str) -> Sheet | None:
    return next((sheet for sheet in form.sheets if sheet.table == frame), None)


@every_form
def test_the_form_has_a_suite(form):
    assert (SETTINGS.expectations / f"{form.key}.json").is_file(), (
        f'expectations/{form.key}.json is missing: {{"suites": {{"<table or frame>": [expectations]}}}}'
    )


@every_form
def test_every_frame_of_the_form_has_rules(form):
    frames = {frame.name for sheet in form.sheets for frame in sheet.frames}
    without = sorted(name for name in frames if not suites(form).by_frame.get(name))
    assert without == [], f"expectations/{form.key}.json has no rules for these frames of forms/{form.key}.py"


@every_form
def test_the_rules_keep_to_what_was_agreed_with_the_districts(form):
    templates = json.loads((SETTINGS.expectations / "any_form.json").read_text(encoding="utf-8"))
    shared = {one["meta"]["rule"] for one in templates} | set(AGREED)
    for _, one in expectations_of(form):
        rule = one["meta"]["rule"]
        assert one["severity"] == AGREED.get(rule, one["severity"]), f"expectations/{form.key}.json, {rule}: severity"
        assert not rule.startswith("C") or rule in shared, f"{rule} is not a rule that forms share"


@every_form
def test_codes_are_a_letter_of_the_forms_own_and_two_digits(form):
    ours = {one["meta"]["rule"] for _, one in expectations_of(form)}
    assert [rule for rule in ours if not CODE.fullmatch(rule)] == []
    letters = {rule[0] for rule in ours} - {"C"}
    assert len(letters) == 1, f"expectations/{form.key}.json: its own rules must have one letter, not {sorted(letters)}"
    taken = {"F", "T", "X"}
    for other in FORMS.values():
        if other is not form:
            taken |= {one["meta"]["rule"][0] for _, one in expectations_of(other)} - {"C"}
    assert not letters & taken, f"expectations/{form.key}.json: the letter {letters.pop()} belongs to others' rules"


@every_form
def test_a_rule_has_one_severity(form):
    severities: dict[str, set[str]] = {}
    for _, one in expectations_of(form):
        severities.setdefault(one["meta"]["rule"], set()).add(one["severity"])
    assert [rule for rule, found in severities.items() if len(found) > 1] == []
    assert set().union(*severities.values()) <= {"critical", "warning", "info"}


@every_form
def test_rules_speak_to_clerks_in_chinese(form):
    for frame, one in expectations_of(form):
        meta = one["meta"]
        for part in ("title", "message", "fix"):
            where = f"expectations/{form.key}.json, {frame}, {meta['rule']}: {part} {meta[part]!r}"
            assert part == "message" or CHINESE.search(meta[part]), f"{where} is not Chinese"
            assert not ENGLISH.search(PLACEHOLDER.sub("", meta[part])), f"{where} is not Chinese"
            assert not HALF_WIDTH.search(meta[part]), f"{where} has half-width punctuation"
        for part in ("message", "fix"):
            assert meta[part].endswith("。"), f"{form.key}, {meta['rule']}: {part} is a sentence and ends in 。"


@every_form
def test_rules_mark_a_column_of_the_sheet(form):
    for frame, one in expectations_of(form):
        sheet = sheet_named(form, frame)
        if sheet is not None:
            marked = one["meta"].get("marks") or one["kwargs"].get("column")
            assert marked in sheet.by_name, (
                f"expectations/{form.key}.json, {frame}, {one['meta']['rule']}: `marks` must name the column that the "
                f"clerk sees, not {marked!r}"
            )


@every_form
def test_rules_look_at_columns_that_there_are_and_messages_name_them(form, example_of):
    frames = example_of(form).frames()
    for name, one in expectations_of(form):
        where = f"expectations/{form.key}.json, {name}, {one['meta']['rule']}"
        columns = set(frames[name].columns)
        assert names_in(one["kwargs"]) <= columns, (
            f"{where} looks at a column that forms/{form.key}.py does not declare"
        )
        known = columns | set(WORDS)
        assert placeholders(one) <= known, f"{where} names {sorted(placeholders(one) - known)}: no such column or word"
        row = {**{str(column): _dummy(frames[name][column]) for column in columns}, **WORDS}
        for part in ("message", "fix"):
            said = one["meta"][part].format_map(row)
            assert not re.search(r"[{}$]|None|nan", said), f"{where}: its {part} reads {said!r}"


def _dummy(values: "pd.Series[Any]") -> object:
    """A value of the series' type, as a message gets it."""
    if pd.api.types.is_numeric_dtype(values):
        return 2
    return "2020-06-01" if pd.api.types.is_datetime64_dtype(values) else "某"


@every_form
def test_every_derived_column_is_used(form):
    for sheet in form.sheets:
        used: set[str] = set()
        for frame, one in expectations_of(form):
            if frame == sheet.table:
                used |= names_in(one["kwargs"]) | placeholders(one)
        derived = {kind.name: kind for kind in sheet.all_derived}
        assert max(Counter([*derived, *sheet.by_name]).values()) == 1, f"{sheet.table}: a column is declared twice"
        for kind in sheet.all_derived:
            used |= rests_on(kind) - {kind.name}
        own = {kind.name for kind in sheet.derived}
        assert own - used == set(), f"forms/{form.key}.py, {sheet.table}: no rule looks at these derived columns"


@every_form
def test_every_rule_can_be_evaluated(form, example_of):
    """By Great Expectations, which has no words for a rule that it can't evaluate but a failure without rows."""
    one = example_of(form)
    checked = check_workbook(one.sheets, REGISTER, DISTRICT.code, RECEIVED_ON, Knowledge(lambda *_: one.history))
    assert not any(found.rule.startswith("F") for found in checked.findings), "the example was not read to the end"
    assert [count.rows_read for count in checked.counts] == [1] * len(form.sheets)
    for name, frame in one.frames().items():
        assert len(frame), f"{name}: the example has no row for its rules"
