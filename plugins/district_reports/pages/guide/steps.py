"""The steps of the guide, and the same as a page of the documentation.

``docs/make_guide.py`` makes the pictures from a real template and a real answer, and writes the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from district_reports.pages.words import say


@dataclass(frozen=True)
class Step:
    """One thing to do: its words are ``guide.<key>…``, its pictures files of ``assets/``."""

    key: str
    points: int
    pictures: tuple[str, ...] = ()


STEPS = (
    Step("find", 2),
    Step("fill", 4, ("guide-cover", "guide-sheet")),
    Step("send", 2),
    Step("read", 3, ("guide-report", "guide-marked", "guide-list")),
    Step("mend", 5),
)
PICTURES = tuple(picture for step in STEPS for picture in step.pictures)
_ASSETS = "../plugins/district_reports/pages/assets"


def guide_page() -> str:
    """``docs/first-report.md``, in Chinese."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"# {_zh('title')}\n"
    yield f"{_zh('lead')}\n"
    for number, step in enumerate(STEPS, 1):
        yield f"## {number}. {_zh(step.key)}\n"
        yield from (f"- {_zh(f'{step.key}.{point}')}" for point in range(1, step.points + 1))
        yield ""
        for picture in step.pictures:
            yield f"![{_zh(picture)}]({_ASSETS}/{picture}.png)\n\n*{_zh(picture)}*\n"
    yield _zh("more_in_docs")


def _zh(key: str) -> str:
    return say("zh", f"guide.{key}")
