"""Airflow's own keys and the passwords of its users, generated once.

On a fresh folder several of Airflow's processes would each invent keys of their own.
"""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from district_reports.private import make_folder, read_json, write_json

USER = "admin"


@dataclass(frozen=True, repr=False)
class Keys:
    """``fernet`` encrypts connections, ``jwt`` signs tokens, ``session`` signs the UI's cookies."""

    fernet: str
    jwt: str
    session: str


def keys(folder: Path) -> Keys:
    """The keys in `folder`, made if there are none. Call under the stack's lock."""
    path = make_folder(folder) / "keys.json"
    found = read_json(path)
    if not found:
        found = {
            "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt": secrets.token_hex(64),
            "session": secrets.token_hex(32),
        }
        write_json(path, found)
    return Keys(**found)


def password_file(folder: Path) -> Path:
    """The file from which SimpleAuthManager reads passwords: a JSON object of user to password, kept writable."""
    return folder / "passwords.json"


def password(folder: Path, user: str = USER) -> str:
    """The password of `user`, made if there is none. To set another, edit the file."""
    path = password_file(make_folder(folder))
    found = read_json(path)
    if user not in found:
        found[user] = secrets.token_urlsafe(12)
        write_json(path, found)
    return str(found[user])
