"""The look of the templates: colours, fonts and widths, as xlsxwriter formats."""

import unicodedata
from collections.abc import Collection
from functools import cached_property
from math import ceil

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FONT = "微软雅黑"
BLUE, ORANGE, LIGHT_ORANGE, LIGHT_BLUE = "#1F4E79", "#C55A11", "#F6C6A4", "#D6E4F2"
LINE, FAINT = "#B4C2D0", "#6B7785"
TO_FILL, KNOWN = "#FFF0B3", "#E6E6E6"
"""One meaning each: what is to be typed, and what stands there already or follows from what is typed."""
LINE_HEIGHT = 17
"""Points a line of text takes."""
HIGHEST_ROW = 409
"""Points; Excel shows no row that is higher."""
DATE_FORMAT = "yyyy-mm-dd"


class _Widths(dict[str, int]):
    """Width by character, worked out when first asked for: an answer may have a million lines."""

    def __missing__(self, char: str) -> int:
        width = self[char] = 2 if unicodedata.east_asian_width(char) in "WFA" else 1
        return width


_WIDTHS = _Widths()


def text_width(text: str) -> int:
    """The width of `text` in columns of a half-width digit: Chinese characters count two."""
    if text.isascii() and "\n" not in text:
        return len(text)
    return max(sum(map(_WIDTHS.__getitem__, line)) for line in text.split("\n"))


def lines_needed(text: str, width: float) -> int:
    """How many lines `text` takes when wrapped at `width`."""
    return sum(max(1, ceil(text_width(line) / max(width - 1, 1))) for line in text.split("\n"))


def fit_to_paper(sheet: Worksheet) -> None:
    """A4, landscape, one page wide: clerks print what comes back."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)


class Styles:
    """The formats of one workbook, made when first asked for."""

    known_means = "灰格：自动带出，不用填"
    """What a grey cell says in a sheet with rows."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._data: dict[tuple[str, str], Format] = {}
        self._known: dict[tuple[str, str], Format] = {}

    def _make(self, **properties: object) -> Format:
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        return self._book.add_format(base | properties)

    @cached_property
    def title(self) -> Format:
        return self._make(bold=True, font_size=15, align="center", font_color=BLUE)

    @cached_property
    def heading(self) -> Format:
        return self._make(bold=True, font_size=12, font_color=BLUE)

    @cached_property
    def notes(self) -> Format:
        return self._make(text_wrap=True, font_color=FAINT, align="left")

    @cached_property
    def body(self) -> Format:
        return self._make(text_wrap=True, valign="top")

    @cached_property
    def cell(self) -> Format:
        """A cell of a table that is read, not filled in."""
        return self._make(text_wrap=True, valign="top", border=1, border_color=LINE, num_format="@")

    @cached_property
    def table_header(self) -> Format:
        return self._header(LIGHT_BLUE, BLUE)

    @cached_property
    def header_beside(self) -> Format:
        """Over cells that fill themselves."""
        return self._header(KNOWN, BLUE)

    @cached_property
    def required(self) -> Format:
        return self._header(ORANGE, "#FFFFFF")

    @cached_property
    def sometimes_required(self) -> Format:
        return self._header(LIGHT_ORANGE, BLUE)

    def _header(self, fill: str, font: str) -> Format:
        return self._make(
            bold=True, bg_color=fill, font_color=font, align="center", text_wrap=True, border=1, border_color=LINE
        )

    @cached_property
    def locked_row(self) -> Format:
        """For the three top rows beside the table, so that nobody types a header there."""
        return self._make(locked=True)

    @cached_property
    def label(self) -> Format:
        return self._make(
            bold=True, bg_color=LIGHT_BLUE, font_color=BLUE, border=1, border_color=LINE, font_size=11, indent=1
        )

    @cached_property
    def hint(self) -> Format:
        return self._make(font_color=FAINT, indent=1)

    def value(self, number_format: str, *, locked: bool, fill: str | None) -> Format:
        """A value on the cover: white and locked where it is known, coloured where the clerk types."""
        return self._make(
            num_format=number_format,
            locked=locked,
            border=1,
            border_color=LINE,
            font_size=11,
            text_wrap=True,
            align="left",
            indent=1,
            **({"bg_color": fill} if fill else {}),
        )

    def data(self, number_format: str, align: str = "left") -> Format:
        """The format of a whole data column and of the cells in it."""
        key = (number_format, align)
        if key not in self._data:
            self._data[key] = self._make(num_format=number_format, locked=False, align=align)
        return self._data[key]

    def given(self, number_format: str, align: str = "left") -> Format:
        """The format of a cell of a data row whose value is there from the beginning."""
        return self.data(number_format, align)

    @cached_property
    def filled_row(self) -> Format:
        """Lines around the cells of a row that holds something (conditional)."""
        return self._book.add_format({"border": 1, "border_color": LINE})

    @cached_property
    def filled_by_itself(self) -> Format:
        """A name that came up beside a code, below the rows that are there (conditional)."""
        return self._book.add_format({"bg_color": KNOWN, "border": 1, "border_color": LINE})

    @cached_property
    def twice(self) -> Format:
        """What may stand once and stands twice (conditional)."""
        return self._book.add_format({"font_color": "#C00000", "bold": True})

    @cached_property
    def still_empty(self) -> Format:
        """A required cell left empty in a row that holds something (conditional)."""
        return self._book.add_format({"bg_color": TO_FILL, "border": 1, "border_color": LINE})

    def beside(self, number_format: str, align: str = "left") -> Format:
        """The format of a cell that follows from others."""
        key = (number_format, align)
        if key not in self._known:
            self._known[key] = self._make(num_format=number_format, locked=False, align=align, bg_color=KNOWN)
        return self._known[key]

    def legend(self, heads: Collection[Format], known_means: str | None) -> list[Format | str]:
        """What the colours of a data sheet mean, as xlsxwriter takes a text of many formats: those of its headers
        `heads`, and of its cells; None: no cell is grey.
        """
        meanings = [
            (colour, meaning)
            for head, colour, meaning in (
                (self.required, ORANGE, "橙色表头必填"),
                (self.sometimes_required, LIGHT_ORANGE, "浅橙视情况必填"),
                (self.table_header, LIGHT_BLUE, "浅蓝选填"),
            )
            if head in heads
        ]
        meanings.append((TO_FILL, "黄格：这一行还要填"))
        if known_means:
            meanings.append((KNOWN, known_means))
        parts: list[Format | str] = []
        for colour, meaning in meanings:
            parts += [self._square(colour), "■", self._plain, f" {meaning}　"]
        return [*parts, self._plain, "详见“填表说明”。"]

    def cover_legend(self) -> list[Format | str]:
        """The same for the cover."""
        parts: list[Format | str] = []
        for colour, meaning in ((TO_FILL, "黄格要填"), (KNOWN, "灰格已填好，请核对")):
            parts += [self._square(colour), "■", self._plain, f" {meaning}　"]
        return [*parts, self._plain, "白格选填。"]

    def _square(self, colour: str) -> Format:
        return self._make(font_color=colour, font_size=14)

    @cached_property
    def _plain(self) -> Format:
        return self._make(font_color=FAINT)


class PrefilledStyles(Styles):
    """The look of a template that holds what is known."""

    known_means = "灰格：已填好或自动带出，请核对，不对的直接改；不再有的整行删去，新增的接在下面"

    def given(self, number_format: str, align: str = "left") -> Format:
        return self.beside(number_format, align)
