"""The definition cards and the caveats of figures, as the pages and files show them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from district_reports.pages.city.face import CityTables
from district_reports.pages.city.origins import in_words
from district_reports.pages.data import register
from district_reports.pages.words import say
from district_reports.publish.caveats import Caveat, Caveats, PublishedRows, Row
from district_reports.publish.definitions import COMMITMENTS, Card, Definitions
from district_reports.settings import settings


def definitions(language: str) -> Definitions:
    """The cards of the deployment's own summaries and commitments.

    Raises:
        ReferenceDataError: their words or the register make no sense.
    """
    return Definitions(settings().summaries, register(), language)


def card_of(known: Definitions, table: str, column: str, key: Mapping[str, Any]) -> Card:
    """The card of a figure: of the commitment that its row is of, else of its column."""
    for value in key.values():
        if known.named(table, column, value) and value in known.commitments:
            return known.commitments[value]
    return known.card(table, column)


def unit_of(known: Definitions, key: Iterable[Any]) -> str | None:
    """The unit of the commitment that a row with these keys is of; None where it is of none."""
    return next((known.commitments[value].unit for value in key if value in known.commitments), None)


def sources_of(known: Definitions, card: Card) -> list[str]:
    """Where the card's rows come from, in words; nothing for a commitment, whose figures have cards of their own."""
    return [] if card.origin is None else in_words(card.origin, known.words(card.table))


def units_of(known: Definitions, language: str) -> Mapping[str, str]:
    """By commitment, what its units are: schools, kindergartens, or both."""
    rows = register().rows(COMMITMENTS)
    tables = {row["commitment"]: (row["units_of"] or row["table_name"]).split(";") for row in rows}
    return {
        name: known.words(rests_on[0]).unit("units_reported") if len(rests_on) == 1 else say(language, "city.units")
        for name, rests_on in tables.items()
        if rests_on[0] in known.tables
    }


@dataclass(frozen=True)
class Mark:
    """The number beside a figure that leads to a footnote, and what the footnote comes to for this figure."""

    number: int
    caveats: tuple[Caveat, ...]

    @property
    def said(self) -> str:
        return " · ".join(caveat.text for caveat in self.caveats)


class Footnotes:
    """The caveats of one page, numbered in the order in which its figures ask for them."""

    def __init__(self, tables: CityTables, release_id: int, known: Definitions) -> None:
        self._published = PublishedRows(tables.connection, release_id, tables.relation)
        self._caveats = Caveats(known, self._published.find)
        self._listed: dict[str, Caveat] = {}

    @property
    def listed(self) -> Collection[Caveat]:
        """One caveat of each footnote that was asked for so far, by number from 1."""
        return self._listed.values()

    def of(self, table: str, column: str, row: Row) -> list[Mark]:
        """What leads from the figure in `column` of `row` to its caveats, by number."""
        found: dict[str, list[Caveat]] = {}
        for caveat in self._caveats.beside(table, column, row):
            self._listed.setdefault(caveat.footnote, caveat)
            found.setdefault(caveat.footnote, []).append(caveat)
        numbers = {footnote: number for number, footnote in enumerate(self._listed, 1)}
        marks = [Mark(numbers[footnote], tuple(caveats)) for footnote, caveats in found.items()]
        return sorted(marks, key=lambda mark: mark.number)

    def find(self, table: str, key: Mapping[str, str]) -> Row | None:
        """The row with this key; None where there is none."""
        return self._published.find(table, key)

    def at(self, table: str, column: str, key: Mapping[str, str]) -> list[Mark]:
        """What leads from the figure in `column` of the row with this key; nothing where there is none."""
        row = self.find(table, key)
        return [] if row is None else self.of(table, column, row)
