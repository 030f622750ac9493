"""The city of a whole session with what it learnt: its boundaries, what rest looks like, and how long it takes."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

from crash.city import City, found
from crash.recorded import recorded
from crash.trial import Outcome, killed_after, learn, points_of, trial, undisturbed
from district_reports.database.embedded.server import EmbeddedServer


@dataclass(frozen=True)
class Standard:
    """``seconds`` is how long a worker takes to come to rest: all of it real, and with what is pure said again."""

    city: City
    points: tuple[str, ...]
    rest: Outcome
    seconds: tuple[float, float]

    def differences(self, disturb: Callable[[], object]) -> list[str]:
        """What a trial's deployment holds at rest that the undisturbed one does not, and the other way round."""
        return trial(self.city, disturb).differs_from(self.rest)

    def killed_at_random(self, seed: str, real: bool) -> tuple[float, list[str]]:
        """Kill a worker at a moment drawn from `seed`; the seconds, and the differences."""
        after = Random(seed).uniform(0, self.seconds[0 if real else 1])
        said_again: AbstractContextManager[None] = nullcontext() if real else recorded()
        return after, self.differences(killed_after(after, said_again))


def standard(folder: Path, server: EmbeddedServer) -> Standard:
    """Build a city in `folder` on `server`, which runs, and learn what it is like undisturbed."""
    city = found(folder, server)
    learn(city)
    points = points_of(city)
    rest, slow = undisturbed(city, nullcontext())
    again, fast = undisturbed(city, recorded())
    assert again == rest, again.differs_from(rest)
    assert not rest.problems, rest.problems
    return Standard(city, points, rest, (slow, fast))
