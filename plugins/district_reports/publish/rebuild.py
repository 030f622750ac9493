"""After a restatement: publish a release, and tell which figures changed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text

from district_reports.database.engine import Role, engine
from district_reports.publish.compare import compare_releases, current_release
from district_reports.publish.release import Release, publish
from district_reports.publish.summary import summaries
from district_reports.settings import settings

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
        former = current_release(connection)
    if not decided_at or (former is not None and former[1] >= max(decided_at)):
        progress("the city tables stay as they are")
        return None
    release = publish(note="restatement")
    progress(str(release))
    if former is None:
        return release
    with publisher.begin() as connection:
        changes = compare_releases(connection, summaries(settings().summaries), former[0], release.release_id)
        since = connection.execute(
            text("SELECT count(*) FROM ledger.submission WHERE decided_at > :former AND decided_at <= :known_at"),
            {"former": former[1], "known_at": release.known_at},
        ).scalar_one()
    for change in changes:
        progress(f"{change.table}: {len(change.figures)} figures in {change.rows} rows differ from release {former[0]}")
        for figure in change.figures[:SHOWN]:
            progress(f"  {figure}")
        if len(change.figures) > SHOWN:
            progress(f"  … and {len(change.figures) - SHOWN} more")
    if not changes:
        progress(f"no figure changed since release {former[0]}")
    others = since - sum(moment > former[1] for moment in decided_at)
    if others > 0:
        progress(f"{others} other decisions since release {former[0]} are told in it as well")
    return release
