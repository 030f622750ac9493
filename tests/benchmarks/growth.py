"""What grows with the number of reporting units, and with the years: ``make bench-growth``.

Cities of made-up units that are all of one size. In each, all units have reported but a dozen, whose workbooks then go
through the pipeline's functions, each submission in a process forked from a warm one, as in (a) of :mod:`night`: so a
large city need not be sent whole to see what one more submission costs in it. Then the release.

And the city of the samples with one, two, five and ten years of accepted reports: the release, and one more submission.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import night_bodies
from growth_city import make_root, report_all, unit, workbook_of, write_pattern
from growth_years import Years
from night_deployment import drop, folders, fresh_warehouse, point_settings_at, server_of
from night_measure import Parts, Used, counted, forked

from district_reports.database.engine import dispose_engines, engine
from district_reports.forms import forms
from district_reports.reference import register
from district_reports.settings import settings

UNITS = (13, 130, 650, 2846)
YEARS = (1, 2, 5, 10)
SENDING = 13
"""So many units' workbooks go through the pipeline in each city; those of the first show the others how."""


@dataclass
class Grown:
    """``each`` is how many workbooks a unit sends; ``receiving`` is of one call that finds all, ``looking`` of one that
    finds nothing."""

    title: str
    units: int
    each: int
    submissions: int
    receiving: Used
    looking: Used
    ingesting: Used
    publishing: Used


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(job: Callable[[Parts], None] | None, *more: Callable[[Parts], None]) -> Used:
    """What the jobs take, one after the other."""
    used = Used()
    with counted(used):
        forked([*([job] if job else []), *more], 1, used)
    return used


def send_all() -> tuple[Used, Used, int]:
    """Receive what lies in the folders, and let it go all its way."""
    # What laid the city out has its register, and a worker has not.
    register._loaded.clear()
    received = run(night_bodies.receive)
    keys = night_bodies.waiting()
    return received, run(*(partial(night_bodies.ingest, form, key) for form, key in keys)), len(keys)


def city_of(folder: Path, units: int, patterns: list[Path]) -> Grown:
    root = folder / f"root-{units}"
    make_root(settings().root, root, units)
    fresh_warehouse(folder, f"units_{units}", root)
    of_code = folders()

    def send(first: int, last: int) -> None:
        for number in range(first, last + 1):
            for pattern in patterns:
                workbook_of(pattern, number, made := folder / pattern.name)
                drop(made, of_code[unit(number)[0]])

    send(1, 1)
    send_all()
    with engine("migrator").begin() as connection:
        report_all(connection, SENDING + 1, units)
    dispose_engines()
    send(2, SENDING)
    received, ingested, count = send_all()
    looked = run(night_bodies.receive)
    return Grown(f"{units} units", units, len(patterns), count, received, looked, ingested, run(night_bodies.publish))


def with_years(folder: Path, samples: Path) -> list[Grown]:
    """The samples' city, as its history grows."""
    fresh_warehouse(folder, "years")
    years = Years(samples)
    found = []
    for number in YEARS:
        years.reach(number)
        dispose_engines()
        for path in years.to_send():
            drop(path, folders()[path.parent.name[:6]])
        received, ingested, count = send_all()
        looked = run(night_bodies.receive)
        title = f"{number} years"
        found.append(Grown(title, 13, len(forms()), count, received, looked, ingested, run(night_bodies.publish)))
        say(f"  {title}: {years.rows} rows of facts")
    return found


def table(found: list[Grown]) -> None:
    """Print a line for each city: what a submission takes, what the release takes, and both for a unit."""
    say("\nseconds of CPU; (n) is n times the first line's")
    say(f"{'':12}{'receive':>9}{'look':>8}{'ingest':>9}{'of it PG':>10}{'release':>10}{'a unit':>15}{'MiB':>7}")
    first = 0.0
    for one in found:
        receive, ingest = one.receiving.cpu / one.submissions, one.ingesting.cpu / one.submissions
        postgres, release = one.ingesting.postgres / one.submissions, one.publishing.cpu
        whole = (receive + ingest) * one.each + release / one.units
        first = first or whole
        memory = max(one.receiving.memory, one.ingesting.memory, one.publishing.memory)
        say(
            f"{one.title:12}{receive:9.3f}{one.looking.cpu:8.3f}{ingest:9.3f}{postgres:10.3f}{release:10.2f}"
            f"{whole:8.3f} ({whole / first:.2f}){memory:7.0f}"
        )
        for name, seconds in one.ingesting.parts.items():
            say(f"{'':12}{name}: {seconds / one.submissions:.3f}")
    say("receive and ingest: a submission; look: a call that finds nothing; a unit: its submissions, its share of the")
    say("release; MiB: the largest process")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--units", type=int, nargs="*", default=UNITS)
    parser.add_argument("--no-years", action="store_true", help="leave the ten years out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="growth-") as name:
        folder = Path(name)
        point_settings_at(folder, None)
        night_bodies.warm_up()
        try:
            patterns = write_pattern(settings().root, folder / "pattern")
            found = []
            for units in options.units:
                point_settings_at(folder, None)
                found.append(city_of(folder, units, patterns))
                say(f"  {units} units")
            table(found)
            if not options.no_years:
                point_settings_at(folder, None)
                table(with_years(folder, folder / "samples"))
        finally:
            server_of(folder).stop()


if __name__ == "__main__":
    main()
