"""The definition cards and the caveats of figures, as the pages and files show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from district_reports.pages.city.origins import in_words
from district_reports.pages.data import register
from district_reports.publish.caveats import Caveats, PublishedRows, Row
from district_reports.publish.definitions import Card, Definitions
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


def sources_of(known: Definitions, card: Card) -> list[str]:
    """Where the card's rows come from, in words; nothing for a commitment, whose figures have cards of their own."""
    return [] if card.origin is None else in_words(card.origin, known.words(card.table))


class Footnotes:
    """The caveats of one page, numbered in the order in which its figures ask for them."""

    def __init__(self, connection: Connection, release_id: int, known: Definitions) -> None:
        self._published = PublishedRows(connection, release_id)
        self._caveats = Caveats(known, self._published.find)
        self._numbers: dict[str, int] = {}

    @property
    def texts(self) -> Sequence[str]:
        """What was asked for so far, by number from 1."""
        return tuple(self._numbers)

    def of(self, table: str, column: str, row: Row) -> list[tuple[int, str]]:
        """The caveats of the figure in `column` of `row`, with their numbers."""
        return sorted(
            (self._numbers.setdefault(caveat.text, len(self._numbers) + 1), caveat.text)
            for caveat in self._caveats.beside(table, column, row)
        )

    def at(self, table: str, column: str, key: Mapping[str, str]) -> list[tuple[int, str]]:
        """The same for the row with this key; nothing where there is none."""
        row = self._published.find(table, key)
        return [] if row is None else self.of(table, column, row)
