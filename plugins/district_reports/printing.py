"""What is printed: names of files, in which any bytes but ``/`` may be, and how far a long command is."""

import os
import re
import shutil
import time
import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from itertools import accumulate
from typing import TextIO

_UNDECODED = re.compile("[\udc80-\udcff]")
# Surrogates can't be encoded; the others are line ends to many programs, within a string as well.
_ENDS_OR_BREAKS_A_LINE = re.compile("[\ud800-\udfff\x7f-\x9f\u2028\u2029]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_CLEARED_LINE = "\r\x1b[K"
_SECONDS_BETWEEN_LINES, _SECONDS_OF_PACE = 15.0, 30.0


def printable(name: str) -> str:
    """`name` on one line, with escapes for bytes that are no UTF-8, controls, and marks that turn the text around."""
    whole = _UNDECODED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name)
    return "".join(
        one.encode("unicode_escape", "surrogatepass").decode() if unicodedata.category(one) in _INVISIBLE else one
        for one in whole
    )


def json_line(text: str) -> str:
    """The JSON `text` on one line that can be encoded. It means the same.

    A byte of a file's name that is no UTF-8 is written as Python has it (PEP 383), ``\\udcXX``: a reader that keeps
    lone surrogates gets the name back whole.
    """
    return _ENDS_OR_BREAKS_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Display:
    """What a long command says: lines that stay, and what is being done just now.

    On a terminal the latter is one line at the bottom, written over each time and gone in the end. Elsewhere it is a
    line like the others; of one stage (what stands before a colon) there is one every 15 seconds at most.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._shown = False
        self._stage, self._said_at = "", 0.0

    def __enter__(self) -> "Display":
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def say(self, text: str) -> None:
        """A line that stays."""
        self._write(f"{text}\n")

    def now(self, text: str) -> None:
        """What is being done."""
        if self._terminal:
            # One column stays free: in the last one, some terminals have begun the next line already.
            self._write(_cut(text, shutil.get_terminal_size().columns - 1))
            self._shown = True
            return
        stage = text.partition(":")[0]
        if stage != self._stage or self._clock() - self._said_at >= _SECONDS_BETWEEN_LINES:
            self._stage, self._said_at = stage, self._clock()
            self.say(text)

    def _write(self, text: str) -> None:
        self._stream.write(f"{_CLEARED_LINE if self._shown else ''}{text}")
        self._stream.flush()
        self._shown = False


class Pace:
    """How long it will take until all of `total` is done, by the pace of the last half minute."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._clock = total, clock
        self._seen = deque([(clock(), 0)])

    def left(self, done: int) -> str:
        """`` · about 40 s left``, or nothing as long as nobody can tell."""
        now = self._clock()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _SECONDS_OF_PACE:
            self._seen.popleft()
        then, before = self._seen[0]
        if done <= before:
            return ""
        seconds = (self._total - done) * (now - then) / (done - before)
        return f" · about {max(5, 5 * round(seconds / 5))} s left"


def _cut(text: str, columns: int) -> str:
    """As much of `text` as `columns` of a terminal hold, where most of Chinese takes two; an ellipsis for the rest."""
    taken = list(accumulate(map(_columns, text)))
    if not taken or taken[-1] <= columns:
        return text
    return text[: bisect_right(taken, columns - 1)] + "…"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
