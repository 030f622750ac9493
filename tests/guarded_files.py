"""Workbooks taken apart and put together again with one thing wrong, for the tests of the guard."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from district_reports.workbook.guard.guard import LIMITS, Limits, guard

TYPES, BOOK, BOOK_RELS, SHEET = (
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
)
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The workbook with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_part(path: Path, name: str, content: bytes = b"<x/>", content_type: str = "") -> Path:
    """The workbook with one more part."""

    def change(parts: dict[str, bytes]) -> None:
        parts[name] = content
        if content_type:
            override = f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>'.encode()
            parts[TYPES] = parts[TYPES].replace(b"</Types>", override)

    return rewritten(path, change)


def with_relationship(path: Path, kind: str, target: str, mode: str = "") -> Path:
    """The workbook with one more relationship of its workbook part."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    element = f'<Relationship Id="rId99" Type="{base}/{kind}" Target="{target}" {mode}/></Relationships>'

    def change(parts: dict[str, bytes]) -> None:
        parts[BOOK_RELS] = parts[BOOK_RELS].replace(b"</Relationships>", element.encode())

    return rewritten(path, change)


def found(path: Path, limits: Limits = LIMITS) -> list[tuple[str, str]]:
    return [(problem.rule, problem.variant) for problem in guard(path, limits)]


def kind(path: Path) -> str:
    [problem] = guard(path)
    assert problem.rule == "F01"
    return str(problem.words["kind"])
