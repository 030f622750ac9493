"""Small files that the owner alone may read, and that are whole or not there."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def make_folder(folder: Path) -> Path:
    """`folder`, created if need be, closed to others."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def read_json(path: Path) -> dict[str, Any]:
    """The object in `path`; empty if there is no such file, or one that a crash of the machine has garbled."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to `path`, mode 0600, in one step."""
    write_text(path, json.dumps(content, indent=1))


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path`, mode 0600, in one step."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # created 0600
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
