"""Two SELECTs of the same rows compared cell by cell; of what differs the place is told, and never a value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

LISTED_AT_MOST = 100
"""Rows that are named of one table, one by one."""


class Differing(NamedTuple):
    """A row that differs. ``columns`` are those that do; None where the whole row is missing or should not be."""

    key: tuple[str, ...]
    columns: tuple[str, ...] | None
    missing: bool

    def __str__(self) -> str:
        if self.columns is None:
            what = "the row is missing" if self.missing else "the row should not be there"
        else:
            what = ", ".join(self.columns)
        return f"({', '.join(self.key)}): {what}"


def differing(
    connection: Connection,
    expected: str,
    found: str,
    key: Sequence[str],
    columns: Sequence[str],
    values: Mapping[str, Any],
) -> list[Differing]:
    """The rows of `found` that are not those of `expected`, two SELECTs over `values`, by `key`.

    Rows are told apart by `key`, in which null is a value like any other.
    """
    names = [f'"{name}"' for name in key]
    # Whatever type a column of the key has: as text it can be joined, null or not.
    joined = ", ".join(f"coalesce({name}::text, '') AS {name}" for name in names)
    quoted = [f'"{name}"' for name in columns]
    side = f"SELECT {', '.join([joined, *quoted])}, ROW({', '.join(['true', *quoted])}) AS cells, true AS there"
    unlike = ", ".join(f'CASE WHEN e."{name}" IS DISTINCT FROM f."{name}" THEN \'{name}\' END' for name in columns)
    rows = connection.execute(
        text(
            f"SELECT ARRAY[{', '.join(names)}], e.there AND f.there, f.there IS NULL,"
            f" array_remove(ARRAY[{unlike}]::text[], NULL)"
            f" FROM ({side} FROM ({expected}) AS given) AS e"
            f" FULL JOIN ({side} FROM ({found}) AS given) AS f USING ({', '.join(names)})"
            " WHERE e.there IS NULL OR f.there IS NULL OR e.cells IS DISTINCT FROM f.cells"
            f" ORDER BY {', '.join(names)}"
        ),
        values,
    )
    return [Differing(tuple(place), tuple(unlike) if both else None, missing) for place, both, missing, unlike in rows]


def told(where: str, rows: Sequence[Differing]) -> Iterable[str]:
    """A line for each row, `where` before it."""
    for row in rows[:LISTED_AT_MOST]:
        yield f"{where} {row}"
    if len(rows) > LISTED_AT_MOST:
        yield f"{where}: {len(rows) - LISTED_AT_MOST} more rows"
