"""Fixtures: a home, the folder of one district in it, and a call of receiving."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from district_reports.ledger.receipts import Drop, Identity
from district_reports.ledger.withdrawals import Reported
from district_reports.model.form import Form
from district_reports.model.period import Period
from district_reports.receiving import receive
from district_reports.receiving.drop import Filed, Rejection
from district_reports.receiving.stability import Settled, look_at
from district_reports.receiving.summary import ReceiveSummary
from district_reports.reference.register import Register
from district_reports.settings import Settings, settings
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
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A home and an uploads folder of the test's own, on the day of the demo."""
    monkeypatch.setenv("DISTRICT_REPORTS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DISTRICT_REPORTS_UPLOADS", str(tmp_path / "uploads"))
    monkeypatch.setenv("DISTRICT_REPORTS_TODAY", "2020-07-04")
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


@pytest.fixture
def folder(deployment: Settings, register: Register) -> DistrictFolder:
    """中山区's folder."""
    return lay_out(deployment.uploads, register.districts)[0]


@pytest.fixture(scope="session")
def ledger_workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("book") / "book.xlsx")


@dataclass
class MemoryLedger:
    """The ledger's promises to receiving, kept in memory: what a call has written outlives a killed caller."""

    receipts: dict[int, Filed] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    answers: set[int] = field(default_factory=set)

    def unsettled(self) -> list[Filed]:
        return [receipt for number, receipt in self.receipts.items() if number not in self.settled]

    def knows(self, district_code: str) -> bool:
        return any(receipt.drop.district_code == district_code for receipt in self.receipts.values())

    def reported(self, receipt_id: int) -> Reported | None:
        filed = self.receipts.get(receipt_id)
        if filed is None:
            return None
        drop, identity = filed.drop, filed.identity
        return Reported(
            receipt_id,
            filed.submission_id,
            drop.district_code,
            drop.folder,
            drop.channel,
            drop.sha256,
            identity and identity.form,
            identity and identity.period,
            identity and identity.withdraws,
        )

    def prechecked(self, folder: str, sizes: Sequence[int]) -> list[Drop]:
        drops = [receipt.drop for receipt in self.receipts.values()]
        return [drop for drop in drops if (drop.folder, drop.channel) == (folder, "预检") and drop.size_bytes in sizes]

    def record(self, drop: Drop, identity: Identity | None, rejection: Rejection | None) -> Filed:
        for receipt in self.unsettled():
            assert (receipt.drop.folder, receipt.drop.channel, receipt.drop.file_name) != (
                drop.folder, drop.channel, drop.file_name,
            )  # fmt: skip
        number = len(self.receipts) + 1
        receipt = Filed(
            receipt_id=number, submission_id=100 + number, drop=drop, identity=identity, rejection=rejection
        )
        self.receipts[number] = receipt
        return receipt

    def answered(self, filed: Filed, answered_as: str) -> None:
        self.answers.add(filed.submission_id)

    def settle(self, filed: Filed) -> None:
        self.settled.add(filed.receipt_id)

    def taken_until(self, form: Form, district_code: str, period: Period) -> date:
        return form.locks_on(period)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def drop(folder: DistrictFolder, ledger_workbook: Path):
    """Puts a workbook, or bytes, into 中山区's 上报."""

    def put(name: str = "台账.xlsx", content: bytes | None = None) -> Path:
        path = folder.drop / name
        if content is None:
            shutil.copyfile(ledger_workbook, path)
        else:
            path.write_bytes(content)
        return path

    return put


@pytest.fixture
def run(deployment, ledger, register) -> Callable[..., ReceiveSummary]:
    """One call, with files taken at once: test_stability.py is about the waiting."""

    def at_once(paths) -> Settled:
        looks = tuple(look for path in paths if (look := look_at(path)))
        return Settled(looks, 0)

    return lambda **options: receive.receive(ledger, register, **{"settle": at_once, **options})
