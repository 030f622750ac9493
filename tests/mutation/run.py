"""Plant each fault of faults.toml in a copy of the tree, and see that the quick tests of its place catch it.

``make mutants`` plants all; ``python tests/mutation/run.py 3 17 publish`` those of a number or with a word in their
file. What the quick tests let pass is put to the slow ones of the same files. Ends with 1 if the quick tests let pass
more than :data:`MAY_ESCAPE` of all (or one of those chosen), and with 2 if a fault can't be planted any more.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_name("faults.toml")
MAY_ESCAPE = 2
"""Of all faults; none of fewer."""
SECONDS = 1800
QUICK, SLOW, NOBODY, BROKEN = "caught", "caught by slow tests only", "NOT CAUGHT", "BROKEN"


@dataclass(frozen=True)
class Fault:
    """``old`` in ``file`` becomes ``new``; ``tests`` are to see it, or somebody will see that it is ``wrong``."""

    number: int
    file: str
    old: str
    new: str
    wrong: str
    tests: list[str]

    def plant(self, root: Path) -> None:
        """Change the file in the tree at `root`. Raises ValueError where the old text does not occur once."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"the old text occurs {text.count(self.old)} times")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def tracked_files() -> list[str]:
    """What makes up the tree, untracked files that are to come included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")[:-1]


def judged(fault: Fault, files: list[str]) -> tuple[str, str]:
    """What became of the fault, and the first test that saw it, or why there is none."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        root = Path(name) / "tree"
        for file in files:
            if (ROOT / file).exists():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / file, root / file)
        try:
            fault.plant(root)
        except ValueError as why:
            return BROKEN, str(why)
        for verdict, marks in ((QUICK, "not slow"), (SLOW, "slow")):
            code, said = run(root, fault.tests, marks)
            # 2: a test file can't even be imported.
            if code in (1, 2):
                return verdict, said
            # 5: none of these tests is slow.
            if code not in (0, 5):
                return BROKEN, said
    return NOBODY, fault.wrong


def run(root: Path, tests: list[str], marks: str) -> tuple[int, str]:
    """The exit code of pytest over `tests` of the tree at `root`, up to the first failure; its last words."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DISTRICT_REPORTS_")}
    # Before the checkout, whose library is the installed one.
    environment["PYTHONPATH"] = str(root / "plugins")
    # The mutant's bytecode is not worth its time, and what is installed has its own.
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    options = ["-x", "-q", "-m", marks, "-p", "no:cacheprovider", "--no-header", f"--basetemp={root.parent / 'tmp'}"]
    command = [sys.executable, "-c", _IN_THE_TREE, str(root), *options, *tests]
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 1, f"not within {SECONDS} s"
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, (lines or (done.stdout + done.stderr).splitlines()[-1:] or ["no word"])[0][:160]


_IN_THE_TREE = """
import sys, district_reports, pytest
if not district_reports.__file__.startswith(sys.argv[1]):
    sys.exit(9)
sys.exit(pytest.main(sys.argv[2:]))
"""


def main() -> int:
    """Plant the chosen faults, two at a time; say of each what became of it."""
    with FAULTS.open("rb") as file:
        every = [Fault(number, **fault) for number, fault in enumerate(tomllib.load(file)["fault"], 1)]
    chosen = sys.argv[1:]
    faults = [one for one in every if not chosen or any(word in (str(one.number), one.file) for word in chosen)]
    faults = faults or [one for one in every if any(word in one.file for word in chosen)]
    files = tracked_files()
    verdicts = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for fault, (verdict, said) in zip(faults, pool.map(lambda one: judged(one, files), faults), strict=True):
            verdicts.append(verdict)
            sys.stdout.write(f"{fault.number:2} {verdict}: {fault.file}\n   {said}\n")
            sys.stdout.flush()
    caught = verdicts.count(QUICK)
    sys.stdout.write(f"{caught} of {len(faults)} caught by the quick tests\n")
    if BROKEN in verdicts:
        return 2
    return int(len(faults) - caught > (MAY_ESCAPE if len(faults) == len(every) else 0))


if __name__ == "__main__":
    sys.exit(main())
