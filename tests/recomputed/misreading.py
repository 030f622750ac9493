"""A deliberate misreading of the contract: planted in a copy of the tree, by which the hostile city is published."""

import os
import pickle
import secrets
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from conftest import copy_database, run_on
from embedded_server import warehouse_on
from recomputed.conftest import PLANNING, RELEASED_ON, City
from recomputed.published import Published

ROOT = Path(__file__).resolve().parents[2]
MISREADINGS = Path(__file__).with_name("misreadings.toml")
PARTS = ("plugins", "sql", "expectations")


class Broken(Exception):
    """The misreading can't be planted or published: then it proves nothing."""


@dataclass(frozen=True)
class Misreading:
    """`old` in `file` becomes `new`; `wrong` says what is published then."""

    file: str
    old: str
    new: str
    wrong: str

    def plant(self, root: Path) -> None:
        """Change the file in the tree at `root`. Raises Broken where the old text does not occur once."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise Broken(f"{self.file}: the old text occurs {text.count(self.old)} times: {self.old}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def misreadings() -> list[Misreading]:
    with MISREADINGS.open("rb") as file:
        return [Misreading(**entry) for entry in tomllib.load(file)["misreading"]]


def published_by(misreading: Misreading, city: City, folder: Path) -> Published:
    """The city tables that a library with the misreading publishes. Raises Broken where it publishes none."""
    tree, out = folder / "tree", folder / "tables.pickle"
    for part in PARTS:
        shutil.copytree(ROOT / part, tree / part)
    shutil.rmtree(tree / "sql" / "reference")
    shutil.copytree(city.root / "sql" / "reference", tree / "sql" / "reference")
    misreading.plant(tree)
    name = f"misread_{secrets.token_hex(4)}"
    copy_database(city.template.server, name, city.template.name)
    try:
        script = Path(__file__).with_name("publish_again.py")
        done = subprocess.run(
            [sys.executable, "-P", str(script), str(tree), str(out)],
            env=_environment(city, tree, name),
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        run_on(city.template.server, f"DROP DATABASE {name} WITH (FORCE)")
    if done.returncode:
        raise Broken(f"{misreading.file}: {(done.stdout + done.stderr).strip()[-600:]}")
    tables: Published = pickle.loads(out.read_bytes())
    shutil.rmtree(tree)
    return tables


def _environment(city: City, tree: Path, database: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DISTRICT_REPORTS_")}
    return {
        **ours,
        **warehouse_on(city.template.server, database),
        "DISTRICT_REPORTS_ROOT": str(tree),
        "DISTRICT_REPORTS_HOME": str(city.template.keys.parent),
        "DISTRICT_REPORTS_TODAY": str(RELEASED_ON),
        **PLANNING,
        "PYTHONPATH": os.pathsep.join([str(tree / "plugins"), str(ROOT / "tests")]),
    }
