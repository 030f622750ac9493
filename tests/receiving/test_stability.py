"""When a file is taken: one rule a test. Time passes by the test's own hand, in `sleep` and between two calls; what is
written meanwhile by programs that really write is in test_stability_trials.py."""

import fcntl
import io
import os
import signal
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from district_reports.receiving.first_seen import since_boot
from district_reports.receiving.stability import Quiet, stable_files
from district_reports.storage.file_state import file_state
from district_reports.storage.share import Place
from mount_namespace import in_namespace, read_only


@pytest.fixture
def workbook(deployment, ledger_workbook: Path, tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(ledger_workbook.read_bytes())
    return path


def at(path: Path) -> Place:
    root = next((folder.parent for folder in path.parents if folder.name == "上报"), path.parent)
    return Place(root).join(str(path.relative_to(root)))


class Calls:
    """Calls of settling, `later` seconds after now by the machine's clock; the share's clock goes on as it does."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def __call__(self, *paths: Path, later: float = 0, meanwhile: Callable[[], object] = lambda: None) -> list[str]:
        self.sleeps.clear()

        def sleep(seconds: float) -> None:
            self.sleeps.append(round(seconds))
            meanwhile()

        found = stable_files([at(path) for path in paths], sleep, lambda: since_boot() + later)
        assert found.waiting == len(paths) - len(found.taken)
        assert found.broken == ()
        return [look.place.name for look in found.taken]


@pytest.fixture
def taken() -> Calls:
    return Calls()


def test_a_fresh_whole_workbook_is_taken_after_five_quiet_seconds(taken: Calls, workbook: Path) -> None:
    assert (taken(workbook), taken.sleeps) == (["台账.xlsx"], [5])


def test_one_sleep_for_all(taken: Calls, workbook: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.xlsx"
    other.write_bytes(workbook.read_bytes())
    assert (taken(workbook, other), taken.sleeps) == (["台账.xlsx", "b.xlsx"], [5])


def test_nothing_to_take_is_not_waited_for(taken: Calls, deployment) -> None:
    assert (taken(), taken.sleeps) == ([], [])


def test_what_an_earlier_call_saw_is_taken_at_once(taken: Calls, workbook: Path) -> None:
    assert taken(workbook, meanwhile=workbook.touch) == []
    assert (taken(workbook), taken.sleeps) == (["台账.xlsx"], [5])
    assert (taken(workbook, later=5), taken.sleeps) == (["台账.xlsx"], [])
    assert (taken(workbook, later=3), taken.sleeps) == (["台账.xlsx"], [2])


def test_an_old_mtime_proves_nothing(taken: Calls, workbook: Path) -> None:
    # Copying keeps it.
    os.utime(workbook, (0, 0))
    assert (taken(workbook), taken.sleeps) == (["台账.xlsx"], [5])


def test_an_mtime_to_come_delays_nothing(taken: Calls, workbook: Path) -> None:
    os.utime(workbook, (4e9, 4e9))
    assert (taken(workbook), taken.sleeps) == (["台账.xlsx"], [5])


@pytest.mark.parametrize(
    ("older", "names"), [("a/上报/六月/b.xlsx", ["b.xlsx", "台账.xlsx"]), ("b/上报/b.xlsx", ["台账.xlsx"])]
)
def test_a_quiet_file_waits_for_an_older_one_of_its_district_only(
    taken: Calls, workbook: Path, tmp_path: Path, older: str, names: list[str]
) -> None:
    path = tmp_path / "a" / "上报" / "台账.xlsx"
    other = tmp_path / older
    for one in (path, other):
        one.parent.mkdir(parents=True, exist_ok=True)
    workbook.rename(path)
    assert taken(path) == ["台账.xlsx"]
    other.write_bytes(path.read_bytes())
    os.utime(other, (1.5e9, 1.5e9))
    assert sorted(taken(path, other, later=6)) == names
    assert taken.sleeps == [5] * (len(names) - 1)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def write_back(path: Path) -> None:
    """Other content of the same length, with the old mtime."""
    status = path.stat()
    path.write_bytes(b"PK" + bytes(status.st_size - 2))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def exchange(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name("other")))


@pytest.mark.parametrize("change", [append, write_back, exchange, Path.unlink, to_pipe, to_link])
def test_what_changes_between_two_looks_is_left(taken: Calls, workbook: Path, change: Callable[[Path], object]) -> None:
    assert (taken(workbook, meanwhile=lambda: change(workbook)), taken.sleeps) == ([], [5])


def half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def with_a_hole(whole: bytes) -> bytes:
    """As a program leaves it that writes in several places at once: start and end are there."""
    return whole[:1000] + bytes(8192) + whole[1000:-1000][8192:] + whole[-1000:]


UNFINISHED = [half, with_a_hole, lambda _: b"", lambda _: b"P", lambda _: bytes(9000)]


@pytest.mark.parametrize("part", UNFINISHED, ids=["half", "hole", "empty", "one byte", "zeros"])
def test_an_unfinished_file_waits_ten_minutes(
    taken: Calls, ledger_workbook: Path, workbook: Path, part: Callable[[bytes], bytes]
) -> None:
    whole = ledger_workbook.read_bytes() if part is not with_a_hole else padded(ledger_workbook.read_bytes())
    workbook.write_bytes(part(whole))
    for later, names in ((0, []), (300, []), (599, []), (601, ["台账.xlsx"])):
        assert (taken(workbook, later=later), taken.sleeps) == (names, []), later


def padded(workbook: bytes) -> bytes:
    """The same archive with a large stored entry before the directory, so that a hole has room."""
    file = io.BytesIO(workbook)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("large", os.urandom(100_000))
    return file.getvalue()


def test_the_whole_archive_of_that_size_is_taken(taken: Calls, ledger_workbook: Path, workbook: Path) -> None:
    workbook.write_bytes(padded(ledger_workbook.read_bytes()))
    assert taken(workbook) == ["台账.xlsx"]


def test_ten_minutes_begin_again_with_every_change(taken: Calls, workbook: Path) -> None:
    workbook.write_bytes(b"PK")
    assert taken(workbook) == []
    append(workbook)
    assert taken(workbook, later=601) == []
    assert taken(workbook, later=1200) == []
    assert taken(workbook, later=1202) == ["台账.xlsx"]


def test_what_is_plainly_no_archive_waits_half_a_minute(taken: Calls, deployment, tmp_path: Path) -> None:
    path = tmp_path / "说明.pdf"
    path.write_bytes(b"%PDF-1.7")
    assert (taken(path), taken.sleeps) == ([], [])
    assert (taken(path, later=24), taken.sleeps) == ([], [])
    assert (taken(path, later=28), taken.sleeps) == (["说明.pdf"], [2])


def test_links_pipes_sockets_and_devices_are_neither_followed_nor_opened(
    taken: Calls, workbook: Path, tmp_path: Path
) -> None:
    link, pipe, plug = (tmp_path / name for name in ("link.xlsx", "pipe.xlsx", "socket.xlsx"))
    link.symlink_to(workbook)
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(plug))
        assert taken(link, pipe, plug, Path("/dev/zero"), Path("/dev/tty"), tmp_path, tmp_path / "gone") == []
    assert file_state(at(link)) is None


def test_an_error_of_the_share_is_no_file_that_waits(deployment, workbook: Path) -> None:
    # Its address 0 can't be read: the kernel answers EIO, as for a bad disk.
    broken = Path("/proc/self/mem")
    found = stable_files([at(broken), at(workbook)], lambda _: None)
    assert [look.place for look in found.taken] == [at(workbook)]
    assert [(place, error.errno) for place, error in found.broken] == [(at(broken), 5)]
    assert found.waiting == 0


def test_a_file_that_a_program_holds_is_handed_on_after_ten_minutes(taken: Calls, workbook: Path) -> None:
    # As Samba holds one that is open on a clerk's machine. The kernel tells the holder by a signal.
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with workbook.open("rb+") as held:
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            assert (taken(workbook), taken.sleeps) == ([], [])
            assert taken(workbook, later=599) == []
            assert taken(workbook, later=601) == ["台账.xlsx"]
    finally:
        signal.signal(signal.SIGIO, before)


# Clocks. Ours is the machine's since boot, which has nothing to do with the share's; only its jumps could fool.


def clocked(workbook: Path, *, seconds: float, quiet: float = 0.2, share_jumped: float = 0) -> tuple[bool, list[float]]:
    """Whether a file is taken `seconds` after its last change, and the sleeps, where an earlier call has measured the
    share's clock, before it jumped."""
    stable_files([at(workbook)], lambda _: None, lambda: since_boot() + share_jumped)
    path = workbook.with_name("again.xlsx")
    path.write_bytes(workbook.read_bytes())
    time.sleep(seconds)
    sleeps: list[float] = []
    found = stable_files([at(path)], sleeps.append, quiet=Quiet(whole=quiet))
    return bool(found.taken), [round(one, 1) for one in sleeps]


def test_at_the_first_look_the_share_s_own_clock_is_believed(workbook: Path) -> None:
    assert clocked(workbook, seconds=0.3) == (True, [])


def test_only_what_is_missing_is_waited_for(workbook: Path) -> None:
    taken, [slept] = clocked(workbook, seconds=0.5, quiet=100.0)
    assert taken
    assert 0 < slept <= 99.5


@pytest.mark.parametrize("jump", [-7200, -2, 2, 7200])
def test_a_share_whose_clock_jumped_is_not_believed(workbook: Path, jump: float) -> None:
    assert clocked(workbook, seconds=0.3, share_jumped=jump) == (True, [0.2])


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_share_whose_clock_is_hours_off_changes_nothing(deployment, workbook: Path, hours: float) -> None:
    sleeps: list[float] = []
    unfinished = workbook.with_name("half.xlsx")
    unfinished.write_bytes(b"PK")

    def call(later: float = 0) -> list[str]:
        found = stable_files([at(workbook), at(unfinished)], sleeps.append, lambda: since_boot() + hours * 3600 + later)
        return [look.place.name for look in found.taken]

    assert (call(), len(sleeps)) == (["台账.xlsx"], 1)
    assert (call(599), len(sleeps)) == (["台账.xlsx"], 1)
    assert call(601) == ["台账.xlsx", "half.xlsx"]


def test_where_the_share_s_clock_can_not_be_asked_two_looks_tell(deployment, workbook: Path) -> None:
    def work() -> None:
        folder = workbook.with_name("share")
        folder.mkdir()
        path = workbook.rename(folder / workbook.name)
        read_only(folder)
        time.sleep(0.3)
        sleeps: list[float] = []
        for _ in range(2):
            assert stable_files([at(path)], sleeps.append, quiet=Quiet(whole=0.2)).taken
        # Nobody really slept, so that the second call must wait again.
        assert len(sleeps) == 2

    in_namespace(work)


def test_a_memory_that_is_lost_or_broken_takes_nothing_early(taken: Calls, deployment, workbook: Path) -> None:
    workbook.write_bytes(b"PK")
    assert taken(workbook) == []
    [kept] = (deployment.home / "first-seen").iterdir()
    for broken in (b"", b"[]", b'{"seen": 1, "clocks": {}}', b'{"seen": {"a": "x"}, "clocks": {}}'):
        kept.write_bytes(broken)
        assert taken(workbook, later=601) == []
    assert taken(workbook, later=1202) == ["台账.xlsx"]


def test_what_is_remembered_names_nobody(taken: Calls, deployment, workbook: Path) -> None:
    taken(workbook.rename(workbook.with_name("王小明.xlsx")))
    [kept] = (deployment.home / "first-seen").iterdir()
    assert "王小明" not in kept.read_text()
    assert "xlsx" not in kept.read_text()
