"""Hostile and wrong files, each made from a plain workbook, and the rule and variant that each must get."""

import stat
import zlib

import raw_archive
from guarded_files import BOOK, BOOK_RELS, CONTENT, SHEET, TYPES
from raw_archive import RawEntry, plain
from tampering import (
    BIFF8,
    EXTERNAL,
    FILEPASS,
    MAIN,
    OFFICE,
    SHEET_START,
    STYLES,
    Make,
    aes,
    backslashed,
    bzip2,
    connections,
    content,
    dtd,
    each_entry,
    formula,
    in_sheet,
    instead_of_sheet,
    link_part,
    many_sheets,
    marked_encrypted,
    merged,
    more_sheets,
    moved_sheets,
    name,
    ole2,
    other_sum,
    packed,
    part,
    related,
    replaced,
    sheet_utf16_with_dde,
    strict_everywhere,
    strings,
    with_entries,
    without,
)

COLUMN = '<col min="1" max="16384" hidden="1"/>'
DIALOG, XLM = f"{CONTENT}.dialogsheet+xml", "application/vnd.ms-excel.macrosheet+xml"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
MASHUP = '<?xml version="1.0" encoding="utf-16"?><DataMashup xmlns="http://schemas.microsoft.com/DataMashup">AAAA'
EXTERNAL_CACHE = f'<pivotCacheDefinition xmlns="{MAIN}"><cacheSource type="external" connectionId="1"/>'
VALIDATION = (
    '<dataValidations><dataValidation type="list" sqref="A1"><formula1>cmd|"/C calc"!A0</formula1></dataValidation>'
    "</dataValidations>"
)
CONDITION = (
    '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>a|b!c</formula></cfRule>'
    "</conditionalFormatting>"
)
FORMATS = '<cellXfs count="65491">' + "<xf/>" * 65491 + "</cellXfs>"
ODF = "application/vnd.oasis.opendocument.spreadsheet"
ENCRYPTED_MANIFEST = '<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'

HOSTILE: dict[str, tuple[str, str, Make]] = {
    # F01: something else, or not whole
    "empty": ("F01", "empty", content(b"")),
    "zeros": ("F01", "truncated", content(bytes(8192))),
    "cut off": ("F01", "truncated", lambda path: path.write_bytes(path.read_bytes()[:-400])),
    "csv": ("F01", "format", content("身份证件号,姓名\n")),
    "html": ("F01", "format", content("<html><table><tr><td>1</td></tr></table>")),
    "xml 2003": ("F01", "format", content('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><a/>')),
    "slk": ("F01", "format", content("ID;PWXL;N;E\n")),
    "xls": ("F01", "format", ole2(Workbook=BIFF8)),
    "et": ("F01", "format", ole2(Workbook=BIFF8 + "WPS Office".encode("utf-16-le"))),
    "ods": ("F01", "format", packed(("mimetype", ODF), ("content.xml", "<office/>"))),
    "numbers": ("F01", "format", packed(("Index/Document.iwa", "x"))),
    "xlsb": ("F01", "format", replaced(TYPES, "sheet.main+xml", "sheet.binary.macroEnabled.main")),
    "pdf": ("F01", "not_workbook", content(b"%PDF-1.7\n")),
    "ofd": ("F01", "not_workbook", packed(("OFD.xml", "<x/>"))),
    "docx": ("F01", "not_workbook", replaced(TYPES, "spreadsheetml.sheet.main", "wordprocessingml.main")),
    "mail": ("F01", "mail", content("From: a@example.org\nTo: b@example.org\nSubject: 1\n\n1")),
    "lock": ("F01", "lock", content(b"\x01a".ljust(55) + b"\x01\x00" + b"a\x00".ljust(108))),
    "program": ("F01", "not_workbook", content(b"MZ\x90\x00\x03\x00")),
    "zip": ("F01", "archive", packed(("上报.xlsx", "x"))),
    "names with backslashes": ("F01", "backslashes", backslashed),
    "zip without entries": ("F01", "archive", packed()),
    "rar": ("F01", "archive", content(b"Rar!\x1a\x07\x01\x00")),
    "scrambled": ("F01", "unknown", content(b"\x62\x14\x23\x65\x00\x01" * 99)),
    "flipped bit": ("F01", "damaged", each_entry(other_sum)),
    "strict": ("F01", "strict", strict_everywhere),
    "strict by the workbook's namespace": ("F01", "strict", replaced(BOOK, MAIN, STRICT_MAIN)),
    "strict by a sheet's namespace": ("F01", "strict", replaced(SHEET, MAIN, STRICT_MAIN)),
    "strict by relationships": (
        *("F01", "strict"),
        replaced(BOOK_RELS, OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ),
    "no workbook part": ("F01", "no_workbook", without(BOOK)),
    "workbook part of another kind": ("F01", "no_workbook", replaced(BOOK, "workbook", "notebook")),
    "no sheet named": ("F01", "no_sheets", replaced(BOOK, "<sheet ", "<sheep ")),
    "no sheet part": ("F01", "sheet_missing", without(SHEET)),
    "no relationships": ("F01", "sheet_missing", without(BOOK_RELS)),
    "relationship of another id": ("F01", "sheet_missing", replaced(BOOK_RELS, 'Id="rId1"', 'Id="rId71"')),
    "a sheet that is the styles": ("F01", "sheet_missing", moved_sheets),
    # F02: encrypted
    "password": ("F02", "default", ole2("EncryptionInfo", "EncryptedPackage")),
    "rights": ("F02", "rights", ole2("EncryptedPackage", "DRMEncryptedDataSpace")),
    "password of an xls": ("F02", "old_format", ole2(Workbook=BIFF8 + FILEPASS)),
    "password of an ods": (
        "F02",
        "open_document",
        packed(("mimetype", ODF), ("META-INF/manifest.xml", ENCRYPTED_MANIFEST)),
    ),
    "password of a zip": ("F02", "archive", each_entry(marked_encrypted)),
    "aes": ("F02", "archive", each_entry(aes)),
    # F03: limits and crafted archives
    "too long": ("F03", "file_size", content(b"PK\x03\x04" + bytes(50 << 20))),
    "many entries": (
        *("F03", "entries"),
        lambda path: raw_archive.write(path, [plain(f"xl/a{n}.xml", b"") for n in range(2001)]),
    ),
    "inflated": ("F03", "inflated", many_sheets(9, 60 << 20)),
    "ratio": ("F03", "ratio", instead_of_sheet(raw_archive.rows(120 << 20, SHEET_START), 120 << 20)),
    "a size that lies": ("F03", "declared_size", instead_of_sheet(raw_archive.rows(64 << 20, SHEET_START), 1000)),
    "overlapping": ("F03", "overlap", many_sheets(5, 1 << 20, reach=60)),
    "twice the same name": ("F03", "duplicate", with_entries(lambda: plain(SHEET, b"<x/>"))),
    "same name in capitals": ("F03", "duplicate", with_entries(lambda: plain(SHEET.upper(), b"<x/>"))),
    "parent folder": ("F03", "path", with_entries(lambda: plain("../../x.xml", b"<x/>"))),
    "encoded parent folder": ("F03", "path", with_entries(lambda: plain("xl/%2e%2e/x.xml", b"<x/>"))),
    "device": ("F03", "path", with_entries(lambda: plain("xl/CON.xml", b"<x/>"))),
    "stream of a file": ("F03", "path", with_entries(lambda: plain("xl/a.xml:b", b"<x/>"))),
    "backwards": ("F03", "path", with_entries(lambda: plain("xl/\u202elmx.exe", b"<x/>"))),
    "symbolic link": (
        "F03",
        "link",
        with_entries(lambda: RawEntry("xl/a", b"/etc", 4, zlib.crc32(b"/etc"), 0, 0, stat.S_IFLNK)),
    ),
    "bzip2": ("F03", "method", each_entry(bzip2)),
    "dtd": ("F03", "dtd", dtd("docProps/custom.xml", "utf-8")),
    "dtd in utf-16": ("F03", "dtd", dtd("docProps/custom.xml", "utf-16")),
    "dtd in utf-16 without a mark": ("F03", "dtd", dtd("xl/theme/theme9.xml", "utf-16-be")),
    "dtd in a sheet": ("F03", "dtd", replaced(SHEET, "<worksheet", "<!DOCTYPE a><worksheet")),
    "dtd behind padding": ("F03", "crafted", part("xl/a.xml", b" " * (1 << 20) + b"<!DOCTYPE a><a/>")),
    "utf-7": ("F03", "encoding", part("xl/a.xml", '<?xml version="1.0" encoding="utf-7"?><a/>')),
    "utf-32": ("F03", "encoding", part("xl/a.xml", "<a/>".encode("utf-32"))),
    "far cell": ("F03", "far", in_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "far cell out of order": (
        "F03",
        "far",
        replaced(SHEET, "<sheetData>", '<sheetData><row r="600000"><c r="A600000"><v>1</v></c></row>'),
    ),
    "far cell in capitals or not": ("F03", "far", in_sheet('<row r="9"><c r="xfd900000"><v>1</v></c></row>')),
    "far cell behind a tab": ("F03", "far", in_sheet('<row r="9"><c\tr="A900000"><v>1</v></c></row>')),
    "far cell on lines": ("F03", "far", in_sheet('<row r="9"><c\nr = "A900000"\n><v>1</v></c></row>')),
    "far cell with zeros": ("F03", "far", in_sheet('<row r="9"><c r="XFD0001048576"><v>1</v></c></row>')),
    "far row of cells without address": ("F03", "far", in_sheet('<row r="1048575"><c><v>1</v></c></row>')),
    "a large area to one corner": ("F03", "far", in_sheet('<row r="499999"><c r="ZZ499999"><v>1</v></c></row>')),
    "a large area to two corners": (
        *("F03", "far"),
        in_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row><row r="60000"><c r="A60000"><v>1</v></c></row>'),
    ),
    "far cell in apostrophes": ("F03", "far", in_sheet("<row r='9'><c r='A900000'><v>1</v></c></row>")),
    "beyond the last row": ("F03", "outside", in_sheet('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')),
    "beyond the last column": ("F03", "outside", in_sheet('<row r="9"><c r="XFE9"><v>1</v></c></row>')),
    "a very long tag": ("F03", "crafted", in_sheet('<row r="9"><c ' + 'r="AAA9" ' * 9000 + "/></row>")),
    "a very long part name": ("F03", "path", with_entries(lambda: plain("xl/" + "a/" * 30_000, b""))),
    "very many elements": ("F03", "crafted", replaced(BOOK, "</sheets>", "</sheets>" + "<a/>" * 200_000)),
    "much in the workbook part": ("F03", "control_part", replaced(BOOK, "</sheets>", "</sheets>" + " " * (17 << 20))),
    "many columns": ("F03", "crafted", replaced(SHEET, "<sheetData>", f"<cols>{COLUMN * 16_385}</cols><sheetData>")),
    "many merges": ("F03", "merges", merged(*(f"A{n}:B{n}" for n in range(10, 50_012)))),
    "merges that overlap": ("F03", "merge_overlap", merged("A10:C12", "E1:F2", "B12:D14")),
    "a merge over everything": ("F03", "wide_merge", merged("A1:XFD1048576")),
    "many sheets": ("F03", "many_sheets", more_sheets(1001)),
    "two sheets that are one part": (
        *("F03", "same_sheet"),
        replaced(BOOK, "</sheets>", '<sheet name="二" sheetId="9" r:id="rId1" xmlns:r="' + OFFICE + '"/></sheets>'),
    ),
    "many names": (
        *("F03", "names"),
        replaced(
            BOOK, "</sheets>", "</sheets>" + "".join(f'<definedName name="n{n}">1</definedName>' for n in range(10_001))
        ),
    ),
    "many formats": ("F03", "styles", part(STYLES, f'<styleSheet xmlns="{MAIN}">{FORMATS}</styleSheet>')),
    "many strings announced": ("F03", "strings", strings(f'<sst xmlns="{MAIN}" uniqueCount="4000000000"><si/></sst>')),
    "many strings": ("F03", "strings", strings(f'<sst xmlns="{MAIN}">{"<si/>" * 3_000_001}</sst>')),
    "index beyond the strings": ("F03", "string_index", strings(f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>', "1")),
    "negative index": ("F03", "string_index", strings(f'<sst xmlns="{MAIN}"><si><t>a</t></si></sst>', "-1")),
    "long text": ("F03", "long_text", strings(f'<sst xmlns="{MAIN}"><si><t>{"长" * 32_768}</t></si></sst>')),
    "long text in a cell": (
        "F03",
        "long_text",
        in_sheet(f'<row r="9"><c r="A9" t="inlineStr"><is><t>{"x" * 32_768}</t></is></c></row>'),
    ),
    # F04: anything active
    "macro": ("F04", "macro", part("xl/vbaProject.bin", b"\0", "application/vnd.ms-office.vbaProject")),
    "macro by content type": (
        *("F04", "macro_enabled"),
        replaced(TYPES, f"{CONTENT}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
    ),
    "macro by relationship": ("F04", "macro", related("vbaProject", "theme/theme1.xml")),
    "macro sheet": ("F04", "xlm", part("xl/macrosheets/sheet1.xml", "<macrosheet/>", XLM)),
    "macro sheet under another name": ("F04", "xlm", replaced(SHEET, "worksheet", "macrosheet")),
    "dialog sheet": ("F04", "xlm", part("xl/dialogs/sheet1.xml", "<dialogsheet/>", DIALOG)),
    "auto open": ("F04", "macro_name", name('name="_xlnm.Auto_Open" hidden="1"', "封面!$A$1")),
    "auto close": ("F04", "macro_name", name('name="auto_close1"', "封面!$A$1")),
    "xlm name": ("F04", "macro_name", name('name="a" function="1" xlm="1"', "封面!$A$1")),
    "vba name": ("F04", "macro_name", name('name="a" vbProcedure="1"', "#REF!")),
    "external link": ("F04", "external_link", link_part("<externalBook/>")),
    "linked picture": ("F04", "external_link", related("image", "https://example.org/a.png", EXTERNAL)),
    "template elsewhere": ("F04", "external_link", related("attachedTemplate", "//example.org/a.xltx", EXTERNAL)),
    "external name": ("F04", "external_name", name('name="a"', "[1]Sheet1!$A$1")),
    "hidden external name": ("F04", "hidden_name", name('name="a" hidden="1"', "[1]Sheet1!$A$1")),
    "dde link": ("F04", "dde", link_part('<ddeLink ddeService="cmd" ddeTopic="/C calc"/>')),
    "dde formula": ("F04", "dde", formula("cmd|'/C calc'!A0")),
    "dde formula in utf-16": ("F04", "dde", sheet_utf16_with_dde),
    "dde formula with many bars": ("F04", "dde", formula("x" + "|" * 8000 + "!")),
    "dde name": ("F04", "dde", name('name="a"', "cmd|'/C calc'!A0")),
    "dde in a validation": ("F04", "dde", in_sheet(after=VALIDATION.replace('"/C calc"', "'/C calc'"))),
    "dde in a condition": ("F04", "dde", in_sheet(after=CONDITION)),
    "embedded": ("F04", "embedded", part("xl/embeddings/oleObject1.bin", b"\0")),
    "embedded workbook": ("F04", "embedded", part("xl/embeddings/Sheet1.xlsx", b"PK\3\4")),
    "ole relationship": ("F04", "embedded", related("oleObject", "theme/theme1.xml")),
    "activex": ("F04", "embedded", part("xl/activeX/activeX1.xml")),
    "connection": ("F04", "connection", connections('<connection id="1" name="q"/>')),
    "web query": (
        "F04",
        "connection",
        connections('<x:connection xmlns:x="x"><webPr url="https://example.org"/></x:connection>'),
    ),
    "query table": ("F04", "connection", part("xl/queryTables/queryTable1.xml", f'<queryTable xmlns="{MAIN}"/>')),
    "external pivot cache": ("F04", "connection", part("xl/pivotCache/pivotCacheDefinition1.xml", EXTERNAL_CACHE)),
    "real-time data": (
        "F04",
        "connection",
        part("xl/volatileDependencies.xml", '<volTypes><volType type="realTimeData"/></volTypes>'),
    ),
    "power query": ("F04", "query", part("customXml/item1.xml", MASHUP.encode("utf-16"))),
    "data model": ("F04", "query", part("xl/model/item.data", b"\0")),
    "rtd formula": ("F04", "live_formula", formula("RTD(&quot;a.b&quot;,,&quot;c&quot;)")),
    "webservice formula": ("F04", "live_formula", formula("_xlfn.WEBSERVICE(&quot;https://example.org&quot;)")),
}
