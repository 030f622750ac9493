"""Other programs in the place of the limited child, which note each of their runs."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from district_reports.workbook import child

PLUGINS = Path(child.__file__).parents[2]
READY = 'os.write(fd, b"REDY" + (2).to_bytes(8, "big") + b"{}")'
DONE = 'os.write(fd, b"DONE" + bytes(8))'
OURS = (
    f"sys.path.insert(0, {str(PLUGINS)!r})",
    "from district_reports.workbook import child_main, guard, reader",
    "{change}",
    "child_main.main()",
)


@dataclass(frozen=True)
class FakeChild:
    """A script in `folder` that stands for the child while ``monkeypatch`` says so."""

    script: Path
    noted: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def runs(self) -> int:
        return len(self.noted.read_text().split()) if self.noted.exists() else 0

    def does(self, *body: str) -> None:
        """A child that reads its request and does `body`; ``fd`` is its pipe."""
        self._put("fd = int(sys.argv[1])", "sys.stdin.read()", *body)

    def is_ours(self, change: str = "") -> None:
        """Our own child after the statement `change`, which has ``guard`` and ``reader`` to put something in."""
        self._put(*(line.format(change=change) for line in OURS))

    def _put(self, *body: str) -> None:
        note = f"open({str(self.noted)!r}, 'a').write(f'{{os.getpid()}} ')"
        self.script.write_text("\n".join(["import os, signal, sys, time", note, *body]))
        self.monkeypatch.setattr(child, "_MAIN", self.script)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
