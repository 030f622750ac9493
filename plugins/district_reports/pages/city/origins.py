"""Where a figure comes from in words: the origins that summaries declare, read out with the titles of the forms."""

import re
from collections.abc import Mapping
from functools import lru_cache

from district_reports.forms import forms
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.conditions import read_out, signs
from district_reports.pages.words import say
from district_reports.pages.words import words as words_of_pages
from district_reports.publish.definitions import SHARE
from district_reports.publish.lineage import (
    DISTRICT,
    ITEM,
    LEDGER_TABLES,
    EarlierFigure,
    FigureOf,
    FigureOver,
    Formula,
    Judged,
    Measure,
    Origin,
    ReferenceField,
    Rows,
    Scope,
    Source,
)
from district_reports.reference.english import called

_EITHER = re.compile(r"coalesce\((\w+), concat_ws\('.*?', (.+)\)\)")
_TOKENS = {"resident_token": "resident_id", "teacher_token": "teacher_no"}
"""Keyed digests that facts carry in the place of a number, and the number."""
_DAYS = (
    (re.compile(r"date_trunc\('month', (\w+)\) = to_date\(:period, 'YYYY-MM'\)"), "in_month"),
    (re.compile(r"date_part\('year', (\w+)\) = left\(:period, 4\)::integer"), "in_year"),
    (re.compile(r"to_date\(:period, 'YYYY-MM'\)"), "first_day"),
)
"""How SQL says that a day is in the period, with the word of the pages for it."""


def in_words(origin: Origin, words: TableWords) -> list[str]:
    """Sentences for `origin`, one for each sheet that adds to the figure."""
    language = words.language
    match origin:
        case Formula():
            if share := SHARE.search(origin.expression):
                told = (
                    "city.origin.share_or_whole" if f"{share[2]} IS NULL" in origin.expression else "city.origin.share"
                )
                return [say(language, told, numerator=words.of(share[1]), denominator=words.of(share[2]))]
            return [say(language, "city.origin.formula", expression=_of_table(origin.expression, words))]
        case Judged():
            listed = say(language, "city.listed").join(words.of(name) for name in origin.columns)
            return [say(language, "city.origin.judged", columns=listed)]
        case ReferenceField():
            return [
                say(language, "city.origin.reference", table=_reference(origin.table, language), on=words.of(origin.on))
            ]
        case FigureOf() | FigureOver():
            told = "city.origin.figure_of" if isinstance(origin, FigureOf) else "city.origin.figure_over"
            return [say(language, told, table=_reference(origin.table, language), on=words.of(origin.on))]
        case EarlierFigure():
            earlier = say(
                language, "city.origin.earlier", column=words.of(origin.column), period=words.of(origin.period_in)
            )
            return [earlier, *in_words(origin.otherwise, words)]
    return [_rows(rows, words) for rows in origin]


def _reference(table: str, language: str) -> str:
    """What a table of the reference data is called; by its file where the pages have no word for it."""
    known = words_of_pages().get(f"city.reference.{table}")
    return f"{table}.csv" if known is None else known[language]


def _rows(rows: Rows, words: TableWords) -> str:
    language = words.language
    titles = _titles(rows.source.table, language)
    if rows.source.table in (ITEM, DISTRICT) and rows.measure is not Measure.MAX:
        told = say(language, f"city.origin.{rows.source.table}s")
    elif rows.measure is Measure.COUNT:
        told = say(language, f"city.origin.{'reports' if rows.source.table in LEDGER_TABLES else 'count'}")
    elif rows.measure is Measure.DISTINCT:
        told = say(language, "city.origin.distinct", column=_identity(rows.expression, titles, language))
    else:
        expression = read_out(rows.expression, titles, language)
        told = say(language, f"city.origin.{rows.measure}", expression=expression)
    parts = [told, *_source(rows.source, words)]
    if rows.partner is not None:
        partner = say(language, "city.origin.with" if rows.matching else "city.origin.without")
        parts += [partner, *_source(rows.partner, words)]
    if rows.applies:
        parts.append(say(language, "city.origin.applies", condition=_of_table(rows.applies, words)))
    return say(language, "city.origin.separator").join(parts)


def _identity(expression: str, titles: Mapping[str, str], language: str) -> str:
    """By what people are told apart: a number, or a number and, where there is none, several others together."""
    if either := _EITHER.fullmatch(expression):
        others = " + ".join(_identity(each, titles, language) for each in either[2].split(", "))
        return say(language, "city.origin.either", first=_identity(either[1], titles, language), second=others)
    name = _TOKENS.get(expression, expression)
    return titles.get(name, name)


def _source(source: Source, words: TableWords) -> list[str]:
    language = words.language
    titles = _titles(source.table, language)
    sheets = {sheet.table: sheet.title for form in forms().values() for sheet in form.sheets}
    known = f"city.origin.of.{source.table}" if source.table in LEDGER_TABLES else "city.origin.of"
    told = [say(language, known, sheet=sheets.get(source.table, source.table))]
    if source.scope not in (Scope.IN_FORCE, Scope.NIGHT):
        told.append(say(language, f"city.origin.scope.{source.scope}"))
    if source.earlier:
        compared = f"city.origin.{'beside' if source.beside else 'against'}.{source.earlier}"
        told.append(say(language, compared, column=_identity(source.link or "", titles, language)))
    if source.by:
        told.append(
            say(
                language,
                "city.origin.by",
                columns=say(language, "city.listed").join(words.of(name) for name in source.by),
            )
        )
    if source.where:
        told.append(say(language, "city.origin.where", condition=_condition(source.where, titles, language)))
    if source.having:
        told.append(say(language, "city.origin.having", condition=read_out(source.having, titles, language)))
    return told


def _condition(expression: str, titles: Mapping[str, str], language: str) -> str:
    for asked, word in _DAYS:
        expression = asked.sub(say(language, f"city.day.{word}", column=r"\1"), expression)
    return read_out(expression, titles, language)


def _of_table(expression: str, words: TableWords) -> str:
    titles = {name: words.of(name) for name in re.findall(r"[a-z_]+", expression)}
    return read_out(expression, {**titles, **signs(words.language)}, words.language)


@lru_cache(maxsize=64)
def _titles(table: str, language: str) -> Mapping[str, str]:
    """What stands in an expression over the rows of a sheet, or of the ledger, and how it is read out."""
    sheets = [sheet for form in forms().values() for sheet in form.sheets]
    named = {
        column.name: called(column.title, language)
        for sheet in sheets
        if sheet.table == table
        for column in sheet.columns
    }
    ledger = "city.ledger."
    return {
        **{
            key.removeprefix(ledger): texts[language]
            for key, texts in words_of_pages().items()
            if key.startswith(ledger)
        },
        **{sheet.table: called(sheet.title, language) for sheet in sheets},
        **named,
        **{token: named[name] for token, name in _TOKENS.items() if name in named},
        **signs(language),
    }
