"""What happens to a valid workbook: to its bytes, to its ZIP structure, to the XML of its parts.

A mutation is a function of a random generator and the bytes of a file; the same generator state gives the same file.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]
Parts = list[tuple[str, bytes]]

_TAG = re.compile(rb"<[^!?][^<>]*>")
_ATTRIBUTE = re.compile(rb' ([\w:]+)="([^"]*)"')
_TEXT = re.compile(rb"(?<=>)[^<>]+(?=</)")
_CELL = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
_RUN = re.compile(rb"<t(?: [^>]*)?>([^<]*)</t>")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_ROOT = re.compile(rb"<(worksheet|sst|workbook|styleSheet)\b")
ODD = [
    *(b"", b" ", b"0", b"-0", b"-1", b"1E999", b"-1E999", b"NaN", b"inf", b"1e-400", b"0x1F", b"1,000", b"1_000"),
    *(b"2147483648", b"4294967296", b"9223372036854775808", b"9" * 400, b"0.1" + b"0" * 200, b"2958466", b"-657435"),
    *(b"#SPILL!", b"#REF!", b"#N/A", b"XFD1048576", b"XFE1", b"A1048577", b"A0", b"a1", b"$A$1", b"A1:XFD1048576"),
    *(b"_x0000_", b"_x000D_", b"_xD800_", b"_xDFFF_", b"_x005F_x0041_", b"_xFFFF_", b"&#10;", b"&#xD;", b"&#x2028;"),
    *(b"true", b"TRUE", b"s", b"str", b"inlineStr", b"b", b"d", b"e", b"n", b"2020-02-30", b"2020-06-03T25:00:00"),
    *(b"{value}", b"{0}", b"%s", b"&lt;script&gt;", b"&amp;amp;", "甲".encode(), "\U0001f600".encode(), b"x" * 40_000),
    *(b"\xed\xa0\x80", b"\xff", b"\x00", b"&#0;", b"&#xD800;", b"&unknown;", b"\xef\xbb\xbf"),
]
BETWEEN = [
    *(b"<!-- x -->", b"<!---->", b"<![CDATA[1]]>", b"<![CDATA[]]>", b"<?pi x?>", b"\r\n\t ", b"&#49;", b"&#x33;"),
    *(b"<x/>", b"<v>7</v>", b"<is><t>x</t></is>", b"<f/>", b"<f>1+1</f>", b'<c r="C7"><v>1</v></c>', b"<row/>", b"]]>"),
    *(b"<extLst><ext><c><v>1</v></c></ext></extLst>", b"<!DOCTYPE x>", b'<!-- <c r="A1"><v>5</v></c> -->'),
]
"""What is put between two tags."""


def bytes_flipped(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 4, 30))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def bytes_cut(random: Random, data: bytes) -> bytes:
    start, end = _slice(random, data)
    return random.choice((data[:start], data[start:], data[:start] + data[end:]))


def bytes_doubled(random: Random, data: bytes) -> bytes:
    start, end = _slice(random, data)
    return data[:end] + data[start:]


def bytes_put_in(random: Random, data: bytes) -> bytes:
    start, _ = _slice(random, data)
    return data[:start] + random.choice((random.randbytes(9), b"\x00" * 600, *ODD)) + data[start:]


def _slice(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 2, 16, 500, len(data))))


def of_package(change: Callable[[Random, Parts], Parts]) -> Mutation:
    """A mutation of the list of entries, which may be stored; what is no ZIP any more stays as it is."""

    def mutate(random: Random, data: bytes) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
        except Exception:  # an earlier mutation may have broken it in any way
            return data
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in change(random, entries):
                archive.writestr(zipfile.ZipInfo(name), content, random.choice((0, 8, 8, 8)))
        return buffer.getvalue()

    mutate.__name__ = change.__name__
    return mutate


def entry_dropped(random: Random, entries: Parts) -> Parts:
    place = random.randrange(len(entries) + 1)
    return entries[:place] + entries[place + 1 :]


def entry_doubled(random: Random, entries: Parts) -> Parts:
    name, content = random.choice(entries)
    return [*entries, (random.choice((name, name.upper(), f"/{name}", f"x/../{name}", name + ".bak")), content)]


def entry_renamed(random: Random, entries: Parts) -> Parts:
    place = random.randrange(len(entries))
    name, content = entries[place]
    new = random.choice(
        (name.upper(), name.replace("/", "\\"), f"./{name}", name + " ", "xl/x.xml", "甲.xml", "x" * 300)
    )
    return [*entries[:place], (new, content), *entries[place + 1 :]]


def entries_reordered(random: Random, entries: Parts) -> Parts:
    return random.sample(entries, len(entries))


def entries_exchanged(random: Random, entries: Parts) -> Parts:
    one, other = random.choice(entries), random.choice(entries)
    contents = {one[0]: other[1], other[0]: one[1]}
    return [(name, contents.get(name, content)) for name, content in entries]


def header_lies(random: Random, data: bytes) -> bytes:
    """A field of a header of the ZIP says another number."""
    mark, fields = random.choice(
        (
            (b"PK\x03\x04", ((4, "H"), (6, "H"), (8, "H"), (14, "I"), (18, "I"), (22, "I"), (26, "H"), (28, "H"))),
            (b"PK\x01\x02", ((8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (30, "H"), (42, "I"))),
            (b"PK\x05\x06", ((4, "H"), (8, "H"), (10, "H"), (12, "I"), (16, "I"), (20, "H"))),
        )
    )
    places = [found.start() for found in re.finditer(re.escape(mark), data)]
    if not places:
        return data
    offset, kind = random.choice(fields)
    at = random.choice(places) + offset
    limit = 0xFFFF if kind == "H" else 0xFFFFFFFF
    changed = bytearray(data)
    if at + 4 > len(changed):
        return data
    struct.pack_into(f"<{kind}", changed, at, random.choice((0, 1, 8, limit, limit // 2, random.randrange(limit))))
    return bytes(changed)


def of_xml(change: Callable[[Random, bytes], bytes]) -> Mutation:
    """A mutation of one XML part: mostly a sheet or the texts, now and then any."""

    def in_one_part(random: Random, entries: Parts) -> Parts:
        xml = [n for n, (name, _) in enumerate(entries) if name.endswith((".xml", ".rels"))]
        chief = [n for n in xml if "worksheets/" in entries[n][0] or "sharedStrings" in entries[n][0]]
        place = random.choice((chief if random.random() < 0.8 else xml) or range(len(entries)))
        name, content = entries[place]
        return [*entries[:place], (name, change(random, content)), *entries[place + 1 :]]

    in_one_part.__name__ = change.__name__
    return of_package(in_one_part)


def _found(random: Random, pattern: re.Pattern[bytes], xml: bytes) -> re.Match[bytes] | None:
    """One match, from a random place on, so that a long part is not searched whole."""
    return pattern.search(xml, random.randrange(len(xml) + 1)) or pattern.search(xml)


def _put(xml: bytes, match: re.Match[bytes] | None, new: bytes, group: int = 0) -> bytes:
    return xml if match is None else xml[: match.start(group)] + new + xml[match.end(group) :]


def tag_dropped(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, _TAG, xml), b"")


def tag_doubled(random: Random, xml: bytes) -> bytes:
    match = _found(random, _TAG, xml)
    return _put(xml, match, match[0] * 2) if match else xml


def tag_self_closed(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, re.compile(rb"></\w+>"), xml), b"/>")


def attribute_dropped(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, _ATTRIBUTE, xml), b"")


def attribute_odd(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, _ATTRIBUTE, xml), random.choice(ODD).replace(b'"', b""), 2)


def attribute_doubled(random: Random, xml: bytes) -> bytes:
    match = _found(random, _ATTRIBUTE, xml)
    return _put(xml, match, match[0] * 2) if match else xml


def attributes_reordered(random: Random, xml: bytes) -> bytes:
    match = _found(random, re.compile(rb"(<c)((?: [\w:]+=\"[^\"]*\"){2,})"), xml)
    if match is None:
        return xml
    parts = [one[0] for one in _ATTRIBUTE.finditer(match[2])]
    random.shuffle(parts)
    return _put(xml, match, random.choice((b" ", b"\n", b"")).join(parts), 2)


def quotes_single(random: Random, xml: bytes) -> bytes:
    match = _found(random, _ATTRIBUTE, xml)
    return _put(xml, match, b"\n " + match[1] + b" = '" + match[2] + b"'") if match else xml


def prefixed(random: Random, xml: bytes) -> bytes:
    """Every element, or one alone, gets a prefix for the namespace that it is in."""
    root = _ROOT.search(xml)
    if root is None:
        return xml
    if random.random() < 0.5:
        declared = xml.replace(b' xmlns="', b' xmlns:p="', 1)
        return re.sub(rb"<(/?)(\w+)(?=[ />])", rb"<\1p:\2", declared)
    prefix = random.choice((b"p:", b"q:"))
    declared = _put(xml, root, root[0] + b' xmlns:p="http://schemas.openxmlformats.org/spreadsheetml/2006/main"')
    match = _found(random, _CELL, declared)
    if match is None:
        return declared
    cell = re.sub(rb"^<c\b", b"<" + prefix + b"c", match[0])
    return _put(declared, match, re.sub(rb"</c>$", b"</" + prefix + b"c>", cell))


def text_odd(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, _TEXT, xml), random.choice(ODD))


def text_with_odd(random: Random, xml: bytes) -> bytes:
    match = _found(random, _TEXT, xml)
    return _put(xml, match, match[0] + random.choice(ODD)) if match else xml


def put_between(random: Random, xml: bytes) -> bytes:
    match = _found(random, re.compile(rb">"), xml)
    return _put(xml, match, b">" + random.choice(BETWEEN)) if match else xml


def put_within_text(random: Random, xml: bytes) -> bytes:
    match = _found(random, _TEXT, xml)
    if match is None:
        return xml
    at = random.randrange(len(match[0]) + 1)
    return _put(xml, match, match[0][:at] + random.choice(BETWEEN) + match[0][at:])


def in_cdata(random: Random, xml: bytes) -> bytes:
    match = _found(random, _TEXT, xml)
    return _put(xml, match, b"<![CDATA[" + match[0] + b"]]>") if match else xml


def run_split(random: Random, xml: bytes) -> bytes:
    match = _found(random, _RUN, xml)
    if match is None:
        return xml
    text = match[1].decode(errors="replace")
    at = random.randrange(len(text) + 1)
    runs = (f"<r><t>{text[:at]}</t></r>", "<rPh><t>x</t></rPh>" * random.randrange(2), f"<r><t>{text[at:]}</t></r>")
    return _put(xml, match, "".join(runs).encode())


def dimension_lies(random: Random, xml: bytes) -> bytes:
    lie = b'<dimension ref="' + random.choice((b"A1", b"A1:B2", b"C5:D9", b"A1:XFD1048576", b"x")) + b'"/>'
    if match := _DIMENSION.search(xml):
        return _put(xml, match, lie)
    return xml.replace(b"<sheetData>", lie + b"<sheetData>", 1)


def cell_doubled(random: Random, xml: bytes) -> bytes:
    match = _found(random, _CELL, xml)
    return _put(xml, match, match[0] * 2) if match else xml


def cell_moved(random: Random, xml: bytes) -> bytes:
    match = _found(random, _CELL, xml)
    if match is None:
        return xml
    rest = _put(xml, match, b"")
    return _put(rest, place, match[0] + place[0]) if (place := _found(random, _CELL, rest)) else xml


def cell_without_address(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, re.compile(rb"<(?:c|row)( r=\"\w+\")"), xml), b"", 1)


def cell_elsewhere(random: Random, xml: bytes) -> bytes:
    place = f"{random.choice('ABCDR')}{random.choice((1, 2, 3, 4, 5, 99, 250, 1048576))}".encode()
    return _put(xml, _found(random, re.compile(rb"<c r=\"(\w+)\""), xml), place, 1)


def cell_of_another_type(random: Random, xml: bytes) -> bytes:
    kind = random.choice((b"s", b"str", b"inlineStr", b"b", b"d", b"e", b"n"))
    xml = _put(xml, _found(random, re.compile(rb"<c [^>]*?( t=\"\w+\")"), xml), b"", 1)
    return _put(xml, _found(random, re.compile(rb"<c ()"), xml), b't="' + kind + b'" ', 1)


def styled_otherwise(random: Random, xml: bytes) -> bytes:
    return _put(xml, _found(random, re.compile(rb"<c [^>]*?s=\"(\w+)\""), xml), str(random.randrange(9)).encode(), 1)


BYTES: list[Mutation] = [bytes_flipped, bytes_cut, bytes_doubled, bytes_put_in]
ZIP: list[Mutation] = [
    header_lies,
    *map(of_package, (entry_dropped, entry_doubled, entry_renamed, entries_reordered, entries_exchanged)),
]
XML: list[Mutation] = list(
    map(
        of_xml,
        (
            *(tag_dropped, tag_doubled, tag_self_closed, attribute_dropped, attribute_odd, attribute_doubled),
            *(attributes_reordered, quotes_single, prefixed, text_odd, text_with_odd, put_between, put_within_text),
            *(in_cdata, run_split, dimension_lies, cell_doubled, cell_moved, cell_without_address, cell_elsewhere),
            *(cell_of_another_type, styled_otherwise, bytes_put_in),
        ),
    )
)
BY_NAME = {f"{level}:{one.__name__}": one for level, all_ in (("b", BYTES), ("z", ZIP), ("x", XML)) for one in all_}
