"""How the limited child and its parent talk: frames of a tag, a length and a payload.

The child is not trusted: what it sends is data (JSON, Arrow), bounded in size and checked, never pickle.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from district_reports.workbook.problem import Problem
from district_reports.workbook.raw import RawSheet, SheetProperties
from district_reports.workbook.reading.cell_json import cell_from_json, cell_to_json
from district_reports.workbook.reading.walls import Wall

READY, PROBLEMS, COVER, SHEET, FAULT, DONE = b"REDY", b"PROB", b"COVR", b"SHET", b"FALT", b"DONE"
TOPS = b"TOPS"
"""The upper left of the sheets that are not read."""
ASIDE = b"ASID"
"""All data have been sent; what follows is no data, and may be missing."""
_HEAD = struct.Struct(">4sQ")
# A cover is eleven lines; a district that writes below or beside them loses nothing that counts.
_COVER_ROWS, _COVER_COLUMNS = 200, 10


class Garbled(Exception):
    """The child sent something that is no message of ours."""


def frame(tag: bytes, payload: bytes = b"") -> bytes:
    return _HEAD.pack(tag, len(payload)) + payload


def frames(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The frames in `data`.

    Raises:
        Garbled: `data` does not end where a frame ends.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise Garbled
        tag, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if length > len(data) - at:
            raise Garbled
        yield tag, data[at : at + length]
        at += length


def before(data: bytes, tag: bytes) -> bytes | None:
    """The frames in `data` before the first that is tagged `tag`; None where there is none."""
    at = 0
    try:
        for each, payload in frames(data):
            if each == tag:
                return data[:at]
            at += _HEAD.size + len(payload)
    except Garbled:
        return None
    return None


def ready_to_json(reader: str, walls: Iterable[Wall]) -> bytes:
    return json.dumps({"reader": reader, "walls": [[wall.name, wall.missing] for wall in walls]}).encode()


def walls_from_json(payload: bytes) -> tuple[Wall, ...]:
    """The walls in what a child says when it is ready."""
    return tuple(Wall(name, missing) for name, missing in json.loads(payload).get("walls", ()))


def problems_to_json(problems: list[Problem]) -> bytes:
    return json.dumps([[one.rule, one.variant, one.words] for one in problems]).encode()


def problems_from_json(payload: bytes) -> tuple[Problem, ...]:
    """The inverse of :func:`problems_to_json`.

    Raises:
        ValueError: `payload` is something else.
    """
    found = []
    for rule, variant, words in json.loads(payload):
        texts = isinstance(rule, str) and isinstance(variant, str) and isinstance(words, dict)
        if not texts or not all(isinstance(word, str | int) for word in words.values()):
            raise ValueError("not a problem")
        found.append(Problem(rule, variant, words))
    return tuple(found)


def covers_to_json(sheets: Iterable[RawSheet]) -> bytes:
    """The upper left of each cover sheet; a workbook should have one."""
    return json.dumps([_top(sheet, _COVER_ROWS, _COVER_COLUMNS) for sheet in sheets]).encode()


def tops_to_json(sheets: Iterable[RawSheet]) -> bytes:
    """What was read of sheets of which no more is asked."""
    return json.dumps([_top(sheet, sheet.height, len(sheet.columns)) for sheet in sheets]).encode()


def _top(sheet: RawSheet, rows: int, columns: int) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "is_hidden": sheet.properties.is_hidden,
        "columns": [[cell_to_json(cell) for cell in column[:rows]] for column in sheet.columns[:columns]],
    }


def tops_from_json(payload: bytes) -> tuple[RawSheet, ...]:
    """The inverse of :func:`tops_to_json` and :func:`covers_to_json`.

    Raises:
        ValueError, TypeError, KeyError: `payload` is something else.
    """
    tops = []
    for content in json.loads(payload):
        columns = tuple(tuple(cell_from_json(cell) for cell in column) for column in content["columns"])
        if len({len(column) for column in columns}) > 1:
            raise ValueError("columns of different heights")
        tops.append(RawSheet(str(content["title"]), columns, SheetProperties(is_hidden=bool(content["is_hidden"]))))
    return tuple(tops)
