"""Which release a page tells of: the current one, one by its number, or what was known on a night."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from fastapi import HTTPException
from sqlalchemy import Connection, text

from district_reports import clock

_LATEST = 6
_COLUMNS = "release_id, released_at, known_at, day, as_of, note"


@dataclass(frozen=True)
class Published:
    """A release. ``day`` is the day by the deployment's clock; ``as_of`` is set where it was made later, as of then."""

    release_id: int
    released_at: datetime
    known_at: datetime
    day: date
    as_of: datetime | None
    note: str | None


@dataclass(frozen=True)
class Releases:
    """``selected`` is None where nothing was published by that night, or nothing at all.

    ``explicit`` says that the address names a release or a night, so that it is not simply the current one.
    ``before`` is the release before the selected one; ``latest`` are the latest few.
    """

    selected: Published | None
    current: Published | None
    before: Published | None
    latest: tuple[Published, ...]
    explicit: bool
    night: str

    @property
    def is_current(self) -> bool:
        return self.selected is not None and self.selected == self.current

    @property
    def number(self) -> int | None:
        """What the page's own links carry on: nothing for the current release, so that they stay with it."""
        return self.selected.release_id if self.selected is not None and self.explicit else None


def select_release(connection: Connection, query: Mapping[str, str]) -> Releases:
    """The release that `query` asks for by ``release`` (a number) or ``night`` (a day; the end of it counts).

    Raises:
        HTTPException: 404, there is no such release; 400, what is no day.
    """
    number, night = query.get("release", ""), query.get("night", "")
    ordinary = "SELECT {columns} FROM city.release WHERE as_of IS NULL"
    newest = ordinary.format(columns=_COLUMNS) + " {where} ORDER BY release_id DESC LIMIT :some"
    latest = _all(connection, newest.format(where=""), some=_LATEST)
    current = latest[0] if latest else None
    selected = current
    if number:
        by_number = f"SELECT {_COLUMNS} FROM city.release WHERE release_id = :number"
        # Anything longer is no number of a release, and would not fit a bigint.
        found = _all(connection, by_number, number=int(number)) if number.isdecimal() and len(number) < 18 else ()
        if not found:
            raise HTTPException(404)
        selected = found[0]
    elif night:
        known = newest.format(where="AND known_at <= :moment")
        found = _all(connection, known, moment=_end_of(night), some=1)
        selected = found[0] if found else None
    former: tuple[Published, ...] = ()
    if selected is not None:
        former = _all(connection, newest.format(where="AND release_id < :number"), number=selected.release_id, some=1)
    return Releases(
        selected=selected,
        current=current,
        before=former[0] if former else None,
        latest=latest,
        explicit=bool(number or night),
        night=night or ("" if selected is None else f"{selected.known_at.astimezone(clock.ZONE):%Y-%m-%d}"),
    )


def _end_of(night: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(night), time.max, clock.ZONE)
    except ValueError:
        raise HTTPException(400) from None


def _all(connection: Connection, statement: str, **values: object) -> tuple[Published, ...]:
    return tuple(Published(*row) for row in connection.execute(text(statement), values))
