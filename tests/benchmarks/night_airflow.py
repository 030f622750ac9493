"""(b) of the night: this pipeline through Airflow, in a deployment of its own with the real scheduler.

All workbooks are dropped at once; when the last is answered, the night's release is run. The processor's time is that
of every process of the deployment, from the drop to the last answer, idle loops included.
"""

import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from night_deployment import drop, folders, point_settings_at
from night_measure import postgres_seconds
from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.local import deployment
from district_reports.local.airflow.commands import client
from district_reports.settings import settings

TIMEOUT_SECONDS = 3600
QUIET_SECONDS = 20
"""Between the start and the drop: what a start leaves to be done is no submission's work."""
_LOOK_SECONDS = 0.5
_PROGRAMS = ("scheduler", "api-server", "dag-processor", "triggerer")
TASKS = "workers and tasks"


@dataclass
class Airflow:
    """Of all submissions together: seconds of the clock, and of the processor by kind of process; ``waited`` are
    seconds from each file's drop to its answer. ``publishing`` is the release's seconds of the clock and of the
    processor."""

    wall: float
    cpu: dict[str, float]
    waited: list[float]
    publishing: tuple[float, float] = (0.0, 0.0)
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.cpu.values())

    @property
    def airflows(self) -> float:
        """The share that is neither ours nor PostgreSQL's."""
        return sum(seconds for kind, seconds in self.cpu.items() if kind in _PROGRAMS)

    def p95(self) -> float:
        return statistics.quantiles(self.waited, n=20)[-1]


def seconds_by_kind() -> dict[str, float]:
    """Processor seconds so far of every kind of process, with all that ended and was waited for."""
    found = {}
    for program in _PROGRAMS:
        record = settings().home / "airflow" / "processes" / f"{program}.json"
        leader = psutil.Process(json.loads(record.read_text())["pid"])
        times = leader.cpu_times()
        own, below = times.user + times.system, times.children_user + times.children_system
        for process in leader.children(recursive=True):
            try:
                below += sum(process.cpu_times()[:4])
            except psutil.NoSuchProcess:
                continue
        if program == "scheduler":
            found[program], found[TASKS] = own, below
        else:
            found[program] = own + below
    return {**found, "PostgreSQL": postgres_seconds()}


def answered() -> set[str]:
    """The files that are answered, as ``<folder>/<name>``."""
    with engine(Role.LOADER).begin() as connection:
        return set(
            connection.scalars(
                text(
                    "SELECT folder || '/' || file_name FROM ledger.receipt JOIN ledger.submission USING (receipt_id)"
                    " WHERE answered_as IS NOT NULL"
                )
            )
        )


def dropped(samples: Path) -> Airflow:
    """Drop all workbooks below `samples`, and wait until the last is answered."""
    of_code = folders()
    before, begun = seconds_by_kind(), time.monotonic()
    at: dict[str, float] = {}
    for path in sorted(samples.glob("*/*.xlsx")):
        folder = of_code[path.parent.name[:6]]
        drop(path, folder)
        at[f"{folder.name}/{path.name}"] = time.monotonic()
    waited: dict[str, float] = {}
    while len(waited) < len(at):
        if time.monotonic() - begun > TIMEOUT_SECONDS:
            raise SystemExit(f"{len(at) - len(waited)} of {len(at)} were not answered")
        for name in answered() - set(waited):
            waited[name] = time.monotonic() - at[name]
        time.sleep(_LOOK_SECONDS)
    after = seconds_by_kind()
    spent = {kind: after[kind] - before[kind] for kind in after}
    return Airflow(time.monotonic() - begun, spent, list(waited.values()))


def published() -> tuple[float, float]:
    """Seconds of the clock and of the processor that the night's release takes."""
    before, begun = sum(seconds_by_kind().values()), time.monotonic()
    airflow = client(settings())
    run = airflow.wait("publish_city_tables", airflow.trigger("publish_city_tables"), TIMEOUT_SECONDS)
    if run.state != "success":
        raise SystemExit(f"publish_city_tables ended as {run.state}")
    return time.monotonic() - begun, sum(seconds_by_kind().values()) - before


def say(line: str) -> None:
    sys.stderr.write(f"    {line}\n")


def main(folder: Path, samples: Path) -> None:
    """A deployment in `folder`, started, used and stopped."""
    point_settings_at(folder, None)
    try:
        deployment.start(say)
        time.sleep(QUIET_SECONDS)
        found = dropped(samples)
        found.publishing = published()
    finally:
        deployment.stop(say)
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
