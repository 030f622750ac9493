"""A place is opened part by part, and what it refuses. Who uses it is attacked in processing/test_share_attacks.py."""

import os
import re
from io import BytesIO
from pathlib import Path

import pytest

import district_reports
from district_reports.storage.share import Folder, Place, Unsafe, open_local
from mount_namespace import away, in_namespace

LIBRARY = Path(district_reports.__file__).parent


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "210202-中山区" / "上报" / "王小明").mkdir(parents=True)
    (tmp_path / "210202-中山区" / "上报" / "a.xlsx").write_bytes(b"a")
    return Place(tmp_path).join("210202-中山区/上报")


@pytest.mark.parametrize("name", ["..", ".", "", "a/../../b", "/etc/passwd", "a//b", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_place(place: Place, name: str) -> None:
    with pytest.raises(Unsafe):
        place.join(name)


def test_the_system_takes_no_place_for_a_path(place: Place) -> None:
    with pytest.raises(TypeError):
        os.stat(place)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("linked", "told"),
    [
        ("210202-中山区", "210202-中山区 is a link, or no folder"),
        ("210202-中山区/上报", "210202-中山区/上报 is a link, or no folder"),
        # The name of a folder that a clerk made may be a child's.
        ("210202-中山区/上报/王小明", "210202-中山区/上报/… is a link, or no folder"),
    ],
)
def test_no_part_of_the_way_may_be_a_link(tmp_path: Path, linked: str, told: str) -> None:
    (tmp_path / "elsewhere" / "上报" / "王小明").mkdir(parents=True)
    path = tmp_path / linked
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unsafe) as raised, Place(tmp_path).join("210202-中山区/上报/王小明").opened():
        pytest.fail("opened")
    assert str(raised.value) == told


def test_another_file_system_below_a_district_s_folder_is_refused(place: Place) -> None:
    def work() -> None:
        away(place.path)
        with pytest.raises(Unsafe, match="210202-中山区/上报 lies on another file system"), place.opened():
            pytest.fail("opened")

    in_namespace(work)


def test_a_file_with_two_names_a_link_a_pipe_and_a_folder_are_not_opened(place: Place) -> None:
    path = place.path
    (path / "hard.xlsx").hardlink_to(path / "a.xlsx")
    (path / "link.xlsx").symlink_to(path / "a.xlsx")
    os.mkfifo(path / "pipe.xlsx")
    for name, refused in (("hard.xlsx", Unsafe), ("link.xlsx", OSError), ("pipe.xlsx", OSError), ("王小明", OSError)):
        with pytest.raises(refused):
            (place / name).open_file()


def test_what_was_opened_stays_what_it_was(place: Place, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with place.opened() as folder:
        place.path.rename(tmp_path / "moved")
        place.path.symlink_to(tmp_path / "elsewhere")
        folder.put("answer.txt", BytesIO(b"answer"))
        assert folder.open_file("a.xlsx").read() == b"a"
        folder.move("a.xlsx", folder, "b.xlsx")
    assert sorted(os.listdir(tmp_path / "moved")) == ["answer.txt", "b.xlsx", "王小明"]
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_link_that_waits_where_we_write_is_replaced_and_not_followed(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    (place.path / "answer.txt").symlink_to(target)
    with place.opened() as folder:
        folder.write_whole("answer.txt", b"theirs")
    assert target.read_bytes() == b"theirs"
    assert not (place.path / "answer.txt").is_symlink()


def test_what_cannot_be_written_leaves_nothing(place: Place) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(28, "No space left on device")

    before = sorted(os.listdir(place.path))
    with place.opened() as folder, pytest.raises(OSError, match="No space"):
        folder.put("answer.txt", Broken())
    assert sorted(os.listdir(place.path)) == before


def test_write_whole_replaces_and_writes_nothing_twice(tmp_path: Path) -> None:
    with open_local(tmp_path) as folder:
        for content in (b"a", b"b"):
            folder.write_whole("x.txt", content)
        written = folder.status("x.txt")
        folder.write_whole("x.txt", b"b")
        assert folder.status("x.txt") == written
        assert folder.names() == ["x.txt"]


def test_files_and_folders_are_not_for_everybody(place: Place) -> None:
    (place / "inner").make()
    with place.opened() as folder:
        folder.write_whole("x.txt", b"x")
        modes = [folder.status(name).st_mode & 0o007 for name in ("inner", "x.txt")]
    assert modes == [0, 0]


def test_no_descriptor_is_left_open(place: Place) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    for _ in range(3):
        with place.opened() as folder:
            assert isinstance(folder, Folder)
        with pytest.raises(Unsafe):
            (place / "a.xlsx" / "b").open_file()
        with pytest.raises(OSError, match="No such file"):
            (place / "gone" / "b").open_file()
    assert opened() == before


def test_only_who_shows_a_path_takes_one() -> None:
    """The rest is for the type checker: a place is no path."""
    to_a_path = re.compile(
        r"\b(drop|precheck|received|feedback|history|templates|place|parent|answer_at\([^)]*\))\.path\b"
        r"|\buploads *(/ |\.(joinpath|glob|iterdir|rglob|open)\b)"
    )
    found = {
        str(path.relative_to(LIBRARY))
        for path in LIBRARY.rglob("*.py")
        if path.name != "share.py" and to_a_path.search(path.read_text(encoding="utf-8"))
    }
    # They say where something lies, and the demo drops as a clerk does.
    assert found == {"ledger/story_report.py", "local/demo.py", "local/demo_earlier.py", "upkeep/leftovers.py"}
