"""What a look at a release has found."""

from dataclasses import dataclass, field


@dataclass
class Found:
    """``problems`` must not be; ``notes`` say what could not be looked at, and why. No value stands in either."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: "Found", before: str = "") -> None:
        """Take over what another look has found, with some words before each line."""
        self.problems += [f"{before}{line}" for line in other.problems]
        self.notes += [f"{before}{line}" for line in other.notes]
