"""The boundaries between steps, at which tests kill, stop or fail a worker.

Only code in the same process can set a hook: no setting and no environment variable does, so nothing arms one in
production, where :func:`failpoint` does nothing.
"""

from collections.abc import Callable

hook: Callable[[str], None] | None = None


def failpoint(point: str) -> None:
    """The worker has come to `point`, such as ``"decide: before commit"``."""
    if hook is not None:
        hook(point)
