"""The process that renders charts: a line of JSON in, a line of JSON out, one chart at a time.

It ends when its standard input is closed, so that a parent that is killed leaves no process behind.
"""

import base64
import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from threading import Lock

from district_reports.errors import SystemFault

RENDER_TIMEOUT_SECONDS = 15.0
"""For one chart. The first takes two seconds, the next ones a tenth."""
_LARGEST = 4_000_000


class ChartFault(SystemFault):
    """A chart could not be drawn; the message says why, without what it shows."""


class ChartRenderer:
    """Renders charts in a child process, which it starts on first use and again if the process has ended."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-P", "-m", __name__)) -> None:
        self._command = command
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def render(self, spec: str) -> str:
        """The SVG of a Vega-Lite specification in JSON.

        Raises:
            ChartFault: Vega-Lite does not understand it, or the child ended or took too long over it.
        """
        return self._answer(spec, "svg")

    def render_png(self, spec: str) -> bytes:
        """The same as a PNG, two pixels to each of the chart's own.

        Raises:
            ChartFault: as :meth:`render`.
        """
        return base64.b64decode(self._answer(spec, "png"))

    def _answer(self, spec: str, kind: str) -> str:
        with self._lock:
            try:
                answer = json.loads(self._ask({"kind": kind, "spec": spec}))
            except (OSError, ValueError, ChartFault) as error:
                self._dismiss()
                raise ChartFault(f"the process that renders charts has failed ({type(error).__name__})") from None
        if kind not in answer:
            raise ChartFault(f"Vega-Lite does not understand its specification ({answer.get('error')})")
        return str(answer[kind])

    def _ask(self, request: dict[str, str]) -> bytes:
        child = self._child
        if child is None or child.poll() is not None:
            self._dismiss()
            child = self._child = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
            )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        deadline = time.monotonic() + RENDER_TIMEOUT_SECONDS
        answer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise ChartFault("too slow")
                part = os.read(child.stdout.fileno(), 1 << 16)
                if not part or len(answer) > _LARGEST:
                    raise ChartFault("ended, or does not end")
                answer += part
        return answer

    def _dismiss(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            # Closing flushes what the process, now gone, has not read.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self._child = None


def main() -> None:
    """Render each specification on standard input, until that is closed."""
    import vl_convert

    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
            if request["kind"] == "png":
                drawn = vl_convert.vegalite_to_png(request["spec"], scale=2, allowed_base_urls=[])
                answer = {"png": base64.b64encode(drawn).decode()}
            else:
                answer = {"svg": vl_convert.vegalite_to_svg(request["spec"], allowed_base_urls=[])}
        except ValueError as error:
            answer = {"error": type(error).__name__}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
