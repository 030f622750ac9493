"""What a package says it holds, with the sheet 问题清单 and new parts added: workbook, relationships, content types."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from district_reports.workbook.marking.archive import rels_of
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.marking.splicing import (
    MAIN,
    OFFICE,
    Edit,
    Element,
    appended,
    attributes,
    children,
    namespace_prefix,
    only,
    quoted,
    relationship_attribute,
    root_of,
    spliced,
    tag_of,
    with_attribute,
)
from district_reports.workbook.package.opc import relationships_of
from district_reports.workbook.problem_list import PROBLEM_LIST

_PACKAGE = b"http://schemas.openxmlformats.org/package/2006"
NO_RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Relationships xmlns="{_PACKAGE.decode()}/relationships"></Relationships>'
).encode()
# What may stand between the sheets and the defined names.
_BEFORE_NAMES = (b"sheets", b"functionGroups", b"externalReferences")


@dataclass(frozen=True)
class Listed:
    """A sheet as the workbook part lists it."""

    title: str
    relationship: str


def listed_sheets(xml: bytes) -> list[Listed]:
    """The sheets in their order, those without a part included."""
    root = root_of(xml)
    sheets = only(children(xml, root), b"sheets")
    if sheets is None:
        raise CannotMark("a workbook without a list of sheets")
    prefix = namespace_prefix(tag_of(xml, root), OFFICE)
    found = []
    for one in children(xml, sheets):
        given = attributes(tag_of(xml, one))
        id_ = given.get(f"{prefix}:id") or next((v for k, v in given.items() if k.endswith(":id")), "")
        found.append(Listed(given.get("name", ""), id_))
    return found


def with_list(xml: bytes, place: int, relationship: str, titles: str, filtered: str) -> bytes:
    """The workbook part with 问题清单 as the sheet at `place`, counted from 0, shown when the workbook opens.

    It is appended where the workbook has no sheet there. `titles` are the rows that each printed page repeats,
    `filtered` is the range of the list.
    """
    root = root_of(xml)
    root_tag = tag_of(xml, root)
    if (prefix := namespace_prefix(root_tag, MAIN)) is None or prefix.encode() != root.prefix.rstrip(b":"):
        raise CannotMark("a workbook in another namespace")
    below = children(xml, root)
    sheets = only(below, b"sheets")
    if sheets is None:
        raise CannotMark("a workbook without a list of sheets")
    edits = []
    present = children(xml, sheets)
    if place == len(present):
        numbers = [attributes(tag_of(xml, one)).get("sheetId", "0") for one in present]
        number = max((int(one) for one in numbers if one.isdecimal() and len(one) < 6), default=0) + 1
        attribute = relationship_attribute(root_tag, relationship)
        new = f'sheet name="{PROBLEM_LIST}" sheetId="{number}" {attribute}/>'
        edits.append(appended(xml, sheets, b"<" + root.prefix + new.encode()))
    else:
        one = present[place]
        edits.append(Edit(one.start, one.inner, with_attribute(tag_of(xml, one), "state", None)))
    edits += _shown(xml, root, below, sheets, place)
    edits += _names(xml, root, below, place, titles, filtered)
    return spliced(xml, edits)


def _shown(xml: bytes, root: Element, below: Sequence[Element], sheets: Element, place: int) -> list[Edit]:
    views = only(below, b"bookViews")
    windows = children(xml, views) if views else []
    if not windows:
        view = b"<" + root.prefix + f'workbookView activeTab="{place}"/>'.encode()
        whole = b"<" + root.prefix + b"bookViews>" + view + b"</" + root.prefix + b"bookViews>"
        return [Edit(views.start, views.end, whole) if views else Edit(sheets.start, sheets.start, whole)]
    edits = []
    for window in windows:
        tag = with_attribute(tag_of(xml, window), "activeTab", str(place))
        for name in ("visibility", "minimized", "showSheetTabs"):
            tag = with_attribute(tag, name, None)
        edits.append(Edit(window.start, window.inner, tag))
    return edits


def _names(xml: bytes, root: Element, below: Sequence[Element], place: int, titles: str, filtered: str) -> list[Edit]:
    element = only(below, b"definedNames")
    edits = []
    for one in children(xml, element) if element else ():
        given = attributes(tag_of(xml, one))
        if given.get("localSheetId") == str(place) and given.get("name", "").startswith("_xlnm."):
            edits.append(Edit(one.start, one.end, b""))
    tag = f"{root.prefix.decode()}definedName"
    new = "".join(
        f'<{tag} name="_xlnm.{name}" localSheetId="{place}"{hidden}>\'{PROBLEM_LIST}\'!{escape(range_)}</{tag}>'
        for name, hidden, range_ in (("_FilterDatabase", ' hidden="1"', filtered), ("Print_Titles", "", titles))
    ).encode()
    if element is not None:
        return [*edits, appended(xml, element, new)]
    behind = [one for one in below if one.local in _BEFORE_NAMES][-1]
    whole = b"<" + root.prefix + b"definedNames>" + new + b"</" + root.prefix + b"definedNames>"
    return [Edit(behind.end, behind.end, whole)]


def with_relationships(xml: bytes, new: Mapping[str, tuple[str, str]]) -> bytes:
    """A part of relationships with new ones: id → (kind, target)."""
    root = root_of(xml)
    tag = f"<{root.prefix.decode()}Relationship"
    content = "".join(
        f'{tag} Id="{quoted(id_)}" Type="{OFFICE.decode()}/{kind}" Target="{quoted(target)}"/>'
        for id_, (kind, target) in new.items()
    )
    return spliced(xml, [appended(xml, root, content.encode())])


def without_relationships(xml: bytes, part: str, targets: Collection[str]) -> bytes:
    """The relationships of `part` without those to `targets`, parts in lower case."""
    ids = {one.id for one in relationships_of(rels_of(part), xml) if one.target in targets}
    elements = children(xml, root_of(xml))
    gone = [one for one in elements if attributes(tag_of(xml, one)).get("Id") in ids]
    return spliced(xml, [Edit(one.start, one.end, b"") for one in gone])


def unused_ids(xml: bytes, number: int) -> list[str]:
    """So many ids that no relationship in `xml` has."""
    taken = {attributes(tag_of(xml, one)).get("Id", "").lower() for one in children(xml, root_of(xml))}
    free = (f"rId{count}" for count in range(1, len(taken) + number + 1))
    return [one for one in free if one.lower() not in taken][:number]


def with_types(xml: bytes, new: Mapping[str, str], extensions: Mapping[str, str], dropped: set[str]) -> bytes:
    """The content types with `new` ones by part, default ones by extension, and none of the parts `dropped`.

    Names of parts that are dropped are in lower case; an extension that has a type keeps it.
    """
    root = root_of(xml)
    edits, known = [], set()
    for one in children(xml, root):
        given = attributes(tag_of(xml, one))
        if one.local == b"Default":
            known.add(given.get("Extension", "").lower())
        elif given.get("PartName", "").lstrip("/").lower() in dropped:
            edits.append(Edit(one.start, one.end, b""))
    prefix = root.prefix.decode()
    content = "".join(
        f'<{prefix}Default Extension="{extension}" ContentType="{type_}"/>'
        for extension, type_ in extensions.items()
        if extension not in known
    ) + "".join(f'<{prefix}Override PartName="/{quoted(part)}" ContentType="{type_}"/>' for part, type_ in new.items())
    return spliced(xml, [*edits, appended(xml, root, content.encode())])
