"""What officers ask for: that a release is prepared for outside, approved, returned or revoked.

The pages write a request and the job works it off (:mod:`.work`). Which requests are allowed is the database's to say
(``outgoing.refusal``), whoever asks.
"""

from enum import StrEnum

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError


class What(StrEnum):
    """What is asked for."""

    PREPARE = "prepare"
    APPROVE = "approve"
    RETURN = "return"
    REVOKE = "revoke"


class Rule(StrEnum):
    """Why a request is not allowed, or could not be followed."""

    NO_ORDINARY_RELEASE = "no_ordinary_release"
    """There is no such release, or it was made later to tell of a former moment."""
    LEFT_ALREADY = "left_already"
    """It has left before; what was revoked does not leave again either."""
    IN_HAND_ALREADY = "in_hand_already"
    """Somebody asked to prepare it, and that is not decided yet."""
    NEVER_PREPARED = "never_prepared"
    ALREADY_DECIDED = "already_decided"
    """It was approved or returned before."""
    OWN_PREPARATION = "own_preparation"
    """Who asked to prepare it can't approve it."""
    NOT_PROTECTED = "not_protected"
    """It can't be protected, and stays inside."""
    OUTDATED = "outdated"
    """Another release has left since it was prepared: it has to be prepared again."""
    NOT_LEFT = "not_left"
    ALREADY_REVOKED = "already_revoked"
    NEEDS_REASON = "needs_reason"
    """Returning and revoking need a reason, in words."""


class NotAllowed(Exception):
    """The database does not let it be asked; nothing was written."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule


def ask(
    connection: Connection,
    what: What,
    *,
    asked_by: str,
    release_id: int | None = None,
    prepared_id: int | None = None,
    reason: str | None = None,
) -> int:
    """Write down what `asked_by` asks for, on a connection of the pages' for a viewer who sees all; its number.

    :data:`What.PREPARE` is asked of a release, all others of what was prepared. An empty `reason` is none.

    Raises:
        NotAllowed: a rule forbids it; the transaction goes on without it.
        sqlalchemy.exc.DBAPIError: the viewer sees one district only, or the database refused something else.
    """
    try:
        with connection.begin_nested():
            number: int = connection.execute(
                text(
                    "INSERT INTO outgoing.request (what, release_id, prepared_id, reason, asked_by)"
                    " VALUES (:what, :release_id, :prepared_id, :reason, :asked_by) RETURNING request_id"
                ),
                {
                    "what": what.value,
                    "release_id": release_id,
                    "prepared_id": prepared_id,
                    "reason": (reason or "").strip() or None,
                    "asked_by": asked_by,
                },
            ).scalar_one()
    except IntegrityError as error:
        named = error.orig.diag.constraint_name if isinstance(error.orig, psycopg.Error) else None
        if named in set(Rule):
            raise NotAllowed(Rule(named)) from None
        raise
    return number
