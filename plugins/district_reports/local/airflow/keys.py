"""Airflow's own keys and the passwords of its users, generated once.

On a fresh folder several of Airflow's processes would each invent keys of their own.
"""

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from district_reports.passwords import hashed, made
from district_reports.private import make_folder, read_json, write_json
from district_reports.users import FIRST

USER = FIRST.name


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
    """The file with an entry of :mod:`district_reports.passwords` for each user."""
    return folder / "passwords.json"


def password(folder: Path, user: str = USER) -> str:
    """The entry of `user`; the password itself for one that is made here because there was none."""
    path = password_file(make_folder(folder))
    found = read_json(path)
    if user not in found:
        found[user] = made()
        write_json(path, found)
    return str(found[user])


def new_password(folder: Path, user: str) -> str:
    """Another password for `user`, which ends the log-ins under the one before; of it a hash is kept.

    That of :data:`USER` is kept as it is: with it we ask Airflow ourselves.
    """
    path = password_file(make_folder(folder))
    new = made()
    write_json(path, {**read_json(path), user: new if user == USER else hashed(new)})
    return new
