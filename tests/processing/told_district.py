"""A district that reports student aid and reads what it is told: the answers beside what the ledger says of them."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from sqlalchemy import Engine, text

from district_reports import clock
from district_reports.feedback.folder_notes import write_standing
from district_reports.forms import forms
from district_reports.ledger.locks import grant
from district_reports.model.period import Period
from district_reports.processing import ingest, withdraw
from district_reports.processing.recheck import recheck
from district_reports.processing.redelivery import answer_again, what_lies_there
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Stability
from district_reports.reference.register import Register
from district_reports.settings import settings
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder
from ledger_book import resident_id

FORM, DISTRICT, PERIOD = "student_aid", "210202", "2020-S1"
DUE, LOCKS = date(2020, 8, 20), date(2020, 10, 4)
SCHOOL, NEW_SCHOOL = "2102020001", "2102020008"
COVER = {
    "报表代码": FORM,
    "报表名称": None,
    "模板版本": "2020.1",
    "填报单位": None,
    "填报单位代码": DISTRICT,
    "报告期": PERIOD,
    "填报人": "王敏",
    "联系电话": "0411-82000000",
    "填报日期": date(2020, 7, 3),
    "无数据申报": "否",
    "情况说明": None,
}
STUDENTS = 4


def a_book(
    path: Path,
    *,
    nameless: int = 0,
    unpaid: bool = False,
    nil: bool = False,
    amount: int = 250,
    without: str | None = None,
    school: str = SCHOOL,
) -> Path:
    """Four students and their payments, without a mistake but for what is asked: names left out, one student unpaid
    (a warning), a column left out, the last student at another school."""
    book = Workbook()
    book.active.title = "封面"
    for line in {**COVER, "无数据申报": "是" if nil else "否"}.items():
        book.active.append(line)
    students = [
        {
            "学籍号": f"G{resident_id(number)}",
            "姓名": None if number <= nameless else f"学生{number}",
            "身份证件号": resident_id(number),
            "学校标识码": school if number == STUDENTS else SCHOOL,
            "学段": "小学",
            "年级": 6,
            "困难类型": "建档立卡",
            "困难等级": "困难",
            "认定日期": date(2020, 3, 2),
        }
        for number in range(1, STUDENTS + 1)
    ]
    payments = [
        {
            **{name: student[name] for name in ("学籍号", "身份证件号", "学段")},
            "姓名": f"学生{number}",
            "学校标识码": SCHOOL,
            "资助项目": "非寄宿生生活补助",
            "资助标准": 250,
            "发放金额": amount,
            "发放状态": "已发放",
            "发放日期": date(2020, 5, 6),
        }
        for number, student in enumerate(students, 1)
    ]
    rows = ([], []) if nil else (students, payments[1:] if unpaid else payments)
    for sheet, some in zip(forms()[FORM].sheets, rows, strict=True):
        page = book.create_sheet(sheet.title)
        headers = [column.title for column in sheet.columns if column.title != without]
        for line in ([sheet.title], ["每行一条"], headers, *([row.get(name) for name in headers] for row in some)):
            page.append(line)
    book.save(path)
    return path


@dataclass
class Facts:
    """What the ledger says of the latest receipt, and of its report, at the moment when the answer is read.

    ``loaded`` are rows of its own among the facts, ``rows`` those in force of the whole report, and ``rows_before``
    those in force before it; ``origin`` is the receipt of the district's own file that is in force, ``origin_before``
    that before it. ``late_days`` are those of the first that was accepted since nothing was in force, ``came_late`` is
    of the latest file itself. ``repeated`` is the receipt of what a duplicate repeats, and ``repeats`` its outcome.
    """

    submission_id: int
    outcome: str
    channel: str
    nil: bool
    form: str | None
    withdraws: bool
    recheck: bool
    loaded: int
    rows: int
    rows_before: int
    in_force: int | None
    origin: int | None
    origin_before: int | None
    in_force_outcome: str | None
    in_force_waiting: int
    in_force_quarantined: int
    waiting: int
    quarantined: int
    repeats: str | None
    repeated: int | None
    late_days: int
    came_late: bool
    today: date
    taken_until: date

    @property
    def reported(self) -> bool:
        """Whether it is a report that was accepted."""
        return self.channel == "上报" and not self.withdraws and self.outcome.startswith("accepted")

    @property
    def locked(self) -> bool:
        return self.today > self.taken_until


@dataclass
class Told:
    """What the district reads of the latest receipt."""

    name: str
    list: str
    step: str
    report: str
    standing: str | None
    notice: str


@dataclass
class District:
    """The world of one test: its folder and what it does. ``tell`` is called after every answer."""

    loader: Engine
    folder: DistrictFolder
    tmp_path: Path
    play: Callable[[str], None]
    tell: Callable[["Facts", "Told"], None]
    _until: date = LOCKS
    _rows: int = 0
    _origin: int | None = None
    _emptied: int = 0
    _came: list[date] = field(default_factory=list)

    def day(self, day: str) -> None:
        """Another day has come; in the night the notes were written anew."""
        self.play(day)
        write_standing(self.loader, Register.load(settings().reference), self.folder)

    def report(self, precheck: bool = False, **book: object) -> None:
        """Drop a workbook, have it received and taken through its steps."""
        target = (self.folder.precheck if precheck else self.folder.drop).path / f"{clock.now():%H%M%S%f}.xlsx"
        # Written once, so that the same report again is the same bytes.
        path = self.tmp_path / f"{'-'.join(f'{name}={book[name]}' for name in sorted(book))}.xlsx"
        shutil.copyfile(path if path.exists() else a_book(path, **book), target)
        self._take_in()

    def explain(self, receipt: int) -> None:
        """Write into the copy that answers a receipt why each of its warnings is right, and drop it."""
        (path,) = self.folder.feedback.path.glob(f"*_回执{receipt}.xlsx")
        book = openpyxl.load_workbook(path)
        page = book["问题清单"]
        header = next(row for row in page.iter_rows() if row[0].value == "序号")
        column = next(cell.column for cell in header if cell.value == "情况说明")
        for row in range(header[0].row + 1, page.max_row + 1):
            page.cell(row, column, "家长自愿放弃")
        book.save(self.folder.drop.path / "说明.xlsx")
        self._take_in()

    def withdraw(self, receipt: int) -> None:
        """Drop the notice of a receipt with 是 in place of 否."""
        (notice,) = self.folder.feedback.path.rglob(f"*_回执{receipt}_已收到.txt")
        said = notice.read_text("utf-8-sig").replace("撤回：否", "撤回：是")
        (self.folder.drop.path / f"撤回{clock.now():%H%M%S%f}.txt").write_text(said, encoding="utf-8")
        self._take_in()

    def withdrawn_by_office(self, receipt: int) -> None:
        withdraw.withdraw(receipt, "李科长", "区县来电，发错了文件", lambda _: None)
        self._read()

    def reopened(self, until: date) -> None:
        with self.loader.begin() as connection:
            grant(connection, forms()[FORM], DISTRICT, Period.parse(PERIOD), until, reason="系统故障", by="王科长")
        self._until = until

    def school_comes(self) -> None:
        """The register gets the school that it lacked, and the file is checked again."""
        with (settings().reference / "schools.csv").open("a", encoding="utf-8") as file:
            file.write(f"{NEW_SCHOOL},中山第八小学,210202,小学,城区,公办,2010-06-01,\n")
        register = Register.load(settings().reference)
        assert recheck(register, lambda _: None) == 1
        self._work()

    def answered_again(self) -> None:
        """Somebody asks for the latest answer once more."""
        (row,) = self._ask("SELECT submission_id, answered_as FROM ledger.submission ORDER BY receipt_id DESC LIMIT 1")
        answer_again(row.submission_id, what_lies_there(row.answered_as))
        self._read()

    def _take_in(self) -> None:
        receive(
            self.loader,
            Register.load(settings().reference),
            stable_files=lambda paths: Stability(tuple(look for path in paths if (look := file_state(path))), 0),
        )
        self._work()

    def _work(self) -> None:
        step = ingest.validate(FORM, f"{DISTRICT}|{PERIOD}", "run")
        if step is not None:
            ingest.load(step)
            ingest.answer(step)
        self._read()

    def _read(self) -> None:
        facts = self._facts()
        self.tell(facts, self._told(facts))
        self._rows, self._origin = facts.rows, facts.origin
        if facts.withdraws and facts.in_force is None:
            self._emptied = facts.submission_id

    def _ask(self, question: str, **values: object):
        with self.loader.begin() as connection:
            return connection.execute(text(question), values).all()

    def _facts(self) -> Facts:
        (own,) = self._ask("SELECT * FROM ledger.submission ORDER BY receipt_id DESC LIMIT 1")
        standing = self._ask(
            "SELECT v.submission_id, own_receipt_id AS origin, v.outcome FROM ledger.in_force v"
            " JOIN ledger.submission_file f USING (submission_id)"
            " JOIN ledger.own_receipt o ON o.submission_id = f.origin_id"
        )
        in_force = standing[0] if standing else None
        judged = own
        while judged.duplicate_of is not None:
            (judged,) = self._ask("SELECT * FROM ledger.submission WHERE submission_id = :id", id=judged.duplicate_of)
        days = [
            (row.received_at.astimezone(clock.ZONE).date() - DUE).days
            for row in self._ask(
                "SELECT received_at FROM ledger.submission WHERE channel = '上报' AND withdraws IS NULL"
                " AND outcome IN ('accepted', 'accepted_with_errors') AND submission_id > :emptied ORDER BY receipt_id",
                emptied=self._emptied,
            )
        ]
        return Facts(
            submission_id=own.submission_id,
            outcome=own.outcome,
            channel=own.channel,
            nil=own.nil_return,
            form=own.form,
            withdraws=own.withdraws is not None,
            recheck=own.recheck_of is not None,
            loaded=self._loaded("submission_id = :id", id=own.submission_id),
            rows=self._loaded("known_until IS NULL"),
            rows_before=self._rows,
            in_force=in_force and in_force.submission_id,
            origin=in_force and in_force.origin,
            origin_before=self._origin,
            in_force_outcome=in_force and in_force.outcome,
            in_force_waiting=self._waiting(in_force.submission_id) if in_force else 0,
            in_force_quarantined=self._quarantined(in_force.submission_id) if in_force else 0,
            waiting=self._waiting(own.submission_id),
            quarantined=self._quarantined(own.submission_id),
            repeats=judged.outcome if judged is not own else None,
            repeated=judged.receipt_id if judged is not own else None,
            late_days=max(0, days[0]) if days else 0,
            came_late=own.received_at.astimezone(clock.ZONE).date() > DUE,
            today=clock.today(),
            taken_until=self._until,
        )

    def _loaded(self, where: str, **values: object) -> int:
        tables = [sheet.table for sheet in forms()[FORM].sheets]
        return sum(self._ask(f"SELECT count(*) AS n FROM facts.{one} WHERE {where}", **values)[0].n for one in tables)

    def _waiting(self, submission_id: int) -> int:
        return self._ask(
            "SELECT count(*) AS n FROM findings.finding WHERE submission_id = :id AND warning_id IS NOT NULL"
            " AND explanation IS NULL",
            id=submission_id,
        )[0].n

    def _quarantined(self, submission_id: int) -> int:
        return self._ask(
            "SELECT count(*) AS n FROM quarantine.quarantined_row WHERE submission_id = :id", id=submission_id
        )[0].n

    def _told(self, facts: Facts) -> Told:
        (row,) = self._ask(
            "SELECT answered_as, receipt_id FROM ledger.submission WHERE submission_id = :id", id=facts.submission_id
        )
        path = settings().uploads / row.answered_as
        book = openpyxl.load_workbook(path)
        pages = [book[title] for title in ("结论", "问题清单") if title in book.sheetnames]
        lines = [[str(cell) for cell in line if cell is not None] for page in pages for line in page.values]
        step = next(line[1] for line in lines if line[:1] == ["怎样做"])
        html = re.sub(r"<style>.*?</style>", " ", path.with_suffix(".html").read_text("utf-8"), flags=re.DOTALL)
        note = self.folder.feedback.path / "上报情况.txt"
        standing = note.read_text("utf-8-sig").splitlines() if note.exists() else []
        notices = [
            one.read_text("utf-8-sig") for one in self.folder.feedback.path.rglob(f"*_回执{row.receipt_id}_已收到.txt")
        ]
        begins = f"{forms()[FORM].title} {Period.parse(PERIOD).named()}："
        return Told(
            name=path.name,
            list="\n".join(" ".join(line) for line in lines),
            step=step,
            report=" ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split()),
            standing=next((line for line in standing if line.startswith(begins)), None),
            notice="".join(notices),
        )


REGISTER: Mapping[str, str] = {
    "districts.csv": "district_code,name,zone,valid_from,valid_to\n210202,中山区,市内五区,2000-01-01,\n",
    "schools.csv": (
        "school_code,school_name,district_code,school_type,area_type,sponsor,opened_on,closed_on\n"
        f"{SCHOOL},中山第一小学,210202,小学,城区,公办,1990-09-01,\n"
    ),
}
