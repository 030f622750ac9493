"""A chart or map that leaves its page as a picture: it says itself what it shows, of which face and release."""

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from district_reports.pages.city.columns import TableWords
from district_reports.pages.city.comparison import Comparison
from district_reports.pages.city.face import Look
from district_reports.pages.city.releases import Published
from district_reports.pages.city.table import ALL, PERIOD, Excerpt
from district_reports.pages.city.target import Target
from district_reports.pages.city.values import compact
from district_reports.pages.words import say
from district_reports.publish.printed import MISSING, measured, period_named, short
from district_reports.publish.tile_map import TileMap

_WIDTH, _HEIGHT = 88, 64
_LETTERS = 14
"""How many fit into a tile; a name of more words has several lines."""
_SHADES = ("#e6eef9", "#bcd3ef", "#8ab0e0", "#2f66ab", "#14376a")
"""The colours of city.css, which are the same by day and by night."""
_FIRST_DARK = 4
_EMPTY = "#f1f3f6"


def title_of(excerpt: Excerpt, words: TableWords) -> str:
    """Measure, period and the chosen values of the keys, as far as they choose a part."""
    chosen = (key for key in excerpt.keys if key.column != excerpt.by and key.selected != ALL)
    keys = [dict(key.values)[key.selected] for key in chosen]
    period = [] if excerpt.by == PERIOD else [period_named(excerpt.period, words.language)]
    measure = words.headed(excerpt.measure, excerpt.rows[0] if excerpt.rows else None)
    return say(words.language, "city.comma").join([measure, *period, *keys])


def origin_of(release: Published, look: Look, language: str) -> list[str]:
    """Which face and release it is of."""
    which = say(language, "city.release.which", night=release.day)
    if release.version:
        which = say(language, "city.release.outside", period=release.period, version=release.version)
    return [say(language, f"city.file.face_of.{look.kind}"), which]


def lines_of(excerpt: Excerpt, comparison: Comparison, target: Target | None, language: str) -> str:
    """What the dashed line and the short strokes of a chart are; empty where it has none."""
    told = []
    if target is not None:
        word = "city.chart.target.due" if target.due else "city.chart.target"
        told.append(say(language, word, value=measured(target.value, target.unit), due=target.due))
    if comparison.against and not excerpt.by:
        told.append(say(language, "city.chart.against", period=period_named(comparison.against, language)))
    return " ".join(told)


def titled(spec: Mapping[str, Any], title: str, notes: Sequence[str]) -> dict[str, Any]:
    """The specification with a title, and what has to be known of it below that."""
    text = {
        "text": title, "subtitle": list(notes), "anchor": "start", "frame": "bounds", "offset": 14,
        "fontSize": 16, "subtitleFontSize": 11, "color": "var(--text)", "subtitleColor": "var(--muted)",
    }  # fmt: skip
    return {**spec, "title": text}


def _lines(name: str) -> str:
    # However long a name is, the picture stays one that can be drawn.
    return "\n".join(wrap(name, _LETTERS, max_lines=3, placeholder="…"))


def of_map(laid_out: TileMap, printed: Callable[[object], str], language: str) -> dict[str, Any]:
    """The map of tiles as a specification, with its classes in words at the side."""
    tiles = []
    for tile in laid_out.tiles:
        step = tile.step or 0
        figure = compact(tile.figure, language) if laid_out.crowded else printed(tile.figure)
        tiles.append(
            {
                "x": tile.column * _WIDTH, "y": tile.row * _HEIGHT, "name": _lines(tile.name),
                "figure": say(language, "city.hidden") if tile.hidden else MISSING if tile.figure is None else figure,
                "fill": _SHADES[step - 1] if step else _EMPTY,
                "ink": "#ffffff" if step >= _FIRST_DARK else "#14233a",
            }
        )  # fmt: skip
    classes = [
        {
            "x": laid_out.columns * _WIDTH + 16, "y": number * 24, "fill": _SHADES[step - 1],
            "figure": short(low) if low == high else f"{short(low)}–{short(high)}",
        }
        for number, (step, low, high) in enumerate(laid_out.legend)
    ]  # fmt: skip
    width, height = laid_out.columns * _WIDTH, laid_out.rows * _HEIGHT
    return {
        "width": width + 120,
        "height": height,
        "layer": [
            {"data": {"values": tiles}, **_boxes(_WIDTH - 4, _HEIGHT - 4)},
            {"data": {"values": tiles}, **_text("name", 10.5, _WIDTH / 2 - 2, 12, "normal")},
            {"data": {"values": tiles}, **_text("figure", 14, _WIDTH / 2 - 2, 49, "bold")},
            {"data": {"values": classes}, **_boxes(18, 14)},
            {"data": {"values": classes}, **_text("figure", 12, 26, 7, "normal", "left", "#1b2333")},
        ],
        "config": {"scale": {"round": True}},
    }


def _boxes(width: int, height: int) -> dict[str, Any]:
    mark = {"type": "rect", "width": width, "height": height, "align": "left", "baseline": "top",
            "cornerRadius": 5, "stroke": "#6d93c4"}  # fmt: skip
    return {"mark": mark, "encoding": {**_PLACE, "color": {"field": "fill", "type": "nominal", "scale": None}}}


def _text(
    field: str, size: float, dx: float, dy: float, weight: str, align: str = "center", ink: str = ""
) -> dict[str, Any]:
    mark = {"type": "text", "lineBreak": "\n", "lineHeight": 12, "fontSize": size, "fontWeight": weight,
            "align": align, "baseline": "middle", "dx": dx, "dy": dy}  # fmt: skip
    color = {"value": ink} if ink else {"field": "ink", "type": "nominal", "scale": None}
    return {"mark": mark, "encoding": {**_PLACE, "text": {"field": field}, "color": color}}


_PLACE: Mapping[str, Any] = {
    "x": {"field": "x", "type": "quantitative", "axis": None, "scale": None},
    "y": {"field": "y", "type": "quantitative", "axis": None, "scale": None},
}
