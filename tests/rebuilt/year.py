"""A year of a small city in which releases leave the house: nights, and what officers decide on some of them."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from district_reports.database.engine import Role, engine
from district_reports.publish import publish
from district_reports.publish.outgoing.ledger import Outgoing, State, outgoing_of
from district_reports.publish.outgoing.requests import What
from district_reports.publish.outgoing.work import work_off
from outgoing.house import FIRST, SECOND, asked


@dataclass
class Office:
    """Prepares the release of the night, and does the next of what is planned, again and again: it did ``done``.

    A plan is of words: ``approve``, ``return``, ``revoke`` (what left last), ``wait`` (undecided, until another release
    has left and it can't be approved any more). What can't be protected stays inside (``impossible``), and what was
    planned for it is done about the next.
    """

    plan: Sequence[str]
    done: list[str] = field(default_factory=list)
    prepared: dict[int, str] = field(default_factory=dict)

    def decide(self, release_id: int) -> None:
        """Do the next of what is planned about the release."""
        planned = self.plan[sum(each != "impossible" for each in self.done) % len(self.plan)]
        self.done.append(self._revoke_the_last() if planned == "revoke" else self._prepare(release_id, planned))

    def _prepare(self, release_id: int, planned: str) -> str:
        request_id = asked(What.PREPARE, release_id=release_id)
        work_off()
        made = standing(request_id)
        if made.state is State.IMPOSSIBLE:
            return "impossible"
        assert made.state is State.READY, made.state
        self.prepared[request_id] = planned
        if planned == "approve":
            asked(What.APPROVE, SECOND, prepared_id=made.prepared_id)
        elif planned == "return":
            asked(What.RETURN, SECOND, prepared_id=made.prepared_id, reason="覆盖不足，等更正后再发。")
        work_off()
        return planned

    def _revoke_the_last(self) -> str:
        left = [each for each in map(standing, self.prepared) if each.state is State.LEFT]
        asked(What.REVOKE, prepared_id=left[-1].prepared_id, reason="口径有误，撤回。")
        work_off()
        return "revoke"


def standing(request_id: int) -> Outgoing:
    """Where what was asked for stands."""
    with engine(Role.READER).begin() as connection:
        made = outgoing_of(connection, request_id)
    assert made is not None
    return made


def play(nights: Iterable[date], office: Office, decides_on: Container[int]) -> list[int]:
    """Publish each night, and let the office decide on those with a number in `decides_on`; the releases."""
    assert FIRST != SECOND
    releases = []
    for number, _ in enumerate(nights):
        releases.append(publish().release_id)
        if number in decides_on:
            office.decide(releases[-1])
    return releases
