"""The chart of an excerpt: bars over the areas, small multiples over a key, or lines over the periods."""

from decimal import Decimal
from typing import Any

from markupsafe import Markup

from district_reports.pages.charts import chart
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.face import is_withheld
from district_reports.pages.city.table import ALL, PERIOD, Excerpt, Row
from district_reports.pages.words import say
from district_reports.publish.printed import short

MOST_PANELS = 16
_BAR_HEIGHT = 24


def draw(excerpt: Excerpt, words: TableWords) -> Markup | None:
    """The SVG; None where there is no figure to draw."""
    if all(row[excerpt.measure] is None for row in excerpt.rows):
        return None
    hidden = say(words.language, "city.hidden")
    axis: dict[str, Any] = {"tickCount": 3, "domain": False}
    if excerpt.kinds[excerpt.measure] != "numeric":
        axis |= {"tickMinStep": 1, "format": ",d"}
    figure = {"field": "figure", "type": "quantitative", "title": None, "axis": axis}
    if excerpt.by == PERIOD:
        return chart(_lines(excerpt, figure, hidden))
    if not excerpt.by:
        data = [_datum(row, excerpt, hidden) for row in excerpt.rows]
        return chart({**_bars(figure, 420, _BAR_HEIGHT, order="-x"), "data": {"values": data}})
    # 全部 would press all others flat; it stands in the table.
    panels = list(dict.fromkeys(row[excerpt.by] for row in excerpt.rows if row[excerpt.by] != ALL))[:MOST_PANELS]
    data = [
        {**_datum(row, excerpt, hidden), "panel": words.value(excerpt.by, row[excerpt.by])}
        for row in excerpt.rows
        if row[excerpt.by] in panels
    ]
    return chart(_panels(data, figure)) if data else None


def _datum(row: Row, excerpt: Excerpt, hidden: str) -> dict[str, Any]:
    """Where a figure is withheld there is no bar, and `hidden` stands in its place."""
    figure = row[excerpt.measure]
    if is_withheld(row, excerpt.measure):
        return {"area": row["area_name"], "figure": None, "place": 0, "label": hidden}
    return {"area": row["area_name"], "figure": _number(figure), "place": _number(figure), "label": short(figure)}


def _bars(figure: dict[str, Any], width: int, step: int, order: str | None = None) -> dict[str, Any]:
    return {
        "width": width,
        "height": {"step": step},
        "encoding": {"y": {"field": "area", "type": "nominal", "sort": order, "title": None}},
        "layer": [
            {"mark": "bar", "encoding": {"x": figure}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"x": {**figure, "field": "place"}, "text": {"field": "label"}},
            },
        ],
    }


def _panels(data: list[dict[str, Any]], figure: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": {"values": data},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": None},
        "columns": 4,
        "spec": _bars(figure, 170, 18),
        "resolve": {"axis": {"y": "shared"}},
    }


def _lines(excerpt: Excerpt, figure: dict[str, Any], hidden: str) -> dict[str, Any]:
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
        "columns": 4,
        "spec": {
            "width": 210,
            "height": 90,
            "encoding": {"x": period},
            "layer": [
                {"mark": {"type": "line", "point": True}, "encoding": {"y": figure}},
                {
                    "mark": {"type": "text", "align": "left", "angle": 270, "fontSize": 10},
                    "encoding": {"y": {"value": 86}, "text": {"field": "label"}},
                },
            ],
        },
    }


def _number(figure: object) -> object:
    return float(figure) if isinstance(figure, Decimal) else figure
