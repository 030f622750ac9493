"""Tokens that stand in for resident IDs, student and teacher numbers in the facts.

HMAC-SHA-256 (RFC 2104) of the normalised identifier under a key that is kept outside the database: whoever reads the
facts can count and link people, but can't test a guessed ID. An ID has so little entropy that a plain hash would hide
nothing. The key's version stands in each token (``v1:…``); tokens of two versions never compare equal.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from district_reports.errors import ConfigurationError
from district_reports.settings import settings

KEY_FILE = "DISTRICT_REPORTS_TOKEN_KEY_FILE"
_KEY_BYTES = 32
_VERSIONED = re.compile(r"token-v(\d+)\.key")
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")


@dataclass(frozen=True)
class TokenKey:
    """A secret and its version."""

    version: int
    secret: bytes = field(repr=False)

    def token(self, kind: str, identifier: str) -> str:
        """The token of `identifier`; `kind` (``resident_id``) keeps equal digits of two kinds apart."""
        message = f"{kind}\x1f{normalise(identifier)}".encode()
        digest = hmac.digest(self.secret, message, "sha256")
        return f"v{self.version}:{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def tokens(self, kind: str, identifiers: Iterable[str | None]) -> list[str | None]:
        """The tokens of a column; an empty cell has none."""
        seen: dict[str, str] = {}
        return [
            None if value is None else seen.get(value) or seen.setdefault(value, self.token(kind, value))
            for value in identifiers
        ]

    @property
    def fingerprint(self) -> str:
        """Tells whether two keys are the same without telling the key."""
        return hashlib.sha256(hmac.digest(self.secret, b"fingerprint", "sha256")).hexdigest()[:16]


def normalise(identifier: str) -> str:
    """NFKC, no white space or zero-width characters, upper case: one person, one token."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", identifier)).upper()


def token_key() -> TokenKey:
    """The key in use: ``DISTRICT_REPORTS_TOKEN_KEY_FILE``, or the newest ``token-v<n>.key`` among the keys.

    Raises:
        ConfigurationError: there is none, others can read it, or it is too short.
    """
    path = _key_path()
    if path is None or not path.exists():
        raise ConfigurationError(
            f"no token key: {path or settings().keys / 'token-v1.key'} is missing; run `district-reports migrate`, or "
            "put the key that made the tokens in the warehouse back in its place"
        )
    mode = path.stat().st_mode & 0o077
    # A mounted secret (/run/secrets) is often 0444 in a container of its own; our own files are never wider than 0600.
    if mode and KEY_FILE not in os.environ:
        raise ConfigurationError(f"{path} can be read by others (mode {mode:03o}); chmod 600 it")
    secret = path.read_bytes().strip()
    if len(secret) < _KEY_BYTES:
        raise ConfigurationError(f"{path} holds less than {_KEY_BYTES} bytes; make one with `openssl rand -hex 32`")
    return TokenKey(_version_of(path), secret)


def ensure_token_key() -> TokenKey:
    """The key in use, made on the first call; two callers at once agree on one.

    Raises:
        ConfigurationError: ``DISTRICT_REPORTS_TOKEN_KEY_FILE`` names a file that does not exist.
    """
    if _key_path() is None:
        folder = settings().keys
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".token-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(_KEY_BYTES).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the name exists: the first key stands, and nobody sees half of one.
            with contextlib.suppress(FileExistsError):
                os.link(draft, folder / "token-v1.key")
        finally:
            draft.unlink()
        _sync_folder(folder)
    return token_key()


def _key_path() -> Path | None:
    configured = os.environ.get(KEY_FILE)
    if configured:
        return Path(configured)
    return max(
        (path for path in settings().keys.glob("token-v*.key") if _VERSIONED.fullmatch(path.name)),
        key=_version_of,
        default=None,
    )


def _version_of(path: Path) -> int:
    """The number in ``token-v2.key``; a file of another name (a mounted secret) is the first version."""
    match = _VERSIONED.fullmatch(path.name)
    return int(match[1]) if match else 1


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
