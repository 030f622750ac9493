"""Where each release stands that somebody asked to prepare for outside, as page and command tell it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, text

from district_reports.publish.outgoing.checklist import Checklist
from district_reports.publish.outgoing.requests import Rule


class State(StrEnum):
    """Where a release stands on its way; ``outgoing.state`` is what says so."""

    REQUESTED = "requested"
    """Somebody asked to prepare it, and the job has not done so yet."""
    READY = "ready"
    """Prepared: another officer may approve it."""
    IMPOSSIBLE = "impossible"
    """It can't be protected."""
    RETURNED = "returned"
    APPROVED = "approved"
    """Approved, and the job has not let it leave yet."""
    REFUSED = "refused"
    """The job could not follow a request, by a rule: it has to be asked for anew."""
    LEFT = "left"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Outgoing:
    """A release on its way. What has not happened is None, as is what was prepared until it is.

    ``drafted_by`` asked to prepare it, ``decided_by`` approved it or returned it with ``decision_reason``, and
    ``revoked_by`` revoked it with ``notice``. ``impossible`` says in Chinese why it can't be protected. ``outdated``:
    undecided, and another release has left since it was prepared, so that it can't be approved any more. ``day`` is the
    day of the release.
    """

    request_id: int
    release_id: int
    state: State
    drafted_by: str
    drafted_at: datetime
    remark: str | None
    prepared_id: int | None
    prepared_at: datetime | None
    period: str | None
    version: str | None
    day: date
    known_at: datetime
    checklist: Checklist | None
    impossible: str | None
    outdated: bool
    refused_by: Rule | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    left_at: datetime | None
    revoked_by: str | None
    revocation_asked_at: datetime | None
    notice: str | None
    revoked_at: datetime | None

    @property
    def name(self) -> str | None:
        """As ``2020-06 v1.0``; a version that has not left is the one that it would leave as."""
        return None if self.period is None else f"{self.period} {self.version}"

    @property
    def waits_for_the_job(self) -> bool:
        """Whether something was asked for that is not done yet."""
        revoking = self.notice is not None and self.revoked_at is None
        return self.state in (State.REQUESTED, State.APPROVED) or revoking


_SELECT = """
SELECT
    state.request_id, state.release_id, state, drafted_by, drafted_at, remark, prepared_id, prepared_at, period,
    version, release.day, release.known_at, checklist, impossible, outdated, refused_by, decision, decided_by,
    decided_at, decision_reason, left_at, revoked_by, revocation_asked_at, notice, revoked_at
FROM outgoing.state
JOIN city.release USING (release_id)
"""


def outgoing(connection: Connection) -> list[Outgoing]:
    """Every release that somebody asked to prepare, the latest request first."""
    rows = connection.execute(text(f"{_SELECT} ORDER BY state.request_id DESC"))
    return [_outgoing(row._asdict()) for row in rows]


def outgoing_of(connection: Connection, request_id: int) -> Outgoing | None:
    """The one that was asked for with this number."""
    row = connection.execute(
        text(f"{_SELECT} WHERE state.request_id = :request"), {"request": request_id}
    ).one_or_none()
    return None if row is None else _outgoing(row._asdict())


def _outgoing(told: dict[str, object]) -> Outgoing:
    checklist, rule = told.pop("checklist"), told.pop("refused_by")
    return Outgoing(
        **{**told, "state": State(str(told["state"]))},  # type: ignore[arg-type]
        checklist=Checklist.of_json(checklist) if isinstance(checklist, dict) else None,
        refused_by=Rule(str(rule)) if rule is not None else None,
    )
