"""Where parts lie and what sheets are called."""

import re
from collections.abc import Callable

from ledger_book import CASES
from traits.raw_book import BOOK, BOOK_RELS, HEAD, MAIN, OFFICE, STRINGS, STYLES, Parts, inline, worksheet
from traits.trait import CASES_PART, Trait

TYPES = "[Content_Types].xml"


def _replaced(part: str, *pairs: tuple[str, str]) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        for old, new in pairs:
            assert old.encode() in parts[part]
            parts[part] = parts[part].replace(old.encode(), new.encode())

    return change


def _target(target: str) -> Callable[[Parts], None]:
    return _replaced(BOOK_RELS, ("worksheets/sheet2.xml", target))


def _moved(old: str, new: str, target: str) -> Callable[[Parts], None]:
    """A part under another name; the workbook refers to it by `target`."""

    def change(parts: Parts) -> None:
        parts[new] = parts.pop(old)
        _replaced(BOOK_RELS, (f'"{old.removeprefix("xl/")}"', f'"{target}"'))(parts)
        _replaced(TYPES, (f'"/{old}"', f'"/{new}"'))(parts)

    return change


def _book(*pairs: tuple[str, str]) -> Callable[[Parts], None]:
    return _replaced(BOOK, *pairs)


def _titled(title: str, attributes: str = "") -> Callable[[Parts], None]:
    return _book((f'name="{CASES}"', f'{attributes} name="{title}"'))


def _crossed(parts: Parts) -> None:
    """The second sheet's cells lie in the third part, and the other way round."""
    second, third = "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"
    parts[second], parts[third] = parts[third], parts[second]
    _replaced(BOOK_RELS, ("sheet2.xml", "X"), ("sheet3.xml", "sheet2.xml"), ("X", "sheet3.xml"))(parts)


def _more_sheets(entries: str, relations: str = "", **more: str) -> Callable[[Parts], None]:
    """Other sheets before those of the form; `more` are parts of xl/worksheets."""

    def change(parts: Parts) -> None:
        parts.update({f"xl/worksheets/{name}.xml": content.encode() for name, content in more.items()})
        _book(("<sheets>", f"<sheets>{entries}"))(parts)
        _replaced(BOOK_RELS, ("</Relationships>", f"{relations}</Relationships>"))(parts)

    return change


def _relation(kind: str, target: str) -> str:
    return f'<Relationship Id="rId9" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _prefixed(part: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        body = parts[part].decode().removeprefix(HEAD).replace("xmlns=", "xmlns:x=")
        parts[part] = (HEAD + re.sub(r"<(/?)(?=\w)", r"<\1x:", body)).encode()

    return change


def _utf_16(part: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        parts[part] = parts[part].decode().replace("UTF-8", "UTF-16").encode("utf-16")

    return change


def _single_quotes(parts: Parts) -> None:
    for part in (BOOK, BOOK_RELS, STYLES, STRINGS):
        head, body = parts[part][: len(HEAD)], parts[part][len(HEAD) :]
        parts[part] = head + body.replace(b'"', b"'")


def _package(name: str, change: Callable[[Parts], None], *, may_refuse: bool = False) -> Trait:
    """The change of a ledger that needs its styles (dates) and its shared texts (R4)."""
    return Trait(
        name=f"package, {name}",
        change=change,
        cells={"R4": '<c r="R4" t="s"><v>0</v></c>'},
        shared=["<si><t>甲</t></si>"],
        values={"R4": "甲"},
        may_refuse=may_refuse,
    )


_COMPATIBLE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
    'Requires="x15"><z:absPath xmlns:z="urn:z" url="C:/"/></mc:Choice></mc:AlternateContent><sheets>'
)
_EXTENSION = '<extLst><ext uri="{x}"><z:sheet xmlns:z="urn:z" name="隐"/></ext></extLst></workbook>'
_OTHER = '<sheet name="说明" sheetId="9" r:id="rId9"/>'
_NOTES = worksheet(f'<row r="3">{inline("C3", "另一张表")}</row>')
_CHART_SHEET = f'<chartsheet xmlns="{MAIN}"><sheetViews/></chartsheet>'
TRAITS = [
    _package("plain", lambda parts: None),
    _package("sheet hidden", _titled(CASES, 'state="hidden"')),
    _package("sheet very hidden", _titled(CASES, 'state="veryHidden"')),
    _package("title with blanks", _titled(" 疑似 辍学台账\u3000")),
    _package("title with references", _titled("疑似辍学台&#36134;")),
    _package("another sheet", _more_sheets(_OTHER, _relation("worksheet", "worksheets/notes.xml"), notes=_NOTES)),
    _package(
        "a chart sheet", _more_sheets(_OTHER, _relation("chartsheet", "worksheets/chart.xml"), chart=_CHART_SHEET)
    ),
    _package("sheets crossed over", _crossed),
    _package("absolute target", _target("/xl/worksheets/sheet2.xml")),
    _package("target with ./", _target("./worksheets/sheet2.xml")),
    _package("target with ..", _target("../xl/worksheets/sheet2.xml")),
    _package("target in other letters", _target("Worksheets/Sheet2.xml"), may_refuse=True),
    _package("sheet elsewhere", _moved(CASES_PART, "data/a.xml", "/data/a.xml")),
    _package("sheet elsewhere, relative", _moved(CASES_PART, "data/a.xml", "../data/a.xml")),
    _package("sheet of another name", _moved(CASES_PART, "xl/worksheets/台账.xml", "worksheets/台账.xml")),
    _package("name with a blank", _moved(CASES_PART, "xl/worksheets/a b.xml", "worksheets/a%20b.xml"), may_refuse=True),
    _package("texts elsewhere", _moved(STRINGS, "xl/strings/a.xml", "/xl/strings/a.xml")),
    _package("texts in a folder", _moved(STRINGS, "xl/strings/a.xml", "strings/a.xml")),
    _package("styles elsewhere", _moved(STYLES, "xl/styles/a.xml", "/xl/styles/a.xml")),
    _package("single quotes", _single_quotes),
    _package("prefix in the workbook", _prefixed(BOOK)),
    _package("prefix in its relationships", _prefixed(BOOK_RELS)),
    _package("prefix in the texts", _prefixed(STRINGS)),
    _package("prefix in the styles", _prefixed(STYLES)),
    _package("prefix of relationships", _book(("xmlns:r=", "xmlns:q="), ("r:id=", "q:id="))),
    _package("alternate content in the workbook", _book(("<sheets>", _COMPATIBLE))),
    _package("a sheet without its id", _book(("</sheets>", '<sheet name="Module1" sheetId="9" r:id=""/></sheets>'))),
    _package("a sheet of others", _book(("</workbook>", _EXTENSION)), may_refuse=True),
    *(_package(f"UTF-16, {part}", _utf_16(part), may_refuse=True) for part in (BOOK, BOOK_RELS, STRINGS, STYLES)),
    Trait(name="a sheet without its part", change=lambda parts: parts.pop(CASES_PART), refused=True),
    Trait(name="a sheet without relationship", change=_book(('r:id="rId2"', 'r:id="rId77"')), refused=True),
]

TWO_SHEETS_OF_ONE_TITLE = Trait(
    name="two sheets of one title",
    change=_more_sheets(
        f'<sheet name="{CASES}" sheetId="9" r:id="rId9"/>',
        _relation("worksheet", "worksheets/notes.xml"),
        notes=_NOTES,
    ),
)
"""Excel takes no such workbook; each of the two is read as what it is, and neither counts."""
