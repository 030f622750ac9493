"""What changed in the city tables from one release to another, figure by figure, whatever the tables are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.summary import Summary


@dataclass(frozen=True)
class Figure:
    """One figure that differs; None where a release does not have the row, or the row not the figure.

    ``key`` are the values of the summary's key, in its order.
    """

    key: tuple[str, ...]
    column: str
    before: object
    after: object

    def __str__(self) -> str:
        return f"{' '.join(map(str, self.key))}: {self.column} {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True)
class TableChange:
    """``figures`` in the order of their keys; ``rows`` is how many rows they belong to."""

    table: str
    rows: int
    figures: tuple[Figure, ...]


def current_release(connection: Connection) -> tuple[int, datetime] | None:
    """Number and moment of the release that readers see now; None before the first."""
    row = connection.execute(
        text("SELECT release_id, known_at FROM city.release WHERE as_of IS NULL ORDER BY release_id DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else (row.release_id, row.known_at)


def compare_releases(connection: Connection, tables: Sequence[Summary], former: int, latter: int) -> list[TableChange]:
    """The figures of `tables` that differ between two releases, table by table; tables without any are left out."""
    changes = []
    for summary in tables:
        columns = list(columns_of(connection, "city", summary.table))
        if not columns:
            continue
        rows = connection.execute(
            text(_CHANGED.format(table=summary.table, release=RELEASE, key=_key(summary))),
            {"former": former, "latter": latter},
        ).all()
        figures = [Figure(tuple(row.key), row.name, row.before, row.after) for row in rows]
        figures.sort(key=lambda figure: (figure.key, columns.index(figure.column)))
        if figures:
            changes.append(TableChange(summary.table, len({figure.key for figure in figures}), tuple(figures)))
    return changes


_CHANGED = """
WITH former AS (
    SELECT jsonb_build_array({key}) AS key, to_jsonb(t) - '{release}' AS figures
    FROM city."{table}" AS t WHERE {release} = :former
),
latter AS (
    SELECT jsonb_build_array({key}) AS key, to_jsonb(t) - '{release}' AS figures
    FROM city."{table}" AS t WHERE {release} = :latter
)
SELECT key, name, before, after
FROM former
FULL JOIN latter USING (key)
CROSS JOIN LATERAL jsonb_object_keys(coalesce(latter.figures, former.figures)) AS name
CROSS JOIN LATERAL (
    SELECT nullif(former.figures -> name, 'null') AS before, nullif(latter.figures -> name, 'null') AS after
) AS figure
WHERE before IS DISTINCT FROM after
"""


def _key(summary: Summary) -> str:
    return ", ".join(f't."{name}"' for name in summary.key)


def _shown(value: object) -> str:
    return "—" if value is None else str(value)
