"""Charts as SVG in the page: Vega-Lite, drawn on the server, so that a slow office PC runs no script for them.

They are drawn in a process of their own: vl-convert ends its process where it panics, and that would be Airflow's API
server. A chart that can't be drawn is missing; the table beside it tells the same.

Colours are the page's own CSS variables, which makes a chart light or dark with the page around it.
"""

import json
import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from district_reports.pages.chart_renderer import ChartFault, ChartRenderer

log = logging.getLogger(__name__)
_renderer = ChartRenderer()

SERIES = tuple(f"var(--chart-{number})" for number in range(1, 6))
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

_ON_WHITE = {
    "text": "#1b2333", "muted": "#4a5a70", "chart-line": "#d5dae2",
    "chart-1": "#3c6db0", "chart-2": "#d9822b", "chart-3": "#2f9e6e", "chart-4": "#8a5cc2", "chart-5": "#c0504d",
}  # fmt: skip
"""The variables of style.css that charts use, as a picture has them."""
_FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")
# What XML can't hold, in a text of a chart, makes vl-convert panic.
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def chart(spec: Mapping[str, Any]) -> Markup:
    """The SVG of a Vega-Lite specification, in the pages' own look; empty, and logged, where it can't be drawn.

    Its data are values, never an address.
    """
    try:
        return _drawn(_whole(spec))
    except ChartFault as fault:
        log.error("a chart is missing from a page: %s", fault)
        return Markup("")


def picture(spec: Mapping[str, Any]) -> bytes:
    """The same as a PNG on white, in the colours of the light pages: it leaves the page, and its style sheet.

    Raises:
        ChartFault: it can't be drawn.
    """
    whole = _whole({**spec, "background": "#fff", "padding": 16, "config": {**spec.get("config", {}), "font": _FONTS}})
    return _renderer.render_png(_VARIABLE.sub(lambda found: _ON_WHITE.get(found[1], found[0]), whole))


def _whole(spec: Mapping[str, Any]) -> str:
    whole = {"$schema": _SCHEMA, **spec, "config": {**_CONFIG, **spec.get("config", {})}}
    return json.dumps(_clean(whole), ensure_ascii=False, sort_keys=True, default=str)


def warm_up() -> None:
    """Draw a first chart, which takes a second more than all others, before anybody waits for one."""
    chart({"data": {"values": [{"figure": 1}]}, "mark": "bar", "encoding": {"x": {"field": "figure"}}})


def _clean(part: Any) -> Any:
    if isinstance(part, str):
        return _NO_XML.sub("□", part)
    if isinstance(part, Mapping):
        return {_clean(key): _clean(value) for key, value in part.items()}
    return [_clean(value) for value in part] if isinstance(part, list | tuple) else part


@lru_cache(maxsize=512)
def _drawn(spec: str) -> Markup:
    # Vega's own writer escapes text and attributes.
    return Markup(_renderer.render(spec))
