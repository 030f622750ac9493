"""The two faces of the city's figures: inside, as each night made them; outside, what was approved and has left.

An address says ``face=inside`` or ``face=outside``; without it, who may see the city's figures sees the inside. Of the
outside a district reads its own rows as they are inside: row security gives it those of ``city`` and no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Connection

from district_reports.pages.access import Needs, viewer_of
from district_reports.publish.city_tables import columns_of
from district_reports.publish.outgoing.outside_tables import WITHHELD as WITHHELD
from district_reports.users import Permission

_OF_DISTRICT = {"level", "area_code"}


class Face(StrEnum):
    """The value stands in addresses."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Look:
    """Which face a page shows to whom. ``own`` is the district that reads its own rows whole; None where all are alike.

    ``switches`` says whether the viewer may look at the other face as well.
    """

    face: Face
    own: str | None
    switches: bool

    @property
    def inside(self) -> bool:
        return self.face is Face.INSIDE

    @property
    def kind(self) -> str:
        """By what words are chosen: ``inside``, ``outside``, or ``own`` for the outside with a district's own rows."""
        return str(self.face) if self.own is None else "own"

    @property
    def schema(self) -> str:
        return "city" if self.inside else "outside"


INSIDE = Look(Face.INSIDE, None, True)


def look_of(request: Request) -> Look:
    """The face that the address asks for.

    Raises:
        HTTPException: 403, the inside is not for the viewer; 400, there is no such face.
    """
    viewer = viewer_of(request)
    may_see_inside = viewer.may(Permission.SEE_CITY)
    asked = request.query_params.get("face") or (Face.INSIDE if may_see_inside else Face.OUTSIDE)
    if asked not in set(Face):
        raise HTTPException(400)
    if asked == Face.INSIDE and not may_see_inside:
        raise HTTPException(403)
    return Look(Face(asked), None if asked == Face.INSIDE else viewer.district_code, may_see_inside)


SeesFace = Annotated[Look, Depends(look_of)]
SEES_OUTSIDE = Depends(Needs(Permission.SEE_OUTSIDE))
"""What every route asks that shows either face; :data:`SeesFace` then refuses the inside to those outside."""


class CityTables:
    """The city tables of one face, as relations to read from."""

    def __init__(self, connection: Connection, look: Look) -> None:
        self.connection, self.look = connection, look
        self._columns: dict[str, Mapping[str, str]] = {}

    def columns(self, table: str) -> Mapping[str, str]:
        """Names and types, but for what is withheld; empty where there is no such table."""
        if table not in self._columns:
            found = columns_of(self.connection, self.look.schema, table)
            found.pop(WITHHELD, None)
            self._columns[table] = found
        return self._columns[table]

    def relation(self, table: str) -> str:
        """What follows FROM: each row with its figures and, outside, ``withheld``. Empty where there is no such table.

        The district that a row is of is compared with the setting that row security goes by.
        """
        name = f'{self.look.schema}."{table}"'
        columns = self.columns(table)
        if not columns:
            return ""
        if self.look.own is None or not columns.keys() >= _OF_DISTRICT:
            return f"{name} AS listed"
        listed = ", ".join(f'"{each}"' for each in columns)
        own = "level = 'district' AND area_code = current_setting('district_reports.sees')"
        return (
            f"(SELECT {listed}, {WITHHELD} FROM {name} WHERE NOT ({own})"
            f" UNION ALL SELECT {listed}, '{{}}'::text[] AS {WITHHELD} FROM city.\"{table}\" WHERE {own}"
            ") AS listed"
        )


def is_withheld(row: Mapping[Any, Any], column: str) -> bool:
    """Whether there is a figure that is not shown."""
    return column in (row.get(WITHHELD) or ())
