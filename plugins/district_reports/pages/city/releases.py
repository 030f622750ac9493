"""Which release a page tells of: the current one, one by its number, or that of a night.

Inside these are the releases of the nights; outside those that have left and were not revoked, the latest to leave
first. A night is the day of a release by the deployment's clock, inside and outside, so that one address finds what was
published of that day on either face, also where another day is played.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import HTTPException
from sqlalchemy import Connection, text

from district_reports.pages.city.face import Face, Look

_LATEST = 6


@dataclass(frozen=True)
class _Listed:
    """Where the releases of a face stand: all of them, the ordinary ones, and the order that they go by."""

    columns: str
    relation: str
    ordinary: str
    order: str


_OF = {
    Face.INSIDE: _Listed(
        columns="release_id, released_at, known_at, day, as_of, note, NULL, NULL",
        relation="city.release",
        ordinary="as_of IS NULL",
        order="release_id",
    ),
    Face.OUTSIDE: _Listed(
        columns="release_id, left_at, known_at, day, NULL, note, period, version",
        relation="(SELECT * FROM outside.release WHERE release_id NOT IN (SELECT release_id FROM outside.revoked))"
        " AS standing",
        ordinary="true",
        order="left_at",
    ),
}


@dataclass(frozen=True)
class Published:
    """A release. ``day`` is the day by the deployment's clock; ``as_of`` is set where it was made later, as of then.

    ``period`` and ``version`` are what it is called outside; there ``released_at`` is when it left.
    """

    release_id: int
    released_at: datetime
    known_at: datetime
    day: date
    as_of: datetime | None
    note: str | None
    period: str | None
    version: str | None


@dataclass(frozen=True)
class Revoked:
    """A release that was outside and was taken back; ``notice`` is what was said of it."""

    release_id: int
    period: str
    version: str
    revoked_at: datetime
    notice: str


@dataclass(frozen=True)
class Releases:
    """``selected`` is None where nothing was published by that night, or nothing at all, or it was ``revoked``.

    ``explicit`` says that the address names a release or a night, so that it is not simply the current one.
    ``before`` is the release before the selected one; ``latest`` are the latest few. ``of_its_night`` says that it is
    the one that its night finds.
    """

    selected: Published | None
    current: Published | None
    before: Published | None
    latest: tuple[Published, ...]
    explicit: bool
    night: str
    of_its_night: bool = False
    revoked: Revoked | None = None

    @property
    def is_current(self) -> bool:
        return self.selected is not None and self.selected == self.current

    @property
    def number(self) -> int | None:
        """What the page's own links carry on: nothing for the current release, so that they stay with it."""
        return self.selected.release_id if self.selected is not None and self.explicit else None

    @property
    def lasting(self) -> dict[str, object]:
        """What an address says that is to be sent: it leads to the selected release after later nights, too."""
        if self.selected is None:
            return {}
        return {"night": self.selected.day} if self.of_its_night else {"release": self.selected.release_id}


def select_release(connection: Connection, look: Look, query: Mapping[str, str]) -> Releases:
    """The release that `query` asks for by ``release`` (a number) or ``night`` (a day: the last of it, or before it).

    Raises:
        HTTPException: 404, there is no such release; 400, what is no day.
    """
    number, night, listed = query.get("release", ""), query.get("night", ""), _OF[look.face]
    every = f"SELECT {listed.columns} FROM {listed.relation}"
    newest = f"{every} WHERE {listed.ordinary} {{where}} ORDER BY {listed.order} DESC LIMIT :some"
    latest = _all(connection, newest.format(where=""), some=_LATEST)
    current = latest[0] if latest else None
    selected, revoked = current, None
    if number:
        # Anything longer is no number of a release, and would not fit a bigint.
        asked = int(number) if number.isdecimal() and len(number) < 18 else 0
        found = _all(connection, f"{every} WHERE release_id = :number", number=asked)
        selected = found[0] if found else None
        if selected is None:
            revoked = None if look.inside else _revoked(connection, asked)
            if revoked is None:
                raise HTTPException(404)
    elif night:
        selected = _by_night(connection, newest, _day(night))
    former: tuple[Published, ...] = ()
    of_its_night = False
    if selected is not None:
        earlier = newest.format(where=f"AND {listed.order} < :this")
        this = selected.release_id if look.inside else selected.released_at
        former = _all(connection, earlier, this=this, some=1)
        of_its_night = selected == current or selected == _by_night(connection, newest, selected.day)
    return Releases(
        selected=selected,
        current=current,
        before=former[0] if former else None,
        latest=latest,
        explicit=bool(number or night),
        night=night or ("" if selected is None else f"{selected.day}"),
        of_its_night=of_its_night,
        revoked=revoked,
    )


def _revoked(connection: Connection, number: int) -> Revoked | None:
    statement = "SELECT release_id, period, version, revoked_at, notice FROM outside.revoked WHERE release_id = :number"
    row = connection.execute(text(statement), {"number": number}).one_or_none()
    return None if row is None else Revoked(*row)


def _by_night(connection: Connection, newest: str, night: date) -> Published | None:
    found = _all(connection, newest.format(where="AND day <= :night"), night=night, some=1)
    return found[0] if found else None


def _day(night: str) -> date:
    try:
        return date.fromisoformat(night)
    except ValueError:
        raise HTTPException(400) from None


def _all(connection: Connection, statement: str, **values: object) -> tuple[Published, ...]:
    return tuple(Published(*row) for row in connection.execute(text(statement), values))
