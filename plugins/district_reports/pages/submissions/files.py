"""Hand out what lies in the archive and in the districts' folders: a browser is told to run and show nothing of it by
itself, since clerks made the one and write into the other."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import BinaryIO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from district_reports.storage.folders import safe_name

_BLOCK = 1 << 18
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ANY = "application/octet-stream"
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'"
)
"""The policy of a page that we wrote but that lies where others can write: no script runs, and it has no origin."""


def download(file: BinaryIO, name: str) -> StreamingResponse:
    """`file` to be saved as `name`, made safe; a workbook by name and content is sent as one."""
    name = safe_name(name)
    is_workbook = name.lower().endswith(".xlsx") and _begins_with(file, b"PK\x03\x04")
    return _sent(
        file, _WORKBOOK if is_workbook else _ANY, {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )


def sandboxed_page(file: BinaryIO) -> StreamingResponse:
    """`file` as a page that may run nothing."""
    return _sent(file, "text/html; charset=utf-8", {"Content-Security-Policy": SANDBOX})


def _sent(file: BinaryIO, media_type: str, headers: Mapping[str, str]) -> StreamingResponse:
    size = os.fstat(file.fileno()).st_size
    # If the file grows while it is sent, the rest is left out, as the length is announced already.
    return StreamingResponse(
        _blocks(file, size), media_type=media_type, headers={**headers, "Content-Length": str(size)}
    )


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    with closing(file):
        while size > 0 and (block := file.read(min(size, _BLOCK))):
            size -= len(block)
            yield block


def _begins_with(file: BinaryIO, signature: bytes) -> bool:
    begins = file.read(len(signature)) == signature
    file.seek(0)
    return begins
