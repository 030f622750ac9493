"""Values as pandas series, typed as the rules need them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from district_reports.model.form import Type


def typed(values: Sequence[Any], kind: Type) -> "pd.Series[Any]":
    """Text as object, integers as Int64, decimals as float64, dates as datetime64; None is missing."""
    match kind:
        case Type.INTEGER:
            return pd.Series(pd.array(values, dtype="Int64"))
        case Type.DECIMAL:
            return pd.Series([None if value is None else float(value) for value in values], dtype="float64")
        case Type.DATE:
            # Seconds, not nanoseconds: those end in the year 2262, and a clerk may well type 2920.
            return pd.Series(
                [None if value is None else datetime(value.year, value.month, value.day) for value in values],  # noqa: DTZ001
                dtype="datetime64[s]",
            )
    return pd.Series(values, dtype=object)
