"""The sheet 说明 of a downloaded city table: what the file is of, and the card of each of its columns."""

from collections.abc import Sequence

import xlsxwriter

from district_reports.pages.city.cards import sources_of
from district_reports.pages.words import say
from district_reports.publish.definitions import COMMITMENTS, Card, Definitions
from district_reports.publish.summary import Summary
from district_reports.workbook.formats import HIGHEST_ROW, LINE_HEIGHT, lines_needed

LANGUAGE = "zh"
"""Files are for the bureau's own papers, whoever fetches them; this sheet has the English titles."""
_COLUMNS = {
    "title": 24,
    "english": 24,
    "unit": 10,
    "definition": 46,
    "numerator": 16,
    "denominator": 16,
    "level": 18,
    "breakdown": 12,
    "caveat": 46,
    "item": 9,
    "meaning": 46,
    "name": 24,
}
"""What is said of a column, with the width of its own."""
PAPER = 8
"""A3, of which a city table takes the width."""


def write_notes(
    book: xlsxwriter.Workbook,
    notes: Sequence[tuple[str, str]],
    columns: Sequence[str],
    known: Definitions,
    summary: Summary,
) -> None:
    """Add the sheet; `notes` are (name, text), `columns` those of the file, of which each gets its card."""
    sheet = book.add_worksheet(say(LANGUAGE, "city.file.notes"))
    sheet.set_landscape()
    sheet.set_paper(PAPER)
    sheet.fit_to_pages(1, 0)
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate(_COLUMNS.values()):
        sheet.set_column(place, place, width)
    for row, (name, value) in enumerate(notes):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value)
    first = len(notes) + 1
    for place, key in enumerate(_COLUMNS):
        sheet.write_string(first, place, say(LANGUAGE, f"city.file.column_{key}"), bold)
    cards = [known.card(summary.table, name) for name in columns]
    taken_over = any(known.named(summary.table, name, value) for name in columns for value in known.commitments)
    cards += known.commitments.values() if taken_over else ()
    english = known.words(summary.table).in_language("en")
    for row, card in enumerate(cards, first + 1):
        texts = _said(card, known, english.of(card.column))
        lines = max(lines_needed(texts[name], width) for name, width in _COLUMNS.items())
        sheet.set_row(row, min(HIGHEST_ROW, LINE_HEIGHT * lines))
        for place, value in enumerate(texts.values()):
            sheet.write_string(row, place, value, wrapped)


def _said(card: Card, known: Definitions, english: str) -> dict[str, str]:
    """The texts of a row, under the names of :data:`_COLUMNS` and in their order."""
    return {
        "title": card.title,
        "english": "" if card.table == COMMITMENTS else english,
        "unit": "" if card.unit.startswith("{") else card.unit,
        "definition": card.definition,
        "numerator": "" if card.numerator is None else card.numerator.title,
        "denominator": "" if card.denominator is None else card.denominator.title,
        "level": "" if card.level is None else say(LANGUAGE, f"city.card.level.{card.level}"),
        "breakdown": "、".join(card.breakdown) or "；".join(f"{name}：{value}" for name, value in card.chosen),
        "caveat": "；".join(card.caveats),
        "item": "、".join(card.items),
        "meaning": "；".join(sources_of(known, card)),
        "name": card.column,
    }
