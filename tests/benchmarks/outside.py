"""How long it takes until a release may leave the house, and how much memory: ``make bench-outside``.

The samples' city in three ages: with its own reports alone; with a year of reports behind it, none of which has left;
and with twelve monthly releases of that year outside, after which districts sent corrections. In each a release is
prepared by the job that the pages start, in a process of its own, and looked at step by step in another one; then it is
approved and leaves with its bundle. Seconds are those of the clock and of the processor, PostgreSQL's part apart: on a
machine that others use as well the latter tell.

``--kept FOLDER`` keeps cities and server for another look.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from growth_years import Years
from night_deployment import TODAY, fresh_warehouse, point_settings_at, server_of
from night_measure import Parts, Used, counted, in_a_process_of_its_own, processor_seconds, tell
from outside_city import FIRST, SECOND, asked, correct, districts, latest_prepared, months, vary
from sqlalchemy import text

from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.forms import forms
from district_reports.model.period import Period, PeriodKind
from district_reports.publish import publish
from district_reports.publish.disclosure.audit import audit
from district_reports.publish.disclosure.cells import Left
from district_reports.publish.disclosure.inside import read_inside
from district_reports.publish.disclosure.knowledge import gather
from district_reports.publish.disclosure.prepare import left_before, rule_of
from district_reports.publish.disclosure.protect import protect
from district_reports.publish.outgoing.requests import What
from district_reports.publish.outgoing.work import work_off
from district_reports.publish.summary import summaries
from district_reports.settings import settings

MONTHS = 13
"""So many releases in the third city, of which the last is measured."""
CITIES = ("alone", "year", "releases")


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def step(parts: Parts, name: str) -> Iterator[None]:
    """Note the clock's seconds of the block, and the processor's of this process."""
    clock, processor = time.monotonic(), processor_seconds()
    yield
    parts[name], parts[f"{name} cpu"] = time.monotonic() - clock, processor_seconds() - processor


def a_preparation(parts: Parts) -> None:
    """Have the latest release prepared by the job."""
    with engine("migrator").connect() as connection:
        latest = connection.scalar(text("SELECT max(release_id) FROM city.release"))
    asked(What.PREPARE, FIRST, release_id=latest)
    with step(parts, "work"):
        work_off()


def a_leave(parts: Parts) -> None:
    """Have what was prepared last leave, with its bundle."""
    number, impossible = latest_prepared()
    if impossible:
        raise SystemExit(impossible)
    asked(What.APPROVE, SECOND, prepared_id=number)
    with step(parts, "work"):
        work_off()


def a_look(parts: Parts) -> None:
    """What preparing does, step by step, and the audit of what comes of it."""
    found = summaries(settings().summaries)
    with engine(Role.PUBLISHER).connect() as connection, step(parts, "read"):
        latest = connection.scalar(text("SELECT max(release_id) FROM city.release"))
        before = connection.scalars(text("SELECT release_id FROM outside.release ORDER BY left_at, release_id")).all()
        new = read_inside(connection, latest, found)
        left = [left_before(connection, each, found) for each in before]
        rule = rule_of(connection, new)
    with step(parts, "gather"):
        knowledge = gather([*left, Left(new.tables, frozenset())])
    parts |= {"cells": len(knowledge.cells), "relations": len(knowledge.system.relations), "left": len(left)}
    with step(parts, "choose"):
        places = protect(new.tables, left, rule)
    # Choosing begins with gathering.
    for name in ("choose", "choose cpu"):
        parts[name] -= parts[name.replace("choose", "gather")]
    parts["withheld"] = len(places)
    with step(parts, "audit"):
        parts["unsafe"] = len(audit([*left, Left(new.tables, places)], rule))


JOBS: dict[str, Callable[[Parts], None]] = {"prepare": a_preparation, "look": a_look, "leave": a_leave}


def run(job: str) -> Used:
    """What one of :data:`JOBS` takes in a process of its own."""
    dispose_engines()
    return in_a_process_of_its_own(Path(__file__).name, "--job", job)


def do(job: str) -> None:
    """Do one of :data:`JOBS`, and tell."""
    used = Used()
    with counted(used):
        JOBS[job](used.parts)
        dispose_engines()
        # Whoever ends is counted once the server has waited for it.
        time.sleep(0.5)
    used.wall -= 0.5
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    used.memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    tell(used)


def told(title: str, used: Used) -> None:
    say(
        f"{title}: {used.parts.get('work', used.wall):.1f} s, {used.cpu:.1f} s of CPU"
        f" (PostgreSQL {used.postgres:.1f}), {used.memory:.0f} MiB"
    )


def publish_on(day: date) -> None:
    os.environ["DISTRICT_REPORTS_TODAY"] = day.isoformat()
    settings.cache_clear()
    publish()


def measure(folder: Path, city: str) -> None:
    """Build the city, and tell what its last release takes."""
    today = date.fromisoformat(TODAY)
    fresh_warehouse(folder, f"outside_{city}")
    begun = time.monotonic()
    years = Years(folder / f"samples-{city}", 1, left_out=0)
    if city != "alone":
        years.reach(1)
        with engine("migrator").begin() as connection:
            vary(connection)
    if city == "releases":
        behind(months(today, MONTHS))
    publish_on(today)
    say(f"\n{city}: {years.rows:,} rows of facts (made in {time.monotonic() - begun:.0f} s)")
    looked = run("look")
    parts = looked.parts
    told("step by step", looked)
    say("  " + ", ".join(f"{name} {parts[name]:.1f} ({parts[f'{name} cpu']:.1f})" for name in STEPS))
    say(
        "  "
        + ", ".join(f"{int(parts[name]):,} {name}" for name in ("left", "cells", "relations", "withheld", "unsafe"))
    )
    told("prepared", run("prepare"))
    told("left, with its bundle", run("leave"))


STEPS = ("read", "gather", "choose", "audit")
COUNTS = ("left", "cells", "relations", "withheld", "unsafe")


def behind(days: list[date]) -> None:
    """Let a release of each of the days but the last leave; a district corrects the month before after each."""
    for number, day in enumerate(days[:-1]):
        publish_on(day)
        told(f"  {day}, prepared", run("prepare"))
        told(f"  {day}, left", run("leave"))
        for form in forms().values():
            if form.period_kind is PeriodKind.MONTH:
                period = Period.containing(form.period_kind, day).previous()
                with engine("migrator").begin() as connection:
                    codes = districts()
                    correct(connection, form, period, codes[number % len(codes)])
    dispose_engines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--city", nargs="*", choices=CITIES, default=CITIES)
    parser.add_argument("--kept", type=Path, help="a new folder that stays, its server running")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        return do(options.job)
    with tempfile.TemporaryDirectory(prefix="outside-") as name:
        folder = options.kept or Path(name)
        folder.mkdir(exist_ok=True)
        point_settings_at(folder, None)
        try:
            for city in options.city:
                measure(folder, city)
        finally:
            if not options.kept:
                server_of(folder).stop()


if __name__ == "__main__":
    main()
