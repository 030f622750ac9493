"""One figure of one row of a city table in one release, and what the warehouse says around it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from district_reports.moment.frame import AREA_KEY, EVERYTHING
from district_reports.publish.city_tables import RELEASE, columns_of
from district_reports.publish.summary import Summary

_SHOWN = 12


class CannotTrace(Exception):
    """There is no such figure; the message says which there are."""


@dataclass(frozen=True)
class ReleaseMoment:
    """``as_of`` is set where the release was made later, to tell of that moment."""

    release_id: int
    released_at: datetime
    known_at: datetime
    as_of: datetime | None


@dataclass(frozen=True)
class Cell:
    """``row`` is the published row; ``values`` are bound in the statements that are about it."""

    summary: Summary
    release: ReleaseMoment
    column: str
    row: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        key = {name: self.row[name] for name in self.summary.key}
        return {"form": self.summary.form, **key, "release_id": self.release.release_id}

    @property
    def breakdown(self) -> dict[str, Any]:
        """The values of the key columns that are neither period nor area."""
        return {name: self.row[name] for name in self.summary.key if name not in AREA_KEY}


@dataclass(frozen=True)
class SubmissionFile:
    """A submission, and the file whose rows it has.

    A withdrawal that brought an earlier version back has that one's rows: ``origin_receipt_id`` and the file are then
    the earlier one's; else it is ``receipt_id``. ``outcome`` is None while the release was not to know it.
    ``archived_as`` is relative to the archive.
    """

    submission_id: int
    receipt_id: int
    form: str
    period: str
    district_code: str
    outcome: str | None
    nil_return: bool
    received_at: datetime
    recheck_of: int | None
    withdraws: int | None
    origin_receipt_id: int
    file_name: str
    archived_as: str


@dataclass(frozen=True)
class Unreported:
    """A district without a report in force: what became of its last submission (missing/rejected/…), if any."""

    district_code: str
    district_name: str
    because: str
    receipt_id: int | None


class Cause(StrEnum):
    """Why a figure is null."""

    APPLIES = "applies"
    UNPUBLISHED = "unpublished"
    PREVIOUS = "previous"
    UNREPORTED = "unreported"
    FORMULA = "formula"
    REFERENCE = "reference"
    UNNAMED = "unnamed"
    FOLLOWED = "followed"
    UNMEASURED = "unmeasured"
    EARLIER = "earlier"


@dataclass(frozen=True)
class Because:
    """``about`` is the condition that does not hold, or the table and column that the cause speaks of."""

    cause: Cause
    about: tuple[str, ...] = ()


def find_release(connection: Connection, release_id: int | None) -> ReleaseMoment:
    """The release of that number; without one the current.

    Raises:
        CannotTrace: there is none.
    """
    chosen = "release_id = :release_id" if release_id is not None else "as_of IS NULL"
    found = connection.execute(
        text(
            "SELECT release_id, released_at, known_at, as_of FROM city.release"
            f" WHERE {chosen} ORDER BY release_id DESC LIMIT 1"
        ),
        {} if release_id is None else {"release_id": release_id},
    ).one_or_none()
    if found is None:
        raise CannotTrace("nothing was published yet" if release_id is None else f"there is no release {release_id}")
    return ReleaseMoment(*found)


def find_cell(
    connection: Connection,
    summary: Summary,
    release: ReleaseMoment,
    column: str,
    *,
    period: str,
    area: str,
    key: Mapping[str, str],
) -> Cell:
    """The figure `column` of the row of that period, area (code or name) and `key`; 全部 of what `key` leaves open.

    Raises:
        CannotTrace: no such column, no such row, or several.
    """
    columns = columns_of(connection, "city", summary.table)
    if not columns:
        raise CannotTrace(f"no release has {summary.table} yet")
    if missing := [name for name in AREA_KEY if name not in summary.key]:
        raise CannotTrace(f"{summary.table} has no row a {missing[0]}, so nothing in it can be traced")
    figures = summary.figures(columns)
    if column not in figures:
        raise CannotTrace(f"{summary.table} has no figure {column!r}; it has {', '.join(figures)}")
    breakdown = [name for name in summary.key if name not in AREA_KEY]
    if unknown := [name for name in key if name not in breakdown]:
        rest = f"it has {', '.join(breakdown)}" if breakdown else "it has none but period and area"
        raise CannotTrace(f"{summary.table} has no key column {unknown[0]!r}; {rest}")
    rows = _rows_of(connection, summary, release, period)
    if not rows:
        periods = connection.scalars(
            text(f'SELECT DISTINCT period FROM city."{summary.table}" WHERE {RELEASE} = :release_id ORDER BY 1'),
            {"release_id": release.release_id},
        ).all()
        raise CannotTrace(
            f"release {release.release_id} of {summary.table} has no period {period!r}; it has "
            + (", ".join(periods) or "none")
        )
    of_area = [row for row in rows if area in (row["area_code"], row.get("area_name"))]
    if not of_area:
        raise CannotTrace(f"{summary.table} has no area {area!r} in {period}; it has {_listed(rows, 'area_code')}")
    for name, value in key.items():
        if all(str(row[name]) != value for row in of_area):
            raise CannotTrace(f"{summary.table} has no {name}={value}; it has {_listed(of_area, name)}")
    chosen = [row for row in of_area if all(str(row[name]) == value for name, value in key.items())]
    # What a key leaves open is all of it.
    total = [row for row in chosen if all(row[name] == EVERYTHING for name in breakdown if name not in key)]
    chosen = total if len(total) == 1 else chosen
    if len(chosen) != 1:
        open_ = [name for name in breakdown if name not in key] or breakdown
        told = "; ".join(f"{name}: {_listed(chosen or of_area, name)}" for name in open_)
        raise CannotTrace(f"{len(chosen) or 'no'} rows of {summary.table} are so; choose by --key: {told}")
    return Cell(summary, release, column, chosen[0])


def _rows_of(
    connection: Connection, summary: Summary, release: ReleaseMoment, period: str
) -> Sequence[Mapping[str, Any]]:
    """By the key, with 全部 before its parts."""
    order = ", ".join(f'"{name}" <> \'{EVERYTHING}\', "{name}"' for name in summary.key)
    rows = connection.execute(
        text(
            f'SELECT * FROM city."{summary.table}" WHERE {RELEASE} = :release_id AND period = :period ORDER BY {order}'
        ),
        {"release_id": release.release_id, "period": period},
    )
    return [dict(row) for row in rows.mappings()]


def _listed(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    """The values of a column, in the order of their first row, and how many more there are."""
    values = list(dict.fromkeys(str(row[name]) for row in rows))
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more


def district_names(connection: Connection, cell: Cell) -> dict[str, str]:
    """Code → name of the districts, as the city table of that release has them."""
    if "area_name" not in cell.row:
        return {}
    rows = connection.execute(
        text(
            f'SELECT DISTINCT area_code, area_name FROM city."{cell.summary.table}"'
            f" WHERE {RELEASE} = :release_id AND level = 'district'"
        ),
        {"release_id": cell.release.release_id},
    )
    return {row.area_code: row.area_name for row in rows}


def files_of(connection: Connection, submissions: Collection[int], release: ReleaseMoment) -> dict[int, SubmissionFile]:
    """The files of these submissions, by their ids."""
    rows = connection.execute(
        text(
            "SELECT submission_id, receipt_id, form, period, district_code,"
            " CASE WHEN decided_at <= :known_at THEN outcome END AS outcome, nil_return, received_at, recheck_of,"
            " withdraws, origin_receipt_id, file_name, archived_as"
            " FROM ledger.submission_file WHERE submission_id = ANY (:submissions)"
        ),
        {"submissions": list(submissions), "known_at": release.known_at},
    )
    return {row.submission_id: SubmissionFile(*row) for row in rows}


def unreported(connection: Connection, cell: Cell, names: Mapping[str, str]) -> tuple[Unreported, ...]:
    """The districts of the cell's area that had no report in force when the release was made."""
    rows = connection.execute(
        text(
            """
            SELECT district_code, receipt_id, CASE
                WHEN receipt_id IS NULL THEN 'missing'
                WHEN decided_at IS NULL OR decided_at > :known_at THEN 'undecided'
                WHEN withdraws IS NOT NULL AND outcome <> 'rejected' THEN 'withdrawn'
                ELSE outcome
            END AS because
            FROM city.release_source AS source
            LEFT JOIN LATERAL (
                SELECT receipt_id, outcome, decided_at, withdraws FROM ledger.submission
                WHERE submission_id = ANY (received)
                ORDER BY receipt_id DESC LIMIT 1
            ) AS last ON true
            WHERE release_id = :release_id AND form = :form AND period = :period AND :area_code = ANY (areas)
                AND submission_id IS NULL
            ORDER BY district_code
            """
        ),
        {**cell.values, "known_at": cell.release.known_at},
    )
    return tuple(
        Unreported(row.district_code, names.get(row.district_code, ""), row.because, row.receipt_id) for row in rows
    )


def reference_row(connection: Connection, cell: Cell, table: str, on: str) -> Mapping[str, Any]:
    """The row of a reference table whose `on` is the cell's, as known when the release was made; texts or values.

    Raises:
        CannotTrace: it is no longer there.
    """
    value = cell.row[on]
    known = connection.execute(
        text(
            "SELECT columns, cells FROM ("
            " SELECT columns, rows FROM reference.version WHERE table_name = :table AND known_from <= :known_at"
            " ORDER BY version_id DESC LIMIT 1"
            ") AS version, jsonb_array_elements(rows) AS listed (cells)"
            " WHERE cells ->> (array_position(columns, :on) - 1) = :value"
        ),
        {"table": table, "known_at": cell.release.known_at, "on": on, "value": value},
    ).one_or_none()
    if known is not None:
        return dict(zip(known.columns, known.cells, strict=True))
    row = (
        connection.execute(text(f'SELECT * FROM reference."{table}" WHERE "{on}" = :value'), {"value": value})
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise CannotTrace(f"{table}.csv no longer has a row with {on} {value!r}")
    return dict(row)
