"""The running deployment as tests ask it, and how they wait for it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
import pytest
from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.local.airflow.api import Client
from district_reports.settings import Settings
from district_reports.storage.folders import DistrictFolder, district_folders

Found = TypeVar("Found")
INGEST = "ingest_dropout_control"


def say(line: str) -> None:
    """Progress past pytest's capture: this takes a while."""
    sys.__stderr__.write(f"  {line}\n")
    sys.__stderr__.flush()


def eventually(look: Callable[[], Found], what: str, seconds: float = 300) -> Found:
    """What `look` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.5)
    pytest.fail(f"not within {seconds:.0f} s: {what}")


@dataclass(frozen=True)
class House:
    """The running deployment, as the tests ask it."""

    settings: Settings
    airflow: Client

    def folder(self, district: str) -> DistrictFolder:
        return next(folder for folder in district_folders(self.settings.uploads) if folder.code == district)

    def drop(self, workbook: Path, district: str, name: str = "台账.xlsx") -> None:
        """As a program copies: under a temporary name first."""
        target = self.folder(district).drop.path / name
        target.with_name(f"{name}.tmp").write_bytes(workbook.read_bytes())
        target.with_name(f"{name}.tmp").rename(target)

    def submissions(self, district: str) -> list[Any]:
        with engine(Role.LOADER).begin() as connection:
            return list(
                connection.execute(
                    text("SELECT * FROM ledger.submission WHERE district_code = :d ORDER BY receipt_id"),
                    {"d": district},
                )
            )

    def answered(self, district: str, number: int = 1) -> list[Any]:
        """The district's submissions, once `number` of them are answered."""

        def look() -> list[Any] | None:
            found = self.submissions(district)
            return found if sum(row.state == "answered" for row in found) >= number else None

        return eventually(look, f"{number} answers to {district}")

    def runs(self, key: str) -> list[Any]:
        return [run for run in self.airflow.runs(INGEST) if run.partition_key == key]


def lives_in(process: psutil.Process, home: Path) -> bool:
    """Whether the process works in a folder below `home`; a zombie, and one that is none of ours, does not.

    Airflow's workers and PostgreSQL's write their titles over their command and environment: neither would tell.
    """
    try:
        return Path(process.cwd()).is_relative_to(home)
    except (psutil.Error, OSError):
        return False


def run_sql(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a statement on another database of the server."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def grep(folder: Path, words: list[str]) -> set[str]:
    """Which of `words` occur in any file below `folder`, in any :func:`spelling <spellings>`."""
    if not folder.exists():
        return set()
    found = set()
    for word in words:
        patterns = [part for spelling in spellings(word) for part in ("-e", spelling)]
        done = subprocess.run(["grep", "-rqF", *patterns, str(folder)], check=False)
        # 2: a file that can't be read, or one that was moved away meanwhile; not "not found".
        assert done.returncode in (0, 1)
        if done.returncode == 0:
            found.add(word)
    return found


def spellings(word: str) -> list[str]:
    """As text, as JSON in ASCII, as such JSON within a text, as part of a URL, and as bytes in hexadecimal."""
    escaped = json.dumps(word)[1:-1]
    return list(dict.fromkeys([word, escaped, escaped.replace("\\", "\\\\"), quote(word), word.encode().hex()]))
