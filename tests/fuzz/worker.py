"""A process that examines files, so that one that brings it down is told from one that it can judge.

It reads a JSON request a line on stdin ({"what", "path"}) and answers each with a line: the complaints, none if fine.
"""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
SECONDS = 60


class Worker:
    """The other end: starts the process, and again after it was brought down."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, what: str, path: Path, *, check: bool = True) -> list[str]:
        """The complaints about the file at `path`; ``aborted …`` and ``timeout`` are the worker's own end."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"what": what, "path": str(path), "check": check}).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        answer = process.stdout.readline() if ready else b""
        if answer:
            return list(json.loads(answer))
        self.close()
        return [f"aborted {process.returncode}" if ready else "timeout"]

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "fuzz.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=TESTS,
        )
        return self._process

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            self._process = None


def main() -> None:
    from fuzz import properties

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.process_time()
        complaints = properties.EXAMINE[request["what"]](Path(request["path"]), request["check"])
        if time.process_time() - started > SECONDS / 2:
            complaints.append("slow")
        answers.write(json.dumps(complaints).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
