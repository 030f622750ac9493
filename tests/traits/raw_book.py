"""Workbooks written as XML by hand: every byte of a part is what the test says (ECMA-376 part 1, 18.3, 18.4, 18.8).

No library of workbooks takes part: openpyxl can't write most of what districts' programs do.
"""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
BOOK, BOOK_RELS, STYLES, STRINGS = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
)

Parts = dict[str, bytes]


def inline(ref: str, text: str) -> str:
    """A text cell."""
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def number(ref: str, value: object, style: int = 0) -> str:
    return f'<c r="{ref}" s="{style}"><v>{value}</v></c>'


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet part; `before` and `after` stand around its ``sheetData``."""
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    )


def styles(formats: Sequence[int | str] = ()) -> str:
    """A styles part whose cell format ``i`` has the number format ``formats[i]``: a built-in's number or a code."""
    custom = [one for one in formats if isinstance(one, str)]
    codes = "".join(
        f'<numFmt numFmtId="{164 + index}" formatCode={quoteattr(code)}/>' for index, code in enumerate(custom)
    )
    numbers = [164 + custom.index(one) if isinstance(one, str) else one for one in formats or (0,)]
    cells = "".join(f'<xf numFmtId="{one}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for one in numbers)
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}">'
        + (f'<numFmts count="{len(custom)}">{codes}</numFmts>' if custom else "")
        + '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(numbers)}">{cells}</cellXfs></styleSheet>'
    )


def strings(items: Sequence[str]) -> str:
    """A shared-strings part of these ``si`` elements."""
    return f'{HEAD}<sst xmlns="{MAIN}" count="{len(items)}" uniqueCount="{len(items)}">{"".join(items)}</sst>'


def parts(
    sheets: Mapping[str, str],
    formats: Sequence[int | str] = (),
    shared: Sequence[str] | None = None,
    workbook_properties: str = "",
) -> Parts:
    """The parts of a workbook of these sheets (title → worksheet part)."""
    entries = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{index}" r:id="rId{index}"/>' for index, title in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{index}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{index}.xml"/>'
        for index in range(1, len(sheets) + 1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{index}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for index in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="rId900" Type="{OFFICE}/styles" Target="styles.xml"/>'
    overrides += f'<Override PartName="/{STYLES}" ContentType="{TYPE}.styles+xml"/>'
    if shared is not None:
        relations += f'<Relationship Id="rId901" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        overrides += f'<Override PartName="/{STRINGS}" ContentType="{TYPE}.sharedStrings+xml"/>'
    texts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{BOOK}" ContentType="{TYPE}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{BOOK}"/></Relationships>',
        BOOK: f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook_properties}'
        f"<sheets>{entries}</sheets></workbook>",
        BOOK_RELS: f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        STYLES: styles(formats),
        **({} if shared is None else {STRINGS: strings(shared)}),
        **{f"xl/worksheets/sheet{index}.xml": xml for index, xml in enumerate(sheets.values(), 1)},
    }
    return {name: text.encode() for name, text in texts.items()}


def save(path: Path, all_parts: Parts, change: Callable[[Parts], None] = lambda parts: None) -> Path:
    """Write the package, after `change` had its way with the parts."""
    all_parts = dict(all_parts)
    change(all_parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in all_parts.items():
            archive.writestr(name, content)
    return path
