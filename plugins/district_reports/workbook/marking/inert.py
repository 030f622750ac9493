"""Take out of a workbook what leads out of it, before it goes back to its district; all else stays as it is written.

What the guard lets in is a web link, or a formula that makes one: no harm is done by reading it. But whoever opens what
we hand back trusts it, and a link may carry what stands in the cell beside it. So a formula in a cell gives way to its
result, one elsewhere (a name, a format, a list of choices) to ``#REF!``, and a link to what it says.
"""

import io
import re
from collections.abc import Collection, Iterator
from html import unescape

from district_reports.workbook.formulas import reaches_out
from district_reports.workbook.limits import LIMITS
from district_reports.workbook.marking.archive import Packed, Source, Writer, packed, rels_of
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.inert_check import check_inert, names_that_reach
from district_reports.workbook.marking.rows import streamed
from district_reports.workbook.marking.splicing import (
    Edit,
    attributes,
    children,
    children_between,
    require_utf8,
    root_of,
    spliced,
    tag_of,
)
from district_reports.workbook.package.xml_prolog import checked

_MORE = rb"""[^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*"""
_PREFIX = rb"(?:[\w.-]+:)?"
# Where there is a formula at all, and what one that reaches out has at least, in small letters: of most sheets no more
# is looked at.
_ANY_FORMULA = (b"<f", b":f", b"ormula")
_PERHAPS = (
    *(b"call", b"copilot", b"cube", b"dde", b"detectl", b"exec", b"files", b"filterxml", b"fopen", b"hyperlink"),
    *(b"image", b"import", b"initiate", b"poke", b"py", b"regist", b"request", b"rtd", b"sql.", b"stockh"),
    *(b"translate", b"webserv", b"_xll.", b"_xludf.", b"&#", b"&apos", b"|", b"[", b"'!", b"'#"),
)
_SEAM = 64
_FORMULA = re.compile(rb"<(" + _PREFIX + rb"f)(?=[\s/>])(" + _MORE + rb")(?:/>|>([^<]*)</\1\s*>)")
_FORMULA_TAG = re.compile(rb"<" + _PREFIX + rb"f[\s/>]")
_OF_ARRAY = re.compile(rb"""\scm\s*=\s*(?:"[^"]*"|'[^']*')""")
# Elements that hold a formula outside of cells; the name itself is looked at, whatever it belongs to.
_ELSEWHERE = re.compile(
    rb"(<(" + _PREFIX + rb"(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula))(?:\s"
    + _MORE + rb")?>)([^<]*)(?=</\2\s*>)"
)  # fmt: skip
_IN_ATTRIBUTE = re.compile(rb"""(\s(?:val|formula|textlink)\s*=\s*)("[^"<]*"|'[^'<]*')""")
_NOWHERE = b"#REF!"
_LINKS = re.compile(
    rb"<(" + _PREFIX + rb"(?:hyperlink|hlinkClick|hlinkHover|hlinkMouseOver))(?=[\s/>])(" + _MORE + rb")"
    rb"(?:/>|>.*?</\1\s*>)",
    re.DOTALL,
)
_RELATED = re.compile(rb"""\s[\w.-]+:\w+\s*=\s*["']([^"'<]*)["']""")
_DRAWN_LINK = re.compile(rb"""\s(?:\w+:)?(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ADDRESS = re.compile(rb"\s*(?:[\w.+-]+:|[\\/]{2})")
# Texts and figures, in which nothing is computed.
_NO_FORMULAS = ("sharedstrings", "styles", "theme", "comments", "threadedcomment", "person", "pivotcacherecords", "[")
_DRAWN = ".vml"
_ADD_INS = "webextension"


def inert(source: Source) -> Source:
    """`source`, or where something in it leads out of it, the same workbook without that.

    Raises:
        CannotMark: it can't be taken out with certainty.
    """
    changed = _changed(source)
    if not changed:
        return source
    target = io.BytesIO()
    writer = Writer(target)
    for name, entry in source.entries.items():
        if name in changed:
            writer.add(entry.name, changed[name])
        else:
            writer.copy(source.file, entry)
    writer.close()
    made = Source(target, target.tell())
    check_inert(source, made, changed)
    return made


def _changed(source: Source) -> dict[str, Packed]:
    if any(one.kind.startswith(_ADD_INS) for one in source.package.relationships):
        raise CannotMark("a workbook that brings an add-in")
    names = names_that_reach(source.package)
    outside = _outside(source)
    changed = {rels_of(part): packed([_without_outside(source.read(rels_of(part)))]) for part in outside}
    for name in source.entries:
        ids = outside.get(name, frozenset())
        if name in source.package.sheets and _has_rows(source, name):
            if ids or names or _perhaps(source, name):
                changed[name] = packed(_Sheet(ids, names).edited(source.blocks(name)))
        elif ids or (_may_hold_formulas(name) and (names or name.endswith(_DRAWN) or _perhaps(source, name))):
            xml = source.read(name)
            if b"<!" in xml and not name.endswith(_DRAWN):
                raise CannotMark("a part with comments or CDATA sections")
            changed[name] = packed([_around(xml, ids, names)])
    entries = source.entries
    return {one: new for one, new in changed.items() if (new.crc, new.size) != (entries[one].crc, entries[one].size)}


def _outside(source: Source) -> dict[str, frozenset[str]]:
    """The ids of what a part relates to outside of the workbook, by the part; empty for the package."""
    if not any(one.external for one in source.package.relationships):
        return {}
    of_parts = (
        name.removesuffix(".rels").replace("_rels/", "", 1) for name in source.entries if name.endswith(".rels")
    )
    found = {part: frozenset(one.id for one in source.relationships(part) if one.external) for part in of_parts}
    return {part: ids for part, ids in found.items() if ids}


def _has_rows(source: Source, name: str) -> bool:
    head = next(checked(source.blocks(name), LIMITS), b"")
    return b"sheetData" in head or b"worksheet" in head[:4096]


def _perhaps(source: Source, name: str) -> bool:
    """Whether a part may hold a formula that reaches out."""
    before, begun = b"", False
    for block in checked(source.blocks(name), LIMITS):
        here = before + block
        has_formula = any(one in here for one in _ANY_FORMULA)
        # A formula may end in the block behind the one in which it begins.
        if has_formula or begun:
            small = here.lower()
            if any(one in small for one in _PERHAPS):
                return True
        before, begun = block[-_SEAM:], has_formula
    return False


def _may_hold_formulas(name: str) -> bool:
    return name.endswith((".xml", _DRAWN)) and not name.rpartition("/")[2].startswith(_NO_FORMULAS)


def _without_outside(xml: bytes) -> bytes:
    """A part of relationships without those that lead out."""
    gone = [
        Edit(one.start, one.end, b"")
        for one in children(xml, root_of(xml))
        if attributes(tag_of(xml, one)).get("TargetMode", "").lower() == "external"
    ]
    return spliced(xml, gone)


def _around(xml: bytes, outside: Collection[str], names: Collection[str]) -> bytes:
    """XML without links that lead out and with ``#REF!`` for the formulas that do."""

    def formula(found: re.Match[bytes]) -> bytes:
        return found[1] + (_NOWHERE if reaches_out(_text(found[3]), names) else found[3])

    def attribute(found: re.Match[bytes]) -> bytes:
        return found[1] + b'"#REF!"' if reaches_out(_text(found[2][1:-1]), names) else found[0]

    def link(found: re.Match[bytes]) -> bytes:
        return b"" if ids & set(_RELATED.findall(found[2])) else found[0]

    def drawn(found: re.Match[bytes]) -> bytes:
        return b"" if _ADDRESS.match(_text(found[1] or found[2] or b"").encode()) else found[0]

    ids = {one.encode() for one in outside}
    xml = _IN_ATTRIBUTE.sub(attribute, _ELSEWHERE.sub(formula, xml))
    xml = _LINKS.sub(link, xml) if ids else xml
    if ids & set(_RELATED.findall(xml)):
        raise CannotMark("a link that leads out, of a kind that is not known")
    return _DRAWN_LINK.sub(drawn, xml)


def _text(written: bytes) -> str:
    return unescape(written.decode("utf-8", "replace"))


def _no_longer_array(xml: bytes, formula: int) -> list[Edit]:
    """The edit by which the cell around a formula is none of a dynamic array any more."""
    start = max(xml.rfind(b"<c ", 0, formula), xml.rfind(b":c ", 0, formula), 0)
    mark = _OF_ARRAY.search(xml, start, xml.find(b">", start))
    return [Edit(mark.start(), mark.end(), b"")] if mark else []


class _Sheet:
    """Edits one worksheet; as what edits its rows, it is fed whole ones."""

    def __init__(self, outside: Collection[str], names: Collection[str]) -> None:
        self._outside = outside
        self._names = names
        # Whether the formula that several cells share reaches out, and those that no cell had before another used it.
        self._shared: dict[str, bool] = {}
        self._early: set[str] = set()

    def edited(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The sheet, in pieces."""
        return streamed(blocks, self._head, self._tail, LIMITS.control_part)

    def _head(self, xml: bytes) -> tuple[bytes, "_Sheet"]:
        require_utf8(xml)
        return xml, self

    def feed(self, xml: bytes) -> Iterator[bytes]:
        """Whole rows, in which formulas that reach out have given way to their results."""
        found = list(_FORMULA.finditer(xml))
        if len(found) != len(_FORMULA_TAG.findall(xml)):
            raise CannotMark("a formula that holds more than text")
        edits: list[Edit] = []
        for one in found:
            if self._is_reaching(one):
                edits += [*_no_longer_array(xml, one.start()), Edit(one.start(), one.end(), b"")]
        yield spliced(xml, edits) if edits else xml

    def end(self) -> Iterator[bytes]:
        """Nothing comes behind the last row."""
        return iter(())

    def _is_reaching(self, found: re.Match[bytes]) -> bool:
        given = attributes(b"<f" + found[2] + b">")
        formula = _text(found[3] or b"")
        reaching = reaches_out(formula, self._names)
        if given.get("t") != "shared":
            return reaching
        group = given.get("si", "")
        if not formula:
            self._early |= {group} - self._shared.keys()
            return self._shared.get(group, False)
        if reaching and group in self._early:
            raise CannotMark("a shared formula that comes late")
        self._shared[group] = reaching
        return reaching

    def _tail(self, xml: bytes) -> bytes:
        edited = _around(xml, self._outside, self._names)
        end = edited.rfind(b"</")
        empty = [
            Edit(one.start, one.end, b"")
            for one in children_between(edited, 0, end)
            if one.local == b"hyperlinks" and not children(edited, one)
        ]
        return spliced(edited, empty) if empty else edited
