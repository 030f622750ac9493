"""The planted city: made once a session, decided as planned, and compared by one night."""

import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from conftest import Template, copy_database, live_on, point_settings_at, run_on
from district_reports.clock import ZONE
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.settings import settings
from district_reports.warehouse.reference_load import load_reference
from recomputed.conftest import a_root
from recomputed.plan import Report
from recomputed.play import on_day
from recomputed.quick import checked
from recomputed.register import Register
from recomputed.sending import in_order
from reconciliation.draft import MERGER_LATER, TODAY, Draft
from reconciliation.planted import planted
from reconciliation.planter import Planter
from submitted import submit, withdraw


@dataclass(frozen=True)
class City:
    """What was planted and sent."""

    planter: Planter
    reports: list[Report]
    register: Register


def with_mergers(root: Path) -> Path:
    """The root of the hostile city, with one merger more."""
    with (a_root(root) / "sql" / "reference" / "mergers.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(MERGER_LATER)
    return root


def decide(reports: Iterable[Report], loader: Engine, environ: pytest.MonkeyPatch) -> None:
    """Decide the reports in their order as if the checks had said the plan."""
    decided: dict[int, int] = {}
    today: date | None = None
    for number, (day, report, taken_back) in enumerate(in_order(reports)):
        if day != today:
            on_day(day, environ)
            today = day
        at = datetime.combine(day, time(9), ZONE)
        if taken_back:
            withdraw(loader, decided[id(report)], received_at=at)
        else:
            decided[id(report)] = submit(loader, f"{number:04d}", checked(report), received_at=at).submission_id


@pytest.fixture(scope="session")
def planted_city(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder, server = tmp_path_factory.mktemp("planted"), migrated_template.server
    with pytest.MonkeyPatch.context() as environ:
        point_settings_at(folder, environ)
        root = with_mergers(folder / "root")
        shutil.copytree(migrated_template.keys, settings().keys)
        copy_database(server, "planted_city", migrated_template.name)
        live_on(server, "planted_city", environ)
        environ.setenv("DISTRICT_REPORTS_ROOT", str(root))
        on_day(date(2019, 8, 1), environ)
        load_reference(lambda _: None)
        register = Register(root / "sql" / "reference")
        planter = planted(Planter(Draft(register)))
        reports = planter.draft.reports()
        decide(reports, engine(Role.LOADER), environ)
        on_day(TODAY, environ)
        yield City(planter, reports, register)
        dispose_engines()
    settings.cache_clear()
    run_on(server, "DROP DATABASE planted_city WITH (FORCE)")
