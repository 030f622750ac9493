"""Taking a report back on a real warehouse: by the notice that the clerk drops, and by command."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from district_reports.cli import main
from district_reports.errors import SystemFault
from district_reports.feedback import delivery
from district_reports.ledger import leases
from district_reports.ledger.receipts import Identity, file_drop, unsettled
from district_reports.ledger.withdrawals import reported
from district_reports.processing import ingest
from district_reports.processing import withdraw as by_command
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Stability
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.storage import archive
from district_reports.storage.file_state import file_state
from district_reports.storage.folders import DistrictFolder, lay_out
from district_reports.upkeep.verify import verify
from district_reports.workbook.marking.list_workbook import write_answer
from ledger_book import SCHOOLS, case, write_book
from submitted import a_drop, checked, submit
from submitted import receive as note_drop

KEY = "210202|2020-06"
SCHOOL = "2219010001"
"""A primary school of the repository's register."""


@pytest.fixture
def folder(warehouse_url: str, tmp_settings: Settings) -> DistrictFolder:
    """中山区's folder."""
    return lay_out(tmp_settings.uploads, Register.load(tmp_settings.reference).districts)[0]


def a_book(folder: Path, cases: int) -> Path:
    """A sound ledger of 中山区 with so many cases."""
    rows = [case(number, 学校标识码=SCHOOL) for number in range(1, cases + 1)]
    return write_book(folder / "book.xlsx", cases=rows, enrolment=[{**SCHOOLS[0], "学校标识码": SCHOOL}])


def take_in(loader: Engine, deployment: Settings) -> None:
    receive(
        loader,
        Register.load(deployment.reference),
        stable_files=lambda paths: Stability(tuple(look for path in paths if (look := file_state(path))), 0),
    )


def work(key: str = KEY) -> dict[str, object] | None:
    step = ingest.validate("dropout_control", key, "run")
    if step is None:
        return None
    ingest.load(step)
    return ingest.answer(step)


@pytest.fixture
def send(folder: DistrictFolder, loader: Engine, tmp_settings: Settings, tmp_path: Path) -> Callable[[int], None]:
    """Drops a ledger with so many cases, and takes it through its steps."""

    def sent(cases: int) -> None:
        shutil.copyfile(a_book(tmp_path, cases), folder.drop.path / f"{cases}.xlsx")
        take_in(loader, tmp_settings)
        told = work()
        assert told is not None
        assert told["outcome"] == "accepted"

    return sent


def open_cases(loader: Engine) -> int:
    with loader.begin() as connection:
        return connection.execute(
            text("SELECT count(*) FROM facts.dropout_case WHERE known_until IS NULL")
        ).scalar_one()


def the_answer(folder: DistrictFolder, receipt: int) -> tuple[str, dict[str, str]]:
    """Name and the sheet 结论 of the answer to a receipt."""
    (path,) = folder.feedback.path.rglob(f"*_回执{receipt}.xlsx")
    rows = load_workbook(path)["结论"].iter_rows(min_row=3, max_col=2, values_only=True)
    return path.name, {str(row[0]): str(row[1]) for row in rows if row[0]}


def test_a_notice_dropped_back_takes_the_report_back(send, loader, folder, tmp_settings) -> None:
    send(2)
    send(4)
    assert open_cases(loader) == 4
    (notice,) = folder.feedback.path.rglob("*_回执2_已收到.txt")
    said = notice.read_text("utf-8-sig").replace("撤回：否", "撤回：是")
    (folder.drop.path / "新建 文本文档.txt").write_bytes(said.encode("gb18030"))
    take_in(loader, tmp_settings)
    assert work()["outcome"] == "accepted"

    assert open_cases(loader) == 2
    assert (folder.received.path / "新建 文本文档.txt").exists()
    with loader.begin() as connection:
        sha256 = connection.scalar(text("SELECT sha256 FROM ledger.submission WHERE receipt_id = 3"))
    assert archive.original(tmp_settings.archive, sha256).read_bytes() == said.encode("gb18030")
    name, told = the_answer(folder, 3)
    assert "_已撤回_" in name
    assert "（回执 2）。现在生效的是以前的一份（回执 1，2020-07-04" in told["结论"]
    assert "收到，通过）" in told["结论"]
    assert told["怎样做"].startswith("问题清单和行数是现在生效的那一份的。")

    # The same notice once more, as another file: refused, and nothing changes.
    (folder.drop.path / "再来.txt").write_bytes(said.encode())
    take_in(loader, tmp_settings)
    assert work()["outcome"] == "rejected"
    assert open_cases(loader) == 2
    name, told = the_answer(folder, 4)
    assert "_撤回未受理_" in name
    assert "已经撤回过" in told["结论"]
    assert verify(patience=timedelta(0)).problems == ()


def test_a_withdrawal_that_was_cut_off_is_found_again_as_one(loader, folder) -> None:
    first = submit(loader, "a", checked([]), folder=folder.name)
    identity = Identity(form="dropout_control", period="2020-05", withdraws=first.submission_id)
    with loader.begin() as connection:
        filed = file_drop(connection, a_drop("notice", folder=folder.name), identity)
        assert unsettled(connection) == [filed]
        found = reported(connection, filed.receipt_id)
        assert reported(connection, filed.receipt_id + 1) is None
    assert found is not None
    assert (found.withdraws, found.district_code) == (first.submission_id, "210202")


def test_by_command_it_takes_effect_at_once_and_only_once(send, loader, folder, capsys) -> None:
    send(2)
    arguments = ["withdraw", "1", "--reason", "区县来电，发错了文件", "--by", "李科长"]
    assert main(arguments) == 0
    assert open_cases(loader) == 0
    first = capsys.readouterr().out
    assert first.startswith(
        "receipt 2: takes back receipt 1 (210202 dropout_control 2020-06)\naccepted: 市教育局撤回了"
    )
    name, told = the_answer(folder, 2)
    assert "_已撤回_" in name
    assert "原因：区县来电，发错了文件。现在这一期没有生效的数据，请在 2020-07-05 前重新上报。" in told["结论"]
    assert told["怎样做"] == "把正确的整份表放进“上报”文件夹（截止 2020-07-05 24:00）。"
    with loader.begin() as connection:
        row = connection.execute(
            text("SELECT withdrawn_by, withdrawn_because, state FROM ledger.submission WHERE receipt_id = 2")
        ).one()
    assert tuple(row) == ("李科长", "区县来电，发错了文件", "answered")

    assert main(arguments) == 0
    assert capsys.readouterr().out == first
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger.receipt")) == 2
        assert leases.forms_to_signal(connection) == []
    assert verify(patience=timedelta(0)).problems == ()


def test_by_command_what_came_before_is_decided_first(loader, folder, tmp_settings, tmp_path) -> None:
    for name, rows in (("a", 2), ("b", 3)):
        shutil.copyfile(a_book(tmp_path, rows), folder.drop.path / f"{name}.xlsx")
        take_in(loader, tmp_settings)
    assert main(["withdraw", "2", "--reason", "错了"]) == 0
    with loader.begin() as connection:
        rows = connection.execute(text("SELECT outcome, state FROM ledger.submission ORDER BY receipt_id")).all()
    assert {row.state for row in rows} == {"answered"}
    assert open_cases(loader) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["9", "--reason", "x"], "there is no receipt 9"),
        (["1", "--reason", " "], "say who asks for it and why"),
        (["2", "--reason", "x"], "only to be checked"),
        (["3", "--reason", "x"], "belongs to no form"),
    ],
)
def test_what_can_not_be_taken_back_is_wrong_usage(loader, folder, capsys, arguments, words) -> None:
    submit(loader, "a", checked([]))
    note_drop(loader, "b", channel="预检")
    with loader.begin() as connection:
        connection.execute(
            text(
                "WITH made AS (INSERT INTO ledger.receipt (district_code, folder, file_name, channel, sha256,"
                " size_bytes, inode, modified_ns, received_at, archived_as, settled_at) SELECT district_code, folder,"
                " 'c', channel, sha256, size_bytes, inode, modified_ns, received_at, archived_as, now()"
                " FROM ledger.receipt WHERE receipt_id = 1 RETURNING *)"
                " INSERT INTO ledger.submission (receipt_id, district_code, channel, sha256, received_at)"
                " SELECT receipt_id, district_code, channel, sha256, received_at FROM made"
            )
        )
    assert main(["withdraw", *arguments]) == 2
    assert words in capsys.readouterr().err
    with loader.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ledger.receipt")) == 3


def test_a_withdrawal_is_not_taken_back(send, loader, folder, capsys) -> None:
    send(2)
    main(["withdraw", "1", "--reason", "错了"])
    assert main(["withdraw", "2", "--reason", "还是对的"]) == 2
    assert "is a withdrawal itself" in capsys.readouterr().err


def test_where_another_worker_is_at_the_key_it_stays_noted(loader, folder, monkeypatch, capsys) -> None:
    submit(loader, "a", checked([]), folder=folder.name)
    note_drop(loader, "b")
    with loader.begin() as connection:
        busy = leases.claim(connection, "dropout_control", "210202", "2020-05", "another", 60)
    assert busy is not None
    monkeypatch.setattr(by_command, "WORKER_TIMEOUT_SECONDS", 0.2)
    assert main(["withdraw", "1", "--reason", "错了"]) == 1
    assert "another worker is at 210202|2020-05; receipt 3 is noted" in capsys.readouterr().err
    with loader.begin() as connection:
        states = connection.scalars(text("SELECT state FROM ledger.submission ORDER BY receipt_id")).all()
    assert states == ["answered", "received", "received"]


def test_an_answer_that_fails_leaves_the_decision(loader, folder, monkeypatch, capsys) -> None:
    submit(loader, "a", checked([]), folder=folder.name)

    def broken(*_: object) -> None:
        raise SystemFault("the share is gone")

    monkeypatch.setattr(delivery, "write_answer", broken)
    assert main(["withdraw", "1", "--reason", "错了"]) == 1
    out = capsys.readouterr()
    assert "accepted: 市教育局撤回了" in out.out
    assert "the share is gone" in out.err
    monkeypatch.setattr(delivery, "write_answer", write_answer)
    assert main(["withdraw", "1", "--reason", "错了"]) == 0
    assert "_已撤回_" in the_answer(folder, 2)[0]
