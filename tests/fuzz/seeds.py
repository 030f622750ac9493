"""Small valid workbooks of every form, from xlsxwriter, openpyxl and by hand, and one that is read by columns."""

from pathlib import Path

from district_reports.local.samples.workbooks import write_samples
from district_reports.reference.register import Register
from ledger_book import write_book
from traits.trait import Trait

REFERENCE = Path(__file__).parents[2] / "sql" / "reference"
LARGE_ROWS = 200


def write_seeds(folder: Path) -> list[Path]:
    """Write the workbooks into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = write_samples(folder, Register.load(REFERENCE), districts=1, scale=0.002)
    return [
        *samples,
        write_book(folder / "openpyxl.xlsx"),
        Trait(name="by hand").write(folder / "by_hand.xlsx"),
        Trait(name="by hand, large", children=LARGE_ROWS).write(folder / "by_hand_large.xlsx"),
    ]
