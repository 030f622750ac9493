"""What is downloaded, under names in Chinese."""

from urllib.parse import quote

from starlette.responses import Response

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG = "image/png"


def attachment(content: bytes, media_type: str, name: str, plain: str) -> Response:
    """The answer that is saved under `name`; `plain` (ASCII) is for what does not know RFC 5987."""
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
