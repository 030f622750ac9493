"""What tasks need and what takes seconds to import: 4 to 12 for great_expectations alone, in each task anew.

Workers import this module once, before they fork: LocalExecutor's by :mod:`.executor`, Celery's by its setting
``imports`` (docker-compose.yaml). Our own package is not in here: a change to it takes effect with the next task.
"""

# ruff: noqa: F401

import airflow.providers.standard.decorators.python
import airflow.sdk.execution_time.task_runner
import great_expectations
import jinja2
import pandas
import psycopg
import pyarrow.parquet
import sqlalchemy
import xlsxwriter
