"""Conditions on the cells of a row, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class When:
    """``column`` holds one of ``values``."""

    column: str
    values: tuple[str, ...]

    def holds(self, value: object) -> bool:
        return value in self.values


@dataclass(frozen=True)
class Above:
    """The number in ``column`` is greater than ``limit``."""

    column: str
    limit: int

    def holds(self, value: object) -> bool:
        return value is not None and value > self.limit  # type: ignore[operator]


Condition = When | Above
