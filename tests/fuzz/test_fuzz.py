"""A hundred fixed examples of what ``make fuzz`` does at random."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.example import ANSWER, FILE, Example, Step, mutated
from fuzz.seeds import write_seeds
from fuzz.worker import Worker

FIXED = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = 7


def examples(what: str, names: list[str]) -> st.SearchStrategy[Example]:
    steps = st.lists(st.builds(Step, st.sampled_from(names), st.integers(0, 2**32 - 1)), min_size=1, max_size=3)
    return st.builds(Example, st.just(what), st.integers(0, SEEDS - 1), steps.map(tuple))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def seeds(folder: Path) -> list[Path]:
    found = write_seeds(folder / "seeds")
    assert len(found) == SEEDS
    return found


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


def test_the_seeds_are_read_without_a_complaint(seeds, worker):
    assert [worker.ask("file", path, check=False) for path in seeds] == [[]] * SEEDS


def test_what_breaks_a_property_is_told(folder, worker):
    path = folder / "no_stream"
    assert worker.ask("file", path) != []


@settings(FIXED, max_examples=60)
@given(example=examples("file", FILE))
def test_a_damaged_workbook_is_read_rightly_or_refused(example, seeds, worker, folder):
    assert complaints(example, seeds, worker, folder) == []


@settings(FIXED, max_examples=3)
@given(example=examples("file", [name for name in FILE if name.startswith("x:")]))
def test_a_damaged_workbook_gets_one_verdict_with_sound_texts(example, seeds, worker, folder):
    assert complaints(example, seeds, worker, folder, check=True) == []


@settings(FIXED, max_examples=30)
@given(example=examples("answer", ANSWER))
def test_a_damaged_answer_of_the_child_does_not_break_its_parent(example, seeds, worker, folder):
    assert complaints(example, seeds, worker, folder) == []


def complaints(example: Example, seeds: list[Path], worker: Worker, folder: Path, *, check: bool = False) -> list[str]:
    path = folder / "now"
    path.write_bytes(mutated(example, seeds))
    found = worker.ask(example.what, path, check=check)
    # An abort of the reading process is a finding of its parent.
    return [one for one in found if not (example.what == "file" and one.startswith("aborted"))]
