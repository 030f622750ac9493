"""What is downloaded: names in Chinese, and CSV that Excel opens as it is and runs nothing of."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from starlette.responses import Response

CSV = "text/csv; charset=utf-8"
_FORMULA = re.compile(r"^\s*[=+\-@]|^[\t\r\n]")


def attachment(content: bytes, media_type: str, name: str, plain: str) -> Response:
    """The answer that is saved under `name`; `plain` (ASCII) is for what does not know RFC 5987."""
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a mark at the front, by which Excel knows it. Numbers are written as they are, None as nothing."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([_inert(value) for value in row] for row in (header, *rows))
    return text.getvalue().encode("utf-8-sig", "replace")


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value
