"""A mistake found where the catalogue of texts is not at hand: in the limited child, before there is a form."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """A rule code, the variant of its text, and the words that the text takes (``checks.catalogue.finding``)."""

    rule: str
    variant: str
    words: dict[str, str | int] = field(default_factory=dict)


class Refused(Exception):
    """Stops the guard at the first problem that makes going on pointless or dangerous."""

    def __init__(self, rule: str, variant: str, **words: str | int) -> None:
        super().__init__(rule, variant)
        self.problem = Problem(rule, variant, words)


def crafted(detail: str) -> Refused:
    """F03 for a contradiction that no program that saves workbooks makes; `detail` says it in Chinese."""
    return Refused("F03", "crafted", detail=detail)
