"""What an OPC package says it holds (ECMA-376 part 2): a workbook, which kind of one, and anything active in it (F04).

Judged by content types, relationships and part names together, because a crafted file can leave out any of them.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from xml.parsers import expat

from district_reports.workbook.problem import Problem, Refused, crafted

CONTENT_TYPES = "[content_types].xml"
_MAIN = "xl/workbook.xml"
_STRICT = "http://purl.oclc.org/ooxml/"
# Relationship types by their last segment; the transitional, strict and Microsoft namespaces share them.
_EXTERNAL = {"externallink", "externallinkpath", "xlexternallinkpath", "xlpathmissing", "attachedtemplate"}
_EMBEDDED = {"oleobject", "package", "control", "activexcontrolbinary"}
_MACRO = {"vbaproject", "vbaprojectsignature", "xlmacrosheet", "xlintlmacrosheet", "dialogsheet"}
_HARMLESS_TARGETS = {"hyperlink"}
_CONNECTION = re.compile(rb"<(?:\w+:)?(?:connection|queryTable|volType)[\s/>]")
_DDE = re.compile(rb"<(?:\w+:)?ddeLink[\s/>]")


@dataclass(frozen=True)
class Relationship:
    """``kind`` is the last segment of the type in lower case; ``target`` a part name unless ``external``."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        return self.type.rsplit("/", 1)[-1].lower()


def wants(name: str) -> bool:
    """Whether :func:`inspect_package` needs the content of the part `name` (lower case)."""
    return (
        name in (CONTENT_TYPES, _MAIN, "mimetype", "xl/volatiledependencies.xml")
        or name.endswith(".rels")
        or name.startswith(("xl/externallinks/", "xl/querytables/", "xl/connections", "xl/workbook"))
    )


def kind_of_archive(names: Iterable[str], mimetype: bytes) -> Refused | None:
    """What a ZIP archive is that is no OPC package; None for a package. `names` are in lower case."""
    present = set(names)
    if b"opendocument.spreadsheet" in mimetype:
        return Refused("F01", "format", kind="OpenDocument 表格(.ods)")
    if b"opendocument" in mimetype:
        return Refused("F01", "not_workbook", kind="OpenDocument 文档")
    if CONTENT_TYPES in present:
        return None
    if any(name.endswith(".iwa") for name in present):
        return Refused("F01", "format", kind="苹果 Numbers 表格(.numbers)")
    return Refused("F01", "archive", kind="ZIP 压缩包")


def inspect_package(
    names: Iterable[str], parts: dict[str, bytes], far_cells: dict[str, str], dde_formula: bool
) -> list[Problem]:
    """F01 for a package that is no .xlsx, F03 for a far cell, F04 for each kind of active content.

    `names` and the keys of `parts` and `far_cells` are in lower case; `parts` holds what :func:`wants` asks for.
    `dde_formula` says whether a formula with DDE was seen in a sheet.

    Raises:
        Refused: the package is no readable .xlsx.
    """
    present = set(names)
    types = _content_types(parts[CONTENT_TYPES])
    relationships = {name: _relationships(name, parts[name]) for name in parts if name.endswith(".rels")}
    main = _main_part(present, types, relationships.get("_rels/.rels", []))
    titles = _sheets(main, parts, relationships, present)
    for part, cell in far_cells.items():
        raise Refused("F03", "dimension", sheet=titles.get(part, "?"), cell=cell)
    found = _active(present, types, parts, [one for some in relationships.values() for one in some])
    if dde_formula:
        found = chain(["dde"], found)
    return [Problem("F04", variant) for variant in dict.fromkeys(found)]


def _elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    """Every element of an XML part as (local name, attributes); names in a namespace are ``uri name``.

    Raises:
        Refused: the part is not well-formed, or has a DTD after all.
    """
    found: list[tuple[str, dict[str, str]]] = []

    def refuse_dtd(*_: object) -> None:
        raise crafted("部件中含有 DTD 声明")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    parser.StartDoctypeDeclHandler = refuse_dtd
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
    for name, attributes in _elements(content):
        type_ = attributes.get("ContentType", "").lower()
        if _local(name) == "Override":
            found[attributes.get("PartName", "").lower()] = type_
        elif _local(name) == "Default":
            found["." + attributes.get("Extension", "").lower()] = type_
    return found


def _type_of(part: str, types: dict[str, str]) -> str:
    return types.get("/" + part) or types.get("." + part.rsplit(".", 1)[-1], "")


def _relationships(name: str, content: bytes) -> list[Relationship]:
    """The relationships of the part ``name``, a ``.rels``."""
    folder = posixpath.dirname(posixpath.dirname(name))
    found = []
    for element, attributes in _elements(content):
        if _local(element) == "Relationship":
            external = attributes.get("TargetMode", "").lower() == "external"
            target = attributes.get("Target", "")
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()
            found.append(Relationship(attributes.get("Id", ""), attributes.get("Type", ""), target, external))
    return found


def _main_part(present: set[str], types: dict[str, str], roots: list[Relationship]) -> str:
    """The workbook part.

    Raises:
        Refused: the package is something else, or a kind of workbook that is not read.
    """
    root = next((one for one in roots if one.kind == "officedocument"), None)
    main = root.target if root else _MAIN
    type_ = _type_of(main, types)
    if "wordprocessingml" in type_ or "ms-word" in type_:
        raise Refused("F01", "not_workbook", kind="Word 或 WPS 文字文档(.docx)")
    if "presentationml" in type_ or "ms-powerpoint" in type_:
        raise Refused("F01", "not_workbook", kind="演示文稿(.pptx)")
    if "sheet.binary" in type_:
        raise Refused("F01", "format", kind="Excel 二进制工作簿(.xlsb)")
    if root is not None and root.type.startswith(_STRICT):
        raise Refused("F01", "strict")
    if main not in present:
        raise Refused("F01", "damaged" if main == _MAIN or root else "archive", kind="ZIP 压缩包")
    if "spreadsheetml" not in type_ and "ms-excel" not in type_ and main != _MAIN:
        raise Refused("F01", "unknown", kind="无法识别的文件")
    return main


def _sheets(
    main: str, parts: dict[str, bytes], relationships: dict[str, list[Relationship]], present: set[str]
) -> dict[str, str]:
    """The titles of the sheets by their part.

    Raises:
        Refused: strict OOXML, which openpyxl opens as a workbook without sheets; or a sheet without its part.
    """
    if main not in parts:
        raise crafted("工作簿主部件不在通常的位置")
    folder, name = posixpath.split(main)
    targets = {one.id: one for one in relationships.get(f"{folder}/_rels/{name}.rels", [])}
    elements = _elements(parts[main])
    if not elements or _local(elements[0][0]) != "workbook":
        raise Refused("F01", "damaged")
    if elements[0][0].startswith(_STRICT):
        raise Refused("F01", "strict")
    titles: dict[str, str] = {}
    for element, attributes in elements:
        if _local(element) == "sheet":
            id_ = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            target = targets.get(id_)
            if target is None or target.target not in present:
                raise Refused("F01", "damaged")
            titles[target.target] = attributes.get("name", "")
    if not titles:
        raise Refused("F01", "damaged")
    return titles


def _active(
    present: set[str], types: dict[str, str], parts: dict[str, bytes], relationships: list[Relationship]
) -> Iterator[str]:
    """The variants of F04: ``macro``, ``dde``, ``external_link``, ``embedded``, ``connection``."""
    kinds = {one.kind for one in relationships}
    declared = {type_ for part, type_ in types.items() if part.startswith("/")}
    used = declared | {_type_of(part, types) for part in present}
    if (
        kinds & _MACRO
        or any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in present)
        or any("macroenabled" in type_ or "vbaproject" in type_ or "macrosheet" in type_ for type_ in used)
    ):
        yield "macro"
    if any(_DDE.search(parts[name]) for name in parts if name.startswith("xl/externallinks/")):
        # It lies in a part for external links, and goes with it.
        yield "dde"
    elif (
        kinds & _EXTERNAL
        or any(name.startswith("xl/externallinks/") for name in present if not name.endswith("/"))
        or any(one.external and one.kind not in _HARMLESS_TARGETS for one in relationships)
    ):
        yield "external_link"
    if (
        kinds & _EMBEDDED
        or any(name.startswith(("xl/embeddings/", "xl/activex/")) for name in present if not name.endswith("/"))
        or any("oleobject" in type_ or "activex" in type_ for type_ in declared)
    ):
        yield "embedded"
    sources = ("xl/connections", "xl/querytables/", "xl/volatiledependencies.xml")
    if any(name.startswith("xl/model/") for name in present) or any(
        _CONNECTION.search(content) for name, content in parts.items() if name.startswith(sources)
    ):
        yield "connection"
