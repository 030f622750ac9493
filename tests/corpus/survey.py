"""What `district-reports check` says about every file below a folder: ``make survey FOLDER=…``.

Each file must end with exactly one outcome, and with a finding unless it is accepted; no traceback, at most 15 s and
1 GiB. Files go through the real command, `--together` of them in one call, since Python's imports take ten times as
long as most files. Where a call breaks a promise each of its files is run again alone, and only that counts.

What was seen goes into a journal, one JSON object a line: a survey that was stopped goes on where it was.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

SECONDS, BYTES = 15.0, 1 << 30
OUTCOMES = ("accepted", "accepted_with_errors", "rejected")
_COMMAND = (sys.executable, "-m", "district_reports.cli", "check", "--json")
_LOOK_EVERY = 0.02
_GIVE_UP = 120.0


@dataclass(frozen=True)
class Result:
    """What came of one file; ``memory`` is the most resident bytes of the command and its child together."""

    file: str
    outcome: str | None
    rules: tuple[str, ...]
    message: str
    seconds: float
    memory: int
    broken: tuple[str, ...]


def survey(files: Sequence[Path], together: int, jobs: int) -> Iterator[Result]:
    """A result for each of `files`, as they come; `jobs` commands at a time."""
    calls = [files[start : start + together] for start in range(0, len(files), together)]
    with ThreadPoolExecutor(jobs) as pool:
        for call in as_completed([pool.submit(check, call) for call in calls]):
            yield from call.result()


def check(files: Sequence[Path]) -> list[Result]:
    """The results of `files`, from one call of the command where that keeps every promise."""
    results = _call(files)
    if len(files) > 1 and any(result.broken for result in results):
        return [result for file in files for result in _call([file])]
    return results


def _call(files: Sequence[Path]) -> list[Result]:
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        command = subprocess.Popen(
            [*_COMMAND, *map(str, files)], stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8"
        )
        watch = _Watch(command.pid)
        watch.start()
        lines: list[tuple[str, float, int]] = []
        assert command.stdout is not None
        with command.stdout:
            for line in command.stdout:
                now = time.monotonic()
                lines.append((line, now - began, watch.most()))
                began = now
        status = command.wait()
        watch.stop()
        errors.seek(0)
        said = errors.read().strip()
    broken = _broken(len(files), lines, status, said)
    if broken:
        line, seconds, memory = lines[0] if len(lines) == 1 else ("", time.monotonic() - began, watch.most())
        results = [_result(file, line, seconds, memory) for file in files]
        return [replace(result, broken=(*broken, *result.broken)) for result in results]
    return [_result(file, *measured) for file, measured in zip(files, lines, strict=True)]


def _broken(files: int, lines: Sequence[object], status: int, said: str) -> tuple[str, ...]:
    """What a call as a whole did wrong."""
    found = []
    if "Traceback (most recent call last)" in said:
        found.append(f"traceback: {said.splitlines()[-1]}")
    elif said:
        found.append(f"stderr: {said.splitlines()[-1]}")
    if status not in (0, 1):
        found.append(f"exit {status}")
    if len(lines) != files:
        found.append(f"{len(lines)} lines for {files} files")
    return tuple(found)


def _result(file: Path, line: str, seconds: float, memory: int) -> Result:
    broken = []
    try:
        verdict: dict[str, Any] = json.loads(line)
        outcome, findings = verdict["outcome"], verdict["findings"]
    except (ValueError, KeyError, TypeError):
        outcome, findings = None, []
        broken.append("no verdict")
    if outcome is not None and outcome not in OUTCOMES:
        broken.append(f"outcome {outcome!r}")
    if outcome is not None and outcome != "accepted" and not findings:
        broken.append(f"{outcome} without a finding")
    if seconds > SECONDS:
        broken.append(f"{seconds:.1f} s")
    if memory > BYTES:
        broken.append(f"{memory >> 20} MiB")
    rules = tuple(dict.fromkeys(finding["rule"] for finding in findings))
    message = findings[0]["message"] if findings else ""
    return Result(str(file), outcome, rules, message, round(seconds, 3), memory, tuple(broken))


class _Watch(threading.Thread):
    """Looks at the resident memory of a process and all below it; ends it when it takes far too long for one file."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._most = 0
        self._since = time.monotonic()

    def run(self) -> None:
        while not self._done.wait(_LOOK_EVERY):
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self._most = max(self._most, sum(map(_resident, family)))
            if time.monotonic() - self._since > _GIVE_UP:
                for process in family:
                    _kill(process)

    def most(self) -> int:
        """The most since it was last asked."""
        most, self._most, self._since = self._most, 0, time.monotonic()
        return most

    def stop(self) -> None:
        self._done.set()
        self.join()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def files_below(folder: Path) -> list[Path]:
    """Every file below `folder`, by name."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read_journal(journal: Path) -> list[Result]:
    """What an earlier survey saw; empty without one."""
    if not journal.exists():
        return []
    return [_from_json(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def _from_json(line: str) -> Result:
    told = json.loads(line)
    return Result(**{**told, "rules": tuple(told["rules"]), "broken": tuple(told["broken"])})


def report(results: Sequence[Result]) -> str:
    """The figures of a survey, and every broken promise."""
    outcomes = Counter(result.outcome or "none" for result in results)
    rules = Counter(" ".join(result.rules) or "-" for result in results)
    slowest = sorted(results, key=lambda result: -result.seconds)[:5]
    largest = sorted(results, key=lambda result: -result.memory)[:5]
    broken = [result for result in results if result.broken]
    lines = [f"{len(results)} files"]
    lines += [f"  {count:6} {outcome}" for outcome, count in outcomes.most_common()]
    lines += ["rules", *(f"  {count:6} {names}" for names, count in rules.most_common())]
    lines += ["slowest", *(f"  {result.seconds:6.1f} s    {result.file}" for result in slowest)]
    lines += ["most memory", *(f"  {result.memory >> 20:6} MiB  {result.file}" for result in largest)]
    lines += [f"{len(broken)} broken promises", *(f"  {result.file}: {'; '.join(result.broken)}" for result in broken)]
    return "\n".join(lines)


def main() -> int:
    """0 when every promise was kept, 1 when one was broken or files are left."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--journal", type=Path, help="default: FOLDER.survey.jsonl; delete it to begin anew")
    parser.add_argument("--together", type=int, default=20, help="files a call; 1 is a process each")
    parser.add_argument("--jobs", type=int, default=2, help="calls at a time")
    parser.add_argument("--most", type=int, help="this many files, then stop")
    options = parser.parse_args()
    folder = options.folder.resolve()
    journal = options.journal or folder.with_name(folder.name + ".survey.jsonl")
    results = read_journal(journal)
    known = {result.file for result in results}
    todo = [file for file in files_below(folder) if str(file) not in known]
    with journal.open("a", encoding="utf-8") as out:
        for result in survey(todo[: options.most], options.together, options.jobs):
            results.append(result)
            out.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
            out.flush()
    left = len(known) + len(todo) - len(results)
    sys.stdout.write(report(results) + (f"\n{left} files left: run again" if left else "") + "\n")
    return int(bool(left) or any(result.broken for result in results))


if __name__ == "__main__":
    sys.exit(main())
