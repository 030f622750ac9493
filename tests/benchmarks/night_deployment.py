"""A deployment for a benchmark: folders of its own, the embedded server, a fresh warehouse.

Durable as in production: the server writes to the disk before it says that something is committed.
"""

import os
import time
from pathlib import Path

import psycopg

from district_reports import clock
from district_reports.database.bootstrap import make_warehouse
from district_reports.database.embedded.server import EmbeddedServer
from district_reports.database.engine import dispose_engines
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.folders import DistrictFolder, district_folders, lay_out
from district_reports.warehouse.migrate import migrate

TODAY = "2020-07-04"
"""The day of the demo: all of the samples' periods are on time."""


def point_settings_at(folder: Path, database: str | None, root: Path | None = None) -> None:
    """Settings of this process and its children: homes and uploads below `folder`, and one database of its server."""
    os.environ.update(
        DISTRICT_REPORTS_HOME=str(folder / "home"),
        DISTRICT_REPORTS_UPLOADS=str(folder / "uploads"),
        DISTRICT_REPORTS_TODAY=TODAY,
        DISTRICT_REPORTS_WAREHOUSE_URL=server_of(folder).url(database) if database else "",
        DISTRICT_REPORTS_ROOT=str(root or ""),
        AIRFLOW_HOME=str(folder / "airflow"),
        AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
        GX_ANALYTICS_ENABLED="false",
    )
    settings.cache_clear()


def server_of(folder: Path) -> EmbeddedServer:
    return EmbeddedServer(folder / "home" / "postgres", warehouses="all")


def fresh_warehouse(folder: Path, database: str, root: Path | None = None) -> None:
    """Empty uploads and archive, an empty migrated database, and the settings that name them."""
    dispose_engines()
    server = server_of(folder)
    server.start()
    point_settings_at(folder, database, root)
    make_warehouse(settings(), print)
    for name in ("uploads", "home/archive"):
        path = folder / name
        if path.exists():
            path.rename(folder / f"was-{path.name}-{time.monotonic_ns()}")
    migrate()
    lay_out(settings().uploads, Register.load(settings().reference).districts_on(clock.today()))
    # What the last one left to be written is not this one's work.
    with psycopg.connect(server.url(database, "postgresql"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def folders() -> dict[str, DistrictFolder]:
    """The districts' folders by code."""
    return {folder.code: folder for folder in district_folders(settings().uploads)}


def drop(file: Path, into: DistrictFolder) -> None:
    """Put a copy into 上报, as a program does: under a temporary name first."""
    target = into.drop.path / file.name
    aside = target.with_name(f"{target.name}.tmp")
    aside.write_bytes(file.read_bytes())
    aside.rename(target)
