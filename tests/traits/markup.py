"""The XML of a sheet as other writers have it: prefixes, quotes, blanks, encodings, extensions.

The ledger has an error in M4, a formula without result in R5, a merged range and a hidden row, which are looked for.
"""

import re
from collections.abc import Callable

from traits.raw_book import HEAD, MAIN, Parts
from traits.trait import CASES_PART, Trait

_COMPATIBILITY = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def _special(name: str, rewrite: Callable[[str], str] = lambda xml: xml, **told: object) -> Trait:
    return Trait(
        name=f"markup, {name}",
        rewrite=rewrite,
        cells={"M4": '<c r="M4" t="e"><v>#NUM!</v></c>', "R5": '<c r="R5"><f>1+1</f></c>'},
        row_attributes={7: 'hidden="1"'},
        merges='<mergeCell ref="E6:F6"/>',
        findings=("T06 M4", "T07 R5", "T12 E6", "T11 A7"),
        spoiled=(4, 5, 6),
        # Three rows of forty with mistakes are no tenth (F16).
        children=40,
        **told,  # type: ignore[arg-type]
    )


def _prefixed(prefix: str) -> Callable[[str], str]:
    def rewrite(xml: str) -> str:
        body = xml.removeprefix(HEAD).replace('xmlns="', f'xmlns:{prefix}="')
        return HEAD + re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}:", body)

    return rewrite


def _some_prefixed(xml: str) -> str:
    """A second prefix for the same namespace, here and there."""
    xml = xml.replace("<worksheet ", f'<worksheet xmlns:x="{MAIN}" ').replace("<f>1+1</f>", "<x:f>1+1</x:f>")
    xml = re.sub(r'<c (r="M4" t="e")>(.*?)</c>', r"<x:c \1>\2</x:c>", xml)
    return xml.replace("<mergeCell ", "<x:mergeCell ").replace('<row r="7" hidden', '<row r="7"  hidden')


def _single_quotes(xml: str) -> str:
    return xml.replace('"', "'")


def _blanks(xml: str) -> str:
    """Line breaks wherever a tag allows them."""
    body = re.sub(
        r"<(?![?!])([^<>]*?)(/?)>", lambda tag: f"<{tag[1].replace(' ', chr(10))}\n{tag[2]}>", xml.removeprefix(HEAD)
    )
    return HEAD + body


def _reversed_attributes(xml: str) -> str:
    def turned(tag: re.Match[str]) -> str:
        attributes = re.findall(r'[\w:]+="[^"]*"', tag[2])
        return f"<{tag[1]} {' '.join(reversed(attributes))}{tag[3]}>"

    return re.sub(r"<(c|row|mergeCell|worksheet) ([^<>]*?)(/?)>", turned, xml)


def _indented(xml: str) -> str:
    """As an editor lays out XML, text cells untouched."""
    return re.sub(r"(?=<(?:row|c|/row|/sheetData|f|v|is|/c|mergeCells|mergeCell)[ >/])", "\n  ", xml)


def _comments(xml: str) -> str:
    xml = xml.replace("<sheetData>", '<!-- <sheetData><row r="90"><c r="A90"><v>1</v></c></row> --><sheetData>')
    return re.sub(r"(?=<(?:row|c|f|v) ?)", "<!-- <c> -->", xml)


def _foreign(xml: str) -> str:
    xml = xml.replace("<worksheet ", '<worksheet xmlns:z="urn:z" ')
    return re.sub(r"<(c|row|mergeCell) ", r'<\1 z:r="Z99" z:t="s" z:ref="A8:B9" z:hidden="1" z:n="a&gt;b" ', xml)


def _greater_than(xml: str) -> str:
    return re.sub(r"<(c|row|mergeCell) ", r'<\1 z:n="a>b" ', xml.replace("<worksheet ", '<worksheet xmlns:z="urn:z" '))


def _extensions(xml: str) -> str:
    extension = '<extLst><ext uri="{x}" xmlns:z="urn:z"><z:v>99</z:v><z:f>1</z:f></ext></extLst>'
    xml = xml.replace("</c>", f"{extension}</c>").replace("</row>", f"{extension}</row>")
    return xml.replace("</worksheet>", f"{extension}</worksheet>")


def _alternate(tag: str) -> Callable[[str], str]:
    """Each element of that name as the fallback of something that no one understands."""

    def rewrite(xml: str) -> str:
        xml = xml.replace("<worksheet ", f"<worksheet {_COMPATIBILITY} ")
        choice = '<mc:Choice Requires="zz"><z:q xmlns:z="urn:z"/></mc:Choice>'
        return re.sub(
            rf"<{tag} .*?</{tag}>",
            rf"<mc:AlternateContent>{choice}<mc:Fallback>\g<0></mc:Fallback></mc:AlternateContent>",
            xml,
        )

    return rewrite


def _controls(xml: str) -> str:
    controls = (
        f'<mc:AlternateContent {_COMPATIBILITY}><mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>'
    )
    return xml.replace("</worksheet>", f"{controls}</worksheet>")


def _encoded(encoding: str, declared: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        text = parts[CASES_PART].decode().replace('encoding="UTF-8"', declared)
        parts[CASES_PART] = text.encode(encoding)

    return change


def _plain_utf_16(encoding: str, declared: str) -> Callable[[Parts], None]:
    """Nothing but ASCII in it, so that every other byte is zero, and taken byte by byte it is UTF-8."""

    def change(parts: Parts) -> None:
        text = parts[CASES_PART].decode().replace('encoding="UTF-8"', declared)
        parts[CASES_PART] = text.encode("ascii", "xmlcharrefreplace").decode().encode(encoding)

    return change


def _of_bytes(old: bytes, new: bytes) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        assert old in parts[CASES_PART]
        parts[CASES_PART] = parts[CASES_PART].replace(old, new, 1)

    return change


TRAITS = [
    _special("plain"),
    _special("prefix", _prefixed("x")),
    _special("prefix with a dash", _prefixed("a-b"), may_refuse=True),
    _special("prefix in Chinese", _prefixed("表"), may_refuse=True),
    _special("two prefixes", _some_prefixed, may_refuse=True),
    _special("single quotes", _single_quotes),
    _special("attributes in another order", _reversed_attributes),
    _special("line breaks within tags", _blanks, may_refuse=True),
    _special("blanks around =", lambda xml: re.sub(r'(?<=\w)="', ' = "', xml), may_refuse=True),
    _special("indented", _indented),
    _special("comments", _comments, may_refuse=True),
    _special("attributes of others", _foreign, may_refuse=True),
    _special("> in an attribute", _greater_than, may_refuse=True),
    _special("extensions of cells", _extensions),
    _special("alternate rows", _alternate("row"), may_refuse=True),
    _special("alternate cells", _alternate("c"), may_refuse=True),
    _special("alternate controls", _controls),
    _special("references in attributes", lambda xml: xml.replace('t="e"', 't="&#101;"'), may_refuse=True),
    _special("no declaration", lambda xml: xml.removeprefix(HEAD)),
    _special("a byte order mark", lambda xml: f"\ufeff{xml}"),
    _special("UTF-16", change=_encoded("utf-16", 'encoding="UTF-16"'), may_refuse=True),
    _special("UTF-16 big-endian", change=_encoded("utf-16-be", 'encoding="UTF-16BE"'), may_refuse=True),
    _special("UTF-16, not declared", change=_encoded("utf-16", ""), may_refuse=True),
    _special("UTF-16 of ASCII", change=_plain_utf_16("utf-16", 'encoding="UTF-16"'), may_refuse=True),
    _special("UTF-16 of ASCII, not declared", change=_plain_utf_16("utf-16", ""), may_refuse=True),
    _special("UTF-16 of ASCII, no mark", change=_plain_utf_16("utf-16-le", ""), may_refuse=True),
    Trait(name="GBK", change=_encoded("gbk", 'encoding="GBK"'), refused=True),
    Trait(name="not UTF-8", change=_of_bytes("学生1".encode(), b"\xd1\xa7\xc9\xfa"), refused=True),
    Trait(name="cut off", change=_of_bytes(b"</row></sheetData>", b"</row>"), refused=True),
    Trait(name="a tag cut off", change=_of_bytes(b"</sheetData>", b"</sheetDa"), refused=True),
    Trait(name="a cell not closed", change=_of_bytes(b"</v></c>", b"</v>"), refused=True),
    Trait(name="a cell in a cell", change=_of_bytes(b"</v></c>", b'</v><c r="S4"><v>1</v></c></c>'), refused=True),
    Trait(
        name="two tables of cells",
        rewrite=lambda xml: xml.replace(
            "</sheetData>", '</sheetData><sheetData><row r="800"><c r="M800"><v>1</v></c></row></sheetData>'
        ),
        refused=True,
    ),
    Trait(
        name="something behind the end",
        rewrite=lambda xml: f"{xml}<row>",
        refused=True,
    ),
]
