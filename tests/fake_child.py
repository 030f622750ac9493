"""Other programs in the place of the limited child, which note each of their runs."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from district_reports.workbook.reading import running
from district_reports.workbook.reading.running import Server

PLUGINS = running.MAIN.parents[3]
GUARD_AND_READER = (
    "from district_reports.workbook.guard import guard",
    "from district_reports.workbook.reading import child_main, reader, tops",
)
READY = 'os.write(fd, b"REDY" + (2).to_bytes(8, "big") + b"{}")'
DONE = 'os.write(fd, b"DONE" + bytes(8))'
OURS = (
    f"sys.path.insert(0, {str(PLUGINS)!r})",
    *GUARD_AND_READER,
    "{change}",
    "child_main.main()",
)


SERVER = (
    f"sys.path.insert(0, {str(PLUGINS)!r})",
    "from district_reports.workbook.reading import child_main, reader_server",
    "reader_server.main()",
)


@dataclass
class FakeChild:
    """A script in `folder` that stands for the child while ``monkeypatch`` says so; `way` is "exec" or "server"."""

    script: Path
    noted: Path
    monkeypatch: pytest.MonkeyPatch
    way: str = "exec"
    server: Server | None = None

    @property
    def runs(self) -> int:
        return len(self.noted.read_text().split()) if self.noted.exists() else 0

    def does(self, *body: str) -> None:
        """A child that reads its request and does `body`; ``fd`` is its pipe."""
        self._put("fd = int(sys.argv[1])", "sys.stdin.read()", *body)
        self._serve(*body, load=False)

    def is_ours(self, change: str = "") -> None:
        """Our own child after the statement `change`, with ``guard``, ``reader`` and ``tops`` to put something in."""
        self._put(*(line.format(change=change) for line in OURS))
        self._serve(*GUARD_AND_READER, change, "ours(request, fd)", load=True)

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None

    def _serve(self, *body: str, load: bool) -> None:
        """The same in the children of a server."""
        if self.way == "exec":
            return
        self.stop()
        *imports, main = SERVER
        script = [
            "import os, signal, sys, time",
            *imports,
            "def answer(request, fd, ours=child_main.answer):",
            *(f"    {line}" for line in (self._note, *body)),
            "child_main.answer = answer",
            *(() if load else ("child_main.load = lambda: None",)),
            main,
        ]
        program = self.script.with_name("fake_server.py")
        program.write_text("\n".join(script))
        self.monkeypatch.setattr(running, "_server", None)
        self.server = running.start_server(program)

    def _put(self, *body: str) -> None:
        self.script.write_text("\n".join(["import os, signal, sys, time", self._note, *body]))
        self.monkeypatch.setattr(running, "MAIN", self.script)

    @property
    def _note(self) -> str:
        return f"open({str(self.noted)!r}, 'a').write(f'{{os.getpid()}} ')"


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
