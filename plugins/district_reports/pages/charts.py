"""Charts as SVG in the page: Vega-Lite, drawn here, so that a slow office PC runs no script for them.

Colours are the page's own CSS variables, which makes a chart light or dark with the page around it.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

SERIES = tuple(f"var(--chart-{number})" for number in range(1, 6))
LOW, HIGH = "var(--chart-low)", "var(--chart-high)"
_TEXT, _MUTED, _LINE = "var(--text)", "var(--muted)", "var(--chart-line)"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_CONFIG: Mapping[str, Any] = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _TEXT, "titleColor": _MUTED, "gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 240,
    },
    "legend": {"labelColor": _TEXT, "titleColor": _MUTED, "labelFontSize": 12, "titleFontSize": 12},
    "header": {"labelColor": _TEXT, "titleColor": _MUTED, "labelFontSize": 12},
    "text": {"color": _TEXT, "fontSize": 12},
    "bar": {"color": SERIES[0]},
    "line": {"color": SERIES[0], "strokeWidth": 2},
    "point": {"color": SERIES[0], "filled": True, "size": 36},
    "rule": {"color": _MUTED},
    "range": {"category": list(SERIES)},
}  # fmt: skip


def chart(spec: Mapping[str, Any]) -> Markup:
    """The SVG of a Vega-Lite specification, in the pages' own look. Its data are values, never an address.

    Raises:
        ValueError: the specification makes no sense to Vega-Lite.
    """
    whole = {"$schema": _SCHEMA, **spec, "config": {**_CONFIG, **spec.get("config", {})}}
    return _drawn(json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str))


@lru_cache(maxsize=1)
def warm_up() -> None:
    """Draw a first chart, which takes a second more than all others: for after a response, when nobody waits for it."""
    chart({"data": {"values": [{"figure": 1}]}, "mark": "bar", "encoding": {"x": {"field": "figure"}}})


@lru_cache(maxsize=512)
def _drawn(spec: str) -> Markup:
    # 0.1 s to import and more for the first chart: with the first page that has one.
    import vl_convert

    # Vega's own writer escapes text and attributes.
    return Markup(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
