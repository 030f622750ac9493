"""The drafts of all city tables by one moment's knowledge: what a release is filled from, and rebuilt from later."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from district_reports.forms import forms
from district_reports.moment.boundaries import Boundaries, draw, nothing_changed
from district_reports.moment.frame import build_frame
from district_reports.moment.known import reference_as_known, submissions_as_known
from district_reports.publish.city_tables import write_draft
from district_reports.publish.commitments import NEEDED, build_commitments
from district_reports.publish.summary import Summary


class Ground(NamedTuple):
    """What drafts stand on: SHA-256 (hex) over the reference data, and how many periods are told of."""

    reference: str
    periods: int


def lay_ground(connection: Connection, known_at: datetime, day: date) -> Ground:
    """Make the relations of :mod:`district_reports.moment` by what was known at the moment, for periods up to `day`."""
    reference = reference_as_known(connection, known_at, NEEDED)
    submissions_as_known(connection, known_at)
    return Ground(reference, build_frame(connection, forms(), day))


def drafted(
    connection: Connection, found: Sequence[Summary], known_at: datetime
) -> Iterator[tuple[Summary, Sequence[Boundaries]]]:
    """Write the draft of each summary in its turn, in the boundaries of each of the schemas that come with it.

    The boundaries then come last, so that their drafts stay, and the areas as drawn are these.
    """
    schemas_of: dict[Boundaries, Sequence[Boundaries]]
    schemas_of = {Boundaries.NOW: (Boundaries.NOW,), Boundaries.THEN: (Boundaries.THEN,)}
    if nothing_changed(connection):
        schemas_of = {Boundaries.THEN: (Boundaries.NOW, Boundaries.THEN)}
    for boundaries, schemas in schemas_of.items():
        draw(connection, boundaries)
        for summary in _drafts(connection, found, known_at):
            yield summary, schemas


def _drafts(connection: Connection, found: Sequence[Summary], known_at: datetime) -> Iterator[Summary]:
    """Those on city tables find the drafts of all others."""
    measured = [summary for summary in found if not summary.on_city_tables]
    for summary in measured:
        write_draft(connection, summary, known_at)
        yield summary
    if len(measured) < len(found):
        build_commitments(connection, measured, forms())
    for summary in found[len(measured) :]:
        write_draft(connection, summary, known_at)
        yield summary
