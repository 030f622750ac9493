"""What code lies on the disk, for a process that has imported it and wants to know whether it has changed since."""

from pathlib import Path


def state(folder: Path) -> frozenset[tuple[str, int]]:
    """Path and time of change (nanoseconds) of every module and template below `folder`."""
    return frozenset((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*.[pj][y2]"))
