"""Anything active in a package (F04): what runs, fetches or embeds.

Judged by content types, relationships, part names and content together, because a crafted file can leave out any.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from district_reports.workbook.formulas import calls_a_program
from district_reports.workbook.package.opc import Name, Package

# Relationship types by their last segment; the transitional, strict and Microsoft namespaces share them.
_EXTERNAL = {"externallink", "externallinkpath", "xlexternallinkpath", "xlpathmissing", "attachedtemplate"}
_EMBEDDED = {"oleobject", "package", "control", "activexcontrolbinary"}
_MACRO = {"vbaproject", "vbaprojectsignature", "attachedtoolbars"}
_XLM = {"xlmacrosheet", "xlintlmacrosheet", "dialogsheet"}
_HARMLESS_TARGETS = {"hyperlink"}
_CONNECTION = re.compile(rb"<(?:\w+:)?(?:connection|queryTable|volType|webPr|dbPr)[\s/>]")
_EXTERNAL_CACHE = re.compile(rb"""<(?:\w+:)?cacheSource\s[^>]*type\s*=\s*["']external["']""")
_DDE_LINK = re.compile(rb"<(?:\w+:)?ddeLink[\s/>]")
_MASHUP = b"http://schemas.microsoft.com/DataMashup"
_SOURCES = ("xl/connections", "xl/querytables/", "xl/volatiledependencies")
_CACHES = "xl/pivotcache/pivotcachedefinition"
# Names that begin so are run when the workbook opens or closes, a sheet is shown, or a macro is recorded.
_AUTO = re.compile(r"(?:_xlnm\.)?auto_(?:open|close|activate|deactivate)|_xlnm\.recorder$", re.IGNORECASE)
_OTHER_WORKBOOK = re.compile(r"\[(?:\d+|[^\[\]]*\.(?:xl\w{1,2}|et|ett|csv|ods))\]", re.IGNORECASE)
_TRUE = {"1", "true"}
_SHOWN = 50
"""Characters of a name."""
_SOMEWHERE = "别的文件"


def is_source(name: str) -> bool:
    """Whether :func:`active` needs the content of the part `name` (lower case)."""
    return name.startswith((*_SOURCES, "xl/externallinks/")) and not name.endswith(".rels")


def is_source_by_its_head(name: str) -> bool:
    """Whether :func:`active` needs the first bytes of the part `name` (lower case), which may be of any size."""
    return name.startswith(("customxml/", _CACHES)) and name.endswith(".xml")


def active(package: Package, parts: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """The variants of F04 with their words, some more than once. `parts` is what the two questions above ask for."""
    for find in (_macro, _xlm, _embedded, _connections):
        for variant in find(package, parts):
            yield variant, {}
    yield from _links(package, parts)
    for name in package.names:
        yield from _in_name(name)


def _macro(package: Package, parts: Mapping[str, bytes]) -> Iterator[str]:
    kinds = {one.kind for one in package.relationships}
    if (
        kinds & _MACRO
        or any(name.endswith("vbaproject.bin") for name in package.present)
        or any("vbaproject" in type_ for type_ in _used(package))
    ):
        yield "macro"
    elif any("macroenabled" in type_ for type_ in _used(package)) and not any(_xlm(package, parts)):
        yield "macro_enabled"


def _xlm(package: Package, _: Mapping[str, bytes]) -> Iterator[str]:
    kinds = {one.kind for one in package.relationships}
    if (
        kinds & _XLM
        or any("/macrosheets/" in name or "/dialogsheets/" in name for name in package.present)
        or any("macrosheet" in type_ or "dialogsheet" in type_ for type_ in _used(package))
    ):
        yield "xlm"


def _used(package: Package) -> set[str]:
    declared = {type_ for part, type_ in package.types.items() if part.startswith("/")}
    return declared | {package.type_of(part) for part in package.present}


def _links(package: Package, parts: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    links = {name: content for name, content in parts.items() if name.startswith("xl/externallinks/")}
    outside = [one for one in package.relationships if one.external and one.kind not in _HARMLESS_TARGETS]
    if any(_DDE_LINK.search(content) for content in links.values()):
        # It lies in a part for external links, and goes with it.
        yield "dde", {}
    elif outside:
        for target in sorted({_file_name(one.written) for one in outside}):
            yield "external_link", {"target": target}
    elif {one.kind for one in package.relationships} & _EXTERNAL or any(
        name.startswith("xl/externallinks/") for name in package.present if not name.endswith("/")
    ):
        yield "external_link", {"target": _SOMEWHERE}


def _file_name(target: str) -> str:
    """What a clerk calls the target of a link: the file's name without its folder."""
    return re.split(r"[\\/]", unquote(target).rstrip("/\\"))[-1][:_SHOWN] or _SOMEWHERE


def _embedded(package: Package, _: Mapping[str, bytes]) -> Iterator[str]:
    if (
        {one.kind for one in package.relationships} & _EMBEDDED
        or any(name.startswith(("xl/embeddings/", "xl/activex/")) for name in package.present if not name.endswith("/"))
        or any("oleobject" in one or "activex" in one for part, one in package.types.items() if part.startswith("/"))
    ):
        yield "embedded"


def _connections(package: Package, parts: Mapping[str, bytes]) -> Iterator[str]:
    sources = [content for name, content in parts.items() if name.startswith((*_SOURCES, _CACHES))]
    if any(_CONNECTION.search(content) or _EXTERNAL_CACHE.search(content) for content in sources):
        yield "connection"
    if any(name.startswith("xl/model/") for name in package.present) or any(
        _MASHUP in content for name, content in parts.items() if name.startswith("customxml/")
    ):
        yield "query"


def _in_name(name: Name) -> Iterator[tuple[str, dict[str, str]]]:
    words = {"name": name.name.removeprefix("_xlnm.")[:_SHOWN]}
    if _AUTO.match(name.name) or any(name.attributes.get(mark, "") in _TRUE for mark in ("xlm", "vbProcedure")):
        yield "macro_name", words
    elif calls_a_program(name.formula):
        yield "dde", {}
    elif _OTHER_WORKBOOK.search(name.formula):
        # Excel's list of names does not show it: nobody can delete it there.
        yield "hidden_name" if name.attributes.get("hidden", "") in _TRUE else "external_name", words
