"""A district makes links of its folders, once or all the time: nothing outside is read, and nothing is written there.

`DISTRICT_REPORTS_RACE_SECONDS=600` lets the races run for ten minutes.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from district_reports.forms import forms
from district_reports.ledger import periods
from district_reports.local.samples import write_samples
from district_reports.reference.register import Register
from district_reports.settings import Settings, load_settings
from district_reports.storage.folders import lay_out
from hostile_share import SECRET, HostileShare, can_exchange, everything_in, exchanging, link_instead

RACE_SECONDS = float(os.environ.get("DISTRICT_REPORTS_RACE_SECONDS") or 20)
FOLDERS = ("上报", "上报/六月", "预检", "已接收", "反馈", "反馈/历史", "模板")


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A sound workbook, and one that a district must never see."""
    register = Register.load(load_settings({}).reference)
    (path,) = write_samples(tmp_path_factory.mktemp("book"), register, districts=1, form_keys=["dropout_control"])
    sound = path.read_bytes()
    book = load_workbook(path)
    book.properties.title = SECRET
    book.save(path)
    return sound, path.read_bytes()


@pytest.fixture
def share(
    loader: Engine,
    tmp_settings: Settings,
    tmp_path: Path,
    books: tuple[bytes, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[HostileShare]:
    """One district with an answer, a superseded answer, templates and a file in each place; and a secret outside."""
    # The other forms take the same way, and time.
    monkeypatch.setattr(periods, "forms", lambda: {"dropout_control": forms()["dropout_control"]})
    register = Register.load(tmp_settings.reference)
    folder = lay_out(tmp_settings.uploads, register.districts)[0]
    share = HostileShare(loader, folder, tmp_path / "outside")
    drop = folder.drop.path
    for content in (books[0], b"%PDF-1.7"):
        (drop / "台账.xlsx").write_bytes(content)
        assert share.act() == {}
    (drop / "六月").mkdir()
    folder.history.path.mkdir(exist_ok=True)
    share.lay_out_secret(books[1])
    share.refill(books[0])
    yield share
    share.close()


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_is_a_link_leads_nowhere(share: HostileShare, books: tuple[bytes, bytes], name: str) -> None:
    before = everything_in(share.outside)
    link_instead(share.folder.place.path / name, share.outside)
    for _ in range(2):
        refused = share.act()
    assert everything_in(share.outside) == before
    assert share.taken(books[1]) == []
    # A folder of ours that is a link is said to the engineers; below 上报 it is one more link that is left alone.
    assert any("is a link, or no folder" in words for words in refused.values()) == (name != "上报/六月")


def test_a_district_s_folder_that_is_a_link_is_none(share: HostileShare, books: tuple[bytes, bytes]) -> None:
    for name in ("上报", "预检", "已接收", "反馈", "模板"):
        (share.outside / name).mkdir()
        (share.outside / name / "台账.xlsx").write_bytes(books[1])
    before = everything_in(share.outside)
    link_instead(share.folder.place.path, share.outside)
    assert "its folder is not there, or is a link" in share.act()["receiving"]
    assert everything_in(share.outside) == before
    assert share.taken(books[1]) == []


def test_a_file_with_another_name_elsewhere_is_not_received(share: HostileShare, books: tuple[bytes, bytes]) -> None:
    for name in ("上报/台账.xlsx", "预检/台账.xlsx"):
        path = share.folder.place.path / name
        path.unlink(missing_ok=True)
        path.hardlink_to(share.outside / "台账.xlsx")
    assert "hard links" in share.act()["receiving"]
    assert share.taken(books[1]) == [
        str(share.folder.place.path / name) for name in ("上报/台账.xlsx", "预检/台账.xlsx")
    ]
    standing = (share.folder.feedback.path / "上报情况.txt").read_text("utf-8-sig")
    assert "“上报”文件夹里有 1 项是链接" in standing


def test_links_that_come_and_go_lead_nowhere(share: HostileShare, books: tuple[bytes, bytes], tmp_path: Path) -> None:
    if not can_exchange(tmp_path):
        pytest.skip("this file system can't exchange two names at once")
    before = everything_in(share.outside)
    aside = share.folder.place.path / "别处"
    aside.mkdir()
    pairs = []
    for name in FOLDERS:
        link = aside / name.replace("/", "-")
        link.symlink_to(share.outside)
        pairs.append((share.folder.place.path / name, link))
    for name in ("上报/台账.xlsx", "预检/台账.xlsx"):
        link = aside / name.replace("/", "-")
        link.symlink_to(share.outside / "台账.xlsx")
        pairs.append((share.folder.place.path / name, link))
    until = time.monotonic() + RACE_SECONDS
    rounds = 0
    careless = False
    with exchanging(pairs):
        while time.monotonic() < until:
            share.refill(books[0])
            share.act()
            rounds += 1
        while not careless and time.monotonic() < until + 60:
            careless = _looks_and_opens(share.folder.precheck.path / "台账.xlsx", books[1])
    assert share.taken(books[1]) == []
    assert everything_in(share.outside) == before
    assert rounds > 3
    # The race is one: who looks first and opens then is led away.
    assert careless


def _looks_and_opens(path: Path, secret: bytes) -> bool:
    try:
        if path.parent.is_symlink() or path.is_symlink():
            return False
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read() == secret
    except OSError:
        return False


_touched: list[str] = []
_watched: list[str] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watched and event.startswith(("open", "os.", "shutil.", "tempfile.", "glob.", "pathlib.")):
        for argument in arguments:
            if isinstance(argument, str | bytes | os.PathLike) and os.fsdecode(argument).startswith(_watched[0]):
                _touched.append(f"{event} {os.fsdecode(argument)}")


@pytest.fixture
def by_path(tmp_settings: Settings) -> Iterator[list[str]]:
    """What is asked of the system by a path below the uploads, from now on."""
    sys.addaudithook(_note)
    _touched.clear()
    _watched[:] = [f"{tmp_settings.uploads}/"]
    yield _touched
    _watched.clear()


def test_nothing_goes_to_the_share_by_a_path(share: HostileShare, books: tuple[bytes, bytes], by_path) -> None:
    watched = _watched.pop()
    share.refill(books[0])
    _watched.append(watched)
    assert share.act() == {}
    assert by_path == []
    assert list(Path(watched).iterdir()) != []
    next(share.folder.drop.path.iterdir(), None)
    assert by_path != []
