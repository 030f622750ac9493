"""Who logs in to the databases, and as whom things are owned.

Roles are cluster-wide in PostgreSQL, so their names say whose they are. None of the logins owns anything of another's,
none is a superuser, and none may become another: each part of the system can do its own work and no more.
:mod:`district_reports.database.bootstrap` makes them.
"""

from enum import StrEnum


class Role(StrEnum):
    """Who does what in the warehouse; the value is the login's name in the cluster."""

    MIGRATOR = "district_reports_migrator"
    """Changes schemas and reference data. It works as :data:`OWNER` from its first statement on."""
    LOADER = "district_reports_loader"
    PUBLISHER = "district_reports_publisher"
    READER = "district_reports_reader"
    """Reads what loader and publisher read, personal data too, and writes nothing."""
    ANALYST = "district_reports_analyst"
    """Reads what left the house, and nothing else."""
    INSIDER = "district_reports_insider"
    """Reads each night's figures as they are, and what left."""
    PAGES = "district_reports_pages"


OWNER = "district_reports_owner"
"""Owns the warehouse's schemas and what is in them, but for the city tables, which are the publisher's. No login."""
COMPARER = "district_reports_comparer"
"""Compares names and IDs where they stand, and tells which rows differ. No login: the functions that it owns do it."""
AIRFLOW = "district_reports_airflow"
"""Owns Airflow's metadata database, and may not enter the warehouse."""
