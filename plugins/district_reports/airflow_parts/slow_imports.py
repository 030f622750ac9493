"""What tasks need and what takes time to import: 4 to 12 s for great_expectations alone, in each task anew.

Workers import this module once, before they fork: LocalExecutor's by :mod:`.executor`, Celery's by its setting
``imports`` (docker-compose.yaml). Nothing here may read a setting, a form's rules or the register: those may change
while the worker lives. Code may change too: see :mod:`.own_code`.
"""

# ruff: noqa: F401

# What Arrow and pandas import themselves when they are first used.
import multiprocessing.synchronize

import airflow.providers.standard.decorators.python
import airflow.sdk.execution_time.task_runner
import great_expectations
import jinja2
import pandas
import psycopg
import pyarrow.pandas_compat
import pyarrow.parquet
import sqlalchemy
import xlsxwriter

import district_reports.airflow_parts.own_code
import district_reports.airflow_parts.steps
import district_reports.processing.ingest
import district_reports.publish
import district_reports.receiving.receive
import district_reports.workbook.marking.marked
from district_reports.checks.content import batch_definition
from district_reports.feedback.report import template

batch_definition()
template()
