"""What an OPC package says it holds (ECMA-376 part 2): content types, relationships, a workbook and its sheets."""

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers import expat

from district_reports.workbook.limits import MAX_ELEMENTS, MAX_SHEETS
from district_reports.workbook.problem import Refused, crafted

CONTENT_TYPES = "[content_types].xml"
_MAIN = "xl/workbook.xml"
_STRICT = "http://purl.oclc.org/ooxml/"
# What macOS keeps of a file beside it, below __MACOSX/: named like the file, and not XML.
_APPLE_DOUBLE = b"\x00\x05\x16\x07"


@dataclass(frozen=True)
class Relationship:
    """``kind`` is the last segment of the type in lower case; ``target`` a part name unless ``external``.

    ``written`` is the target as it stands in the package.
    """

    id: str
    type: str
    target: str
    external: bool
    written: str

    @property
    def kind(self) -> str:
        return self.type.rsplit("/", 1)[-1].lower()


@dataclass(frozen=True)
class Name:
    """A defined name and what it stands for."""

    attributes: Mapping[str, str]
    formula: str

    @property
    def name(self) -> str:
        return self.attributes.get("name", "")


@dataclass(frozen=True)
class Package:
    """Names of parts are in lower case. ``sheets`` are the titles by part, ``types`` by ``/part`` or ``.extension``."""

    present: frozenset[str]
    types: Mapping[str, str]
    relationships: tuple[Relationship, ...]
    sheets: Mapping[str, str]
    strings: frozenset[str]
    styles: frozenset[str]
    names: tuple[Name, ...]

    def type_of(self, part: str) -> str:
        return _type_of(part, self.types)


def kind_of_archive(names: Iterable[str], mimetype: bytes) -> Refused | None:
    """What a ZIP archive is that is no OPC package; None for a package. `names` are in lower case."""
    present = set(names)
    if b"opendocument.spreadsheet" in mimetype:
        return Refused("F01", "format", kind="OpenDocument 表格（.ods）")
    if b"opendocument" in mimetype:
        return Refused("F01", "not_workbook", kind="OpenDocument 文档")
    if CONTENT_TYPES in present:
        return None
    if any(name.endswith(".iwa") for name in present):
        return Refused("F01", "format", kind="苹果 Numbers 表格（.numbers）")
    if "ofd.xml" in present:
        return Refused("F01", "not_workbook", kind="版式文件（.ofd）")
    return Refused("F01", "archive", kind="ZIP 压缩包")


def read_package(names: Iterable[str], read: Callable[[str], bytes]) -> Package:
    """The package whose parts are called `names`; `read` gives the content of one of them.

    Raises:
        Refused: the package is no readable .xlsx (F01).
    """
    present = frozenset(names)
    types = _content_types(read(CONTENT_TYPES))
    relationships = {name: relationships_of(name, read(name)) for name in present if name.endswith(".rels")}
    main = _main_part(present, types, relationships.get("_rels/.rels", []))
    folder, name = posixpath.split(main)
    of_main = relationships.get(posixpath.join(folder, "_rels", f"{name}.rels"), [])
    every = tuple(one for some in relationships.values() for one in some)
    sheets, defined = _workbook(read(main), of_main, present)
    if any(one.type.startswith(_STRICT) for one in every):
        raise Refused("F01", "strict")
    return Package(
        present=present,
        types=types,
        relationships=every,
        sheets=sheets,
        strings=_named(of_main, "sharedstrings") | {"xl/sharedstrings.xml"},
        styles=_named(of_main, "styles") | {"xl/styles.xml"},
        names=defined,
    )


def _named(relationships: list[Relationship], kind: str) -> frozenset[str]:
    return frozenset(one.target for one in relationships if one.kind == kind and not one.external)


def _elements(content: bytes) -> list[tuple[str, dict[str, str], list[str]]]:
    """Every element of an XML part as (name, attributes, texts); names in a namespace are ``uri name``.

    Raises:
        Refused: the part is not well-formed, or has very many elements.
    """
    found: list[tuple[str, dict[str, str], list[str]]] = []
    # UTF-8 by now, whatever the part says of itself.
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(found) == MAX_ELEMENTS:
            raise crafted("描述性部件过大")
        found.append((name, attributes, []))

    parser.StartElementHandler = start
    parser.CharacterDataHandler = lambda text: found[-1][2].append(text)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused("F01", "damaged") from error
    return found


def _local(name: str) -> str:
    return name.rsplit(" ", 1)[-1]


def _content_types(content: bytes) -> dict[str, str]:
    """Content types, in lower case, by ``/part`` or by ``.extension``."""
    found: dict[str, str] = {}
    for name, attributes, _ in _elements(content):
        type_ = attributes.get("ContentType", "").lower()
        if _local(name) == "Override":
            found[attributes.get("PartName", "").lower()] = type_
        elif _local(name) == "Default":
            found["." + attributes.get("Extension", "").lower()] = type_
    return found


def _type_of(part: str, types: Mapping[str, str]) -> str:
    return types.get("/" + part) or types.get("." + part.rsplit(".", 1)[-1], "")


def relationships_of(name: str, content: bytes) -> list[Relationship]:
    """The relationships in the part called `name`, a ``.rels``; targets are in lower case.

    Raises:
        Refused: the part is not well-formed.
    """
    folder = posixpath.dirname(posixpath.dirname(name))
    found: list[Relationship] = []
    if content.startswith(_APPLE_DOUBLE):
        return found
    for element, attributes, _ in _elements(content):
        if _local(element) == "Relationship":
            external = attributes.get("TargetMode", "").lower() == "external"
            written = target = attributes.get("Target", "")
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/").lower()
            found.append(Relationship(attributes.get("Id", ""), attributes.get("Type", ""), target, external, written))
    return found


def _main_part(present: frozenset[str], types: Mapping[str, str], roots: list[Relationship]) -> str:
    """The workbook part.

    Raises:
        Refused: the package is something else, or a kind of workbook that is not read.
    """
    root = next((one for one in roots if one.kind == "officedocument"), None)
    main = root.target if root else _MAIN
    type_ = _type_of(main, types)
    if "wordprocessingml" in type_ or "ms-word" in type_:
        raise Refused("F01", "not_workbook", kind="Word 或 WPS 文字文档（.docx）")
    if "presentationml" in type_ or "ms-powerpoint" in type_:
        raise Refused("F01", "not_workbook", kind="演示文稿（.pptx）")
    if "sheet.binary" in type_:
        raise Refused("F01", "format", kind="Excel 二进制工作簿（.xlsb）")
    if root is not None and root.type.startswith(_STRICT):
        raise Refused("F01", "strict")
    if main not in present:
        if root is None and not any(name.startswith("xl/") for name in present):
            raise Refused("F01", "archive", kind="ZIP 压缩包")
        raise Refused("F01", "no_workbook")
    if "spreadsheetml" not in type_ and "ms-excel" not in type_ and main != _MAIN:
        raise Refused("F01", "unknown", kind="无法识别的文件")
    return main


def _workbook(
    content: bytes, relationships: list[Relationship], present: frozenset[str]
) -> tuple[dict[str, str], tuple[Name, ...]]:
    """The titles of the sheets by their part, and the defined names.

    Raises:
        Refused: strict OOXML, which openpyxl opens as a workbook without sheets; no sheet, one without its part, or
            very many; two sheets that are one part.
    """
    targets = {one.id: one.target for one in relationships if not one.external}
    elements = _elements(content)
    if _local(elements[0][0]) != "workbook":
        raise Refused("F01", "no_workbook")
    if elements[0][0].startswith(_STRICT):
        raise Refused("F01", "strict")
    sheets: dict[str, str] = {}
    for element, attributes, _ in elements:
        if _local(element) == "sheet":
            id_ = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            if not id_:
                # A module of Excel 95, which has no part.
                continue
            title = attributes.get("name", "?")[:50]
            part = targets.get(id_, "")
            if part not in present:
                raise Refused("F01", "sheet_missing", sheet=title)
            if part in sheets:
                raise Refused("F03", "same_sheet", first=sheets[part], second=title)
            if len(sheets) == MAX_SHEETS:
                raise Refused("F03", "many_sheets", limit=MAX_SHEETS)
            sheets[part] = title
    if not sheets:
        raise Refused("F01", "no_sheets")
    names = (Name(attributes, "".join(texts)) for one, attributes, texts in elements if _local(one) == "definedName")
    return sheets, tuple(names)
