"""The chart of what is shown: bars over the areas, small multiples over a key, or lines over the periods."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from district_reports.pages.charts import chart
from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.table import ALL, PERIOD, Row, Shown
from district_reports.pages.city.values import short

MOST_PANELS = 16
_BAR_HEIGHT = 24


def draw(shown: Shown, words: TableWords) -> Markup | None:
    """The SVG; None where there is no figure to draw."""
    if all(row[shown.measure] is None for row in shown.rows):
        return None
    if shown.by == PERIOD:
        return chart(_lines(shown))
    # 全部 would press all others flat; it stands in the table.
    panels = list(dict.fromkeys(row[shown.by] for row in shown.rows if shown.by and row[shown.by] != ALL))[:MOST_PANELS]
    names = {} if not shown.by else {value: words.value(shown.by, value) for value in panels}
    data = [_datum(row, shown, names) for row in shown.rows if not shown.by or row[shown.by] in names]
    return chart(_panels(data) if shown.by else {**_bars(420, _BAR_HEIGHT, shown), "data": {"values": data}})


def _datum(row: Row, shown: Shown, names: Mapping[str, str]) -> dict[str, Any]:
    figure = row[shown.measure]
    datum = {"area": row["area_name"], "figure": _number(figure), "label": short(figure)}
    return datum | ({"panel": names[row[shown.by]]} if shown.by else {})


def _bars(width: int, step: int, shown: Shown | None = None) -> dict[str, Any]:
    order = "-x" if shown is not None else None
    return {
        "width": width,
        "height": {"step": step},
        "encoding": {"y": {"field": "area", "type": "nominal", "sort": order, "title": None}},
        "layer": [
            {"mark": "bar", "encoding": {"x": _axis("figure")}},
            {
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"x": _axis("figure"), "text": {"field": "label"}},
            },
        ],
    }


def _panels(data: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "data": {"values": data},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": None},
        "columns": 4,
        "spec": _bars(170, 18),
        "resolve": {"axis": {"y": "shared"}},
    }


def _lines(shown: Shown) -> dict[str, Any]:
    areas = list(dict.fromkeys(row["area_name"] for row in shown.rows))[:MOST_PANELS]
    data = [
        {"panel": row["area_name"], "period": row[PERIOD], "figure": _number(row[shown.measure])}
        for row in shown.rows
        if row["area_name"] in areas
    ]
    return {
        "data": {"values": data},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": areas},
        "columns": 4,
        "spec": {
            "width": 210,
            "height": 90,
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": {"field": "period", "type": "ordinal", "title": None, "axis": {"labelAngle": -60}},
                "y": {**_axis("figure"), "axis": {"tickCount": 3}},
            },
        },
    }


def _axis(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": None, "axis": {"tickCount": 3, "domain": False}}


def _number(figure: object) -> object:
    return float(figure) if isinstance(figure, Decimal) else figure
