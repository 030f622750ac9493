"""The reader server: has imported what the limited child imports, and forks one for each request.

Run by path, with ``python -I``, once before Airflow's workers are forked (:mod:`.running`). A request is a message on
the socket that they all inherit, with three descriptors: where the result goes, where the child's words go, and a
socket. On that the server tells how the child ended. Whatever comes on it, its end above all, is the wish that the
child be killed with its group; that done, the server closes it. The server itself parses nothing, not even the
request. It ends when nobody is left to ask, or with the process that started it, and its children with it.
"""

import gc
import json
import os
import select
import selectors
import signal
import socket
import stat
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

# -I looks into neither the working folder nor PYTHONPATH.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from district_reports.workbook.reading import child_main, walls

_DESCRIPTORS = 3
# More than a socket takes of a message unasked: none is ever cut off.
_LONGEST = 1 << 20


def main() -> None:
    """Serve on the descriptor that is the first argument, as long as the process that is the second lives."""
    control, parent = map(int, sys.argv[1:3])
    walls.bind(parent)
    child_main.load()
    # What is here stays: collecting it in a child would copy all of it.
    gc.freeze()
    _Server(socket.socket(fileno=control)).serve()


@dataclass
class _Child:
    pid: int
    status: int
    ended: bool = False
    wanted: bool = True


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._ended, end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(end, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the other end of the control socket is closed."""
        self._watch(self._ended, self._note_ends)
        self._watch(self._control.fileno(), self._take)
        while all(key.data() for key, _ in self._selector.select()):
            pass
        for pid in self._children:
            _kill(pid)

    def _watch(self, descriptor: int, then: Callable[[], bool]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, then)

    def _take(self) -> bool:
        """Take a request; False where there will be none any more."""
        request, descriptors, _, _ = socket.recv_fds(self._control, _LONGEST, _DESCRIPTORS)
        if not request and not descriptors and self._nobody_is_left():
            return False
        # Where it comes to nothing, who asked sees all three closed.
        taken = len(descriptors) == _DESCRIPTORS and self._fork(request, *descriptors)
        for descriptor in descriptors[: -1 if taken else None]:
            os.close(descriptor)
        return True

    def _nobody_is_left(self) -> bool:
        """An empty message looks like the end."""
        poll = select.poll()
        poll.register(self._control, 0)
        return bool(poll.poll(0))

    def _fork(self, request: bytes, result: int, stderr: int, status: int) -> bool:
        if not stat.S_ISSOCK(os.fstat(status).st_mode):
            return False
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            return False
        if pid == 0:
            _be_the_child(request, result, stderr, server)

        child = self._children[pid] = _Child(pid, status)
        self._watch(status, lambda: self._stop(child))
        return True

    def _stop(self, child: _Child) -> bool:
        self._selector.unregister(child.status)
        child.wanted = False
        _kill(child.pid)
        self._settle(child)
        return True

    def _note_ends(self) -> bool:
        os.read(self._ended, 4096)
        for child in list(self._children.values()):
            ending = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if child.ended or ending is None:
                continue
            child.ended = True
            status = ending.si_status if ending.si_code == os.CLD_EXITED else -ending.si_status
            with suppress(OSError):
                os.write(child.status, b"%d" % status)
            self._settle(child)
        return True

    def _settle(self, child: _Child) -> None:
        """Reap it once it has ended and its group is killed: until then its id, and the group's, can't be another's."""
        if child.ended and not child.wanted:
            os.waitpid(child.pid, 0)
            os.close(child.status)
            del self._children[child.pid]


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    # It may have had no time to make its group.
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _be_the_child(request: bytes, result: int, stderr: int, server: int) -> NoReturn:
    """What an exec'd child begins with: a session, two pipes, nothing else that is open, and no handler."""
    status = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(stderr, 2)
        last = max(map(int, os.listdir("/proc/self/fd")))
        os.closerange(3, result)
        os.closerange(result + 1, last + 1)
        child_main.answer({**json.loads(request), "parent": server}, result)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
