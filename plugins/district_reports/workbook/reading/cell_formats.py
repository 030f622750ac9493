"""What the formats of a workbook make of its cells: numbers shown as something else, and cells struck through or
written in the colour of their ground (ECMA-376 part 1, 18.8). Runs inside the limited child only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from district_reports.workbook.number_formats import BUILT_IN, changes_numbers

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_OFF = ("0", "false")
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_AS_GOOD_AS_EQUAL = 6
"""Of 256 steps, in each of red, green and blue."""
# Of the theme, in the order in which colours are numbered.
_THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
_EIGHT = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
# 18.8.27, the colours with a number from 0 on; 64 is the text's, 65 the window's.
_INDEXED = (
    *(_EIGHT + _EIGHT),
    *("800000", "008000", "000080", "808000", "800080", "008080", "C0C0C0", "808080"),
    *("9999FF", "993366", "FFFFCC", "CCFFFF", "660066", "FF8080", "0066CC", "CCCCFF"),
    *("000080", "FF00FF", "FFFF00", "00FFFF", "800080", "800000", "008080", "0000FF"),
    *("00CCFF", "CCFFFF", "CCFFCC", "FFFF99", "99CCFF", "FF99CC", "CC99FF", "FFCC99"),
    *("3366FF", "33CCCC", "99CC00", "FFCC00", "FF9900", "FF6600", "666699", "969696"),
    *("003366", "339966", "003300", "333300", "993300", "993366", "333399", "333333"),
    *("000000", "FFFFFF"),
)

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class CellFormats:
    """By the number of a cell's format: the code of one that shows numbers as something else, and which cells are
    struck through, or unseen: written in the colour of their ground."""

    numbers: Mapping[int, str]
    struck: frozenset[int]
    unseen: frozenset[int]


PLAIN = CellFormats({}, frozenset(), frozenset())


def cell_formats_of(styles: bytes, theme: bytes) -> CellFormats:
    """What the styles part says; `theme` is empty where there is none.

    Raises:
        ElementTree.ParseError: a part is not well-formed.
    """
    if not styles:
        return PLAIN
    root = ElementTree.fromstring(styles)
    codes = BUILT_IN | {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in root.iterfind(f"{_MAIN}numFmts/{_MAIN}numFmt")
    }
    changing = {number: code for number, code in codes.items() if changes_numbers(code)}
    palette = _Palette(root, theme)
    fonts = root.findall(f"{_MAIN}fonts/{_MAIN}font")
    struck = [_is_on(font.find(f"{_MAIN}strike")) for font in fonts]
    inks = [palette.colour(font.find(f"{_MAIN}color"), _BLACK) for font in fonts]
    grounds = [_ground(fill, palette) for fill in root.iterfind(f"{_MAIN}fills/{_MAIN}fill")]
    formats = [
        [int(one.get(name, "0")) for name in ("numFmtId", "fontId", "fillId")]
        for one in root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")
    ]
    return CellFormats(
        {place: changing[number] for place, (number, _, _) in enumerate(formats) if number in changing},
        frozenset(place for place, (_, font, _) in enumerate(formats) if font < len(struck) and struck[font]),
        frozenset(
            place
            for place, (_, font, fill) in enumerate(formats)
            if font < len(inks) and fill < len(grounds) and _equal(inks[font], grounds[fill])
        ),
    )


_STRIKE = re.compile(rb"""<(?:\w+:)?strike(?=[\s/>])(?![^<>]*\bval\s*=\s*["'](?:0|false)["'])""")
_ITEM = re.compile(rb"<((?:\w+:)?)si(?:\s[^<>]*)?(?:/>|>(.*?)</\1si\s*>)", re.DOTALL)
_RUN = re.compile(rb"<((?:\w+:)?)r>(.*?)</\1r\s*>", re.DOTALL)
_RUN_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)<")


def struck_strings(table: bytes) -> frozenset[int]:
    """The numbers of the shared strings in `table` that are struck through from end to end."""
    if not _STRIKE.search(table):
        return frozenset()
    return frozenset(place for place, item in enumerate(_ITEM.finditer(table)) if is_struck(item[2] or b""))


def is_struck(item: bytes) -> bool:
    """Whether a string of several runs is struck through from end to end."""
    runs = [run[2] for run in _RUN.finditer(item) if any(text.strip() for text in _RUN_TEXT.findall(run[2]))]
    return bool(runs) and all(_STRIKE.search(run) for run in runs)


def _is_on(element: ElementTree.Element | None) -> bool:
    return element is not None and element.get("val", "1") not in _OFF


def _ground(fill: ElementTree.Element, palette: "_Palette") -> Colour | None:
    """What a cell is written on; None for a pattern or a gradient, which is of more than one colour."""
    pattern = fill.find(f"{_MAIN}patternFill")
    kind = None if pattern is None else pattern.get("patternType", "none")
    if pattern is None or kind not in ("none", "solid"):
        return None
    return _WHITE if kind == "none" else palette.colour(pattern.find(f"{_MAIN}fgColor"), _BLACK)


def _equal(one: Colour | None, other: Colour | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(mine - its) <= _AS_GOOD_AS_EQUAL for mine, its in zip(one, other, strict=True))


class _Palette:
    """The colours that a workbook names by a number."""

    def __init__(self, styles: ElementTree.Element, theme: bytes) -> None:
        own = styles.iterfind(f"{_MAIN}colors/{_MAIN}indexedColors/{_MAIN}rgbColor")
        self._indexed = tuple(one.get("rgb", "")[-6:] for one in own)
        self._theme = _theme_colours(theme)

    def colour(self, element: ElementTree.Element | None, automatic: Colour) -> Colour | None:
        """Of a ``color`` or ``fgColor``; None for one that names nothing."""
        if element is None or element.get("auto", "0") not in _OFF:
            return automatic
        named = element.get("rgb", "")[-6:]
        if (theme := element.get("theme", "")).isdecimal():
            named = "".join(self._theme[int(theme) : int(theme) + 1])
        elif (place := element.get("indexed", "")).isdecimal():
            named = "".join((self._indexed[int(place) :] or _INDEXED[int(place) :])[:1])
        if not re.fullmatch("[0-9A-Fa-f]{6}", named):
            return None
        red, green, blue = bytes.fromhex(named)
        return _tinted((red, green, blue), element.get("tint", "0"))


def _theme_colours(theme: bytes) -> list[str]:
    """The colours of the theme as ``RRGGBB``; those of Office where it names none."""
    found: dict[str, str] = {}
    scheme = ElementTree.fromstring(theme).find(f".//{_DRAWING}clrScheme") if theme else None
    for one in scheme if scheme is not None else ():
        for colour in one:
            found[one.tag.removeprefix(_DRAWING)] = colour.get("lastClr", colour.get("val", ""))
    return [found.get(name, {"lt1": "FFFFFF", "dk1": "000000"}.get(name, "")) for name in _THEME]


def _tinted(colour: Colour, tint: str) -> Colour:
    """`colour` made lighter or darker (18.8.19): each part moves alike, as the lightness does."""
    try:
        share = max(-1.0, min(float(tint), 1.0))
    except ValueError:
        share = 0.0
    to, share = (0, -share) if share < 0 else (255, share)
    red, green, blue = (round(part + (to - part) * share) for part in colour)
    return red, green, blue
