"""PostgreSQL stopped fast, stopped at once and killed, and one of its sessions killed, during a load."""

from collections.abc import Iterator
from functools import partial
from random import Random

import pytest

from crash.server import SIGNALS, broken_after, broken_at, end_server, kill_session
from crash.standard import Standard, standard
from district_reports.database.embedded.server import EmbeddedServer

HOW = [pytest.param(how, marks=[] if how == "killed" else [pytest.mark.slow]) for how in SIGNALS]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standard]:
    """A city on a server of its own, which the others of this session don't share."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("DISTRICT_REPORTS_EMBEDDED_FSYNC", "off")
        folder = tmp_path_factory.mktemp("own")
        server = EmbeddedServer(folder / "postgres", warehouses="all")
        server.start()
        try:
            yield standard(folder / "city", server)
        finally:
            server.stop()


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("record: before commit", marks=pytest.mark.slow),
        "decide: sheet copied",
        pytest.param("decide: before commit", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("how", HOW)
def test_the_server_ends_within_a_transaction(own: Standard, how: str, point: str) -> None:
    end = partial(end_server, own.city.server, how)

    assert own.differences(broken_at(own.city, point, end)) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", SIGNALS)
def test_the_server_ends_at_a_random_moment(own: Standard, how: str) -> None:
    after = Random(how).uniform(0, own.seconds[1])

    assert own.differences(broken_after(own.city, after, partial(end_server, own.city.server, how))) == []


def test_a_session_is_killed_within_a_load(own: Standard) -> None:
    killed = broken_at(own.city, "decide: sheet copied", partial(kill_session, own.city.server))

    assert own.differences(killed) == []
