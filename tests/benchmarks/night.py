"""The whole city's night, four ways side by side: ``make bench-night``.

The workbooks of all districts and forms, at the samples' size and with ten times the people, go through

- (a) this pipeline's functions as Airflow's tasks call them, each submission in a process forked from a warm one;
- (b) this pipeline through Airflow, everything that runs counted;
- (c) the DAG that a user would write (naive_dag.py), each task a process that imports what it needs;
- (d) the floor: the fastest reader, the same suites, COPY, in one warm process (night_floor.py).

All make the same release. (a) and (c) work on two workbooks at once, (b) on as many as its pools allow, (d) on one.
Seconds of the processor are user and system, of children and of PostgreSQL as well. Bytecode is compiled for all; what
makes the samples is not counted. Figures are compared within a run: machines differ, and so do their hours.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from night_airflow import Airflow
from night_deployment import drop, folders, fresh_warehouse, point_settings_at, server_of
from night_measure import Used, in_a_process_of_its_own, seconds_of_import

from district_reports.local.samples import write_samples
from district_reports.reference.register import Register
from district_reports.settings import settings

AT_ONCE = 2
NAMES = {
    "a": "pipeline, bodies alone",
    "b": "pipeline, through Airflow",
    "c": "naive DAG",
    "d": "floor",
}


@dataclass
class Night:
    """What was measured at one scale."""

    scale: float
    workbooks: list[Path]
    used: dict[str, Used] = field(default_factory=dict)
    airflow: Airflow | None = None

    @property
    def count(self) -> int:
        return len(self.workbooks)


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def make_samples(folder: Path, scale: float, districts: int) -> Night:
    out = folder / f"samples-{scale:g}"
    return Night(scale, write_samples(out, Register.load(settings().reference), districts=districts, scale=scale))


def bodies(folder: Path, night: Night) -> Used:
    fresh_warehouse(folder, f"a_{night.scale:g}".replace(".", "_"))
    for path in night.workbooks:
        drop(path, folders()[path.parent.name[:6]])
    used = in_a_process_of_its_own("night_bodies.py", str(AT_ONCE))
    _all_accepted(night.count)
    return used


def naive(folder: Path, night: Night) -> Used:
    database = f"c_{night.scale:g}".replace(".", "_")
    fresh_warehouse(folder, database)
    with psycopg.connect(server_of(folder).url(database, "postgresql"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA staging")
    return in_a_process_of_its_own("night_naive.py", str(night.workbooks[0].parents[1]), str(AT_ONCE))


def floor(folder: Path, night: Night) -> Used:
    fresh_warehouse(folder, f"d_{night.scale:g}".replace(".", "_"))
    return in_a_process_of_its_own("night_floor.py", str(night.workbooks[0].parents[1]))


def through_airflow(folder: Path, night: Night) -> Airflow:
    script = str(Path(__file__).with_name("night_airflow.py"))
    deployment, samples = folder / f"deployment-{night.scale:g}", night.workbooks[0].parents[1]
    done = subprocess.run([sys.executable, script, str(deployment), str(samples)], stdout=subprocess.PIPE, check=True)
    return Airflow(**json.loads(done.stdout.splitlines()[-1]))


def _all_accepted(count: int) -> None:
    with psycopg.connect(_plain_url()) as connection:
        outcomes = dict(
            connection.execute("SELECT coalesce(outcome, state), count(*) FROM ledger.submission GROUP BY 1").fetchall()
        )
    if outcomes != {"accepted": count}:
        say(f"  note: of {count} workbooks {outcomes}")


def _plain_url() -> str:
    return str(settings().warehouse_url).replace("+psycopg", "", 1)


def table(night: Night, gx: float) -> None:
    """Print what was measured, and the ratios."""
    say(f"\n{night.count} workbooks, {night.scale:g} × the people; seconds of CPU are a submission's")
    say(f"{'':31}{'wall s':>8}{'CPU s':>8}{'÷ GX':>7}{'of it PostgreSQL':>18}{'MiB':>7}")
    for leg, used in sorted(night.used.items()):
        _line(leg, night, used.wall, used.cpu, used.postgres, gx, f"{used.memory:.0f}" if used.memory else "")
        _parts(used.parts, night)
    if found := night.airflow:
        _line("b", night, found.wall, found.total, found.cpu["PostgreSQL"], gx)
        _parts(found.cpu, night)
        first, last, seconds = min(found.waited), max(found.waited), found.publishing
        say(f"      Airflow's share {found.airflows / found.total:.0%}")
        say(f"      drop to answer: first {first:.0f} s, p95 {found.p95():.0f} s, last {last:.0f} s")
        say(f"      release {seconds[0]:.1f} s, {seconds[1]:.1f} s of CPU")
    for over, under, goal in (("c", "a", "≥ 8"), ("a", "d", "≤ 1.5")):
        if over in night.used and under in night.used:
            say(f"({over}) ÷ ({under}) = {night.used[over].cpu / night.used[under].cpu:.2f} of CPU (goal {goal})")


def _line(leg: str, night: Night, wall: float, cpu: float, postgres: float, gx: float, memory: str = "") -> None:
    each = cpu / night.count
    say(f"({leg}) {NAMES[leg]:27}{wall:8.1f}{each:8.2f}{each / gx:7.2f}{postgres / night.count:18.2f}{memory:>7}")


def _parts(parts: Mapping[str, float], night: Night) -> None:
    for name, seconds in parts.items():
        say(f"      {name:33}{seconds / night.count:8.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, nargs="*", default=[1, 10], help="times the samples' people")
    parser.add_argument("--districts", type=int, default=13)
    parser.add_argument("--ways", default="dacb", help="which of a, b, c, d, in this order")
    options = parser.parse_args()
    legs = {"a": bodies, "c": naive, "d": floor}
    with tempfile.TemporaryDirectory(prefix="night-") as name:
        folder = Path(name)
        point_settings_at(folder, None)
        imports = [seconds_of_import("great_expectations")]
        nights = []
        try:
            for scale in options.scale:
                nights.append(night := make_samples(folder, scale, options.districts))
                for leg in options.ways:
                    say(f"{night.scale:g} ×: {NAMES[leg]}")
                    if leg == "b":
                        night.airflow = through_airflow(folder, night)
                    else:
                        night.used[leg] = legs[leg](folder, night)
                    imports.append(seconds_of_import("great_expectations"))
        finally:
            server_of(folder).stop()
        gx = sum(imports) / len(imports)
        say(f"\nimport great_expectations: {gx:.2f} s of CPU (from {min(imports):.2f} to {max(imports):.2f})")
        for night in nights:
            table(night, gx)


if __name__ == "__main__":
    main()
