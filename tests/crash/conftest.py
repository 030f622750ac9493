from pathlib import Path

import pytest

from crash.standard import Standard, standard
from district_reports.database.embedded.server import EmbeddedServer


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory, postgres_server: EmbeddedServer) -> Standard:
    """A city on the session's server."""
    return standard(tmp_path_factory.mktemp("crash-tests") / "city", postgres_server)


@pytest.fixture(scope="session")
def sources() -> Path:
    import district_reports

    return Path(district_reports.__file__).parent
