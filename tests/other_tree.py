"""Another copy of the repository's files, and processes whose library is that copy's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
_FOLDERS = ("plugins", "dags", "expectations", "sql")
_GENERATED = shutil.ignore_patterns("__pycache__", "*.egg-info")
_SECONDS = 300


@dataclass(frozen=True)
class Tree:
    """A copy at ``root``, with ``added`` files; its processes work in ``home``."""

    root: Path
    home: Path
    added: tuple[str, ...]
    environment: Mapping[str, str]

    def run(self, *arguments: str, status: int = 0, **environment: str) -> str:
        """What a Python prints whose library is this tree's; it must end with `status`."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        assert done.returncode == status, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def command(self, *arguments: str) -> str:
        """What ``district-reports`` prints."""
        program = (
            "import sys, district_reports; from pathlib import Path;"
            f" assert Path(district_reports.__file__).is_relative_to({str(self.root)!r}), district_reports.__file__;"
            " from district_reports.cli import main; sys.exit(main())"
        )
        return self.run("-c", program, *arguments)


def copy_with(overlay: Path, folder: Path, warehouse: dict[str, str]) -> Tree:
    """A copy of the repository in `folder` with the files of `overlay`, under their paths, added."""
    root, home = folder / "a copy", folder / "home"
    home.mkdir()
    for name in _FOLDERS:
        shutil.copytree(REPOSITORY / name, root / name, ignore=_GENERATED)
    before = files_of(root)
    shutil.copytree(overlay, root, dirs_exist_ok=True, ignore=_GENERATED)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISTRICT_REPORTS_")}
    environment |= {
        "PYTHONPATH": str(root / "plugins"),
        "DISTRICT_REPORTS_HOME": str(home / "run"),
        "DISTRICT_REPORTS_UPLOADS": str(home / "uploads"),
        "DISTRICT_REPORTS_TODAY": "2020-07-04",
        **warehouse,
    }
    return Tree(root, home, tuple(sorted(files_of(root) - before)), environment)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
