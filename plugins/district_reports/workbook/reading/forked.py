"""Do a piece of work in a forked process while this one goes on: a second core helps, however the interpreter locks."""

import os
from collections.abc import Callable


def in_forked_worker(work: Callable[[], bytes]) -> Callable[[], bytes | None]:
    """Begin `work`; what comes back waits for its result, which is None if it failed.

    Nothing that the two processes share is written by either: memory is copied, and `work` must not read a file that
    this process reads meanwhile through the same descriptor.
    """
    receiving, sending = os.pipe()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.close(receiving)
            with os.fdopen(sending, "wb") as pipe:
                pipe.write(work())
            status = 0
        finally:
            os._exit(status)
    os.close(sending)

    def result() -> bytes | None:
        with os.fdopen(receiving, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(process, 0)
        return None if status else said

    return result
