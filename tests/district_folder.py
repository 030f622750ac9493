"""Fixtures: a home, the folder of one district in it, and a call of receiving."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from district_reports.ledger import receipts
from district_reports.ledger.receipts import Filed
from district_reports.receiving import receive
from district_reports.receiving.stability import Stability
from district_reports.receiving.summary import ReceiveSummary
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder, lay_out
from ledger_book import write_book


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    folder = tmp_path_factory.mktemp("reference")
    (folder / "districts.csv").write_text(
        "district_code,name,zone,valid_from,valid_to\n"
        "210202,中山区,市内五区,2000-01-01,\n"
        "210203,西岗区,市内五区,2000-01-01,\n",
        encoding="utf-8",
    )
    (folder / "schools.csv").write_text(
        "school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on\n"
        "2102020001,中山第一小学,210202,小学,城区,公办,1990-09-01,\n",
        encoding="utf-8",
    )
    return Register.load(folder)


@pytest.fixture
def deployment(tmp_settings: Settings) -> Settings:
    """A home and an uploads folder of the test's own, on the day of the demo."""
    return tmp_settings


@pytest.fixture
def folder(deployment: Settings, register: Register) -> DistrictFolder:
    """中山区's folder."""
    return lay_out(deployment.uploads, register.districts)[0]


@pytest.fixture(scope="session")
def ledger_workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("book") / "book.xlsx")


@dataclass(frozen=True)
class LedgerView:
    """What the ledger says of the receipts of a test."""

    loader: Engine

    @property
    def receipts(self) -> dict[int, Filed]:
        every = (
            "SELECT r.*, submission_id, form, period, filler, telephone, withdraws, reason, rules_hash"
            " FROM ledger.receipt r JOIN ledger.submission USING (receipt_id) ORDER BY receipt_id"
        )
        with self.loader.begin() as connection:
            found = [receipts.filed(connection, row) for row in connection.execute(text(every))]
        return {receipt.receipt_id: receipt for receipt in found}

    @property
    def settled(self) -> set[int]:
        return self._ids("SELECT receipt_id FROM ledger.receipt WHERE settled_at IS NOT NULL")

    @property
    def answers(self) -> set[int]:
        return self._ids("SELECT submission_id FROM ledger.submission WHERE state = 'answered'")

    def _ids(self, question: str) -> set[int]:
        with self.loader.begin() as connection:
            return set(connection.scalars(text(question)))


@pytest.fixture
def ledger(loader: Engine) -> LedgerView:
    return LedgerView(loader)


@pytest.fixture
def drop(folder: DistrictFolder, ledger_workbook: Path):
    """Puts a workbook, or bytes, into 中山区's 上报."""

    def put(name: str = "台账.xlsx", content: bytes | None = None) -> Path:
        path = folder.drop.path / name
        if content is None:
            shutil.copyfile(ledger_workbook, path)
        else:
            path.write_bytes(content)
        return path

    return put


@pytest.fixture
def run(deployment, loader, register) -> Callable[..., ReceiveSummary]:
    """One call, with files taken at once: test_stability.py is about the waiting."""

    def at_once(paths) -> Stability:
        looks = tuple(look for path in paths if (look := file_state(path)))
        return Stability(looks, 0)

    return lambda **options: receive.receive(loader, register, **{"stable_files": at_once, **options})
