"""How long the reconciliation of a whole city takes, and how much memory: ``make bench-reconcile``.

The samples' city with a year of reports behind it, at its size and with ten times the people. Some thousand items are
planted in the present reports: children paid in two districts, cases whose child was paid, other names and IDs. Then,
each in a process of its own: a first run, a second one that finds nothing otherwise, and what a release adds for it
when nothing was decided since. After thirty nights in which items come and go the worklist is read.

Memory is that of the process at its peak, and of PostgreSQL's sessions (all that they do not share, together); what
did not fit there went to temporary files. ``--kept FOLDER`` keeps city and server for another look.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from growth_years import Years
from night_deployment import fresh_warehouse, point_settings_at, server_of
from night_measure import Parts, Used, counted, in_a_process_of_its_own, tell
from reconciling_items import nights, plant
from sqlalchemy import text

from district_reports import clock
from district_reports.database.engine import Role, dispose_engines, engine
from district_reports.forms import forms
from district_reports.moment.frame import build_frame
from district_reports.moment.known import reference_as_known, submissions_as_known
from district_reports.moment.transaction import one_moment
from district_reports.reconciliation.reconcile import reconcile, run_in
from district_reports.settings import settings

NIGHTS = 30
MEBIBYTE = 1 << 20


@dataclass
class Sessions:
    """What PostgreSQL's sessions took at their peak, in MiB: for themselves, and in temporary files."""

    memory: float = 0.0
    files: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        data = settings().home / "postgres" / "data"
        postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        while not self._over.wait(0.05):
            sessions = [each for each in postmaster.children() if not _of_the_server(each)]
            self.memory = max(self.memory, sum(_kibibytes(each.pid, "RssAnon") for each in sessions) / 1024)
            self.files = max(self.files, _size(data / "base" / "pgsql_tmp") / MEBIBYTE)


def _of_the_server(process: psutil.Process) -> bool:
    """Whether it works for all: the checkpointer and others are there before anybody logs in."""
    try:
        return not any(word in " ".join(process.cmdline()) for word in (" district_reports", "parallel worker"))
    except psutil.NoSuchProcess:
        return True


def _kibibytes(process: int | str, what: str) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(what)), 0)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


@contextmanager
def watched() -> Iterator[Sessions]:
    """Look at PostgreSQL's sessions during the block."""
    sessions = Sessions()
    watcher = threading.Thread(target=sessions.watch)
    watcher.start()
    try:
        yield sessions
    finally:
        sessions._over.set()
        watcher.join()


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(job: str) -> tuple[Used, Sessions]:
    """What one of :data:`JOBS` takes in a process of its own."""
    dispose_engines()
    with watched() as sessions:
        used = in_a_process_of_its_own(Path(__file__).name, "--job", job)
    return used, sessions


def a_run(parts: Parts) -> None:
    """Reconcile; seconds of the clock by what was done in them."""
    last = time.monotonic()

    def note(name: str) -> None:
        nonlocal last
        now = time.monotonic()
        parts[name], last = now - last, now

    done = reconcile(lambda line: note(line.removesuffix(" compared")))
    note("compare with the run before, write")
    parts |= {f"items {rule}": count for (rule, what), count in done.items.items() if what == "present"}


def a_release_without_news(parts: Parts) -> None:
    """The part of a release that sees whether there is anything to compare."""
    with one_moment(engine(Role.PUBLISHER)) as (connection, known_at):
        day = clock.today()
        digest = reference_as_known(connection, known_at)
        submissions_as_known(connection, known_at)
        build_frame(connection, forms(), day)
        begun = time.monotonic()
        run_in(connection, known_at, day, digest)
        parts["run_in"] = time.monotonic() - begun


JOBS: dict[str, Callable[[Parts], None]] = {"reconcile": a_run, "release": a_release_without_news}


def do(job: str) -> None:
    """Do one of :data:`JOBS`, and tell."""
    used = Used()
    with counted(used):
        JOBS[job](used.parts)
        dispose_engines()
        # Whoever ends is counted once the server has waited for it.
        time.sleep(0.5)
    used.wall -= 0.5
    # What getrusage tells is the peak of whoever started this process, too.
    used.memory = _kibibytes("self", "VmHWM") / 1024
    tell(used)


def worklist(role: str, statement: str) -> float:
    """The fastest of three readings, in seconds."""
    times = []
    with engine(role).connect() as connection:
        connection.execute(text("SELECT set_config('district_reports.sees', '*', false)"))
        for _ in range(3):
            begun = time.monotonic()
            connection.execute(text(statement)).all()
            times.append(time.monotonic() - begun)
    return min(times)


def measure(folder: Path, scale: float) -> None:
    """Build the city, and tell what its reconciliation takes."""
    fresh_warehouse(folder, f"reconcile_{scale:g}".replace(".", "_"))
    begun = time.monotonic()
    years = Years(folder / f"samples-{scale:g}", scale, left_out=0)
    years.reach(1)
    with engine("migrator").begin() as connection:
        plant(connection)
    say(f"\n{scale:g} × the people, a year: {years.rows:,} rows of facts (made in {time.monotonic() - begun:.0f} s)")
    for title in ("first run", "second run"):
        used, sessions = run("reconcile")
        items = {name.removeprefix("items "): int(value) for name, value in used.parts.items() if "items " in name}
        say(
            f"{title}: {used.wall:.1f} s, {used.cpu:.1f} s of CPU (PostgreSQL {used.postgres:.1f});"
            f" MiB: process {used.memory:.0f}, sessions {sessions.memory:.0f}, temporary files {sessions.files:.0f}"
        )
        say("  " + ", ".join(f"{name} {value:.2f}" for name, value in used.parts.items() if "items " not in name))
        say("  " + ", ".join(f"{rule}: {count}" for rule, count in items.items()) + f"; {sum(items.values())} items")
    used, _ = run("release")
    say(f"a release without news: {1000 * used.parts['run_in']:.1f} ms")
    with engine("migrator").begin() as connection:
        observations = nights(connection, NIGHTS)
    dispose_engines()
    say(f"after {NIGHTS} more nights, {observations:,} observations:")
    for role, statement in (
        ("publisher", "SELECT * FROM reconciliation.items_as_known('infinity')"),
        ("pages", "SELECT * FROM reconciliation.shown_items()"),
    ):
        say(f"  {statement.rpartition('.')[2]}: {1000 * worklist(role, statement):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, nargs="*", default=[1, 10], help="times the samples' people")
    parser.add_argument("--kept", type=Path, help="a new folder that stays, its server running")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        return do(options.job)
    with tempfile.TemporaryDirectory(prefix="reconcile-") as name:
        folder = options.kept or Path(name)
        folder.mkdir(exist_ok=True)
        point_settings_at(folder, None)
        try:
            for scale in options.scale:
                measure(folder, scale)
        finally:
            if not options.kept:
                server_of(folder).stop()


if __name__ == "__main__":
    main()
