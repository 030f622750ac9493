"""Pictures put into a workbook that was written without: over a sheet, and in cells as WPS and Excel do it."""

import io
import re
import zipfile
from pathlib import Path

import xlsxwriter

from followed import Parts, with_parts
from marked_book import picture

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"
_RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def picture_over(path: Path, number: int) -> Path:
    """A screenshot of the table, pasted over the sheet `number`."""

    def change(parts: Parts) -> None:
        sheet = f"xl/worksheets/sheet{number}.xml"
        drawing = (
            f'<xdr:wsDr xmlns:xdr="{DRAWN}/spreadsheetDrawing" xmlns:a="{DRAWN}/main" xmlns:r="{OFFICE}">'
            "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>3</xdr:row>"
            '<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="900000" cy="900000"/><xdr:pic><xdr:nvPicPr>'
            '<xdr:cNvPr id="2" name="1"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
            '<a:blip r:embed="rId1"/></xdr:blipFill><xdr:spPr/></xdr:pic><xdr:clientData/>'
            "</xdr:oneCellAnchor></xdr:wsDr>"
        )
        parts[sheet] = parts[sheet].replace(
            b"</worksheet>", f'<drawing xmlns:r="{OFFICE}" r:id="rId9"/></worksheet>'.encode()
        )
        parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = _rels("rId9", "drawing", "../drawings/drawing9.xml")
        parts["xl/drawings/drawing9.xml"] = drawing.encode()
        parts["xl/drawings/_rels/drawing9.xml.rels"] = _rels("rId1", "image", "../media/image9.png")
        parts["xl/media/image9.png"] = picture().getvalue()
        _add_types(
            parts,
            '<Default Extension="png" ContentType="image/png"/>',
            _override("/xl/drawings/drawing9.xml", "application/vnd.openxmlformats-officedocument.drawing+xml"),
        )

    return with_parts(path, change)


def picture_of_wps(path: Path, number: int, cell: str, content: str) -> Path:
    """A picture in a cell as WPS embeds it; `content` is what the cell holds, ``DISPIMG`` in place of its formula."""
    formula = 'DISPIMG("ID_5A1B0A9B0F6F4C6F8B2B5B5B5B5B5B5B",1)'.replace('"', "&quot;")

    def change(parts: Parts) -> None:
        _put(parts, number, cell, content.replace("DISPIMG", formula))
        parts["xl/cellimages.xml"] = (
            f'<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" xmlns:a="{DRAWN}/main" '
            f'xmlns:xdr="{DRAWN}/spreadsheetDrawing" xmlns:r="{OFFICE}"><etc:cellImage><xdr:pic><xdr:nvPicPr>'
            '<xdr:cNvPr id="2" name="ID_5A1B0A9B0F6F4C6F8B2B5B5B5B5B5B5B"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
            '<a:blip r:embed="rId1"/></xdr:blipFill><xdr:spPr/></xdr:pic></etc:cellImage></etc:cellImages>'
        ).encode()
        parts["xl/_rels/cellimages.xml.rels"] = _rels("rId1", "image", "media/image9.png")
        parts["xl/media/image9.png"] = picture().getvalue()
        relationship = (
            '<Relationship Id="rId90" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/>'
        )
        book = "xl/_rels/workbook.xml.rels"
        parts[book] = parts[book].replace(b"</Relationships>", f"{relationship}</Relationships>".encode())
        _add_types(
            parts,
            '<Default Extension="png" ContentType="image/png"/>',
            _override("/xl/cellimages.xml", "application/vnd.wps-officedocument.cellimage+xml"),
        )

    return with_parts(path, change)


def picture_of_excel(path: Path, number: int, cell: str) -> Path:
    """A picture that Excel has placed in a cell: an error, of whose value the parts are those of a real file."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().embed_image(0, 0, "1.png", {"image_data": picture()})
    with zipfile.ZipFile(buffer) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist()}
    wanted = [name for name in theirs if name.startswith(("xl/richData/", "xl/media/")) or name == "xl/metadata.xml"]

    def change(parts: Parts) -> None:
        parts.update({name: theirs[name] for name in wanted})
        types = theirs["[Content_Types].xml"].decode()
        of_theirs = [one for one in re.findall(r"<Override [^>]*/>", types) if re.search("richData|metadata", one)]
        _add_types(parts, *re.findall(r'<Default Extension="png"[^>]*/>', types), *of_theirs)
        book = "xl/_rels/workbook.xml.rels"
        links = re.findall(r"<Relationship [^>]*(?:richData|metadata)[^>]*/>", theirs[book].decode())
        new = "".join(re.sub(r'Id="rId', 'Id="rId9', one) for one in links)
        parts[book] = parts[book].replace(b"</Relationships>", f"{new}</Relationships>".encode())
        _put(parts, number, cell, f'<c r="{cell}" t="e" vm="1"><v>#VALUE!</v></c>')

    return with_parts(path, change)


def _put(parts: Parts, number: int, cell: str, content: str) -> None:
    name = f"xl/worksheets/sheet{number}.xml"
    changed, count = re.subn(rf'<c r="{cell}"[^>]*?(?:/>|>.*?</c>)', lambda _: content, parts[name].decode())
    assert count == 1
    parts[name] = changed.encode()


def _rels(id_: str, kind: str, target: str) -> bytes:
    return _RELS.format(f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"/>').encode()


def _override(part: str, type_: str) -> str:
    return f'<Override PartName="{part}" ContentType="{type_}"/>'


def _add_types(parts: Parts, *types: str) -> None:
    name = "[Content_Types].xml"
    parts[name] = parts[name].replace(b"</Types>", "".join([*types, "</Types>"]).encode())
