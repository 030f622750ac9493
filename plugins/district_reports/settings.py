"""Where things are, from the environment, read once per process and never at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from district_reports.errors import ConfigurationError

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Folders and addresses.

    ``root`` holds ``sql/``, ``expectations/`` and ``dags/``; ``home`` holds state (archive, keys, embedded server,
    Airflow); ``uploads`` holds the districts' folders. ``warehouse_url`` is None for the embedded server.
    ``users_table``, ``passwords_folder`` and ``bundles_folder`` are None for those in ``home``. ``roles`` are the short
    names of the logins that this process may use, None for any.
    """

    root: Path
    home: Path
    uploads: Path
    warehouse_url: str | None
    today: str | None
    production: bool
    users_table: Path | None = None
    metadata_url: str | None = None
    passwords_folder: Path | None = None
    roles: frozenset[str] | None = None
    bundles_folder: Path | None = None

    @property
    def bundles(self) -> Path:
        """Where what is released outside lies, to be handed on."""
        return self.bundles_folder or self.home / "发布"

    @property
    def users(self) -> Path:
        """The table of who may see the pages (:mod:`district_reports.users`)."""
        return self.users_table or self.home / "users.csv"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def data_docs(self) -> Path:
        return self.home / "data_docs"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def passwords(self) -> Path:
        """One file for each login of the databases (:mod:`district_reports.database.passwords`)."""
        return self.passwords_folder or self.keys / "database"

    @property
    def reference(self) -> Path:
        return self.root / "sql" / "reference"

    @cached_property
    def expectations(self) -> Path:
        return self.root / "expectations"

    @cached_property
    def catalogue(self) -> Path:
        return self.expectations / "file_and_cell.json"

    @property
    def reconciliation(self) -> Path:
        return self.root / "sql" / "reconciliation"

    @property
    def summaries(self) -> Path:
        return self.root / "sql" / "summaries"

    @property
    def tile_map(self) -> Path:
        """Where each district stands on the pages' map."""
        return self.root / "sql" / "map" / "districts.csv"

    @property
    def bureau(self) -> Path:
        """Whose system this is (:mod:`district_reports.reference.bureau`)."""
        return self.root / "sql" / "bureau.csv"

    @property
    def english(self) -> Path:
        """What is declared in Chinese, in English (:mod:`district_reports.reference.english`)."""
        return self.root / "sql" / "english.csv"

    @property
    def migrations(self) -> Path:
        return self.root / "sql" / "migrations"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ`.

    Raises:
        ConfigurationError: a played day in production.
    """
    root = Path(environ.get("DISTRICT_REPORTS_ROOT") or _CHECKOUT)
    home = Path(environ.get("DISTRICT_REPORTS_HOME") or root / ".run")
    production = environ.get("DISTRICT_REPORTS_ENV", "development") == "production"
    today = environ.get("DISTRICT_REPORTS_TODAY") or None
    if production and today:
        raise ConfigurationError("DISTRICT_REPORTS_TODAY plays another day and is refused in production; unset it")
    return Settings(
        root=root.absolute(),
        home=home.absolute(),
        uploads=Path(environ.get("DISTRICT_REPORTS_UPLOADS") or root / "uploads").absolute(),
        warehouse_url=environ.get("DISTRICT_REPORTS_WAREHOUSE_URL") or None,
        today=today,
        production=production,
        users_table=_path(environ.get("DISTRICT_REPORTS_USERS")),
        metadata_url=environ.get("DISTRICT_REPORTS_METADATA_URL") or None,
        passwords_folder=_path(environ.get("DISTRICT_REPORTS_PASSWORDS")),
        roles=_roles(environ.get("DISTRICT_REPORTS_ROLES")),
        bundles_folder=_path(environ.get("DISTRICT_REPORTS_BUNDLES")),
    )


def _path(given: str | None) -> Path | None:
    return Path(given).absolute() if given else None


def _roles(given: str | None) -> frozenset[str] | None:
    """``loader,publisher``, or ``none``; without a word, any."""
    return frozenset(given.split(",")) - {"none"} if given else None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings (cached; tests call ``settings.cache_clear()`` after changing the environment)."""
    return load_settings(os.environ)
