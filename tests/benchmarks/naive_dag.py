"""(c) of the night: the DAG that a competent user writes, from the documentation of its parts.

One mapped task a workbook: pandas and openpyxl read each sheet, a checkpoint of Great Expectations checks it, to_sql
appends it to a staging table; a last task fills the tables of the summaries and publishes. Nothing in it is slow on
purpose: one opening of the file, one context a task, one suite a sheet, the default (fastest) way of to_sql.

Its expectations are those of ``expectations/`` that speak of a sheet's own columns. What our suites say of derived
columns (other sheets, the register, last period's report) it does without, as it does without a guard, a ledger, marked
copies and answers: it does less than the pipeline. Persons stand
in its tables as they are.

Run by path, it is the body of one task, in a process of its own as executors start it: ``naive_dag.py <workbook>``, or
``naive_dag.py publish``.
"""

import json
import os
import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd
from airflow.sdk import dag, task
from great_expectations.core.expectation_suite import ExpectationSuite
from night_staged import fill_facts
from sqlalchemy import create_engine

from district_reports.checks.suites import suites
from district_reports.forms import forms
from district_reports.model.form import HEADER_ROW, Type
from district_reports.model.period import Period

RECEIVED_ON = pd.Timestamp("2020-07-04")
AS_TEXT = {Type.TEXT, Type.CODE, Type.RESIDENT_ID, Type.STUDENT_NO, Type.SCHOOL_CODE, Type.YES_NO}


def warehouse():
    return create_engine(os.environ["DISTRICT_REPORTS_WAREHOUSE_URL"])


def read_sheet(book, sheet):
    """The sheet under the names of the tables' columns, typed."""
    text = {column.title: str for column in sheet.columns if column.type in AS_TEXT}
    frame = pd.read_excel(book, sheet_name=sheet.title, header=HEADER_ROW - 1, dtype=text)
    frame = frame.rename(columns={column.title: column.name for column in sheet.columns})
    for column in sheet.columns:
        match column.type:
            case Type.INTEGER:
                frame[column.name] = frame[column.name].astype("Int64")
            case Type.DATE:
                frame[column.name] = pd.to_datetime(frame[column.name])
            case Type.YES_NO:
                frame[column.name] = frame[column.name].map({"是": True, "否": False})
    return frame


def expectations_of(form, sheet, period):
    """The suite of a sheet, as far as it speaks of the sheet's own columns."""
    days = {
        "received_on": RECEIVED_ON,
        "first_day": pd.Timestamp(period.first_day),
        "latest_day": min(RECEIVED_ON, pd.Timestamp(period.last_day)),
    }
    own = {column.name for column in sheet.columns}
    for expectation in suites(form).by_frame[sheet.table]:
        kwargs = {
            name: days[value["$PARAMETER"]] if isinstance(value, dict) and "$PARAMETER" in value else value
            for name, value in expectation["kwargs"].items()
        }
        if named_columns(kwargs) <= own:
            yield {"type": expectation["type"], "severity": expectation["severity"], "kwargs": kwargs}


def named_columns(kwargs):
    """The columns that an expectation looks at, in its condition too."""
    named = {kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs}
    named |= set(kwargs.get("column_list", ()))
    conditions = [kwargs.get("row_condition")]
    while conditions:
        condition = conditions.pop() or {}
        conditions += condition.get("conditions", ())
        if "column" in condition:
            named.add(condition["column"]["name"])
    return named


def check(context, name, frame, expectations):
    """One checkpoint over one frame; its result in counts and rows."""
    source = context.data_sources.add_or_update_pandas("workbooks")
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(ExpectationSuite(name=name, expectations=list(expectations)))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=suite))
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=name, validation_definitions=[definition], result_format={"result_format": "COMPLETE"})
    )
    return checkpoint.run(batch_parameters={"dataframe": frame})


def load_workbook(path):
    """Read, check and stage one workbook ``<district>-…/<form title>-<period>.xlsx``; whether all was well."""
    path = Path(path)
    title, _, period = path.stem.partition("-")
    form = next(form for form in forms().values() if form.title == title)
    district = path.parent.name[:6]
    context = gx.get_context(mode="ephemeral")
    sound = True
    with pd.ExcelFile(path, engine="openpyxl") as book, warehouse().begin() as connection:
        for sheet in form.sheets:
            frame = read_sheet(book, sheet)
            if not frame.empty:
                expectations = expectations_of(form, sheet, Period.parse(period))
                sound &= check(context, sheet.table, frame, expectations).success
            frame.insert(0, "district_code", district)
            frame.insert(1, "period", period)
            frame.insert(2, "row_number", range(HEADER_ROW + 1, HEADER_ROW + 1 + len(frame)))
            frame.to_sql(sheet.table, connection, schema="staging", if_exists="append", index=False)
    return {"form": form.key, "district": district, "period": period, "sound": bool(sound)}


def publish_tables():
    """The summaries, of what is staged."""
    from district_reports.publish import publish

    with warehouse().begin() as connection:
        fill_facts(connection)
    return publish().rows


@dag(schedule=None, tags=["naive"])
def naive_district_reports():
    @task
    def list_workbooks():
        return sorted(map(str, Path(os.environ["DISTRICT_REPORTS_UPLOADS"]).glob("*/上报/*.xlsx")))

    @task
    def load(path):
        return load_workbook(path)

    @task
    def publish(loaded):
        return publish_tables()

    publish(load.expand(path=list_workbooks()))


naive_district_reports()

if __name__ == "__main__":
    told = publish_tables() if sys.argv[1] == "publish" else load_workbook(sys.argv[1])
    sys.stdout.write(json.dumps(told) + "\n")
