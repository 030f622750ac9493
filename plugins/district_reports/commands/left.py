"""Which release that has left a command is about."""

from typing import TYPE_CHECKING

from district_reports.commands.common import Usage

if TYPE_CHECKING:
    from sqlalchemy import Connection


def left_release(connection: "Connection", asked: int | None) -> int | None:
    """The release `asked` for, or the one that left last; None where nothing has left.

    Raises:
        Usage: the one that is asked for has not left.
    """
    from district_reports.publish.disclosure.prepare import left_releases

    order = left_releases(connection)
    if asked is not None and asked not in order:
        raise Usage(f"release {asked} has not left the house")
    return asked if asked is not None else (order[-1] if order else None)
