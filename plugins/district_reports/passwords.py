"""Passwords of the deployment's own users, in one file that its owner alone may read (JSON: name → entry).

An entry is a hash (``scrypt$…``), or the password itself where ``district-reports start`` made one for somebody to
fetch. ``district-reports password NAME`` makes another, says it once and keeps its hash. Each is 12 random bytes.
"""

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from threading import Lock

from district_reports.errors import ConfigurationError

_KIND = "scrypt"
_COST, _BLOCK = 1 << 14, 8  # 16 MiB and some 50 ms for each look
# A burst of log-ins must not take 16 MiB each.
_one_at_a_time = Lock()
# For those who have no hash: what is compared then takes as long.
_NOBODY = f"{_KIND}${secrets.token_hex(16)}${secrets.token_hex(32)}"


def made() -> str:
    """A new password."""
    return secrets.token_urlsafe(12)


def hashed(password: str) -> str:
    """The entry that knows `password` without telling it."""
    salt = secrets.token_hex(16)
    return f"{_KIND}${salt}${_derived(password, salt)}"


def matches(entry: str | None, given: str) -> bool:
    """Whether `given` is the password of `entry` (None: there is no such user); always the same work."""
    is_hash = entry is not None and entry.startswith(f"{_KIND}$")
    _, salt, known = (entry if entry is not None and is_hash else _NOBODY).split("$")
    is_hashed_one = hmac.compare_digest(_derived(given, salt), known)
    is_plain_one = hmac.compare_digest(given.encode("utf-8", "replace"), (entry or "").encode())
    return is_hashed_one if is_hash else is_plain_one and bool(entry)


def entries(file: Path) -> dict[str, str]:
    """Every entry of `file` by name; none where there is no file.

    Raises:
        ConfigurationError: it can't be read.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read: {type(error).__name__}") from None
    if not isinstance(found, dict) or not all(isinstance(entry, str) for entry in found.values()):
        raise ConfigurationError(f"{file} must be a JSON object of names and texts")
    return found


def _derived(password: str, salt: str) -> str:
    with _one_at_a_time:
        return hashlib.scrypt(
            password.encode("utf-8", "replace"), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=1, maxmem=1 << 26
        ).hex()
