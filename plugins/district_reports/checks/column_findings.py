"""What is said of the cells of one column, each with its remedy (docs/rules.md, T01–T10 and T13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from district_reports.checks import catalogue
from district_reports.checks.bounded import Rest
from district_reports.checks.catalogue import finding
from district_reports.checks.cleaning import without_unseen
from district_reports.checks.convert import Converted
from district_reports.checks.likely_code import likely_code, one_odd_character
from district_reports.model.finding import Finding, Severity
from district_reports.model.form import Column, Type
from district_reports.model.look_alikes import odd_one, with_plain_dashes
from district_reports.workbook.characters import IDEOGRAPHS
from district_reports.workbook.names import address
from district_reports.workbook.raw import Cell, NoResult
from district_reports.workbook.show import shown

_MAY_BE_EMPTY = "这一格不是必填，没有内容的可以留空{help}。"
_NORMALISED = "T10"
_STORED = {str: "文本", float: "数字", bool: "逻辑值", date: "日期"}
_READ_AS = {Type.INTEGER: "数字", Type.DECIMAL: "数字", Type.DATE: "日期"}


@dataclass(frozen=True)
class ColumnCells:
    """The cells of a column that are read, in order of ``rows`` (Excel rows), and what became of each.

    ``results`` has those of all columns of the sheet, by name. ``left_out`` are positions of which something else has
    spoken: an empty cell there is a mistake that is not told once more. ``computed`` says that a template has formulas
    in this column.
    """

    sheet: str
    column: Column
    place: int
    rows: Sequence[int]
    cells: Sequence[Cell]
    results: Mapping[str, Sequence[Converted]]
    codes: tuple[str, ...]
    merged: frozenset[int]
    left_out: frozenset[int]
    computed: bool

    def found(self) -> tuple[list[Finding], frozenset[int]]:
        """The findings, and the positions of the cells that take no part in their rows' rules."""
        findings: list[Finding] = []
        broken: set[int] = set(self.merged)
        rest = Rest()
        for position, result in enumerate(self.results[self.column.name]):
            if result.rule is None and result.value is not None and result.normal is None:
                continue
            if position in self.merged and result.normal is None:
                continue  # T12 has spoken of it
            rule = result.rule or self._rule_of_empty(position, result)
            if rule is None:
                continue
            if rule != _NORMALISED:
                broken.add(position)
                if rule == "T01" and position in self.left_out:
                    continue
            severity = Severity(catalogue.rules()[rule]["severity"])
            if rest.takes(rule, severity, self.rows[position]):
                continue
            findings.append(self._finding(position, rule, result))
        return [*findings, *rest.findings(self.sheet, self.column)], frozenset(broken)

    def _rule_of_empty(self, position: int, result: Converted) -> str | None:
        """The rule about a cell that breaks none of its own: it is empty, or was written otherwise."""
        if result.value is None and self._required(position):
            # Where the template itself computes, "" says that what it computes from was not typed.
            return "T07" if isinstance(self.cells[position], NoResult) and not self.computed else "T01"
        return None if result.normal is None else _NORMALISED

    def _required(self, position: int) -> bool:
        """Whether an empty cell is a mistake; where the condition itself can't be read, nothing is demanded."""
        when = self.column.optional_when
        if not self.column.required or when is None:
            return self.column.required
        condition = self.results[when.column][position].value
        return condition is not None and condition not in when.values

    def _finding(self, position: int, rule: str, result: Converted) -> Finding:
        cell, row = self.cells[position], self.rows[position]
        variant, words = self._said(rule, result, cell)
        found = finding(
            rule,
            variant,
            sheet=self.sheet,
            cell=address(row, self.place),
            column=self.column.title,
            field=self.column.name,
            row=row,
            value=shown(cell),
            codes=self.codes,
            **words,
        )
        if (rule in (_NORMALISED, "T01") and result.rule is None) or self._required(position):
            return found
        help = self.column.help.rstrip("。")
        return replace(found, fix=found.fix + _MAY_BE_EMPTY.format(help=f"（{help}）" if help else ""))

    def _said(self, rule: str, result: Converted, cell: Cell) -> tuple[str, Mapping[str, object]]:
        """The variant of `rule` and its words."""
        if rule == _NORMALISED:
            variant, words = self._normalised(cell, result.normal or "")
            return (variant if result.variant == "default" else result.variant), words
        if rule == "T01" and result.normal is not None:
            return self._placeholder(cell)
        if rule == "T04" and (likely := likely_code(shown(cell), self.codes)):
            odd = one_odd_character(shown(cell), likely)
            return ("odd" if odd else "likely"), {"likely": likely, "odd": odd}
        return result.variant, result.words

    def _placeholder(self, cell: Cell) -> tuple[str, Mapping[str, object]]:
        if self.codes:
            likely = likely_code(shown(cell), self.codes)
            return ("placeholder_likely" if likely else "placeholder_code"), {"likely": likely}
        counts = self.column.type is Type.INTEGER and self.column.minimum == 0
        return ("placeholder_count" if counts else "placeholder"), {}

    def _normalised(self, cell: Cell, normal: str) -> tuple[str, Mapping[str, object]]:
        """In what a cell differs from how it is read: where nobody sees it, it is said."""
        text = shown(cell)
        words = {"normal": normal}
        if not normal:
            return "empty", words
        if text == normal:
            stored = next((name for kind, name in _STORED.items() if isinstance(cell, kind)), "其他类型")
            return "stored", {**words, "stored": stored, "read": _READ_AS.get(self.column.type, "文本")}
        if (plain := without_unseen(text)) == normal:
            return "unseen", words
        if with_plain_dashes(plain.translate(IDEOGRAPHS)) == with_plain_dashes(normal):
            return "shape", {**words, "odd": odd_one(plain, normal)}
        return "default", words
