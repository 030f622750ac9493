"""An item as its viewer reads it: the rows of each district in words, and who has explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from district_reports.ledger.shown_items import Event, Item, Side
from district_reports.pages.data import register
from district_reports.reconciliation.rules import CrossRules
from district_reports.reconciliation.wording import Wording, wording_of


@dataclass(frozen=True)
class TellingRow(Wording):
    """A row of Excel, and how it reads."""

    side: Side


@dataclass(frozen=True)
class Part:
    """The rows of one district, and what it has said of them in the present spell."""

    district_code: str
    rows: Sequence[TellingRow]
    explanations: Sequence[Event]
    has_explained: bool

    @property
    def fixes(self) -> Sequence[str]:
        """What to do about its rows, each once."""
        return list(dict.fromkeys(row.said.fix for row in self.rows if row.said))


def parts_of(
    item: Item, sides: Sequence[Side], rules: CrossRules, names: Mapping[str, str], history: Sequence[Event] = ()
) -> list[Part]:
    """By district, in the order of `names`, what the viewer sees of `item`."""
    known = register()
    order = list(names)
    by_district = sorted(sides, key=lambda side: (_place(order, side.district_code), side.district_code))
    found = []
    for code, each in groupby(by_district, key=lambda side: side.district_code):
        rows = [
            TellingRow(**vars(wording_of(side, item.rule, item.districts, names, known, rules)), side=side)
            for side in each
        ]
        speakers = {speaker for row in rows for speaker in row.side.speakers}
        said = [
            event
            for event in history
            if event.what == "explained" and event.spell == item.spell and event.who in speakers
        ]
        found.append(Part(code, rows, said, code not in item.unexplained))
    return found


def others_of(item: Item, district_code: str, names: Mapping[str, str]) -> list[str]:
    """The names of the other districts that `item` touches."""
    return [names.get(code, code) for code in item.districts if code != district_code]


def _place(order: Sequence[str], code: str) -> int:
    return order.index(code) if code in order else len(order)
