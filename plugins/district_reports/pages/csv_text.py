"""A table as CSV that Excel opens as it is: with a byte order mark, and no text that would run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from starlette.responses import Response

_FORMULA = re.compile(r"^\s*[=+\-@]|^[\t\r\n]")


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The download `name` (ASCII). Numbers are written as they are, None as nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_safe(value) for value in row] for row in (header, *rows))
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value
