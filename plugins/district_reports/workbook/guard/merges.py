"""Merged ranges of a sheet that no program for spreadsheets makes: very many, or one over another."""

import heapq
import re
from bisect import bisect_left
from typing import NamedTuple

from district_reports.workbook.limits import Limits
from district_reports.workbook.names import address
from district_reports.workbook.problem import Refused
from district_reports.workbook.sheet_xml import column_number

_RANGE = re.compile(
    rb"""mergeCell\s[^<>]{0,200}?\bref=["']\$?([A-Za-z]{1,3})\$?([0-9]{1,7}):\$?([A-Za-z]{1,3})\$?([0-9]{1,7})["']"""
)


class Range(NamedTuple):
    """A range of cells, rows and columns from 1, both ends in it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def cells(self) -> int:
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    @property
    def text(self) -> str:
        return f"{address(self.first_row, self.first_column)}:{address(self.last_row, self.last_column)}"

    def hides(self, row: int, column: int) -> bool:
        """Whether a cell lies in the range, and is not the one that shows."""
        inside = self.first_row <= row <= self.last_row and self.first_column <= column <= self.last_column
        return inside and (row, column) != (self.first_row, self.first_column)


def wide_merges(xml: bytes, sheet: str, limits: Limits) -> list[Range]:
    """The merged ranges over the allowed size in the ``mergeCells`` element `xml` of `sheet`.

    Raises:
        Refused: too many ranges, or two that overlap.
    """
    ranges = [_range(*corners) for corners in _RANGE.findall(xml)]
    if len(ranges) > limits.merges:
        raise Refused("F03", "merges", sheet=sheet, limit=limits.merges)
    if pair := _overlapping(sorted(ranges)):
        raise Refused("F03", "merge_overlap", sheet=sheet, first=pair[0].text, second=pair[1].text)
    return [one for one in ranges if one.cells > limits.wide_merge]


def _range(left: bytes, top: bytes, right: bytes, bottom: bytes) -> Range:
    first_row, last_row = sorted((int(top), int(bottom)))
    first_column, last_column = sorted((column_number(left.upper()), column_number(right.upper())))
    return Range(first_row, first_column, last_row, last_column)


def _overlapping(ranges: list[Range]) -> tuple[Range, Range] | None:
    """Two of `ranges`, which are sorted, that share a cell: the open ones lie side by side, by their first column."""
    open_: list[tuple[int, Range]] = []
    ends: list[tuple[int, int, Range]] = []
    for one in ranges:
        while ends and ends[0][0] < one.first_row:
            _, column, ended = heapq.heappop(ends)
            del open_[bisect_left(open_, (column, ended))]
        at = bisect_left(open_, (one.first_column, one))
        if at < len(open_) and open_[at][0] <= one.last_column:
            return open_[at][1], one
        if at and open_[at - 1][1].last_column >= one.first_column:
            return open_[at - 1][1], one
        open_.insert(at, (one.first_column, one))
        heapq.heappush(ends, (one.last_row, one.first_column, one))
    return None
