"""How long who has failed to log in must wait: for each user name, address, and pair of both.

A pair of name and address has five attempts, then waits ten seconds, and twice as long after each further failure, up
to a quarter of an hour. Others at the same address (a district's office shares one) are held up by an address that
guesses at many names, for a minute at most. A name that is guessed at from many addresses waits half a minute at most,
and not where its user has logged in before: nobody is locked out for long by somebody else. Failures are forgotten one
by one. It is kept in this process: several API servers count each for itself.
"""

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

MOST_KEPT = 20_000
"""Of failures, and of where who has logged in; then the oldest go. Each is some 200 bytes."""


@dataclass(frozen=True)
class Limit:
    """After `free` failures the wait is `first` seconds; it doubles with each further one, up to `longest`.

    A failure is forgotten after ``forgotten`` seconds, the next one as long after that.
    """

    free: int
    first: float
    longest: float
    forgotten: float

    def wait(self, failures: float) -> float:
        # One of which a part is forgotten counts as a whole one: else a slow burst would have one more.
        over = math.ceil(failures) - self.free
        return 0.0 if over < 0 else min(self.longest, self.first * 2.0 ** min(over, 30))


PAIR = Limit(free=5, first=10.0, longest=900.0, forgotten=900.0)
ADDRESS = Limit(free=30, first=2.0, longest=60.0, forgotten=30.0)
NAME = Limit(free=20, first=2.0, longest=30.0, forgotten=30.0)


@dataclass
class _Failures:
    number: float = 0.0
    last: float = -math.inf
    until: float = -math.inf
    is_told: bool = False


@dataclass(frozen=True)
class Wait:
    """How long to wait, in whole seconds; ``is_new`` for the first attempt that is told so, until another is made."""

    seconds: int
    is_new: bool


class Throttle:
    """Call :meth:`begin` before each attempt, and :meth:`succeeded` after one that was good. `now` counts seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: OrderedDict[bytes, _Failures] = OrderedDict()
        self._at_home: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def begin(self, name: str, address: str) -> Wait | None:
        """Whether to wait before the next attempt; None lets it be made, and counts it as failed until told.

        So attempts that are made at once are counted at once.
        """
        with self._lock:
            now, counted = self._now(), self._counted(name, address)
            found = [(self._failures.get(key) or _Failures(), key, limit) for key, limit in counted]
            longest = max((failures for failures, _, _ in found), key=lambda failures: failures.until)
            if longest.until > now:
                is_new, longest.is_told = not longest.is_told, True
                return Wait(math.ceil(longest.until - now), is_new)
            for failures, key, limit in found:
                failures.number = max(0.0, failures.number - (now - failures.last) / limit.forgotten) + 1
                failures.last, failures.until = now, now + limit.wait(failures.number)
                failures.is_told = False
                self._failures[key] = failures
                self._failures.move_to_end(key)
            _shorten(self._failures)
            return None

    def succeeded(self, name: str, address: str) -> None:
        """The attempt was good: it counts no more, and the name is at home at the address."""
        with self._lock:
            pair, *others = (key for key, _ in self._counted(name, address))
            self._failures.pop(pair, None)
            for key in others:
                if (failures := self._failures.get(key)) is not None:
                    # What others have failed at the address, or with the name, stays.
                    failures.number, failures.until = failures.number - 1, -math.inf
            self._at_home[pair] = None
            self._at_home.move_to_end(pair)
            _shorten(self._at_home)

    def _counted(self, name: str, address: str) -> list[tuple[bytes, Limit]]:
        """What an attempt counts for, the pair first."""
        name, network = name.casefold(), _network(address)
        pair = _key("pair", name, network)
        found = [(pair, PAIR), (_key("address", network), ADDRESS)]
        return found if pair in self._at_home else [*found, (_key("name", name), NAME)]


def _key(*parts: str) -> bytes:
    # Of one length, however long a name is; and a password typed as a name does not lie about in memory.
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).digest()


def _network(address: str) -> str:
    """Who has one address of IPv6 has 2⁶⁴ of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _shorten(kept: OrderedDict[bytes, _Failures] | OrderedDict[bytes, None]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
