import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from district_reports.checks.run import check_workbook
from district_reports.model.checked import CheckedWorkbook
from district_reports.model.finding import Severity
from district_reports.model.history import History
from district_reports.model.knowledge import Knowledge
from district_reports.reference.register import Register
from district_reports.workbook.reading.reader import read_sheets
from ledger_book import RECEIVED_ON, write_book

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def register() -> Register:
    return Register.load(Path(__file__).parent / "reference")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """The register of the independent workbooks."""
    folder = tmp_path_factory.mktemp("city")
    for source in (ROOT / "sql" / "reference", ROOT / "tests" / "independent" / "reference"):
        shutil.copytree(source, folder, dirs_exist_ok=True)
    return Register.load(folder)


@pytest.fixture
def check(tmp_path: Path, register: Register) -> Callable[..., CheckedWorkbook]:
    """Write a workbook, read it and check it: what ``write_book`` takes, and district, received_on, history and what
    is known of its warnings."""

    def checked(
        *,
        district: str | None = "210202",
        received_on=RECEIVED_ON,
        history: History | None = None,
        known: Mapping[str, str] | None = None,
        **book: object,
    ) -> CheckedWorkbook:
        path = write_book(tmp_path / "book.xlsx", **book)
        history_of = None if history is None else lambda form, district, period: history
        explanations = None if known is None else lambda form, district, period: known
        return check_workbook(
            read_sheets(path), register, district, received_on, Knowledge(history_of, explanations=explanations)
        )

    return checked


@pytest.fixture
def told(check: Callable[..., CheckedWorkbook]) -> Callable[..., set[tuple[str, str | None, str | None]]]:
    """The same, as the set of (rule, sheet, cell) of critical findings and warnings."""

    def places(**book: object) -> set[tuple[str, str | None, str | None]]:
        found = check(**book).findings
        return {(one.rule, one.sheet, one.cell) for one in found if one.severity is not Severity.INFO}

    return places
