"""What is known at a moment: every transaction that adds to it comes before a release takes its moment, or after.

A row that says since when it is known says so before its transaction commits. A release that took its moment in between
would miss what, by its own word, it knew; and nobody could make it again.
"""

from sqlalchemy import Connection, text

DECISIONS_LOCK = 7_210_200_002
"""Held in common by every transaction that adds to what is known, and alone by a release while it takes its moment."""


def known_in_turn(connection: Connection) -> None:
    """Hold back releases until this transaction ends; called before it takes the moment that it writes down."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": DECISIONS_LOCK})
