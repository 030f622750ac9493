"""What a district says of its warnings (docs/contract.md, "What becomes of a submission")."""

from collections.abc import Callable, Mapping

LONGEST = 1000
"""Characters of an explanation that are kept."""

Said = Mapping[str, str | None]
"""A warning's id → what one workbook says of it; None takes back what was said before."""

KnownExplanations = Callable[[str, str, str], Mapping[str, str]]
"""Form key, district code and period → what stands already, by the warning's id."""
