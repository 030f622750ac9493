"""After a restatement: publish a release, and tell which figures changed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.publish.causes import ChangeCause, in_words
from district_reports.publish.recorded_changes import FigureChange, changed_figures, compared, counts
from district_reports.publish.release import Release, publish
from district_reports.publish.revisions import former_release

SHOWN = 5
"""Figures shown of each table."""


def rebuild(decided_at: Sequence[datetime], progress: Callable[[str], None]) -> Release | None:
    """Publish a release if the current one does not tell of every decision made at `decided_at`; None if it does.

    `progress` is told which figures differ from the release before, and how many other decisions have come into it.

    Raises:
        SystemFault: as :func:`.release.publish`.
    """
    publisher = engine(Role.PUBLISHER)
    with publisher.begin() as connection:
        former = former_release(connection)
    if not decided_at or (former is not None and former.known_at >= max(decided_at)):
        progress("the city tables stay as they are")
        return None
    release = publish(note=in_words(ChangeCause.RESTATEMENT, "zh"))
    progress(str(release))
    if former is None:
        return release
    with publisher.begin() as connection:
        told = compared(connection, release.release_id)
        changed = [
            (count, changed_figures(connection, told, table=count.table, limit=SHOWN))
            for count in counts(connection, release.release_id)
        ]
        since = connection.execute(
            text("SELECT count(*) FROM ledger.submission WHERE decided_at > :former AND decided_at <= :known_at"),
            {"former": former.known_at, "known_at": release.known_at},
        ).scalar_one()
    for count, figures in changed:
        progress(f"{count.table}: {count.figures} figures in {count.rows} rows differ from release {told.against}")
        for figure in figures:
            progress(f"  {_as_line(figure)}")
        if count.figures > SHOWN:
            progress(f"  … and {count.figures - SHOWN} more")
    if not changed:
        progress(f"no figure changed since release {told.against}")
    others = since - sum(moment > former.known_at for moment in decided_at)
    if others > 0:
        progress(f"{others} other decisions since release {told.against} are told in it as well")
    return release


def _as_line(figure: FigureChange) -> str:
    row = (figure.period, figure.level, figure.area_code, *figure.key.values())
    place = " ".join(str(value) for value in row if value is not None)
    return f"{place}: {figure.column} {_shown(figure.before)} -> {_shown(figure.after)}"


def _shown(value: object) -> str:
    return "—" if value is None else str(value)
