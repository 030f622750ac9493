"""Write a sheet or a table of shared strings anew in canonical form, with the values of its cells as they are.

A sheet comes out with what is read of it and nothing else: columns, rows, cells and merged ranges, each cell with its
address, its formula's mark and its value (ECMA-376 part 1, 18.3.1). Runs inside the limited child only.
"""

import math
import re
from abc import ABC, abstractmethod
from html import escape
from typing import Any
from xml.parsers import expat

from district_reports.workbook.names import column_letter
from district_reports.workbook.problem import Refused
from district_reports.workbook.raw import shows_picture

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CHOICE = "http://schemas.openxmlformats.org/markup-compatibility/2006 Choice"
_SPACE = "http://www.w3.org/XML/1998/namespace space"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<{{}} xmlns="{_MAIN}">'
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_ESCAPE = re.compile(r"(_x[dD][89abAB][0-9a-fA-F]{2}_)?_x([0-9a-fA-F]{4})_")
_BOOLEANS = {"1": "1", "0": "0", "true": "1", "false": "0"}


class _Reading(ABC):
    """Walks through a part; elements of other namespaces, and what they hold, are passed over."""

    def __init__(self, root: str) -> None:
        self.out = [_HEAD.format(root)]
        self._path: list[str | None] = []
        self._preserve = False
        self._text: str | None = None

    def parse(self, xml: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(xml, True)

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._path and self._path[-1] in ("v", "t"):
            # A text has no elements in it.
            raise Refused("F01", "unreadable")
        if (self._path and self._path[-1] is None) or name == _CHOICE or local in ("rPh", "extLst"):
            self._path.append(None)
            return
        known = local if namespace in ("", _MAIN) else ""
        self._path.append(known)
        if known in ("v", "t"):
            self._text = ""
            self._preserve = attributes.get(_SPACE) == "preserve"
        self.begin(known, {key: value.strip() for key, value in attributes.items() if " " not in key})

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if name is not None:
            self.end(name)
        if name in ("v", "t"):
            self._text = None

    def _characters(self, text: str) -> None:
        if self._text is not None and self._path[-1] in ("v", "t"):
            self._text += text

    def text(self) -> str:
        """The text of a ``t`` that ends: blanks at its ends count where it says so."""
        text = self._text or ""
        return _ESCAPE.sub(_character, text if self._preserve else text.strip())

    @abstractmethod
    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element called `name` begins; empty for one of another namespace."""

    @abstractmethod
    def end(self, name: str) -> None:
        """It ends; its text is in :meth:`text`."""


def _character(match: re.Match[str]) -> str:
    """The character written as ``_xHHHH_`` (ST_Xstring), where readers leave it as it is written."""
    code = int(match[2], 16)
    if match[1] and 0xDC00 <= code < 0xE000:
        return chr(0x10000 + ((int(match[1][2:6], 16) - 0xD800) << 10) + code - 0xDC00)
    if code < 0x80:
        return match[0]
    # Half a character is none that a text can hold: it becomes one that no text may hold, and is found there (T08).
    return ("\ufffe" if match[1] else "") + ("\ufffe" if 0xD800 <= code < 0xE000 else chr(code))


def _written(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;")


class _Table(_Reading):
    def __init__(self) -> None:
        super().__init__("sst")
        self._item: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._item = []

    def end(self, name: str) -> None:
        if name == "t":
            self._item.append(self.text())
        elif name == "si":
            self.out.append(f'<si><t xml:space="preserve">{_written("".join(self._item))}</t></si>')


def normalise_table(xml: bytes) -> bytes:
    """A table of shared strings, one plain text an item; phonetic guides are no part of a text.

    Raises:
        expat.ExpatError: it is not well-formed.
    """
    table = _Table()
    table.parse(xml)
    return "".join([*table.out, "</sst>"]).encode()


class _Sheet(_Reading):
    def __init__(self, title: str, strings: int) -> None:
        super().__init__("worksheet")
        self._title = title
        self._strings = strings
        self._row = self._column = self._tables = 0
        self._cell: dict[str, str] = {}
        self._value: str | None = None
        self._inline: list[str] | None = None
        self._formula: str | None = None
        self.columns: list[str] = []
        self.merged: list[str] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "sheetData":
                if self._tables:
                    raise Refused("F01", "unreadable")
                self._tables += 1
            case "row":
                number = attributes.get("r", "")
                self._row = int(number) if number.isdecimal() else self._row + 1
                self._column = 0
                attributes["r"] = str(self._row)
                self.out.append(_tag("row", attributes, "r", "hidden", "ht"))
            case "c":
                self._cell = {**attributes, "r": self._place(attributes.get("r", ""))}
                self._value, self._inline, self._formula = None, None, None
            case "is" if self._inline is not None:
                raise self._unaccounted(self._cell["r"])
            case "is":
                self._inline = []
            case "f" if self._path[-2:-1] == ["c"]:
                self._formula = ""
            case "col":
                self.columns.append(_tag("col", attributes, "min", "max", "width", "hidden") + "</col>")
            case "mergeCell":
                self.merged.append(_tag("mergeCell", attributes, "ref") + "</mergeCell>")

    def _characters(self, text: str) -> None:
        if self._formula is not None and self._path[-1] == "f":
            self._formula += text
        super()._characters(text)

    def _place(self, told: str) -> str:
        place = _PLACE.fullmatch(told)
        if place is None:
            # 18.3.1.4: without an address a cell follows the one before.
            self._column += 1
            if told:
                raise self._unaccounted(f"{column_letter(self._column)}{self._row}")
            return f"{column_letter(self._column)}{self._row}"
        letters = place[1].upper()
        self._column = 0
        for letter in letters:
            self._column = self._column * 26 + ord(letter) - 64
        return f"{letters}{int(place[2])}"

    def _unaccounted(self, cell: str) -> Refused:
        return Refused("F01", "unaccounted", sheet=self._title, cell=cell, number=1)

    def end(self, name: str) -> None:
        if name == "v":
            if self._value is not None:
                raise self._unaccounted(self._cell["r"])
            self._value = self._text or ""
        elif name == "t" and self._inline is not None:
            self._inline.append(self.text())
        elif name == "row":
            self.out.append("</row>")
        elif name == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        kind, text = self._kind_and_text()
        self._cell["t"] = kind
        self.out.append(_tag("c", self._cell, "r", "s", "t", "vm"))
        if self._formula is not None:
            # Of a formula no more is asked than whether it shows a picture.
            self.out.append("<f>DISPIMG()</f>" if shows_picture(self._formula) else "<f></f>")
        if kind == "inlineStr":
            self.out.append(f'<is><t xml:space="preserve">{_written(text or "")}</t></is>')
        elif text is not None:
            self.out.append(f"<v>{_written(text)}</v>")
        self.out.append("</c>")

    def _kind_and_text(self) -> tuple[str, str | None]:
        """The cell's type and value; what is no value of its type is a text, so that it is seen as it is written."""
        kind, value = self._cell.get("t", "n"), self._value
        if self._inline is not None:
            return "inlineStr", "".join(self._inline)
        if value is None:
            return ("str" if kind == "str" else "n"), None
        plain = value.strip()
        if not plain and kind != "str":
            # An empty cell, of whichever type: exporters write such.
            return "n", None
        match kind:
            case "n" if _is_number(plain):
                return "n", plain
            case "s" if plain.isdecimal() and int(plain) < self._strings:
                return "s", plain
            case "s":
                raise Refused("F03", "string_index", sheet=self._title)
            case "b" if plain in _BOOLEANS:
                return "b", _BOOLEANS[plain]
            case "e":
                return "e", plain
            case "d":
                return "d", plain.removesuffix("Z")
        return "str", value


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text)) and "_" not in text
    except ValueError:
        return False


def _tag(name: str, attributes: dict[str, str], *kept: str) -> str:
    given = (f'{key}="{escape(attributes[key])}"' for key in kept if attributes.get(key))
    return f"<{' '.join((name, *given))}>"


def normalise_sheet(xml: bytes, title: str, strings: int) -> bytes:
    """The sheet called `title`, whose workbook has `strings` shared strings.

    Raises:
        expat.ExpatError: it is not well-formed.
        Refused: a cell names a shared string that is not there, has two values, or an address that is none.
    """
    sheet = _Sheet(title, strings)
    sheet.parse(xml)
    columns = ["<cols>", *sheet.columns, "</cols>"] if sheet.columns else []
    merged = ["<mergeCells>", *sheet.merged, "</mergeCells>"] if sheet.merged else []
    head, *rows = sheet.out
    return "".join([head, *columns, "<sheetData>", *rows, "</sheetData>", *merged, "</worksheet>"]).encode()
