"""A prefilled template that nobody touched: what a check says of it, for every form and district of the sample city."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from district_reports.checks.declared import titles_to_read
from district_reports.checks.run import check_workbook
from district_reports.forms import forms
from district_reports.local.samples.forms import generator, sampled_forms
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.typing_saved import Typing, known_from_sample, of_rows, typing_of
from district_reports.local.samples.workbooks import SAMPLE_DAY
from district_reports.model.form import FIRST_DATA_ROW, Column, Form, Sheet, Type
from district_reports.model.history import History
from district_reports.model.knowledge import Knowledge
from district_reports.model.period import Period, PeriodKind
from district_reports.model.prefill import Known
from district_reports.reference.register import Register
from district_reports.workbook.raw import RawSheet
from district_reports.workbook.reading.reader import read_sheets
from district_reports.workbook.templates.layout import Layout
from district_reports.workbook.templates.prefill import Prefilled, prefilled, write_prefilled

DISTRICTS = (
    *("210202", "210203", "210204", "210211", "210212", "210213", "210214", "210224", "210281", "210283"),
    *("210291", "210292", "210293"),
)
ALWAYS = {("210213", 0), ("210293", -1)}
"""A large district that gained and lost schools, and the smallest; the others are more of the same."""
SCALE = 0.05
COVER = "封面"
FILLED_ON = (9, 2)
MONTHS_OF_2021 = tuple(f"2021-{month:02}" for month in range(1, 8))
PERIODS = {
    PeriodKind.MONTH: ("2020-07", *(f"2020-{month:02}" for month in (8, 10, 11, 12)), *MONTHS_OF_2021, "2020-09"),
    PeriodKind.QUARTER: ("2020-Q3", "2020-Q4", "2021-Q2", "2021-Q1"),
    PeriodKind.SEMESTER: ("2020-S1", "2021-S1", "2020-S2"),
}
"""A school year's, the first within a year, and the last across the turn of a year or of a school year."""
CASES = [
    pytest.param(
        *(form.key, district, period),
        id=f"{form.key}-{district}-{period}",
        marks=() if (district, place) in ALWAYS else pytest.mark.slow,
    )
    for form in sampled_forms()
    for district in DISTRICTS
    for places in (range(-1, len(PERIODS[form.period_kind]) - 1),)
    for place, period in ((each, PERIODS[form.period_kind][each]) for each in places)
]


def sample_of(register: Register, district: str, period: str) -> Sample:
    parsed = Period.parse(period)
    found = register.district(district, parsed.last_day)
    assert found is not None
    return Sample(register, found, parsed, parsed.last_day, scale=SCALE)


def filled_in(sheets: list[RawSheet], place: tuple[int, int], value: date) -> list[RawSheet]:
    """`sheets` with `value` typed into a cell of the cover."""
    row, column = place
    (cover,) = (sheet for sheet in sheets if sheet.title == COVER)
    columns = [list(cells) for cells in cover.columns]
    columns[column - 1][row - 1] = value
    return [replace(cover, columns=columns), *(sheet for sheet in sheets if sheet is not cover)]


def to_fill(form: Form, given: Prefilled) -> Iterator[tuple[str, str]]:
    """Sheet and address of every cell that a row's clerk must fill, by the form's declaration."""
    for sheet in form.sheets:
        letters = Layout.of(sheet, with_names=True).letters
        rows = zip(given.rows[sheet.table], given.results[sheet.table], strict=True)
        for number, (typed, follows) in enumerate(rows, FIRST_DATA_ROW):
            row = {**follows, **typed}
            for column in sheet.columns:
                unless = column.optional_when
                wanted = unless is None or row.get(unless.column) not in (None, *unless.values)
                if column.required and wanted and row.get(column.name) is None:
                    yield sheet.title, f"{letters[column.name]}{number}"


@pytest.mark.parametrize(("key", "district", "period"), CASES)
def test_an_untouched_template_lacks_what_the_clerk_must_fill_and_nothing_else(
    city_register: Register, tmp_path: Path, key: str, district: str, period: str
) -> None:
    form, now = forms()[key], sample_of(city_register, district, period)
    last = now.period.previous().text
    then = sample_of(city_register, district, last)
    known = known_from_sample(form, then)
    write_prefilled(form, city_register, now.district, now.period, tmp_path / "t.xlsx", known)
    sheets = list(read_sheets(tmp_path / "t.xlsx", titles_to_read()))

    def findings(of: list[RawSheet]) -> Counter[tuple[str, str | None, str | None]]:
        history = History(last, known.reports[0].rows)
        checked = check_workbook(of, city_register, district, now.period.last_day, Knowledge(lambda *_: history))
        return Counter((each.rule, each.sheet, each.cell) for each in checked.findings)

    assert findings(sheets) == Counter([("F05", COVER, "B9")])
    found = findings(filled_in(sheets, FILLED_ON, now.period.last_day))
    expected = list(to_fill(form, prefilled(form, city_register, now.district, now.period, known)))
    assert expected
    # That most rows lack something is what F16 says of a sheet; it is the file's verdict, not a cell's.
    assert {each: count for each, count in found.items() if each[0] != "F16"} == {
        ("T01", *cell): 1 for cell in expected
    }


def test_who_fills_in_is_asked_where_no_report_told(city_register: Register, tmp_path: Path) -> None:
    for form in forms().values():
        period = Period.containing(form.period_kind, SAMPLE_DAY)
        district = city_register.district("210293", period.last_day)
        assert district is not None
        write_prefilled(form, city_register, district, period, tmp_path / "t.xlsx", Known())
        sheets = read_sheets(tmp_path / "t.xlsx", titles_to_read())
        found = check_workbook(sheets, city_register, "210293", SAMPLE_DAY).findings
        assert [(each.rule, each.cell) for each in found] == [("F05", "B7"), ("F05", "B8"), ("F05", "B9")]


def test_less_is_typed_in_every_form(city_register: Register) -> None:
    for form in sampled_forms():
        period = Period.parse(PERIODS[form.period_kind][0])
        last = period.previous()
        district = sample_of(city_register, "210293", period.text).district
        rows = generator(form.key)(Sample(city_register, district, period, period.last_day))
        cells = sum(value is not None for table in rows.values() for row in table for value in row.values())
        typing = typing_of(form, city_register, district, [last], period)
        assert typing.without == cells + len(("填报人", "联系电话", "填报日期"))
        assert 0 < typing.with_prefill < typing.without


def test_what_is_typed_is_counted_cell_by_cell() -> None:
    columns = (
        Column(name="who", title="谁", type=Type.TEXT, key=True),
        Column(name="what", title="项目", type=Type.TEXT, key=True),
        Column(name="how_many", title="数", type=Type.INTEGER),
    )
    sheet = Sheet(table="thing", title="表", row_is="一行", columns=columns)
    form = Form(key="f", title="表", version="1", period_kind=PeriodKind.MONTH, due_day=5, sheets=(sheet,))
    rows = [
        {"who": "甲", "what": "子", "how_many": 1},  # 2 is typed over it
        {"who": "乙"},  # two more cells
        {"who": "丙", "what": "子", "how_many": 7},  # the 7 is emptied
        {"who": "丁", "what": "子"},  # is no more
    ]
    truth = [
        {"who": "甲", "what": "子", "how_many": 2},
        {"who": "乙", "what": "丑", "how_many": 3},
        {"who": "丙", "what": "子", "how_many": None},
        {"who": "戊", "what": "子", "how_many": 5},  # three cells
    ]
    given = Prefilled({"thing": rows}, {"thing": [{}] * len(rows)}, {"thing": 0}, {}, ())
    assert of_rows(form, given, {"thing": truth}) == Typing(without=3 + 3 + 2 + 3, with_prefill=1 + 2 + 1 + 1 + 3)
