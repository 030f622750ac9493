"""From a drop to its answer, on a real warehouse: receive, validate, load, answer, without Airflow."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

import answer_book
from district_reports.errors import LeaseLost, SystemFault
from district_reports.ledger import leases
from district_reports.local.samples import write_samples
from district_reports.processing import ingest
from district_reports.receiving.receive import receive
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.reference.register import Register
from district_reports.settings import Settings
from district_reports.storage.folders import DistrictFolder, lay_out
from fake_child import FakeChild

KEY = "210202|2020-06"


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workbook of 210202 for 2020-06."""
    from district_reports.settings import load_settings

    register = Register.load(load_settings({}).reference)
    return write_samples(tmp_path_factory.mktemp("sound"), register, districts=1, form_keys=["dropout_control"])[0]


@pytest.fixture
def folders(warehouse_url: str, tmp_settings: Settings) -> dict[str, DistrictFolder]:
    register = Register.load(tmp_settings.reference)
    laid_out = lay_out(tmp_settings.uploads, register.districts)
    return {folder.code: folder for folder in laid_out}


@pytest.fixture
def drop(folders, loader: Engine, tmp_settings: Settings) -> Callable[..., dict[str, object]]:
    """Drop a copy of a workbook, receive it and take it through its three steps; what the answer's log says."""

    def dropped(workbook: Path, district: str = "210202", name: str = "台账.xlsx") -> dict[str, object] | None:
        shutil.copyfile(workbook, folders[district].drop.path / name)
        take_in(loader, tmp_settings)
        return work(f"{district}|2020-06")

    return dropped


def take_in(loader: Engine, settings: Settings) -> None:
    receive(
        loader,
        Register.load(settings.reference),
        stable_files=lambda paths: stable_files(paths, quiet=Quiet(0, 0, 0)),
    )


def work(key: str, holder: str = "run") -> dict[str, object] | None:
    step = ingest.validate("dropout_control", key, holder)
    if step is None:
        return None
    ingest.load(step)
    return ingest.answer(step)


def changed(workbook: Path, target: Path, sheet: str, **cells: object) -> Path:
    book = load_workbook(workbook)
    for address, value in cells.items():
        book[sheet][address] = value
    book.save(target)
    return target


def open_cases(loader: Engine, district: str = "210202") -> int:
    with loader.begin() as connection:
        return connection.execute(
            text("SELECT count(*) FROM facts.dropout_case WHERE district_code = :d AND known_until IS NULL"),
            {"d": district},
        ).scalar_one()


def outcomes(loader: Engine) -> list[str]:
    with loader.begin() as connection:
        return list(connection.scalars(text("SELECT outcome FROM ledger.submission ORDER BY receipt_id")))


def answers(folder: DistrictFolder) -> list[str]:
    return sorted(path.name.split("_")[3] for path in folder.feedback.path.rglob("控辍保学台账_2020-06_*.xlsx"))


def test_a_sound_workbook_is_loaded_and_answered(drop, loader, folders, sound):
    told = drop(sound)

    assert told["outcome"] == "accepted"
    assert told["critical"] == told["warning"] == 0
    assert open_cases(loader) > 0
    assert answers(folders["210202"]) == ["通过"]
    assert [path.name for path in folders["210202"].received.path.glob("*.xlsx")] == ["台账.xlsx"]
    assert list(folders["210202"].drop.path.iterdir()) == []


def test_a_name_of_eighty_characters_is_received_answered_and_marked(drop, folders, sound, tmp_path):
    name = f"{'二〇二〇年六月控辍保学台账' * 7}"[:80]
    drop(changed(sound, tmp_path / "wrong.xlsx", "疑似辍学台账", N4="两次"), name=f"{name}.xlsx")
    assert [path.name for path in folders["210202"].received.path.glob("*.xlsx")] == [f"{name}.xlsx"]
    [answer] = folders["210202"].feedback.path.glob("*.xlsx")
    assert {"问题清单", "疑似辍学台账"} <= set(load_workbook(answer).sheetnames)


def test_the_same_file_twice_changes_nothing_and_says_so(drop, loader, folders, sound):
    drop(sound)
    before = open_cases(loader)

    assert drop(sound)["outcome"] == "duplicate"
    assert open_cases(loader) == before
    assert answers(folders["210202"]) == ["通过", "重复"]


def test_a_corrected_file_replaces_the_figures(drop, loader, sound, tmp_path):
    rows = open_cases(loader), drop(changed(sound, tmp_path / "wrong.xlsx", "疑似辍学台账", N4="两次"))
    assert rows[1]["outcome"] == "accepted_with_errors"
    first = open_cases(loader)

    assert drop(sound)["outcome"] == "accepted"
    assert open_cases(loader) == first + 1


def test_an_answer_says_who_it_is_and_the_ledger_does_not(drop, loader, folders, sound, tmp_path):
    name = load_workbook(sound)["疑似辍学台账"]["B4"].value
    drop(changed(sound, tmp_path / "wrong.xlsx", "疑似辍学台账", N4="两次"))

    (answer,) = folders["210202"].feedback.path.glob("*.xlsx")
    (problem,) = answer_book.problems(answer)
    assert problem["是谁"].startswith(f"{name}，")
    assert name in answer.with_suffix(".html").read_text("utf-8")
    with loader.begin() as connection:
        (kept,) = connection.execute(text("SELECT * FROM findings.finding")).all()
    assert name not in str(kept)


def test_a_then_b_then_a_ends_with_a(drop, loader, sound, tmp_path):
    other = changed(sound, tmp_path / "b.xlsx", "在校人数", D4=1)
    for workbook in (sound, other, sound):
        drop(workbook)

    assert outcomes(loader) == ["accepted", "accepted", "accepted"]
    with loader.begin() as connection:
        present = connection.scalars(
            text("SELECT actual_enrolment FROM facts.compulsory_enrolment WHERE known_until IS NULL AND row_number = 4")
        ).all()
    assert present != [1]
    assert len(present) == 1


def test_a_file_for_another_districts_folder_is_refused_and_answered(drop, loader, folders, sound):
    told = drop(sound, district="210203")

    assert told["outcome"] == "rejected"
    assert open_cases(loader, "210203") == 0
    (answer,) = folders["210203"].feedback.path.glob("控辍保学台账_2020-06_*.xlsx")
    assert [row["规则"] for row in answer_book.problems(answer)] == ["F08"]


def test_a_rejected_file_leaves_the_last_accepted_version_in_force(drop, loader, sound, tmp_path):
    drop(sound)
    before = open_cases(loader)
    told = drop(changed(sound, tmp_path / "b.xlsx", "疑似辍学台账", D3="男女"))

    assert told["outcome"] == "rejected"
    assert open_cases(loader) == before


def test_a_file_without_identity_is_decided_when_it_is_received(loader, folders, tmp_settings):
    (folders["210202"].drop.path / "一封信.xlsx").write_text("尊敬的领导")
    take_in(loader, tmp_settings)

    assert outcomes(loader) == ["rejected"]
    assert len(list(folders["210202"].feedback.path.glob("*退回*.xlsx"))) == 1
    with loader.begin() as connection:
        assert leases.forms_to_signal(connection) == []


def test_a_key_without_work_is_nothing_to_do(folders):
    assert work(KEY) is None


@pytest.mark.parametrize("key", [None, "", "210202", "|2020-06"])
def test_a_run_without_a_key_fails_with_a_sentence(key):
    with pytest.raises(SystemFault, match="needs one like"):
        ingest.validate("dropout_control", key, "run")


def test_a_step_tried_again_does_its_work_once(drop, loader, folders, tmp_settings, sound):
    shutil.copyfile(sound, folders["210202"].drop.path / "台账.xlsx")
    take_in(loader, tmp_settings)
    ingest.validate("dropout_control", KEY, "run")
    # Killed after its commit: the same run tries again, takes its own lease over and goes on.
    step = ingest.validate("dropout_control", KEY, "run")
    assert ingest.load(step) == ingest.load(step)
    ingest.answer(step)

    assert outcomes(loader) == ["accepted"]
    assert answers(folders["210202"]) == ["通过"]


def test_a_worker_that_lost_its_lease_writes_nothing(loader, folders, tmp_settings, sound):
    shutil.copyfile(sound, folders["210202"].drop.path / "台账.xlsx")
    take_in(loader, tmp_settings)
    asleep = ingest.validate("dropout_control", KEY, "asleep")
    with loader.begin() as connection:
        connection.execute(text("UPDATE ledger.submission SET lease_until = clock_timestamp() - interval '1 s'"))
    assert work(KEY, "awake")["outcome"] == "accepted"

    with pytest.raises(LeaseLost):
        ingest.load(asleep)
    with pytest.raises(LeaseLost):
        ingest.answer(asleep)
    assert outcomes(loader) == ["accepted"]


def test_another_run_does_not_take_what_is_held(loader, folders, tmp_settings, sound):
    shutil.copyfile(sound, folders["210202"].drop.path / "台账.xlsx")
    take_in(loader, tmp_settings)
    ingest.validate("dropout_control", KEY, "first")

    assert ingest.validate("dropout_control", KEY, "second") is None


def test_a_lost_signal_is_sent_again_after_ten_minutes(loader, folders, tmp_settings, sound):
    shutil.copyfile(sound, folders["210202"].drop.path / "台账.xlsx")
    take_in(loader, tmp_settings)

    def keys(minutes: float) -> list[str]:
        with loader.begin() as connection:
            now = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return leases.keys_to_signal(connection, "dropout_control", now + timedelta(minutes=minutes))

    assert [keys(0), keys(9), keys(11), keys(25), keys(32)] == [[KEY], [], [KEY], [], [KEY]]


def test_two_files_for_one_period_are_done_one_after_the_other(loader, folders, tmp_settings, sound, tmp_path):
    shutil.copyfile(sound, folders["210202"].drop.path / "甲.xlsx")
    take_in(loader, tmp_settings)
    shutil.copyfile(changed(sound, tmp_path / "b.xlsx", "在校人数", D4=1), folders["210202"].drop.path / "乙.xlsx")
    take_in(loader, tmp_settings)
    work(KEY)

    # The second is due for a signal at once.
    with loader.begin() as connection:
        assert leases.keys_to_signal(connection, "dropout_control") == [KEY]
    work(KEY)
    assert work(KEY) is None
    assert outcomes(loader) == ["accepted", "accepted"]


def reads_crash(fake_child: FakeChild) -> None:
    """Covers are read as ever; a reading child notes that it runs, and aborts."""
    fake_child.is_ours(
        "reader.read_sheets = lambda book, titles, large, real=reader.read_sheets:"
        " real(book, titles, large) if titles == ['封面'] else os.abort()"
    )


def test_a_poison_file_is_read_once_however_often_its_task_is_tried(
    loader, tmp_settings, folders, sound, fake_child, monkeypatch
):
    reads_crash(fake_child)
    shutil.copyfile(sound, folders["210202"].drop.path / "台账.xlsx")
    take_in(loader, tmp_settings)
    with monkeypatch.context() as patch:
        patch.setattr(leases, "mark_checked", lambda *_: (_ for _ in ()).throw(SystemFault("no database")))
        for _ in range(3):
            with pytest.raises(SystemFault, match="no database"):
                work(KEY)
    assert work(KEY)["outcome"] == "rejected"
    # One for the cover, and one that crashed.
    assert fake_child.runs == 2
    with loader.begin() as connection:
        assert list(connection.scalars(text("SELECT rule FROM findings.finding"))) == ["F03"]


def test_a_poison_file_dropped_again_is_a_duplicate_and_not_read(drop, loader, folders, sound, fake_child):
    reads_crash(fake_child)
    assert drop(sound)["outcome"] == "rejected"
    assert drop(sound)["outcome"] == "duplicate"
    assert outcomes(loader) == ["rejected", "duplicate"]
    # Two covers, and one that crashed.
    assert fake_child.runs == 3
