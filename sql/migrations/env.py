"""Alembic's environment. Driven by ``district_reports.warehouse.migrate``, which hands over an open connection.

There is no alembic.ini: the address, its password and its ``%`` signs come from the settings. To write a new
migration: copy ``script.py.mako``'s shape into ``versions/``.
"""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("run `district-reports migrate`; the alembic command has no address here")

# The version table lives in a schema of its own, so that dropping a schema of data never drops it with them.
connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS migrations")
context.configure(connection=connection, target_metadata=None, version_table_schema="migrations")
context.run_migrations()
