"""What a table is looked at by first, and counts told per 1,000 of another, as the header of its summary declares it.

- ``-- first: <column>, …``: the first that has a figure where one looks is shown. Rates come before counts.
- ``-- per 1,000 <name>: <column> of <column>``: a count by another figure of the row. It is calculated where it is
  shown and in no table, and its words stand under its name beside those of the columns.

Both are for the pages alone: a release is the same with or without them.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from district_reports.errors import SystemFault

_OF = re.compile(r"(\w+) of (\w+)")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class PerThousand:
    """``count`` per 1,000 of ``base``, both columns of the row."""

    count: str
    base: str

    @property
    def inputs(self) -> tuple[str, str]:
        return self.count, self.base

    def value(self, row: Mapping[str, Any]) -> Decimal | None:
        """With two decimals, half up; None where a figure is missing or the base is 0."""
        count, base = row.get(self.count), row.get(self.base)
        if count is None or not base:
            return None
        return (1000 * Decimal(count) / Decimal(base)).quantize(_CENT, ROUND_HALF_UP)


def per_thousand(lines: Iterable[tuple[str, str]], columns: Collection[str], file: str) -> dict[str, PerThousand]:
    """The declared ones by name; `lines` are (name, what stands behind the colon).

    Raises:
        SystemFault: a line names no such columns, or its own name is one; the message names `file`.
    """
    found = {}
    for name, said in lines:
        match = _OF.fullmatch(said.strip())
        if match is None or name in columns or not {*match.groups()} <= {*columns}:
            raise SystemFault(f"{file}: `per 1,000 {name}: {said}` is not `<a new name>: <column> of <column>`")
        found[name] = PerThousand(match[1], match[2])
    return found


def first(named: tuple[str, ...], known: Collection[str], file: str) -> tuple[str, ...]:
    """`named`, if each is among `known`.

    Raises:
        SystemFault: one is not; the message names `file`.
    """
    if unknown := [name for name in named if name not in known]:
        raise SystemFault(f"{file}: there is no figure {unknown[0]!r} to show first")
    return named
