"""Servers for the tests of the launcher; they forget everything on a crash, which makes them fast."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from district_reports.database.embedded.server import EmbeddedServer
from embedded_server import Make, folder


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path_factory.mktemp("shared") / "postgres")
    yield server
    server.stop()
    rmtree(folder(server))


@pytest.fixture
def server(_fast: None, shared: EmbeddedServer) -> EmbeddedServer:
    """A server that runs. Creating one takes a second, so tests share it and leave it as good as they found it."""
    shared.start()
    return shared


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Names servers in folders below one that only we may enter; none is created or running yet."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    servers = []

    def make(name: str) -> EmbeddedServer:
        servers.append(EmbeddedServer(private / name))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
        assert not server.running()
    rmtree(private)  # 40 MB a server, which pytest would keep for three runs


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may walk into, which pytest's are not."""
    path = Path(tempfile.mkdtemp(prefix="district-reports-test-"))
    path.chmod(0o755)
    yield path
    rmtree(path)
