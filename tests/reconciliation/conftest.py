"""The planted city: made once a session, decided as planned, and compared by one night."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from conftest import Template, run_on
from district_reports.clock import ZONE
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings
from recomputed.conftest import a_root, begin
from recomputed.plan import Report
from recomputed.play import on_day, play
from recomputed.quick import checked
from recomputed.register import Register
from recomputed.sending import in_order
from reconciliation.draft import MERGER_LATER, TODAY, Draft
from reconciliation.planted import planted
from reconciliation.planter import Planter
from reconciliation.product import Found, items
from submitted import submit, withdraw


@dataclass(frozen=True)
class City:
    """What was planted and sent, and what the library found in a night, by number."""

    planter: Planter
    reports: list[Report]
    register: Register
    found: dict[int, Found]


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
    """What was checked by the plan."""
    yield from _made(migrated_template, tmp_path_factory.mktemp("planted"), "planted_city", decide)


@pytest.fixture(scope="session")
def played_planted_city(migrated_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The same, where each workbook went through the real path on its day: in minutes."""
    folder = tmp_path_factory.mktemp("played")

    def by_the_real_path(reports: list[Report], loader: Engine, environ: pytest.MonkeyPatch) -> None:
        play(reports, folder / "books", loader, environ)

    yield from _made(migrated_template, folder, "played_planted_city", by_the_real_path)


def _made(
    template: Template,
    folder: Path,
    database: str,
    load: Callable[[list[Report], Engine, pytest.MonkeyPatch], None],
) -> Iterator[City]:
    server = template.server
    with pytest.MonkeyPatch.context() as environ:
        root = begin(template, folder, database, with_mergers, environ)
        register = Register(root / "sql" / "reference")
        planter = planted(Planter(Draft(register)))
        reports = planter.draft.reports()
        load(reports, engine(Role.LOADER), environ)
        on_day(TODAY, environ)
        reconcile()
        found = items(engine(Role.PUBLISHER))
        dispose_engines()
    settings.cache_clear()
    run_on(server, f"DROP DATABASE {database} WITH (FORCE)")
    yield City(planter, reports, register, found)
