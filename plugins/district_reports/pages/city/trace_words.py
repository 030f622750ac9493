"""A traced figure in a title and a sum that can be read aloud."""

import re
from collections.abc import Mapping, Sequence

from district_reports.pages.city.table import ALL
from district_reports.pages.city.tracing import TracedFigure
from district_reports.pages.words import say
from district_reports.publish.definitions import Definitions
from district_reports.publish.lineage import Formula, Judged
from district_reports.publish.printed import period_named, short
from district_reports.publish.trace import Trace

_ARITHMETIC = re.compile(r"[\w+\-() ]+")
_NAME = re.compile(r"[a-z_]\w*")
Names = Mapping[tuple[str, str, str], str]


def title_of(figure: TracedFigure, known: Definitions, names: Names) -> list[str]:
    """What the figure is, of which period and area, part by part.

    A key that another column names says itself what the row's first measure is: a commitment's actual figure is called
    by the commitment.
    """
    found, words = figure.trace, figure.words
    called = [
        names[found.table, name, value] for name, value in found.key.items() if (found.table, name, value) in names
    ]
    measure = [] if called and found.column in known.tables[found.table].first else [words.of(found.column)]
    parts = [
        words.value(name, str(value))
        for name, value in found.key.items()
        if (found.table, name, value) not in names and value != ALL
    ]
    colon = say(words.language, "city.colon")
    return [
        colon.join([*called, *measure]),
        *parts,
        period_named(found.period, words.language),
        found.area_name or found.area_code,
    ]


def sum_of(figure: TracedFigure, known: Definitions) -> str:
    """How the figure comes about in numbers, ``326 ÷ 883 = 36.92%``; empty where there is nothing to calculate."""
    found = figure.trace
    if found.value is None or isinstance(found.value, str):
        return ""
    left = _left(found, known, figure.words.language)
    return f"{left} = {figure.printed(found.value)}" if left else ""


def _left(found: Trace, known: Definitions, language: str) -> str:
    inputs = {each.column: each for each in found.inputs}
    values = {name: each.value for name, each in inputs.items()}
    origin = known.tables[found.table].origins.get(found.column)
    share = known.share(found.table, found.column)
    if share is not None:
        numerator, denominator = (values.get(name) for name in share)
        if numerator is None:
            return ""
        if denominator is None:
            return _left(inputs[share[0]], known, language)
        return f"{short(numerator)} ÷ {short(denominator)}"
    if isinstance(origin, Formula):
        return _filled(origin.expression, values)
    if isinstance(origin, Judged):
        return ""
    if len(found.inputs) > 1:
        return " + ".join(short(each.value) for each in found.inputs if each.value is not None)
    if len(found.inputs) == 1:
        return _left(found.inputs[0], known, language)
    districts = {part.district_code for part in found.parts if not part.beside and part.value}
    return say(language, "city.trace.districts", n=len(districts)) if found.additive and len(districts) > 1 else ""


def _filled(expression: str, values: Mapping[str, object]) -> str:
    """Sums and differences with the figures in the place of their names."""
    names = _NAME.findall(expression)
    if not _ARITHMETIC.fullmatch(expression) or any(values.get(name) is None for name in names):
        return ""
    return _NAME.sub(lambda name: short(values[name[0]]), expression).replace(" - ", " − ")


def made_again(figures: Sequence[TracedFigure]) -> bool:
    """Whether something was calculated anew from what is listed."""
    return any(each.trace.verified and each.trace.value is not None for each in figures)
