"""Which token keys the warehouse knows, by their fingerprints; never a key."""

from sqlalchemy import Connection, text


def fingerprints(connection: Connection) -> dict[int, str]:
    """The fingerprint of each version of the key that tokens were made with."""
    rows = connection.execute(text("SELECT version, fingerprint FROM ledger.token_key"))
    return {row.version: row.fingerprint for row in rows}


def note(connection: Connection, version: int, fingerprint: str) -> None:
    """Note a key before the first token is made with it."""
    connection.execute(
        text("INSERT INTO ledger.token_key (version, fingerprint) VALUES (:version, :fingerprint)"),
        {"version": version, "fingerprint": fingerprint},
    )
