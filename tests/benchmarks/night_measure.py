"""What something takes of clock, processor and memory, PostgreSQL's part included.

Nothing of ours is imported here: what a benchmark imports before it forks would be warm in what it measures.
"""

import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from district_reports.settings import settings


@dataclass
class Used:
    """What something took: seconds of the clock and of the processor, of which PostgreSQL's; MiB of the largest of its
    processes; and seconds of the processor by part, all calls together."""

    wall: float = 0.0
    cpu: float = 0.0
    postgres: float = 0.0
    memory: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)


def postgres_seconds() -> float:
    """Processor seconds of the deployment's whole server since its start, ended sessions included."""
    data = settings().home / "postgres" / "data"
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
    times = postmaster.cpu_times()
    # The postmaster waits for each that ended; in between one may be counted by neither, for a moment.
    total = times.user + times.system + times.children_user + times.children_system
    for child in postmaster.children():
        try:
            spent = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    return total


def processor_seconds() -> float:
    """Of this process and of all that it has waited for, and they."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def counted(used: Used) -> Iterator[Used]:
    """Add to `used` what the block takes of clock and processor."""
    clock_before, own, postgres = time.monotonic(), processor_seconds(), postgres_seconds()
    yield used
    used.wall += time.monotonic() - clock_before
    used.postgres += (of_postgres := postgres_seconds() - postgres)
    used.cpu += processor_seconds() - own + of_postgres


Parts = dict[str, float]


@contextmanager
def part(parts: Parts, name: str) -> Iterator[None]:
    """Add the processor seconds of the block to `parts`."""
    before = processor_seconds()
    yield
    parts[name] = parts.get(name, 0.0) + processor_seconds() - before


def forked(jobs: Sequence[Callable[[Parts], None]], at_once: int, used: Used) -> list[float]:
    """Run each job in a process of its own, forked from this one as a warm worker forks its tasks; each one's seconds
    of the processor. Parts and memory are added to `used`.

    Raises:
        SystemExit: a job failed; its traceback is on stderr.
    """
    running: dict[int, tuple[int, int]] = {}
    seconds = [0.0] * len(jobs)
    waiting = list(enumerate(jobs))
    while waiting or running:
        while waiting and len(running) < at_once:
            number, job = waiting.pop(0)
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reading)
                _run(job, writing)
            os.close(writing)
            running[pid] = number, reading
        pid, status, spent = os.wait4(-1, 0)
        number, reading = running.pop(pid)
        with open(reading, encoding="utf-8") as told:
            parts = json.loads(told.read() or "{}")
        if status:
            raise SystemExit(f"job {number} ended with status {status}")
        for name, value in parts.items():
            used.parts[name] = used.parts.get(name, 0.0) + value
        used.memory = max(used.memory, spent.ru_maxrss / 1024)
        seconds[number] = spent.ru_utime + spent.ru_stime
    return seconds


def _run(job: Callable[[Parts], None], writing: int) -> None:
    status = 1
    # Great Expectations tells what it does; tasks' logs take it elsewhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        parts: Parts = {}
        job(parts)
        os.write(writing, json.dumps(parts).encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def in_a_process_of_its_own(script: str, *arguments: str) -> Used:
    """What `script`, beside this file, says of a run that it timed itself."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script} {' '.join(arguments)} ended with {done.returncode}")
    return Used(**json.loads(done.stdout.splitlines()[-1]))


def tell(used: Used) -> None:
    """Let the process that started this one know."""
    sys.stdout.write(json.dumps(asdict(used)) + "\n")


def seconds_of_import(module: str) -> float:
    """Processor seconds of a fresh interpreter that imports `module`, bytecode compiled."""
    before = processor_seconds()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return processor_seconds() - before
