"""An example: which seed, and the mutations in their order, each with the state of its random generator."""

from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzz import mutations
from fuzz.properties import sent_by_the_child


class Step(NamedTuple):
    """A mutation by its name in :data:`mutations.BY_NAME` and the seed of its generator."""

    name: str
    number: int


class Example(NamedTuple):
    """``what`` is ``file``, a workbook, or ``answer``, what the child has sent; ``seed`` counts the seeds."""

    what: str
    seed: int
    steps: tuple[Step, ...]


FILE = sorted(mutations.BY_NAME)
ANSWER = sorted(name for name in mutations.BY_NAME if name.startswith("b:"))


def random_example(random: Random, seeds: int) -> Example:
    what = random.choice(("file", "file", "file", "file", "answer"))
    names = ANSWER if what == "answer" else FILE
    if what == "file" and random.random() < 0.7:
        names = [name for name in FILE if name.startswith("x:")]
    steps = (Step(random.choice(names), random.randrange(1 << 32)) for _ in range(random.choice((1, 1, 2, 3))))
    return Example(what, random.randrange(seeds), tuple(steps))


def mutated(example: Example, seeds: list[Path]) -> bytes:
    """The bytes of the example's file."""
    path = seeds[example.seed]
    cover = bool(example.steps and example.steps[0].number % 4 == 0)
    data = path.read_bytes() if example.what == "file" else _answer(path, cover)
    for name, number in example.steps:
        data = mutations.BY_NAME[name](Random(number), data)
    return data


@cache
def _answer(path: Path, cover: bool) -> bytes:
    return sent_by_the_child(path, cover=cover)
