"""Cell by cell: where two sets of city tables differ."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from recomputed.published import Published

ONLY_PUBLISHED, ONLY_RECOMPUTED = "(only published)", "(only recomputed)"


def differences(published: Published, recomputed: Published) -> Iterator[str]:
    """A line for each cell that differs, and for each row or column that only one side has."""
    for boundary, table in sorted(published.keys() | recomputed.keys()):
        theirs, ours = published.get((boundary, table), {}), recomputed.get((boundary, table), {})
        place = f"{table} ({boundary})"
        for key in sorted(theirs.keys() ^ ours.keys()):
            yield f"{place} {' '.join(key)}: {ONLY_PUBLISHED if key in theirs else ONLY_RECOMPUTED}"
        columns = [set(next(iter(rows.values()), {})) for rows in (theirs, ours)]
        for column in sorted(columns[0] ^ columns[1]):
            yield f"{place} column {column}: {ONLY_PUBLISHED if column in columns[0] else ONLY_RECOMPUTED}"
        for key in sorted(theirs.keys() & ours.keys()):
            for column in sorted(columns[0] & columns[1]):
                if not same(theirs[key][column], ours[key][column]):
                    yield (
                        f"{place} {' '.join(key)} {column}: published {theirs[key][column]},"
                        f" recomputed {ours[key][column]}"
                    )


def told(found: list[str], most: int = 40) -> str:
    """How many cells differ in each column, and the first of them."""
    columns = Counter((line.split(" ", 1)[0], line.split(": ", 1)[0].rsplit(" ", 1)[-1]) for line in found)
    counts = [f"{count:6} × {table} {column}" for (table, column), count in columns.most_common(most)]
    return "\n".join([*counts, *found[:most]])


def same(one: object, other: object) -> bool:
    """Equal values; 2 and 2.00 are, 0 and nothing are not."""
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return Decimal(one) == Decimal(other)
    return one == other


def cells(tables: Published) -> int:
    return sum(len(row) for rows in tables.values() for row in rows.values())
