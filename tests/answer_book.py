"""What a clerk reads in an answer, whether it is the marked workbook or a list."""

from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def problems(path: Path) -> list[dict[str, Any]]:
    """The rows of 问题清单 by their headers, in order."""
    rows = list(load_workbook(path)["问题清单"].iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :] if isinstance(row[0], int)]


def facts(path: Path) -> dict[str, str]:
    """The lines about the whole file: label and words."""
    book = load_workbook(path)
    if "结论" in book.sheetnames:
        found = book["结论"].iter_rows(min_row=3, max_col=2, values_only=True)
        return {str(label): str(words) for label, words in found if label}
    lines: dict[str, str] = {}
    for row in book["问题清单"].iter_rows(values_only=True):
        if row[0] == "序号":
            break
        if row[0] and row[2]:
            lines[str(row[0])] = str(row[2])
    return lines
