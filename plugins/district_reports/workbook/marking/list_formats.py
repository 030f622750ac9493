"""The look of the sheet 问题清单 in a marked copy: that of the list workbook, as formats of the copy's own styles."""

from dataclasses import dataclass

from district_reports.model.finding import Finding, Outcome
from district_reports.workbook.formats import FONT, TO_FILL
from district_reports.workbook.marking.answer import FILL, VERDICT_COLOUR
from district_reports.workbook.marking.styles import Format, Styles, solid

_GREY, _LINE, _WHITE, _BLUE, _HEADER = "#475467", "#D0D5DD", "#FFFFFF", "#0563C1", "#1F3A5F"
_SIDES = ("left", "right", "top", "bottom")
_TEXT_FORMAT = 49
_TOP = 'vertical="top" wrapText="1"'


@dataclass(frozen=True)
class Look:
    """Formats of the one cell of a finding that is coloured, its address: as plain text, and as a link."""

    cell: int
    link: int


class Looks:
    """The formats, added to `styles`."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        plain, border = _font(), _border("thin", _LINE)
        self.label = styles.add(Format(_font(bold=True, colour=_GREY), alignment=_TOP))
        self.words = styles.add(Format(plain, alignment=_TOP))
        self.header = styles.add(
            Format(_font(bold=True, colour=_WHITE), solid(_HEADER), border, alignment='vertical="center"')
        )
        self.nothing = styles.add(Format(plain, alignment=_TOP))
        self.plain = styles.add(Format(plain, "", border, alignment=_TOP))
        self.number = styles.add(Format(plain, "", border, alignment='horizontal="center" vertical="top"'))
        self.to_fill = styles.add(
            Format(plain, solid(TO_FILL), _border("medium", "#C55A11"), _TEXT_FORMAT, _TOP, locked=False)
        )
        self._of = {severity: self._look(border, solid(colour)) for severity, colour in FILL.items()}
        self._quiet = self._look(border, "")

    def title(self, outcome: Outcome) -> int:
        """The heading in the colour of the verdict."""
        return self._styles.add(Format(_font(bold=True, size=16, colour=VERDICT_COLOUR[outcome])))

    def of(self, found: Finding) -> Look:
        """The formats of a finding's address, by its severity; that of an explained one is white."""
        return self._of[found.severity] if found.explanation is None else self._quiet

    def _look(self, border: str, fill: str) -> Look:
        plain, link = _font(), _font(colour=_BLUE, underlined=True)
        add = self._styles.add
        return Look(
            add(Format(plain, fill, border, alignment=_TOP)),
            add(Format(link, fill, border, alignment=_TOP)),
        )


def _font(*, bold: bool = False, underlined: bool = False, size: int = 10, colour: str = "#000000") -> str:
    marks = "<b/>" * bold + "<u/>" * underlined
    return f'<font>{marks}<sz val="{size}"/><color rgb="FF{colour[1:]}"/><name val="{FONT}"/></font>'


def _border(style: str, colour: str) -> str:
    sides = "".join(f'<{side} style="{style}"><color rgb="FF{colour[1:]}"/></{side}>' for side in _SIDES)
    return f"<border>{sides}<diagonal/></border>"
