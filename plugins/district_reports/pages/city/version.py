"""By which version of its definition a release made a table, and what the versions changed, in words."""

from dataclasses import dataclass

from sqlalchemy import Connection

from district_reports.publish.summary import summaries
from district_reports.publish.versions import held_since, versions
from district_reports.settings import settings


@dataclass(frozen=True)
class TableVersion:
    """``since`` is the first release that was made by it; ``told`` are (number, words), up to it, the latest first."""

    number: int
    since: int
    told: tuple[tuple[int, str], ...]


def version_of(connection: Connection, table: str, release_id: int, language: str) -> TableVersion | None:
    """None for a release that was made before versions were kept.

    Raises:
        SystemFault: as :func:`.versions.versions`.
    """
    held = held_since(connection, release_id, table)
    if held is None:
        return None
    number, since = held
    folder = settings().summaries
    listed = versions(folder, [each.table for each in summaries(folder)]).get(table, ())
    told = tuple((each.number, each.words[language]) for each in reversed(listed) if each.number <= number)
    return TableVersion(number, since, told)
