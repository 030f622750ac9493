"""One deployment for all tests here: real PostgreSQL, Airflow's four processes, the folders of 13 districts."""

from collections.abc import Iterator

import psutil
import pytest

from district_reports.database.engine import dispose_engines
from district_reports.local import deployment
from district_reports.local.airflow.commands import client
from district_reports.settings import settings
from running_deployment import House, lives_in, say


@pytest.fixture(scope="module")
def real_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Not for the whole session: the tests of other folders would share the machine with it, and its environment."""
    home = tmp_path_factory.mktemp("real deployment")
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("DISTRICT_REPORTS_HOME", str(home / "run"))
        environ.setenv("DISTRICT_REPORTS_UPLOADS", str(home / "uploads"))
        environ.setenv("DISTRICT_REPORTS_TODAY", "2020-07-04")
        environ.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")
        environ.delenv("DISTRICT_REPORTS_WAREHOUSE_URL", raising=False)
        settings.cache_clear()
        ours = settings()
        say("starting the deployment (half a minute)")
        try:
            deployment.start(say)
            # Airflow's four processes and the server at the least: the look at the end knows what to look for.
            assert sum(lives_in(process, home) for process in psutil.process_iter()) > 4
            yield House(ours, client(ours))
        finally:
            dispose_engines()
            settings.cache_clear()
            deployment.stop(say)
            settings.cache_clear()
    left = [process.info for process in psutil.process_iter(["pid", "name"]) if lives_in(process, home)]
    assert left == [], "processes of the deployment are left behind"


@pytest.fixture(autouse=True)
def in_the_house(real_deployment: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point this process's settings at the deployment, whatever another test left."""
    monkeypatch.setenv("DISTRICT_REPORTS_HOME", str(real_deployment.settings.home))
    monkeypatch.setenv("DISTRICT_REPORTS_UPLOADS", str(real_deployment.settings.uploads))
    monkeypatch.setenv("DISTRICT_REPORTS_TODAY", "2020-07-04")
    monkeypatch.delenv("DISTRICT_REPORTS_WAREHOUSE_URL", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()
