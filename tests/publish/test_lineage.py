"""Every figure of every city table is what its declared rows give, in every row; and a wrong declaration shows."""

import json

import pytest
from sqlalchemy import Connection, text

from district_reports.database.engine import engine
from district_reports.publish import Release
from district_reports.publish.lineage import FigureOf, Formula, Origin, ReferenceField, declared
from district_reports.publish.summary import Summary, summaries
from district_reports.publish.trace_sql import expression_statement, recomputed_statement
from district_reports.settings import settings
from publish.random_reports import reference
from publish.reading import rows

# The worklist of a first night is all new; test_reconciliation_table.py has later ones.
LATER = ("explained_count", "ruled_count", "resolved_count", "oldest_days")
NEVER_IN_THE_SAMPLE = {
    ("city_commitments", "baseline"),
    ("city_submissions", "undecided"),
    *(("city_reconciliation", name) for name in LATER),
}


@pytest.fixture
def tables(release: Release) -> dict[str, Summary]:
    return {summary.table: summary for summary in summaries(settings().summaries)}


def pairs(connection: Connection, summary: Summary, column: str, origin: Origin, release: Release) -> list[tuple]:
    """(published, recomputed) of each row of a column that stands on rows, or on columns of its row."""
    if isinstance(origin, tuple):
        statement = text(recomputed_statement(summary, origin, column, ""))
    else:
        assert isinstance(origin, Formula)
        statement = text(expression_statement(summary, column, origin.expression, ""))
    values = {"release_id": release.release_id, "form": summary.form}
    found = connection.execute(statement, {name: values[name] for name in statement.compile().params}).all()
    assert len(found) == release.rows[summary.table]
    return [(row.published, row.recomputed) for row in found]


def wrong(connection: Connection, summary: Summary, column: str, line: str, release: Release) -> int:
    """In how many rows of the table the declaration `line` gives another figure than was published."""
    origin = declared([(column, line)], summary.table)[column]
    return sum(one != other for one, other in pairs(connection, summary, column, origin, release))


def test_every_figure_is_what_its_rows_give(release: Release, tables: dict[str, Summary]) -> None:
    differ, seen = [], set()
    with engine("publisher").connect() as connection:
        for summary in tables.values():
            for column, origin in summary.origins.items():
                if isinstance(origin, tuple | Formula):
                    found = pairs(connection, summary, column, origin, release)
                    differ += [f"{summary.table}.{column}: {pair}" for pair in found if pair[0] != pair[1]][:1]
                    seen |= {(summary.table, column) for published, _ in found if published}
    assert not differ, differ
    # The comparison is worth something: every column has a figure somewhere that is neither null nor 0.
    every = {(table, name) for table, each in tables.items() for name in each.origins if is_recomputed(each, name)}
    assert every - seen <= NEVER_IN_THE_SAMPLE


def is_recomputed(summary: Summary, column: str) -> bool:
    return isinstance(summary.origins[column], tuple | Formula)


def test_a_commitments_figures_are_those_it_names(release: Release, tables: dict[str, Summary]) -> None:
    of_plan = {row["commitment"]: row for row in reference("commitments")}
    followed = [name for name, origin in tables["city_commitments"].origins.items() if isinstance(origin, FigureOf)]
    read = [name for name, origin in tables["city_commitments"].origins.items() if isinstance(origin, ReferenceField)]
    assert {"numerator", "denominator", "districts_accepted"} <= set(followed)
    assert {"wording", "target", "due"} <= set(read)
    figures = {
        (table, row["period"], row["area_code"], json.dumps({key: row[key] for key in breakdown(summary)})): row
        for table, summary in tables.items()
        if not summary.on_city_tables
        for row in rows(table)
    }
    published = {(row["commitment"], row["period"], row["area_code"]): row for row in rows("city_commitments")}
    for row in published.values():
        plan = of_plan[row["commitment"]]
        key = dict(pair.split("=") for pair in plan["filter"].split(";") if pair)
        ordered = json.dumps({name: key[name] for name in breakdown(tables[plan["table_name"]])})
        figure = figures[plan["table_name"], row["period"], row["area_code"], ordered]
        for name in followed:
            named_in = tables["city_commitments"].origins[name].named_in
            column = plan[named_in] if named_in else name
            assert row[name] == (figure[column] if column else None), row
        for name in ("wording", "unit", "item", "kind", "due"):
            assert str(row[name] or "") == plan[name]
        for name in ("baseline", "target"):
            applies = row["level"] in plan[f"{name}_levels"].split(";")
            if name == "baseline" and row["baseline_period"]:
                assert row[name] == published[row["commitment"], row["baseline_period"], row["area_code"]]["actual"]
            else:
                assert (None if row[name] is None else f"{row[name]:f}") == (plan[name] or None if applies else None)
    assert any(row["baseline_period"] for row in published.values())


def breakdown(summary: Summary) -> list[str]:
    return [name for name in summary.key if name not in ("period", "level", "area_code")]


def test_a_declaration_that_is_wrong_in_one_word_shows(release: Release, tables: dict[str, Summary]) -> None:
    lines = {
        ("city_dropout_control", "open_count"): "count of dropout_case by reason where case_status = '劝返中'",
        ("city_dropout_control", "placed_count"): "count of dropout_case where case_status = '已安置'",
        ("city_dropout_control", "actual_enrolment"): "sum(actual_enrolment) of compulsory_enrolment",
        ("city_student_aid", "aided_student_count"): "count of aid_payment by stage, programme"
        " where payment_status = '已发放' AND paid_amount > 0",
        ("city_student_aid", "aided_hardship_student_count"): "count(distinct resident_token) of hardship_student"
        " on resident_token by stage with aid_payment on resident_token by stage for programme = '全部'",
        ("city_student_aid", "partly_aided_student_count"): "count(distinct resident_token) of aid_payment"
        " by stage, programme having sum(paid_amount) < sum(entitled_amount)",
        ("city_student_aid", "compulsory_unaided_student_count"): "count(distinct resident_token) of hardship_student"
        " on resident_token by stage without aid_payment on resident_token for programme = '全部'",
        ("city_facilities", "new_large_class_count"): "sum(large_class_count) of school_facility",
        ("city_teacher_training", "trained_year_count"): "count(distinct teacher_token) of training_record"
        " by training_category",
        ("city_teacher_training", "headcount_year"): "sum(teacher_count) of teacher_headcount in latest_of_year",
        ("city_submissions", "rejected"): "count of report where outcome IS NULL",
        ("city_submissions", "submissions"): "count of report",
        ("city_submissions", "first_accepted_count"): "count of report where outcome = 'accepted'",
        (
            "city_submissions",
            "first_refused_count",
        ): "count of first_submission where outcome <> 'accepted'",
        ("city_reconciliation", "open_count"): "count of item by rule where state = '待核对'",
        ("city_reconciliation", "new_count"): "count(distinct item_id) of item where is_new",
        ("city_reconciliation", "oldest_days"): "max(days + 1) of item by rule where state = '待核对'",
    }
    with engine("publisher").connect() as connection:
        for (table, column), line in lines.items():
            assert wrong(connection, tables[table], column, line, release) > 0, (table, column)
