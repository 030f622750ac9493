import hashlib
import os
from pathlib import Path

import pytest

from district_reports.errors import SystemFault
from district_reports.receiving import snapshot
from district_reports.storage import archive
from district_reports.storage.file_state import FileState, file_state
from district_reports.storage.share import Folder, Place

SHA = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def look(deployment, tmp_path: Path) -> FileState:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(b"content")
    found = file_state(Place(tmp_path) / path.name)
    assert found is not None
    return found


def test_a_snapshot_is_private_hashed_and_removed(look: FileState, tmp_path: Path) -> None:
    with snapshot.snapshot(look, tmp_path / "snapshots") as taken:
        assert taken.path.read_bytes() == b"content"
        assert taken.path.stat().st_mode & 0o777 == 0o600
        assert taken.sha256 == SHA
        assert f"{taken.taken_at:%Y-%m-%d %z}" == "2020-07-04 +0800"
    assert list((tmp_path / "snapshots").iterdir()) == []


@pytest.mark.parametrize("change", ["grown", "cut", "exchanged", "link", "pipe"])
def test_a_file_that_changed_since_the_look_is_not_taken(look: FileState, tmp_path: Path, change: str) -> None:
    if change == "grown":
        look.place.path.write_bytes(b"content and more")
    elif change == "cut":
        os.truncate(look.place.path, 3)
    else:
        look.place.path.unlink()
        match change:
            case "exchanged":
                look.place.path.write_bytes(b"CONTENT")
                os.utime(look.place.path, ns=(0, 0))
            case "link":
                look.place.path.symlink_to("/etc/passwd")
            case "pipe":
                os.mkfifo(look.place.path)
    with pytest.raises((snapshot.StillChanging, OSError)), snapshot.snapshot(look, tmp_path / "snapshots"):
        pytest.fail("taken")
    assert list((tmp_path / "snapshots").iterdir()) == []


def test_a_file_that_changes_during_the_copy(look: FileState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Folder.status

    def written_meanwhile(folder: Folder, name: str) -> os.stat_result:
        look.place.path.write_bytes(b"CONTENT!")
        return real(folder, name)

    monkeypatch.setattr(Folder, "status", written_meanwhile)
    with pytest.raises(snapshot.StillChanging), snapshot.snapshot(look, tmp_path / "snapshots"):
        pytest.fail("taken")


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").touch()
    snapshot.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_archive_is_by_content_and_read_only(tmp_path: Path) -> None:
    source = tmp_path / "s"
    source.write_bytes(b"content")
    for _ in range(2):
        path = archive.put(tmp_path / "archive", source, SHA)
    assert path == tmp_path / "archive" / SHA[:2] / SHA / "original.xlsx"
    assert path.stat().st_mode & 0o777 == 0o400
    assert archive.original(tmp_path / "archive", SHA) == path
    assert [entry.name for entry in path.parent.iterdir()] == ["original.xlsx"]


def test_a_changed_or_missing_original_is_a_fault(tmp_path: Path) -> None:
    source = tmp_path / "s"
    source.write_bytes(b"content")
    path = archive.put(tmp_path, source, SHA)
    path.chmod(0o600)
    path.write_bytes(b"changed")
    with pytest.raises(SystemFault, match="no longer has the content"):
        archive.original(tmp_path, SHA)
    # The next drop of the same content mends it.
    archive.put(tmp_path, source, SHA)
    assert archive.original(tmp_path, SHA).read_bytes() == b"content"
    path.unlink()
    with pytest.raises(SystemFault, match="can't be read"):
        archive.original(tmp_path, SHA)


def test_a_snapshot_that_rotted_is_not_archived(tmp_path: Path) -> None:
    source = tmp_path / "s"
    source.write_bytes(b"other content")
    with pytest.raises(SystemFault, match="changed before it was archived"):
        archive.put(tmp_path / "archive", source, SHA)
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []
