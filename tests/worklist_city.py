"""A city whose districts pay the same pupils, its nights, and what its clerks do with 待核对.xlsx."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from sqlalchemy import Engine, text

from district_reports.ledger.rulings import rule
from district_reports.ledger.viewing import writing
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Stability
from district_reports.receiving.summary import ReceiveSummary
from district_reports.reconciliation.delivery import Told, tell_districts
from district_reports.reconciliation.reconcile import reconcile
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.users import Role, Viewer
from publish.records import hardship, payment
from submitted import XIGANG, ZHONGSHAN, report, submit

SEMESTER = "2020-S1"
HEADERS = (
    *("编号", "规则", "级别", "问题", "怎样办", "报表", "报告期", "工作表", "行", "姓名", "证件号", "学校", "涉及区县"),
    *("首次出现", "已挂天数", "状态", "情况说明"),
)
NUMBER, TEXT = HEADERS.index("编号") + 1, len(HEADERS)
SOUND, OTHER = "已核实，学生春季学期转学", "对方发放有误，已联系更正"
LIST = "待核对.xlsx"
_contents = count(1)


@dataclass
class WorklistCity:
    """``folders`` by district; every district has one."""

    loader: Engine
    folders: Mapping[str, DistrictFolder]
    play: Callable[[str], None]

    def aid(self, district: str, *pupils: int | dict) -> int:
        """A district reports that it paid these pupils (by number, or as rows); the submission's id."""
        paid = [payment(each, school_code=f"{district}0001") if isinstance(each, int) else each for each in pupils]
        sheets = {"hardship_student": [hardship(1)][:0], "aid_payment": paid}
        workbook = report("student_aid", sheets, district=district, period=SEMESTER)
        return submit(self.loader, f"aid {next(_contents)}", workbook).submission_id

    def night(self, day: str = "") -> Told:
        """Compare and tell, on `day` if it is another."""
        if day:
            self.play(day)
        reconcile()
        return tell_districts()

    def path(self, district: str = ZHONGSHAN) -> Path:
        return self.folders[district].feedback.path / LIST

    def history(self, district: str = ZHONGSHAN) -> list[str]:
        folder = self.folders[district].history.path
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def rows(self, district: str = ZHONGSHAN) -> list[dict]:
        """The list as the clerk reads it; none where there is no file."""
        if not self.path(district).exists():
            return []
        first, *rest = openpyxl.load_workbook(self.path(district))["待核对"].iter_rows(values_only=True)
        assert first == HEADERS
        return [dict(zip(HEADERS, row, strict=True)) for row in rest]

    def states(self, district: str = ZHONGSHAN) -> dict[int, str]:
        return {row["编号"]: row["状态"] for row in self.rows(district)}

    def filled_in(self, texts: Mapping[int, object], district: str = ZHONGSHAN) -> Workbook:
        """The list with `texts` in 情况说明 of each row of these items."""
        book = openpyxl.load_workbook(self.path(district))
        sheet = book["待核对"]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, 1).value in texts:
                sheet.cell(row, len(HEADERS)).value = texts[sheet.cell(row, 1).value]
        return book

    def drop(self, book: Workbook | Path, district: str = ZHONGSHAN, name: str = LIST, precheck: bool = False) -> Path:
        """Put a workbook into 上报 or 预检."""
        folder = self.folders[district]
        path = (folder.precheck if precheck else folder.drop).path / name
        if isinstance(book, Path):
            path.write_bytes(book.read_bytes())
        else:
            book.save(path)
        return path

    def receive(self) -> ReceiveSummary:
        def at_once(paths: Sequence) -> Stability:
            return Stability(tuple(look for path in paths if (look := file_state(path))), 0)

        return receive(self.loader, Register.load(settings().reference), stable_files=at_once)

    def send(self, book: Workbook | Path, district: str = ZHONGSHAN, **how: object) -> str:
        """Drop a list and have it received; what the notice says, from below its head on."""
        self.drop(book, district, **how)  # type: ignore[arg-type]
        assert self.receive() == ReceiveSummary(received=1)
        return self.notice(district)

    def notice(self, district: str = ZHONGSHAN) -> str:
        """What became of the latest list that came back."""
        said = max(self.folders[district].feedback.path.glob("*_已收到.txt"), key=lambda path: path.stat().st_mtime_ns)
        content = said.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\n") == content.count(b"\r\n")
        return content.decode("utf-8-sig").partition("（不是报表）\r\n\r\n")[2].replace("\r\n", "\n")

    def ask(self, question: str, **values: object) -> list[tuple]:
        with self.loader.begin() as connection:
            return [tuple(row) for row in connection.execute(text(question), values)]

    def said(self) -> list[tuple]:
        """Every explanation: item, spell, district, text."""
        return self.ask(
            "SELECT item_id, spell, district_code, explanation FROM reconciliation.explanation ORDER BY explanation_id"
        )


def rule_on(item: int) -> None:
    """An officer closes the item, which is as it was when it was first seen."""
    with writing(Viewer("李科长", Role.OFFICER)) as connection:
        assert rule(connection, {item: 1}, closes=True, reason="两地都有依据", by="李科长").done == [item]


@pytest.fixture
def city(loader: Engine, play: Callable[[str], None]) -> WorklistCity:
    """All districts with their folders, and nothing reported yet."""
    districts = Register.load(settings().reference).districts_on(date(2020, 7, 4))
    folders = lay_out(settings().uploads, districts)
    return WorklistCity(loader, {folder.code: folder for folder in folders}, play)


@pytest.fixture
def paid_twice(city: WorklistCity) -> WorklistCity:
    """中山区 and 西岗区 both paid pupils 1 to 3: items 1 to 3, told in the night of 4 July."""
    city.aid(ZHONGSHAN, 1, 2, 3)
    city.aid(XIGANG, 9, 1, 2, 3)
    city.night()
    return city
