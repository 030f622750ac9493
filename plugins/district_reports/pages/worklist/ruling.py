"""What an officer's form says, and what becomes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import HTTPException

from district_reports.ledger.locks import objection_to_reason, typed
from district_reports.ledger.rulings import Ruled, rule
from district_reports.ledger.viewing import writing
from district_reports.pages.worklist.listing import PAGE
from district_reports.users import Viewer

_TICKED = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True)
class Given:
    """What was filled in; ``errors``: keys of the page's words. ``ticked``: values of :func:`ticked`."""

    reason: str = ""
    ticked: frozenset[str] = frozenset()
    errors: Sequence[str] = ()


def ticked(item_id: int, spell: int) -> str:
    """An item as a form names it: in the spell that its page showed."""
    return f"{item_id}.{spell}"


def ruled_by(viewer: Viewer, items: Sequence[str], reason: str, *, closes: bool) -> Ruled | Given:
    """Rule on `items` (values of :func:`ticked`); what is wrong with the form, where nothing was done.

    Raises:
        HTTPException: 400, an item that no page of ours names so, or more than one page shows.
    """
    spells = {int(found[1]): int(found[2]) for found in map(_TICKED.fullmatch, items) if found}
    if len(spells) != len(set(items)) or len(spells) > PAGE:
        raise HTTPException(400)
    why = typed(reason)
    errors = [] if spells else ["none_ticked"]
    if (objection := objection_to_reason(why)) is not None:
        errors.append(str(objection))
    if errors:
        return Given(reason, frozenset(items), errors)
    with writing(viewer) as connection:
        return rule(connection, spells, closes=closes, reason=why, by=viewer.name)


def numbers(written: str) -> list[int]:
    """Numbers of items in an address; what is none is left out."""
    return [int(each) for each in written.split(",")[:PAGE] if each.isascii() and each.isdigit() and len(each) < 19]
