"""The API's port: chosen once, so that bookmarks hold, and anew only when another program has taken it."""

import socket
import zlib
from pathlib import Path

from district_reports.local.airflow.environment import HOST
from district_reports.private import make_folder, read_json, write_json

_LIKED = range(8080, 8980)


def kept_port(folder: Path) -> int | None:
    """The port chosen before."""
    port = read_json(folder / "port.json").get("port")
    return int(port) if port else None


def choose_port(folder: Path) -> int:
    """The kept port if it is free, else another, which is kept from now on."""
    kept = kept_port(folder)
    if kept is not None and _free(kept):
        return kept
    # Two checkouts that start at the same moment would both find the first port free: each begins at its own.
    first = zlib.crc32(str(folder.absolute()).encode()) % len(_LIKED)
    port = next((port for port in (*_LIKED[first:], *_LIKED[:first]) if _free(port)), None) or _any_free()
    write_json(make_folder(folder) / "port.json", {"port": port})
    return port


def _free(port: int) -> bool:
    with socket.socket() as attempt:
        # Without this a port whose last connections are just closing would count as taken.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        port: int = attempt.getsockname()[1]
        return port
