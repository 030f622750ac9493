"""The sheet 问题清单 of a marked copy, as XML, row by row (ECMA-376 part 1, 18.3.1.99)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from district_reports.model.finding import Finding
from district_reports.workbook.formats import HIGHEST_ROW, LINE_HEIGHT, lines_needed
from district_reports.workbook.marking.answer import (
    LISTED_AT_MOST,
    Answer,
    count_heads,
    counted,
    how_to_explain,
    line,
    listed,
    not_listed,
    title,
)
from district_reports.workbook.marking.list_formats import Looks
from district_reports.workbook.marking.sentences import next_step, recheck_note
from district_reports.workbook.marking.splicing import MAIN, quoted, text
from district_reports.workbook.names import column_letter
from district_reports.workbook.problem_list import CELL, COLUMNS, EXPLANATION, FORMER_FILL, WARNING_ID

_HEADERS = (*COLUMNS, EXPLANATION, WARNING_ID, FORMER_FILL)
_WIDTHS = (5, 13, 8, 20, 13, 20, 40, 40, 7, 7, 30, 12, 12)
_LETTER = {name: column_letter(number) for number, name in enumerate(_HEADERS, 1)}
_SHOWN = len(COLUMNS) + 1
_HIDDEN = ' hidden="1"'
_LABEL, _WORDS = "A{0}:B{0}", f"C{{0}}:{_LETTER[EXPLANATION]}{{0}}"
_WIDTH_OF_WORDS = 180
_SHEETS_COUNTED = 20
_MOST_LINKS = 65_000
"""Excel opens 65,530 in a sheet."""
_HOW = (
    "原表里涂红的格是错误，涂黄的是警告，涂淡蓝的是提示，批注里写着哪里不对、怎样改。点“单元格”一列跳到那一格，"
    "点那张表的 A1 格跳回来。可以直接在本文件里改：颜色、批注和这张清单不影响数据。"
)
_LEFT_OUT = "批注只加到最要紧的格，还有 {} 格只涂了颜色，问题见下表。"
_TOOLTIP = "跳到“问题清单”中这张表的第一条问题"
_NOTHING = "没有问题。"


@dataclass(frozen=True)
class Sheets:
    """What the list needs to know of the copy: a location by (sheet, cell) of a finding, the fill that the cell had."""

    locations: Mapping[tuple[str, str], str]
    fills: Mapping[tuple[str, str], str]


class Listing:
    """The list of an answer, by `sheets` in their order in the workbook, what is about the file first.

    ``header_row`` is where the headers stand; the findings follow.
    """

    def __init__(self, answer: Answer, comments_left_out: int, sheets: Sequence[str]) -> None:
        self._answer = answer
        order = {sheet: number for number, sheet in enumerate(sheets)}
        findings = sorted(answer.findings, key=lambda found: order.get(found.sheet or "", -1))
        self._facts = list(_facts(answer, findings, comments_left_out))
        self.header_row = len(self._facts) + 2
        self.findings = listed(findings, LISTED_AT_MOST - self.header_row)
        self.last_row = self.header_row + max(1, len(self.findings))

    tooltip = _TOOLTIP
    """Of the link on a sheet's first cell."""

    @property
    def filtered(self) -> str:
        """The range of headers and findings."""
        return f"$A${self.header_row}:${column_letter(_SHOWN)}${self.last_row}"

    @property
    def titles(self) -> str:
        """The rows that each printed page repeats."""
        return f"${self.header_row}:${self.header_row}"

    def first_rows(self) -> dict[str, int]:
        """The first row of each sheet's findings, by its title."""
        rows: dict[str, int] = {}
        for row, found in enumerate(self.findings, self.header_row + 1):
            if found.sheet is not None:
                rows.setdefault(found.sheet, row)
        return rows

    def xml(self, looks: Looks, sheets: Sheets) -> Iterator[bytes]:
        """The worksheet, in pieces."""
        yield self._head()
        yield _row(1, 26, [_text("A", 1, looks.title(self._answer.outcome), title(self._answer))])
        for row, (label, words) in enumerate(self._facts, 2):
            cells = [_text("A", row, looks.label, label), _text("C", row, looks.words, words)]
            yield _row(row, LINE_HEIGHT * lines_needed(words, _WIDTH_OF_WORDS), cells)
        header = self.header_row
        cells = [_text(column_letter(one), header, looks.header, name) for one, name in enumerate(_HEADERS, 1)]
        yield _row(header, LINE_HEIGHT + 3, cells)
        links: list[str] = []
        for number, found in enumerate(self.findings, 1):
            row = header + number
            where = (found.sheet or "", found.cell or "")
            location = sheets.locations.get(where) if len(links) < _MOST_LINKS else None
            if location is not None:
                links.append(f'<hyperlink ref="{_LETTER[CELL]}{row}" location="{quoted(location)}"/>')
            texts = line(self._answer, found)
            yield _finding(row, number, found, texts, looks, location is not None, sheets.fills.get(where, ""))
        if not self.findings:
            yield _row(header + 1, LINE_HEIGHT, [_text("B", header + 1, looks.words, _NOTHING)])
        left = len(self._answer.findings) - len(self.findings)
        if left:
            yield _row(self.last_row + 1, LINE_HEIGHT, [_text("B", self.last_row + 1, looks.words, not_listed(left))])
        yield self._tail(links)

    def _head(self) -> bytes:
        columns = "".join(
            f'<col min="{one}" max="{one}" width="{width}" customWidth="1"{_HIDDEN if one > _SHOWN else ""}/>'
            for one, width in enumerate(_WIDTHS, 1)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<worksheet xmlns="{MAIN.decode()}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<dimension ref="A1:{column_letter(len(_HEADERS))}{self.last_row}"/>'
            '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
            f'<pane ySplit="{self.header_row}" topLeftCell="A{self.header_row + 1}" activePane="bottomLeft" '
            f'state="frozen"/><selection pane="bottomLeft" activeCell="A{self.header_row + 1}" '
            f'sqref="A{self.header_row + 1}"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="{LINE_HEIGHT}"/><cols>{columns}</cols><sheetData>'
        ).encode()

    def _tail(self, links: list[str]) -> bytes:
        rows = range(2, len(self._facts) + 2)
        merged = "".join(f'<mergeCell ref="{one.format(row)}"/>' for row in rows for one in (_LABEL, _WORDS))
        return (
            f'</sheetData><autoFilter ref="{self.filtered.replace("$", "")}"/>'
            f'<mergeCells count="{2 * len(rows)}">{merged}</mergeCells>'
            + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
            + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            "<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
        ).encode()


def _facts(answer: Answer, findings: Sequence[Finding], comments_left_out: int) -> Iterator[tuple[str, str]]:
    """The lines above the list, few enough to stand still while it moves: a label and words each."""
    yield "结论", answer.reason
    yield from recheck_note(answer)
    yield "怎样做", next_step(answer)
    yield "问题", f"{counted(findings)}。{'；'.join(_of_sheets(answer, findings))}"
    if any(found.cell for found in findings):
        yield "标记", _HOW + (_LEFT_OUT.format(comments_left_out) if comments_left_out else "")
    if explain := how_to_explain(answer):
        yield EXPLANATION, explain


def _of_sheets(answer: Answer, findings: Sequence[Finding]) -> Iterator[str]:
    """How many findings each sheet has, and what became of its rows."""
    counts = {count.sheet: count for count in answer.counts}
    of_sheet = dict.fromkeys(found.sheet for found in findings if found.sheet is not None)
    for sheet in list(dict.fromkeys([*counts, *of_sheet]))[:_SHEETS_COUNTED]:
        words = f"{sheet}：{counted(found for found in findings if found.sheet == sheet)}"
        if sheet in counts:
            one = counts[sheet]
            numbers = (one.rows_read, one.loaded, one.quarantined, one.ignored)
            parts = zip(count_heads(answer)[1:], numbers, strict=True)
            words += f"（{'，'.join(f'{name} {number}' for name, number in parts)}）"
        yield words


def _finding(
    row: int, number: int, found: Finding, texts: Sequence[str], looks: Looks, linked: bool, fill: str
) -> bytes:
    look = looks.of(found)
    every = (*texts, found.explanation or "")
    height = LINE_HEIGHT * max(lines_needed(one, width) for one, width in zip(every, _WIDTHS[1:], strict=False))
    cells = [f'<c r="A{row}" s="{looks.number}"><v>{number}</v></c>']
    for name, words in zip(COLUMNS[1:], texts, strict=True):
        style = (look.link if linked else look.cell) if name == CELL else looks.plain
        cells.append(_text(_LETTER[name], row, style, words))
    asks = looks.to_fill if found.warning_id is not None else looks.nothing
    cells.append(_text(_LETTER[EXPLANATION], row, asks, found.explanation or ""))
    cells.append(_text(_LETTER[WARNING_ID], row, looks.nothing, found.warning_id or ""))
    cells.append(_text(_LETTER[FORMER_FILL], row, looks.nothing, fill))
    return _row(row, min(HIGHEST_ROW, height), cells)


def _row(row: int, height: float, cells: Sequence[str]) -> bytes:
    return f'<row r="{row}" ht="{min(height, HIGHEST_ROW)}" customHeight="1">{"".join(cells)}</row>'.encode()


def _text(column: str, row: int, style: int, words: str) -> str:
    """A text cell, whatever the text looks like; an empty one where there is none."""
    if not words:
        return f'<c r="{column}{row}" s="{style}"/>'
    return f'<c r="{column}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text(words)}</t></is></c>'
