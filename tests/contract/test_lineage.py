"""Every figure of a city table says where it comes from, in words that the grammar knows."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.publish import publish
from district_reports.publish.city_tables import columns_of
from district_reports.publish.lineage import COVERAGE, LEDGER_TABLES, Measure, Rows, Scope, declared
from district_reports.publish.summary import Summary, summaries
from district_reports.settings import settings


def problems(summary: Summary, columns: list[str]) -> list[str]:
    """What the header lacks or has too much, by the name of the column."""
    figures = summary.figures(columns)
    sheets = {sheet.table for form in forms().values() for sheet in form.sheets}
    lines = [(name, each) for name, origin in summary.origins.items() if isinstance(origin, tuple) for each in origin]
    return [
        *(f"{summary.table}.{name} has no `-- trace {name}: …`" for name in figures if name not in summary.origins),
        *(f"{summary.table}.{name} is traced and not selected" for name in summary.origins if name not in columns),
        *(
            f"{summary.table}.{name} is traced to {each.source.table}, which is no sheet"
            for name, each in lines
            if each.source.table not in (*sheets, *LEDGER_TABLES)
        ),
    ]


def test_every_column_of_every_city_table_is_traced(loader: Engine) -> None:
    publish()
    with engine("publisher").connect() as connection:
        found = [
            problem
            for summary in summaries(settings().summaries)
            for problem in problems(summary, list(columns_of(connection, "city", summary.table)))
        ]
    assert not found, "\n".join(found)


HEADER = "-- key: period, level, area_code\n-- counts of people: none\n-- additive: none\n"


def summary_of(folder: Path, *lines: str) -> Summary:
    (folder / "city_x.sql").write_text(HEADER + "\n".join(lines) + "\nSELECT 1", encoding="utf-8")
    return summaries(folder)[0]


def test_a_column_without_a_line_is_named(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, "-- trace one: = two", "-- trace three: count of pupils")
    columns = ["release_id", "period", "level", "area_code", "area_name", "one", "two", *COVERAGE]
    assert problems(summary, columns) == [
        "city_x.two has no `-- trace two: …`",
        "city_x.three is traced and not selected",
        "city_x.three is traced to pupils, which is no sheet",
    ]


def test_a_line_may_go_on_and_the_same_column_twice_adds_up(tmp_path: Path) -> None:
    summary = summary_of(
        tmp_path,
        "-- trace many: sum(a - (b + 1)) of one in year_to_date by k, l",
        "--     where a > 0 for k = '全部'",
        "-- trace many: count(distinct t) of two on t without three on t where x = 'with four'",
    )
    first, second = summary.origins["many"]
    assert isinstance(first, Rows)
    assert (first.measure, first.expression, first.applies) == (Measure.SUM, "a - (b + 1)", "k = '全部'")
    assert (first.source.scope, first.source.by, first.source.where) == (Scope.YEAR_TO_DATE, ("k", "l"), "a > 0")
    assert isinstance(second, Rows)
    assert second.partner is not None
    assert (second.matching, second.partner.table, second.partner.where) == (False, "three", "x = 'with four'")


def test_of_whom_something_holds_together(tmp_path: Path) -> None:
    line = "-- trace few: count(distinct t) of one by k where a > 0 having sum(b) > 2 for k = '全部'"
    (rows,) = summary_of(tmp_path, line).origins["few"]
    assert (rows.source.by, rows.source.where, rows.source.having) == (("k",), "a > 0", "sum(b) > 2")
    assert rows.applies == "k = '全部'"


@pytest.mark.parametrize(
    "origin",
    [
        "sums(a) of one",
        "count",
        "count of one in next_year",
        "count of one with two on t",
        "sum(a) of one against previous",
        "count of one if a > 0",
        "count of one having sum(a) > 0",
        "count(distinct t) of one on t with two on t having sum(a) > 0",
        "reference commitments",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(origin: str) -> None:
    with pytest.raises(SystemFault, match=re.escape(f"city_x.sql: `-- trace a: {origin}` is no origin")):
        declared([("a", origin)], "city_x.sql")


def test_a_trace_line_without_an_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match=r"city_x\.sql: `-- trace one count of two`"):
        summary_of(tmp_path, "-- trace one count of two")


def test_a_column_can_not_be_a_formula_and_rows(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="one is traced twice"):
        summary_of(tmp_path, "-- trace one: = two", "-- trace one: count of three")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("-- trace one: sum(a) of two on t without three on t", "one does not count or add up rows"),
        ("-- trace one: sum(a) of two in year_to_date against previous on t", "one does not count or add up rows"),
        ("-- trace one: count of report", "one does not count or add up rows"),
        ("-- trace one: count(distinct t) of two having sum(a) > 0", "one does not count or add up rows"),
        ("-- trace one: count of two where b = :kind", "no figure is chosen by kind"),
        ("-- trace one: from two", "one does not count or add up rows"),
        ("-- trace one: count of two", "no figure is chosen by kind"),
        ("--", "to name a form and to trace a figure"),
    ],
)
def test_a_header_alone_is_refused_where_it_does_not_say_it_all(tmp_path: Path, lines: str, words: str) -> None:
    header = HEADER.replace("area_code", "area_code, kind") + "-- form: facilities\n"
    (tmp_path / "city_x.sql").write_text(header + lines, encoding="utf-8")
    with pytest.raises(SystemFault, match=rf"city_x\.sql: .*{words}"):
        summaries(tmp_path)


@pytest.mark.parametrize("summary", summaries(settings().summaries), ids=lambda summary: summary.table)
def test_what_a_summary_reads_is_as_known_at_its_moment(summary: Summary) -> None:
    """The ledger and the reference tables tell of now; a release reads what was known (moment/known.py)."""
    present = re.findall(r"\b(?:reference\.\w+|ledger\.(?!sheet_count\b)\w+)", re.sub(r"--.*", "", summary.select))
    assert present == [], f"{summary.table}.sql reads {present[0]}"
