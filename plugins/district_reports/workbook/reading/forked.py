"""A second process beside the one that reads: a second core helps, however the interpreter locks.

It is forked before the walls stand, for behind them nobody forks; it raises its own before it is asked anything.
"""

import os
import struct
from collections.abc import Callable
from contextlib import suppress

_NUMBER = struct.Struct(">Q")


class ForkedWorker:
    """Does `work` for one number after another, in a process of its own that begins with `prepare`."""

    def __init__(self, prepare: Callable[[], None], work: Callable[[int], bytes]) -> None:
        asked, self._asking = os.pipe()
        self._answer, answering = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                os.close(self._asking)
                os.close(self._answer)
                prepare()
                while question := os.read(asked, _NUMBER.size):
                    said = work(*_NUMBER.unpack(question))
                    _write(answering, _NUMBER.pack(len(said)) + said)
                status = 0
            finally:
                os._exit(status)
        os.close(asked)
        os.close(answering)

    def start(self, number: int) -> Callable[[], bytes | None]:
        """Begin the work for `number`; what comes back waits for its result, which is None if it failed."""
        with suppress(BrokenPipeError):
            os.write(self._asking, _NUMBER.pack(number))
        return self._result

    def _result(self) -> bytes | None:
        head = self._read(_NUMBER.size)
        if len(head) < _NUMBER.size:
            return None
        [length] = _NUMBER.unpack(head)
        said = self._read(length)
        return said if len(said) == length else None

    def _read(self, length: int) -> bytes:
        read = bytearray()
        while len(read) < length and (chunk := os.read(self._answer, min(length - len(read), 1 << 20))):
            read += chunk
        return bytes(read)

    def end(self) -> None:
        """Wait until it has ended, as it does with its last question."""
        os.close(self._asking)
        os.waitpid(self._pid, 0)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
