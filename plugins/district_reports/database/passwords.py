"""The passwords of the databases' logins: a file for each, in a folder that only its owner may enter.

``DISTRICT_REPORTS_PASSWORDS`` names another folder (``/run/secrets`` in a container), which then holds what is mounted.
"""

import secrets

from district_reports.errors import ConfigurationError
from district_reports.private import make_folder, write_text
from district_reports.settings import Settings


def password_of(ours: Settings, login: str) -> str:
    """The password of `login`.

    Raises:
        ConfigurationError: its file is missing, is closed to us, or can be read by others.
    """
    path = ours.passwords / login
    try:
        mode = path.stat().st_mode & 0o077
        password = path.read_text("utf-8").strip()
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} is missing, the password of {login}: `district-reports start` makes it, and whoever keeps secrets "
            "elsewhere names their folder in DISTRICT_REPORTS_PASSWORDS"
        ) from None
    except PermissionError:
        raise ConfigurationError(f"{path} is closed to this process, which therefore can't be {login}") from None
    # A mounted secret is often 0444 in a container of its own; our own files are never wider than 0600.
    if mode and ours.passwords_folder is None:
        raise ConfigurationError(f"{path} can be read by others (mode {mode:03o}); chmod 600 it")
    if not password:
        raise ConfigurationError(f"{path} is empty; put a password there (`openssl rand -hex 24` makes one)")
    return password


def ensure_password(ours: Settings, login: str) -> str:
    """The password of `login`, made on the first call; not by two at once (:mod:`.bootstrap` holds a lock).

    Raises:
        ConfigurationError: as :func:`password_of`, or the file can't be made.
    """
    path = ours.passwords / login
    if not path.exists():
        try:
            write_text(make_folder(path.parent) / login, secrets.token_hex(24) + "\n")
        except OSError as error:
            raise ConfigurationError(f"{path} is missing and can't be made: {error.strerror}") from error
    return password_of(ours, login)
