"""Mistakes of a whole file (F01 to F19): each writes one workbook, and says where a check must find it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from district_reports.local.samples import package
from district_reports.local.samples.forms import Rows
from district_reports.local.samples.planting import Place
from district_reports.local.samples.sample import Sample
from district_reports.local.samples.workbooks import cover_of
from district_reports.model.form import FIRST_DATA_ROW, HEADER_ROW, Column, Form, Sheet, Type
from district_reports.reference.register import District
from district_reports.workbook.names import address
from district_reports.workbook.templates.layout import Layout
from district_reports.workbook.templates.template import COVER, COVER_LABELS, write_template

_TOO_MANY_PARTS = 2001
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 512


@dataclass(frozen=True)
class Draft:
    """A sound workbook that is about to be written with a mistake; ``other`` is a district that it is not of."""

    form: Form
    sample: Sample
    rows_of: Callable[[Sample], Rows]
    path: Path
    other: District

    def write(
        self,
        *,
        form: Form | None = None,
        rows: Rows | None = None,
        cover: Mapping[str, str] | None = None,
        district: District | None = None,
        path: Path | None = None,
    ) -> None:
        """Write it, but for what is given otherwise."""
        write_template(
            form or self.form,
            self.sample.register,
            district or self.sample.district,
            self.sample.period,
            path or self.path,
            self.rows_of(self.sample) if rows is None else rows,
            cover_of(self.sample) | dict(cover or {}),
        )


@dataclass(frozen=True)
class FileMistake:
    """``name`` is what the file is called; ``write`` gives every place where a finding must stand.

    ``earlier`` writes the workbook that must have been decided before, if there must be one.
    """

    rule: str
    name: str
    write: Callable[[Draft], Sequence[Place]]
    earlier: Callable[[Draft, Path], None] | None = None


def _sheet_changed(form: Form, table: str, change: Callable[[tuple[Column, ...]], Sequence[Column]]) -> Form:
    """The form with other columns on one sheet."""

    def changed(sheet: Sheet) -> Sheet:
        return replace(sheet, columns=tuple(change(sheet.columns))) if sheet.table == table else sheet

    return replace(form, sheets=tuple(changed(sheet) for sheet in form.sheets))


def csv_called_xlsx() -> FileMistake:
    """F01: a CSV file whose name ends in .xlsx."""

    def write(draft: Draft) -> list[Place]:
        sheet = draft.form.sheets[0]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([column.title for column in sheet.columns])
        for row in draft.rows_of(draft.sample)[sheet.table]:
            writer.writerow([row.get(column.name) for column in sheet.columns])
        draft.path.write_bytes(text.getvalue().encode("gb18030"))
        return [Place("F01")]

    return FileMistake("F01", "其实是CSV", write)


def encrypted() -> FileMistake:
    """F02: a workbook with a password to open it, which Excel wraps into an OLE compound file."""

    def write(draft: Draft) -> list[Place]:
        names = ("Root Entry", "EncryptionInfo", "EncryptedPackage")
        entries = [
            name.encode("utf-16-le").ljust(64, b"\0") + (2 * len(name) + 2).to_bytes(2, "little") + bytes(62)
            for name in names
        ]
        draft.path.write_bytes(_OLE.ljust(_SECTOR, b"\0") + b"".join(entries).ljust(_SECTOR, b"\0") + bytes(_SECTOR))
        return [Place("F02")]

    return FileMistake("F02", "设了打开密码", write)


def too_many_parts() -> FileMistake:
    """F03: more parts than the limit, as a workbook full of pictures has them."""

    def write(draft: Draft) -> list[Place]:
        draft.write()
        pictures = {f"xl/media/image{number}.png": b"\x89PNG" for number in range(_TOO_MANY_PARTS)}
        package.add_parts(draft.path, pictures)
        return [Place("F03")]

    return FileMistake("F03", "塞满图片", write)


def active(name: str, add: Callable[[Path], None]) -> FileMistake:
    """F04: what `add` puts into the workbook."""

    def write(draft: Draft) -> list[Place]:
        draft.write()
        add(draft.path)
        return [Place("F04")]

    return FileMistake("F04", name, write)


def wrong_on_cover(rule: str, name: str, label: str, value: str) -> FileMistake:
    """Another value on the cover, or none."""

    def write(draft: Draft) -> list[Place]:
        draft.write(cover={label: value})
        return [_on_cover(rule, label)]

    return FileMistake(rule, name, write)


def _on_cover(rule: str, label: str) -> Place:
    return Place(rule, COVER, address(COVER_LABELS.index(label) + 1, 2))


def other_district() -> FileMistake:
    """F08: the cover names another district than the folder."""

    def write(draft: Draft) -> list[Place]:
        draft.write(district=draft.other)
        return [_on_cover("F08", "填报单位代码")]

    return FileMistake("F08", "封面是别的单位", write)


def sheet_missing(table: str) -> FileMistake:
    """F10: one of the data sheets is not there."""

    def write(draft: Draft) -> list[Place]:
        kept = tuple(sheet for sheet in draft.form.sheets if sheet.table != table)
        rows = draft.rows_of(draft.sample)
        draft.write(form=replace(draft.form, sheets=kept), rows={sheet.table: rows[sheet.table] for sheet in kept})
        return [Place("F10", draft.form.sheet(table).title)]

    return FileMistake("F10", "缺一张表", write)


def column_missing(table: str, name: str) -> FileMistake:
    """F11: a column is not there."""

    def write(draft: Draft) -> list[Place]:
        form = _sheet_changed(draft.form, table, lambda columns: [one for one in columns if one.name != name])
        rows = draft.rows_of(draft.sample)
        rows[table] = [{key: value for key, value in row.items() if key != name} for row in rows[table]]
        draft.write(form=form, rows=rows)
        return [Place("F11", draft.form.sheet(table).title)]

    return FileMistake("F11", "缺一列", write)


def column_added(rule: str, name: str, table: str, title: str) -> FileMistake:
    """A column too many at the end: an unknown one (F12), or one whose header is there already (F13)."""

    def write(draft: Draft) -> list[Place]:
        extra = Column(name="extra", title=title, type=Type.TEXT)
        draft.write(form=_sheet_changed(draft.form, table, lambda columns: [*columns, extra]))
        layout = Layout.of(draft.form.sheet(table), with_names=True)
        return [Place(rule, layout.sheet.title, address(HEADER_ROW, len(layout.fields) + 1))]

    return FileMistake(rule, name, write)


def columns_swapped(table: str) -> FileMistake:
    """F18: the first two columns the other way round."""

    def write(draft: Draft) -> list[Place]:
        draft.write(form=_sheet_changed(draft.form, table, lambda columns: [columns[1], columns[0], *columns[2:]]))
        return [Place("F18", draft.form.sheet(table).title)]

    return FileMistake("F18", "列的次序不同", write)


def nothing_filled_in() -> FileMistake:
    """F14: every data sheet is empty."""

    def write(draft: Draft) -> list[Place]:
        draft.write(rows={})
        return [Place("F14")]

    return FileMistake("F14", "各表都是空的", write)


def too_many_mistakes(table: str, column: str) -> FileMistake:
    """F16: a required cell left empty in more than a tenth of the rows."""

    def write(draft: Draft) -> list[Place]:
        rows = draft.rows_of(draft.sample)
        count = max(3, len(rows[table]) // 10 + 1)
        rows[table] = [row | ({column: None} if place < count else {}) for place, row in enumerate(rows[table])]
        draft.write(rows=rows)
        sheet = draft.form.sheet(table)
        letter = Layout.of(sheet, with_names=True).letters[column]
        empty = [Place("T01", sheet.title, f"{letter}{FIRST_DATA_ROW + place}") for place in range(count)]
        return [Place("F16", sheet.title), *empty]

    return FileMistake("F16", "错误过多", write)


def the_same_again() -> FileMistake:
    """F17: byte for byte the file that was decided last."""

    # With a remark of its own: the district's sound workbook is another file.
    def write_to(draft: Draft, path: Path) -> None:
        draft.write(cover={"情况说明": "电话核对后上报。"}, path=path)

    def write(draft: Draft) -> list[Place]:
        write_to(draft, draft.path)
        return [Place("F17", needs_earlier=True)]

    return FileMistake("F17", "同一份又报一次", write, earlier=write_to)


def late() -> FileMistake:
    """F19: the period before, of which the due date is past."""

    def write(draft: Draft) -> list[Place]:
        before = draft.sample.period.previous()
        replace(draft, sample=replace(draft.sample, period=before, on=before.last_day)).write()
        return [Place("F19")]

    return FileMistake("F19", "迟报", write)
