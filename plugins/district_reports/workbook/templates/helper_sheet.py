"""A sheet of a template on which is typed once what fills many rows of a data sheet. A check does not read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from district_reports.model.form import Column, Sheet, Type
from district_reports.model.prefill import HelperSheet
from district_reports.workbook.templates.data_sheet import Content
from district_reports.workbook.templates.formulas import JOINT, KEY, key_of_row
from district_reports.workbook.templates.layout import Layout

_KEY_TITLE = "查找用"


@dataclass(frozen=True)
class Helper:
    """A helper sheet of the data sheet ``fills``, and the rows that it begins with."""

    declared: HelperSheet
    fills: Sheet
    rows: Sequence[Mapping[str, object]] = field(repr=False)

    def layout(self, *, with_names: bool) -> Layout:
        """The columns of the data sheet, and one more where its rows are found by several."""
        declared, fills = self.declared, self.fills
        columns = [self._column(name) for name in (*declared.by, *declared.columns)]
        if len(declared.by) > 1:
            columns.append(Column(name=KEY, title=_KEY_TITLE, type=Type.TEXT))
        notes = (
            f"{declared.notes}本表只为少填，不上报：“{fills.title}”各行自动从这里带出。"
            f"{declared.row_is}只填一行，重复的显示为红字。"
        )
        sheet = Sheet(
            table=fills.table, title=declared.title, row_is=declared.row_is, columns=tuple(columns), notes=notes
        )
        return Layout.of(sheet, with_names=with_names)

    def _column(self, name: str) -> Column:
        declared = self.declared
        let_off = declared.unless is not None and name in declared.asked and name != declared.unless.column
        return replace(
            self.fills.by_name[name],
            required=name in (*declared.by, *declared.asked),
            optional_when=declared.unless if let_off else None,
            key=name in declared.by,
        )

    def content(self, layout: Layout) -> Content:
        """What stands there beforehand."""
        by = self.declared.by
        if len(by) == 1:
            return Content(rows=self.rows, prepared=self.declared.spare, once=by[0])
        return Content(
            rows=self.rows,
            results=[{KEY: joined(row, by)} for row in self.rows],
            prepared=self.declared.spare,
            formulas={KEY: key_of_row(layout, by)},
            hidden=(_KEY_TITLE,),
            once=KEY,
        )


def joined(row: Mapping[str, object], by: Sequence[str]) -> str:
    """What the formula of :data:`KEY` yields."""
    values = [row.get(name) for name in by]
    return "" if None in values else JOINT.join(map(str, values))
