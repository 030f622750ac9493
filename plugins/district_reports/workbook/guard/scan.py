"""Look through the cells of a workbook, block by block, for what must not come to a parser.

A large sheet is mostly ordinary cells, so each question is first put in a form that they answer at once: one byte that
must be there, or one pattern that begins with letters. Only a block that may hold something is looked at closely.
"""

import re
from collections.abc import Iterator
from html import unescape

from district_reports.workbook.formulas import calls_a_program, is_live
from district_reports.workbook.guard.merges import Range
from district_reports.workbook.limits import FAR_ADDRESS, FAR_ROW, LAST_COLUMN, LAST_ROW, MAX_TEXT, Limits
from district_reports.workbook.package.xml_prolog import root_of
from district_reports.workbook.problem import Refused, crafted
from district_reports.workbook.sheet_xml import column_number

# How much at the end of a block is looked at again with the start of the next; more where a text is cut there, for a
# formula may be long. No pattern below decides by what would come behind the end of what it is given: cut off there, it
# finds nothing, and the look at the seam finds it.
_SEAM = 8 << 10
_LONGEST_MARK = 64
_AMONG_CELLS = 2048
_STRICT = b"http://purl.oclc.org/ooxml/"
_SHEET_ROOTS = re.compile(rb"<(?:\w+:)?(?:worksheet|chartsheet|dialogsheet|macrosheet)\b")

# A cell of three letters or of seven characters and more.
_PERHAPS_FAR = re.compile(rb'r="[^"](?:[A-Za-z][A-Za-z]|[^"][^"][^"][^"][^"][^"])')
_PERHAPS_FAR_APOSTROPHE = re.compile(rb"r='[^'](?:[A-Za-z][A-Za-z]|[^'][^'][^'][^'][^'][^'])")
# It holds something: formatted empty cells far out are harmless. Two bytes behind its first element tell.
_FULL = rb"""><(?!/|(?:\w+:)?(?:v|is)\s*/>|(?:\w+:)?v></)[^<>]*+>(?s:..)"""
_HOLDS = rb"""["'][^<>]{0,500}(?<!/)""" + _FULL
_FAR_CELL = re.compile(rb"""\sr\s*=\s*["'](""" + FAR_ADDRESS + rb")" + _HOLDS)
# As no program spells it; looked for in small sheets only.
_SPACED = re.compile(rb"""\sr(?:\s+=|=\s)""")
_ROW = re.compile(rb"""row\s[^<>]{0,300}?\br\s*=\s*["']0*([0-9]{1,8})""")
# The cells of this row have no address, and the first that is not empty holds something.
_FAR_ROW = re.compile(
    rb"""row\s[^<>]{0,300}?\br\s*=\s*["']0*([5-9][0-9]{5}|[1-9][0-9]{6,})["'][^<>]{0,300}(?<!/)>\s*+"""
    rb"""(?:<(?:\w+:)?c(?:\s(?![^<>]*?\br\s*=)[^<>]*+)?+(?:(?<=/)>|></(?:\w+:)?c\s*+>)\s*+)*+"""
    rb"""<(?:\w+:)?c(?=[\s>])(?![^<>]{0,300}?\sr\s*=)[^<>]*+(?<!/)""" + _FULL
)
_CELL = re.compile(rb"""\sr=["']([A-Za-z]+)([0-9]+)""" + _HOLDS)
_ADDRESS = re.compile(rb"([A-Za-z]+)([0-9]+)")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:ormula[12]?)?(?:\s[^<>]*)?>([^<]*)<")
_LIVE_NAMES = (b"RTD(", b"WEBSERVICE(", b"IMAGE(")
_INDEX = re.compile(rb"""\st=["']s["'][^<>]{0,500}>(?:<(?:\w+:)?f[^<>]*/>)?<(?:\w+:)?v(?:\s[^<>]*)?>([^<]+)<""")
_TABLE = re.compile(rb"(<(?:\w+:)?)sst\b")
_ANNOUNCED = re.compile(rb"""\s(?:uniqueCount|count)=["']([0-9]+)["']""")
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))
_ENTITY = re.compile(rb"&[^;<]{1,10};")
_LONGEST_ENTITY = 12


class LongTexts:
    """Watches for a text of more characters than a cell can have."""

    def __init__(self) -> None:
        # Characters of the text, and bytes of the tag, that is open; an entity that is not whole yet.
        self._text = 0
        self._tag: int | None = None
        self._entity = b""

    def feed(self, block: bytes) -> None:
        """Follow the distances between two marks ``<``; most are passed over without a look.

        Raises:
            Refused: such a text.
        """
        at = block.find(b"<")
        self._add(block if at < 0 else block[:at])
        if at < 0:
            return
        while len(block) - at > MAX_TEXT:
            following = block.rfind(b"<", at + 1, at + MAX_TEXT)
            if following < 0:
                following = block.find(b"<", at + 1)
                self._add(block[at:following] if following > 0 else block[at:])
                if following < 0:
                    return
            at = following
        self._add(block[block.rfind(b"<") :])

    def _add(self, piece: bytes) -> None:
        if piece.startswith(b"<"):
            self._text, self._tag, self._entity = 0, 0, b""
        if self._tag is not None:
            tag, closed, piece = piece.partition(b">")
            self._tag += len(tag)
            if self._tag > MAX_TEXT:
                raise crafted("部件中有极长的标记")
            if not closed:
                return
            self._tag = None
        piece = self._entity + piece
        whole = len(piece)
        if (last := piece.rfind(b"&", -_LONGEST_ENTITY)) >= 0 and b";" not in piece[last:]:
            whole = last
        self._entity = piece[whole:]
        self._text += len(_ENTITY.sub(b"x", piece[:whole]).translate(None, _CONTINUATION_BYTES))
        if self._text > MAX_TEXT:
            raise Refused("F03", "long_text", limit=MAX_TEXT)


class StringsScan:
    """The table of shared strings: how many there are."""

    def __init__(self, limits: Limits) -> None:
        self.count = 0
        self._limits = limits
        self._texts = LongTexts()
        self._tail = b""
        self._item = b""

    def feed(self, block: bytes) -> None:
        """Scan `block`.

        Raises:
            Refused: no such table, strict OOXML, too many strings, or one that is too long.
        """
        if not self._tail:
            root = root_of(block)
            if _STRICT in root:
                raise Refused("F01", "strict")
            if any(int(number) > self._limits.strings for number in _ANNOUNCED.findall(root)):
                raise Refused("F03", "strings", limit=self._limits.strings)
            table = _TABLE.match(root)
            if table is None:
                raise Refused("F01", "damaged")
            self._item = table[1] + b"si"
        self.count += _count_across(self._item, self._tail, block)
        if self.count > self._limits.strings:
            raise Refused("F03", "strings", limit=self._limits.strings)
        self._texts.feed(block)
        self._tail = (self._tail + block[-_LONGEST_MARK:])[-_LONGEST_MARK:]


def _count_across(mark: bytes, tail: bytes, block: bytes) -> int:
    """How often `mark` ends in `block`, which comes after `tail`."""
    return block.count(mark) + (tail[1 - len(mark) :] + block[: len(mark) - 1]).count(mark)


class SheetScan:
    """A sheet: far cells, formulas that reach out, and its merged ranges.

    ``active`` has the variants of F04 found; ``merge_xml`` the bytes from the first merged range on. A sheet of no
    workbook has no title.
    """

    def __init__(self, title: str | None, limits: Limits, strings: int | None) -> None:
        self.active: set[str] = set()
        self.merge_xml = bytearray()
        self.title = title or "?"
        self._listed = title is not None
        self._limits = limits
        self._strings = strings
        self._texts = LongTexts()
        self._tail = b""
        self._columns = 0
        # The last row, and the column and address of the cell furthest to the right among those far out.
        self._last_row = 0
        self._furthest = (0, b"")
        self._at_rows = self._past_merges = self._is_sheet = False

    def feed(self, block: bytes) -> None:
        """Scan `block` together with the end of the one before.

        Raises:
            Refused: strict OOXML, a cell far out, too many columns or merges, or an index beyond the strings.
        """
        if not self._tail:
            self._look_at_root(root_of(block))
        if not self._at_rows:
            self._columns += block.count(b"<col ")
            self._at_rows = b"<row" in block
            if self._columns > self._limits.columns:
                raise crafted("列定义过多")
        # First: what comes after takes long over long texts.
        self._texts.feed(block)
        if self._tail:
            self._search(self._tail + block[: max(_SEAM, block.find(b"<") + 1)])
        self._search(block)
        self._collect_merges(block)
        kept = self._tail + block if len(block) < _SEAM else block
        self._tail = kept[min(max(0, len(kept) - _SEAM), max(0, kept.rfind(b"<"))) :]

    def end(self) -> None:
        """Say that all blocks have been fed.

        Raises:
            Refused: the workbook names this part as a sheet, and it is none.
        """
        if self._listed and not self._is_sheet:
            raise Refused("F01", "sheet_missing", sheet=self.title)

    def _look_at_root(self, root: bytes) -> None:
        if _STRICT in root:
            raise Refused("F01", "strict")
        self._is_sheet = _SHEET_ROOTS.match(root) is not None
        if b"macrosheet" in root.partition(b" ")[0]:
            self.active.add("xlm")

    def _search(self, data: bytes) -> None:
        if row := _ROW.match(data, max(0, data.rfind(b"row "))):
            self._judge_area(int(row[1]))
        far = _PERHAPS_FAR.search(data) or (b"'" in data and _PERHAPS_FAR_APOSTROPHE.search(data))
        if far or self._last_row >= FAR_ROW or (self._strings is not None and _SPACED.search(data)):
            self._look_far_out(data)
        if (b"|" in data) or (b"(" in data and any(name in data for name in _LIVE_NAMES)):
            self._look_at_formulas(data)
        if self._strings is not None:
            for index in _INDEX.findall(data):
                if not index.strip().isdigit() or int(index) >= self._strings:
                    raise Refused("F03", "string_index", sheet=self.title)

    def _look_far_out(self, data: bytes) -> None:
        for cell in set(_FAR_CELL.findall(data)):
            letters, digits = _ADDRESS.fullmatch(cell).groups()  # type: ignore[union-attr]
            digits = digits.lstrip(b"0") or b"0"
            beyond = len(letters) > 3 or len(digits) > 7
            if beyond or (column := column_number(letters.upper())) > LAST_COLUMN or int(digits) > LAST_ROW:
                raise self._far("outside", cell)
            if int(digits) >= FAR_ROW:
                raise self._far("far", cell)
            self._furthest = max(self._furthest, (column, cell))
            self._judge_area(int(digits))
        if row := _FAR_ROW.search(data):
            raise self._far("far" if int(row[1][:8]) <= LAST_ROW else "outside", b"A" + row[1])

    def _judge_area(self, row: int) -> None:
        self._last_row = max(self._last_row, row)
        if self._last_row * self._furthest[0] > self._limits.area:
            raise self._far("far", self._furthest[1])

    def _far(self, variant: str, cell: bytes) -> Refused:
        return Refused("F03", variant, sheet=self.title, cell=cell[:20].decode("ascii"))

    def _look_at_formulas(self, data: bytes) -> None:
        for formula in _FORMULA.findall(data):
            if b"|" not in formula and not any(name in formula for name in _LIVE_NAMES):
                continue
            text = unescape(formula.decode("utf-8", "replace"))
            if calls_a_program(text):
                self.active.add("dde")
            if is_live(text):
                self.active.add("live_formula")

    def _collect_merges(self, block: bytes) -> None:
        if self._past_merges:
            return
        if not self.merge_xml:
            # Merged ranges come after all cells (ECMA-376 part 1, 18.3.1.99): a block that ends among cells has none.
            last = block.rfind(b"</c>", max(0, len(block) - _AMONG_CELLS))
            if last >= 0 and b"sheetData" not in block[last:]:
                return
            at = block.find(b"mergeCel")
            if at < 0:
                # The mark itself may be cut; nothing of what stands before it is kept.
                before = self._tail[-7:]
                cut = (before + block[:7]).find(b"mergeCel")
                if cut < 0:
                    return
                self.merge_xml += before[cut:]
                at = 0
            block = block[at:]
        self.merge_xml += block
        # The opening tag may end so, too, at 0.
        end = self.merge_xml.find(b"mergeCells>", 1)
        if end > 0:
            self._past_merges = True
            del self.merge_xml[end:]
        elif len(self.merge_xml) > 64 * self._limits.merges:
            raise Refused("F03", "merges", sheet=self.title, limit=self._limits.merges)


def hidden_value(blocks: Iterator[bytes], ranges: list[Range]) -> tuple[Range, int, int] | None:
    """The first (range, row, column) of a cell that holds something under one of the merged `ranges`."""
    tail = b""
    for block in blocks:
        for letters, digits in _CELL.findall(tail + block):
            row, column = int(digits), column_number(letters.upper())
            for one in ranges:
                if one.hides(row, column):
                    return one, row, column
        tail = block[-1024:]
    return None
