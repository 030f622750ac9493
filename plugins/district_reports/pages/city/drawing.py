"""The chart of an excerpt: bars over the areas, small multiples over a key, or lines over the periods.

The target is a dashed line, and the period that is compared with a short stroke over each bar.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.comparison import Comparison
from district_reports.pages.city.face import is_withheld
from district_reports.pages.city.table import ALL, PERIOD, Excerpt, Row
from district_reports.pages.city.target import Target
from district_reports.pages.city.values import Printer
from district_reports.pages.words import say
from district_reports.publish.printed import measured

MOST_PANELS = 16
_BAR_HEIGHT = 24


@dataclass(frozen=True)
class Panels:
    """How many small multiples stand in a row, and how wide one with bars or with a line is, in pixels."""

    columns: int
    bars: int
    line: int


WIDE, NARROW = Panels(4, 170, 210), Panels(2, 105, 130)
"""For a desk, and for a phone of 390 pixels."""
_OTHER = "var(--chart-2)"


def spec_of(
    excerpt: Excerpt,
    words: TableWords,
    printer: Printer,
    comparison: Comparison,
    target: Target | None,
    panels: Panels = WIDE,
) -> dict[str, Any] | None:
    """The specification for Vega-Lite; None where there is no figure to draw."""
    if all(row[excerpt.measure] is None for row in excerpt.rows):
        return None
    hidden = say(words.language, "city.hidden")
    axis: dict[str, Any] = {"tickCount": 3, "domain": False}
    if not any(printer.decimal(row, excerpt.measure) for row in excerpt.rows):
        most = max((abs(row[excerpt.measure] or 0) for row in excerpt.rows), default=0)
        axis |= {"tickMinStep": 1, "tickCount": max(1, min(3, int(most))), "format": ",d"}
    figure = {"field": "figure", "type": "quantitative", "title": None, "axis": axis}
    aim = [] if target is None else [_line(target, figure, "y" if excerpt.by == PERIOD else "x")]
    if excerpt.by == PERIOD:
        return _lines(excerpt, figure, hidden, aim, panels)
    if not excerpt.by:
        data = [_datum(row, excerpt, printer, hidden, comparison.of(row)) for row in excerpt.rows]
        area = _areas([each["area"] for each in sorted(data, key=_largest_first)])
        bars = _bars(figure, area, 340, _BAR_HEIGHT)
        if target is not None:
            aim.append(_named(target, figure, say(words.language, "city.target")))
        before = [_stroke(figure, area)] if comparison.against else []
        return {**bars, "layer": [*bars["layer"], *before, *aim], "data": {"values": data}}
    # 全部 would press all others flat; it stands in the table.
    values = list(dict.fromkeys(row[excerpt.by] for row in excerpt.rows if row[excerpt.by] != ALL))[:MOST_PANELS]
    data = [
        {**_datum(row, excerpt, printer, hidden), "panel": words.value(excerpt.by, row[excerpt.by])}
        for row in excerpt.rows
        if row[excerpt.by] in values
    ]
    return _panels(data, figure, panels) if data else None


def _datum(row: Row, excerpt: Excerpt, printer: Printer, hidden: str, before: Row | None = None) -> dict[str, Any]:
    """Where a figure is withheld there is no bar, and `hidden` stands in its place."""
    figure = row[excerpt.measure]
    told = {"area": row["area_name"], "before": None if before is None else _number(before[excerpt.measure])}
    if is_withheld(row, excerpt.measure):
        return {**told, "figure": None, "place": 0, "label": hidden}
    return {**told, "figure": _number(figure), "place": _number(figure), "label": printer(row, excerpt.measure, figure)}


def _largest_first(datum: dict[str, Any]) -> tuple[bool, float]:
    return datum["figure"] is None, -(datum["figure"] or 0)


def _line(target: Target, figure: dict[str, Any], axis: str) -> dict[str, Any]:
    # Read out by the caption; a mark without a name is a picture without one.
    mark = {"type": "rule", "strokeDash": [5, 4], "size": 1.5, "aria": False}
    return {"mark": mark, "encoding": {axis: _at(target, figure)}}


def _named(target: Target, figure: dict[str, Any], word: str) -> dict[str, Any]:
    """What the line is, above it; once, and not for each bar."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -4, "dx": 4, "aria": False},
        "encoding": {
            "x": _at(target, figure),
            "y": {"value": 0},
            "text": {"value": f"{word} {measured(target.value, target.unit)}"},
        },
    }


def _at(target: Target, figure: dict[str, Any]) -> dict[str, Any]:
    """The place of the target on the axis of `figure`."""
    return {**{name: value for name, value in figure.items() if name != "field"}, "datum": _number(target.value)}


def _stroke(figure: dict[str, Any], area: dict[str, Any]) -> dict[str, Any]:
    mark = {"type": "tick", "thickness": 3, "size": 18, "color": _OTHER}
    return {"mark": mark, "encoding": {"y": area, "x": {**figure, "field": "before"}}}


def _areas(order: list[str] | None) -> dict[str, Any]:
    return {"field": "area", "type": "nominal", "sort": order, "title": None}


def _bars(figure: dict[str, Any], area: dict[str, Any], width: int, step: int) -> dict[str, Any]:
    return {
        "width": width,
        "height": {"step": step},
        "layer": [
            {"mark": "bar", "encoding": {"y": area, "x": figure}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"y": area, "x": {**figure, "field": "place"}, "text": {"field": "label"}},
            },
        ],
    }


def _panels(data: list[dict[str, Any]], figure: dict[str, Any], panels: Panels) -> dict[str, Any]:
    return {
        "data": {"values": data},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": None},
        "columns": panels.columns,
        "spec": _bars(figure, _areas(None), panels.bars, 18),
        "resolve": {"axis": {"y": "shared"}},
    }


def _lines(
    excerpt: Excerpt, figure: dict[str, Any], hidden: str, aim: list[dict[str, Any]], panels: Panels
) -> dict[str, Any]:
    """A period whose figure is withheld breaks the line, and `hidden` stands there."""
    areas = list(dict.fromkeys(row["area_name"] for row in excerpt.rows))[:MOST_PANELS]
    data = [
        {
            "panel": row["area_name"],
            "period": row[PERIOD],
            "figure": _number(row[excerpt.measure]),
            "label": hidden if is_withheld(row, excerpt.measure) else "",
        }
        for row in excerpt.rows
        if row["area_name"] in areas
    ]
    period = {"field": "period", "type": "ordinal", "title": None, "axis": {"labelAngle": -60}}
    return {
        "data": {"values": data},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": areas},
        "columns": panels.columns,
        "spec": {
            "width": panels.line,
            "height": 90,
            "layer": [
                {"mark": {"type": "line", "point": True}, "encoding": {"x": period, "y": figure}},
                {
                    "mark": {"type": "text", "align": "left", "angle": 270, "fontSize": 10},
                    "encoding": {"x": period, "y": {"value": 86}, "text": {"field": "label"}},
                },
                *aim,
            ],
        },
    }


def _number(figure: object) -> object:
    return float(figure) if isinstance(figure, Decimal) else figure
