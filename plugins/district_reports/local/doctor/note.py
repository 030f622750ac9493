"""What an examination says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """WARNING: it should be otherwise. DANGER: the deployment does not start like this."""

    OK = "ok"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True)
class Note:
    """``what`` was looked at, ``told`` is what was found; ``mend`` is what to do, empty where nothing is."""

    what: str
    state: State
    told: str
    mend: str = ""
