"""Where cells are said to lie: addresses missing, out of order, doubled; dimensions that lie."""

import re
from collections.abc import Callable

from traits.raw_book import inline, number
from traits.trait import Trait

_ROW = re.compile(r'<row r="(\d+)" ?>(.*?)</row>')
_CELL = re.compile(r"<c .*?</c>")


def _written(name: str, rewrite: Callable[[str], str], **told: object) -> Trait:
    return Trait(name=name, rewrite=rewrite, **told)  # type: ignore[arg-type]


def _rows(change: Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    """Every row changed: the match's groups are its number and its cells."""
    return lambda xml: _ROW.sub(change, xml)


def _reversed_rows(xml: str) -> str:
    rows = [match[0] for match in _ROW.finditer(xml)]
    return xml.replace("".join(rows), "".join(reversed(rows)))


def _halves(match: re.Match[str]) -> str:
    """The row twice, once with either half of its cells."""
    cells = _CELL.findall(match[2])
    return "".join(
        f'<row r="{match[1]}">{"".join(half)}</row>' for half in (cells[: len(cells) // 2], cells[len(cells) // 2 :])
    )


def _row(xml: str, wanted: int) -> str:
    return next(match[0] for match in _ROW.finditer(xml) if int(match[1]) == wanted)


def _and_also(more: str) -> Callable[[str], str]:
    return lambda xml: xml.replace("</sheetData>", f"{more}</sheetData>")


def _after(address: str, more: str) -> Callable[[str], str]:
    """Another cell behind that at `address`."""

    def rewrite(xml: str) -> str:
        found = re.search(rf'<c r="{address}".*?</c>', xml)
        assert found
        return xml.replace(found[0], found[0] + more)

    return rewrite


TRAITS = [
    _written("cells without addresses", lambda xml: re.sub(r'<c r="[A-Z]+\d+"', "<c", xml)),
    _written("rows without numbers", lambda xml: re.sub(r'<row r="\d+"', "<row", xml)),
    _written("neither", lambda xml: re.sub(r'<(row|c) r="\w+"', r"<\1", xml)),
    _written(
        "an error and a formula without addresses",
        lambda xml: re.sub(r'<(row|c) r="\w+"', r"<\1", xml),
        cells={"M4": '<c r="M4" t="e"><v>#REF!</v></c>', "M5": '<c r="M5"><f>1+1</f></c>'},
        findings=("T06 M4", "T07 M5"),
        spoiled=(4, 5),
    ),
    _written(
        "cells out of order", _rows(lambda row: f'<row r="{row[1]}">{"".join(_CELL.findall(row[2])[::-1])}</row>')
    ),
    _written("rows out of order", _reversed_rows, may_refuse=True),
    _written("rows in halves", _rows(_halves), may_refuse=True),
    _written("lower-case addresses", lambda xml: re.sub(r'<c r="(\w+)"', lambda c: f'<c r="{c[1].lower()}"', xml)),
    _written("spans that lie", lambda xml: xml.replace('<row r="4"', '<row spans="30:31" r="4"')),
    _written("row and cell disagree", lambda xml: xml.replace('<row r="7"', '<row r="70"'), may_refuse=True),
    _written("no titles", lambda xml: re.sub(r'<row r="[12]">.*?</row>', "", xml)),
    _written("blank rows between", _and_also('<row r="800"/><row r="900"><c r="A900" s="0"/></row>')),
    _written("an address twice", _after("B4", inline("B4", "另一个")), refused=True),
    _written("an address twice, number and text", _after("M4", inline("M4", "3")), refused=True),
    _written("an address twice, one empty", _after("B4", '<c r="B4"/>'), may_refuse=True),
    _written("a row twice", lambda xml: xml.replace(_row(xml, 4), _row(xml, 4) * 2), refused=True),
    _written("a title said to lie among the data", lambda xml: xml.replace('<c r="A1"', '<c r="A4"'), refused=True),
    _written("an address outside", _and_also(f'<row r="800">{inline("A0", "甲")}</row>'), refused=True),
    _written("an address that is none", _and_also(f'<row r="800">{inline("甲", "甲")}</row>'), refused=True),
    _written("row 0", _and_also(f'<row r="0">{inline("", "甲")}</row>'), refused=True),
    *(
        Trait(name=f"dimension {ref}", before=f"<dimension {ref}/>")
        for ref in (
            'ref="A1"',
            'ref="A1:A1"',
            'ref="B2:C3"',
            'ref="A1:XFD1048576"',
            'ref="R7:A1"',
            'ref="a1:r7"',
            'ref="A1:ZZZZ99999999"',
            'ref=""',
            'ref="无"',
            "",
        )
    ),
    Trait(
        name="a value outside the dimension",
        before='<dimension ref="A1:R7"/>',
        rewrite=_and_also(f'<row r="800">{inline("AB800", "甲")}</row>'),
        findings=("F12 AB3",),
    ),
    Trait(
        name="a case outside the dimension",
        before='<dimension ref="A1:R6"/>',
        cells={"M7": number("M7", 5)},
        values={"M7": 5},
    ),
]
