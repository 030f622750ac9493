"""Who has to wait after failed log-ins, and for how long; by a clock that the test turns."""

import pytest

from district_reports.airflow_parts import throttle as module
from district_reports.airflow_parts.throttle import ADDRESS, NAME, PAIR, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, name: str, address: str, times: int) -> int:
    """Attempts at one moment; how many were let through."""
    return sum(throttle.begin(name, address) is None for _ in range(times))


def test_after_five_failures_the_wait_doubles(throttle, clock):
    assert fail(throttle, "li", "10.0.0.1", 100) == PAIR.free
    waits = []
    for _ in range(12):
        wait = throttle.begin("li", "10.0.0.1")
        waits.append(wait.seconds)
        clock.now += wait.seconds - 1
        assert throttle.begin("li", "10.0.0.1") is not None
        clock.now += 1
        assert throttle.begin("li", "10.0.0.1") is None
    assert waits[:3] == [10, 20, 40]
    assert waits[-1] == PAIR.longest
    assert waits == sorted(waits)


def test_a_guesser_has_a_hundred_guesses_a_day_and_no_more(throttle, clock):
    guesses = 0
    for _ in range(24 * 3600):
        guesses += throttle.begin("li", "10.0.0.1") is None
        clock.now += 1
    assert guesses < 110


def test_one_name_written_in_two_ways_is_one(throttle):
    assert fail(throttle, "li", "10.0.0.1", 3) + fail(throttle, "LI", "10.0.0.1", 9) == PAIR.free


def test_a_success_forgets_ones_own_failures_and_nobody_elses(throttle):
    fail(throttle, "li", "10.0.0.1", 4)
    fail(throttle, "wang", "10.0.0.1", 5)
    assert throttle.begin("li", "10.0.0.1") is None
    throttle.succeeded("li", "10.0.0.1")
    assert fail(throttle, "li", "10.0.0.1", 9) == PAIR.free
    assert throttle.begin("wang", "10.0.0.1") is not None


def test_the_neighbours_at_an_address_are_not_locked_out(throttle, clock):
    fail(throttle, "li", "10.0.0.1", 100)
    assert throttle.begin("wang", "10.0.0.1") is None
    throttle.succeeded("wang", "10.0.0.1")
    # One of them tries every name, as fast as it may, for an hour.
    for number in range(3600):
        throttle.begin(f"name{number}", "10.0.0.1")
        clock.now += 1
    wait = throttle.begin("wang", "10.0.0.1")
    assert wait is not None
    assert wait.seconds <= ADDRESS.longest
    clock.now += wait.seconds
    assert throttle.begin("wang", "10.0.0.1") is None


def test_an_address_that_tries_many_names_waits(throttle, clock):
    let_through = sum(throttle.begin(f"name{number}", "10.0.0.1") is None for number in range(1000))
    assert let_through == ADDRESS.free


def test_a_name_guessed_at_from_many_addresses_waits_but_not_at_home(throttle, clock):
    assert throttle.begin("li", "10.0.0.1") is None
    throttle.succeeded("li", "10.0.0.1")
    let_through = sum(throttle.begin("li", f"10.1.{number // 250}.{number % 250}") is None for number in range(1000))
    assert let_through == NAME.free
    assert throttle.begin("li", "10.0.0.1") is None
    elsewhere = throttle.begin("li", "10.9.9.9")
    assert elsewhere.seconds <= NAME.longest


def test_all_addresses_of_a_network_of_ipv6_are_one(throttle):
    assert sum(throttle.begin("li", f"2001:db8::{number:x}") is None for number in range(1, 50)) == PAIR.free
    assert throttle.begin("li", "2001:db8:0:1::1") is None
    assert fail(throttle, "wang", "::ffff:10.0.0.1", 3) + fail(throttle, "wang", "10.0.0.1", 9) == PAIR.free


def test_failures_are_forgotten(throttle, clock):
    fail(throttle, "li", "10.0.0.1", 5)
    clock.now += 5 * PAIR.forgotten
    assert fail(throttle, "li", "10.0.0.1", 9) == PAIR.free


def test_a_wait_is_news_once(throttle):
    fail(throttle, "li", "10.0.0.1", 5)
    assert [throttle.begin("li", "10.0.0.1").is_new for _ in range(3)] == [True, False, False]


def test_memory_is_bounded(throttle, clock, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    for number in range(5000):
        throttle.begin("x" * 10_000 + str(number), f"10.{number // 250}.0.{number % 250}")
        throttle.succeeded(str(number), f"10.{number // 250}.0.{number % 250}")
    assert len(throttle._failures) <= 100
    assert len(throttle._at_home) <= 100
