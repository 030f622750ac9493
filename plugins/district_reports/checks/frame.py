"""The frame that Great Expectations sees: a sheet's values, what they rest on, and the derived columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from district_reports.checks.context import Column, Context
from district_reports.checks.derive import DERIVE
from district_reports.checks.rows import SheetRows
from district_reports.checks.series import typed
from district_reports.model import identifiers
from district_reports.model.form import Type

BROKEN = "{}__broken"
"""Name of the column that says whether a cell has a critical finding and takes no part in its row's rules."""


@dataclass(frozen=True)
class SheetValues:
    """A sheet's columns as the rules of its rows see them: without broken cells and IDs with C01.

    ``broken`` holds the indices of both.
    """

    own: Mapping[str, Column]
    broken: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, rows: SheetRows, context: Context) -> "SheetValues":
        own: dict[str, Column] = {}
        broken: dict[str, frozenset[int]] = {}
        for column in rows.sheet.columns:
            values = rows.values[column.name]
            bad = rows.broken[column.name]
            if column.type is Type.RESIDENT_ID:
                bad |= {
                    index
                    for index, value in enumerate(values)
                    if value is not None and identifiers.resident_id_problem(str(value), context.received_on)
                }
                values = [None if index in bad else value for index, value in enumerate(values)]
            own[column.name], broken[column.name] = values, bad
        return cls(own, broken)


def sheet_frame(rows: SheetRows, context: Context) -> pd.DataFrame:
    """One row a row read, indexed by Excel row number.

    Text is object, integers Int64, decimals float64, dates datetime64; a broken cell and an ID with C01 are missing,
    and ``<column>__broken`` says so. Rules across rows look at every value read (docs/contract.md, "Rules").
    """
    sheet = SheetValues.of(rows, context)
    # A nameless index: GX gives the labels of a named one as dictionaries that hold the failing values as well.
    index = pd.Index(rows.rows)
    frame: dict[str, pd.Series[Any]] = {}
    for column in rows.sheet.columns:
        frame[column.name] = typed(sheet.own[column.name], column.type).set_axis(index)
        flags = [position in sheet.broken[column.name] for position in range(len(rows.rows))]
        frame[BROKEN.format(column.name)] = pd.Series(flags, index=index, dtype=bool)
    known = dict(sheet.own)
    for kind in rows.sheet.all_derived:
        values, dtype = DERIVE[type(kind)](kind, known, rows, context)
        known[kind.name] = values
        frame[kind.name] = typed(values, dtype).set_axis(index)
    return pd.DataFrame(frame, index=index)
