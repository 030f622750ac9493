"""Change a written workbook in ways that its writer does not offer: its parts, and the XML of a sheet."""

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from district_reports.model.form import Form

Edit = Callable[[str, str], str]
"""From the XML of a sheet and the address of a cell to the changed XML."""

_TYPES = "[Content_Types].xml"
_BOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DIGITS = re.compile(r"\d+")


def edit_sheets(path: Path, form: Form, edits: Mapping[str, Iterable[tuple[str, Edit]]]) -> None:
    """Apply `edits` (sheet title → cell and edit) to the workbook of `form` at `path`, as the templates write it."""

    def change(parts: dict[str, bytes]) -> None:
        for title, of_sheet in edits.items():
            # The cover is the first sheet, the form's own follow in their order.
            number = 2 + [sheet.title for sheet in form.sheets].index(title)
            part = f"xl/worksheets/sheet{number}.xml"
            xml = parts[part].decode()
            for cell, edit in of_sheet:
                xml = edit(xml, cell)
            parts[part] = xml.encode()

    _rewrite(path, change)


def add_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Put further files into the package."""
    _rewrite(path, lambda own: own.update(parts))


def add_macro(path: Path) -> None:
    """Add a part that says it is a macro project; it holds nothing that could run."""

    def change(parts: dict[str, bytes]) -> None:
        parts["xl/vbaProject.bin"] = b"sample"
        _insert(parts, _TYPES, '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>')

    _rewrite(path, change)


def add_external_link(path: Path) -> None:
    """Add a link to another workbook, as a formula over two files leaves it."""

    def change(parts: dict[str, bytes]) -> None:
        parts["xl/externalLinks/externalLink1.xml"] = (
            b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook/></externalLink>'
        )
        _insert(parts, _BOOK_RELATIONS, _relation("externalLink", "externalLinks/externalLink1.xml"))
        content = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
        override = f'<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="{content}"/>'
        _insert(parts, _TYPES, override)

    _rewrite(path, change)


def _relation(kind: str, target: str) -> str:
    return f'<Relationship Id="rId99" Type="{_RELATION}/{kind}" Target="{target}"/>'


def _insert(parts: dict[str, bytes], name: str, element: str) -> None:
    """Put an element last into the root of a part."""
    start, root, end = parts[name].decode().rpartition("</")
    parts[name] = f"{start}{element}{root}{end}".encode()


def _rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as archive:
        dated = {info.filename: info.date_time for info in archive.infolist()}
        parts = {name: archive.read(name) for name in dated}
    change(parts)
    day = min(dated.values())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, dated.get(name, day)), content, zipfile.ZIP_DEFLATED)


def error_value(formula: str, error: str) -> Edit:
    """The cell is a formula whose result is an error."""
    return lambda xml, cell: _replace(xml, cell, ' t="e"', f"<f>{formula}</f><v>{error}</v>")


def formula_without_result(formula: str) -> Edit:
    """The cell is a formula that a program wrote and nobody has calculated."""
    return lambda xml, cell: _replace(xml, cell, "", f"<f>{formula}</f>")


def hidden_row(xml: str, cell: str) -> str:
    """The cell's row is hidden."""
    return _once(rf'<row r="{_number(cell)}"', rf'<row r="{_number(cell)}" hidden="1"', xml)


def hidden_column(xml: str, cell: str) -> str:
    """The cell's column is hidden."""
    number = 0
    for letter in _DIGITS.sub("", cell):
        number = number * 26 + ord(letter) - 64
    return _once(rf'(<col min="{number}" max="{number}" )', r'\1hidden="1" ', xml)


def merged_with_next_row(xml: str, cell: str) -> str:
    """The cell is merged with the one below, which loses its value, as Excel does it."""
    letters, row = _DIGITS.sub("", cell), _number(cell)
    below = f"{letters}{row + 1}"
    merged = _once(r'<mergeCells count="\d+">', f'<mergeCells><mergeCell ref="{cell}:{below}"/>', xml)
    return _replace(merged, below, "", "")


def _number(cell: str) -> int:
    match = _DIGITS.search(cell)
    assert match is not None
    return int(match[0])


def _replace(xml: str, cell: str, attributes: str, inner: str) -> str:
    """The XML with another content of a cell that has its style only."""
    match = re.search(rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', xml)
    if match is None:
        raise LookupError(f"no cell {cell}")
    new = f'<c r="{cell}"{match[1] or ""}{attributes}>{inner}</c>'
    return xml[: match.start()] + new + xml[match.end() :]


def _once(pattern: str, new: str, xml: str) -> str:
    changed, count = re.subn(pattern, new, xml, count=1)
    if not count:
        raise LookupError(f"nothing like {pattern}")
    return changed
