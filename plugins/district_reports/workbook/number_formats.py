"""What a number shows as, where its format makes something else of it: percent, 万, or digits that it has not.

A format is a code of up to four sections (ECMA-376 part 1, 18.8.30 and 18.8.31); in Chinese programs ``!`` stands
before a character that is shown as it is. Formats of dates, fractions and powers of ten are none of ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

from district_reports.workbook.raw import FormattedNumber
from district_reports.workbook.show import number_text

BUILT_IN = {9: "0%", 10: "0.00%"}
"""The formats that have a number and no code in the file, as far as they make something else of a number."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)'
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 255
"""Characters of a format's code, in Excel."""
_MOST_STEPS = 4
"""By hundreds and thousands, up or down."""
_EXACT = Context(prec=2 * _LONGEST)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_COMPARISONS = {"<": lt, ">": gt, "=": eq, "<=": le, ">=": ge, "<>": ne}
_NOT_OURS = re.compile(r"[ymdhse/]", re.IGNORECASE)
_UNIT = re.compile(r"[百千万萬亿億%％‰]")
_POINT = re.compile(r"\s*[.．]\s*")
_IN_A_CODE = re.compile(r"[\w-]*")


@dataclass(frozen=True)
class _Section:
    """``parts`` are (kind, text) of digit, point, general and text, as they stand."""

    parts: tuple[tuple[str, str], ...]
    grouped: bool
    thousands: int
    percents: int
    condition: tuple[str, Decimal] | None
    is_of_texts: bool
    is_ours: bool

    @property
    def _whole(self) -> list[str]:
        """The places before the point."""
        kinds = [kind for kind, _ in self.parts]
        end = kinds.index("point") if "point" in kinds else len(kinds)
        return [text for kind, text in self.parts[:end] if kind == "digit"]

    @property
    def _behind(self) -> list[str]:
        return [text for kind, text in self.parts if kind == "digit"][len(self._whole) :]

    @property
    def is_scaled(self) -> bool:
        """Whether a number shows in percent, or in a larger unit: by commas, a word, or a point between its digits."""
        if self.percents or self.thousands:
            return True
        places = [index for index, (kind, _) in enumerate(self.parts) if kind in ("digit", "general")]
        texts = [(index, text) for index, (kind, text) in enumerate(self.parts) if kind == "text"]
        return any(
            _UNIT.search(text) or (_POINT.fullmatch(text) and places[0] < index < places[-1])
            for index, text in texts
            if places
        )

    def shown(self, number: Decimal) -> str:
        """`number`, which is not negative, as it shows."""
        scaled = number * Decimal(100) ** self.percents / Decimal(1000) ** self.thousands
        whole, behind = self._whole, self._behind
        rounded = scaled.quantize(Decimal(1).scaleb(-len(behind)), ROUND_HALF_UP, _EXACT)
        digits, _, decimals = f"{rounded:f}".partition(".")
        least = len(decimals) - next((i for i, place in enumerate(reversed(behind)) if place == "0"), len(behind))
        decimals = decimals[:least] + decimals[least:].rstrip("0")
        digits = ("" if digits == "0" else digits).rjust(whole.count("0"), "0")
        each = [""] * (len(whole) - len(digits)) + list(digits)
        # What has no place of its own stands in the first.
        spare = len(each) - len(whole)
        places = ["".join(each[: spare + 1]), *each[spare + 1 :]] if whole else []
        if self.grouped and digits:
            places = [*[""] * (len(whole) - 1), f"{int(digits):,}"]
        waiting = iter([*places, *decimals])
        text = ""
        for kind, written in self.parts:
            match kind:
                case "digit":
                    text += next(waiting, "")
                case "general":
                    text += number_text(float(scaled))
                case _:
                    text += written
        return text.strip()


def _sections(code: str) -> Iterator[_Section]:
    tokens: list[re.Match[str]] = []
    for token in _TOKEN.finditer(code):
        if token["end"]:
            yield _section(tokens)
            tokens = []
        else:
            tokens.append(token)
    yield _section(tokens)


def _section(tokens: Sequence[re.Match[str]]) -> _Section:
    parts: list[tuple[str, str]] = []
    percents = commas = 0
    grouped = has_point = False
    is_of_texts, is_ours = False, True
    condition = None
    for token in tokens:
        if token["digit"]:
            # Between digits a comma groups them; behind the last it divides by a thousand.
            grouped, commas = grouped or commas > 0, 0
            parts.append(("digit", token["digit"]))
        elif token["general"]:
            parts.append(("general", ""))
        elif token["point"] and not has_point:
            has_point = True
            parts.append(("point", "."))
        elif token["comma"]:
            commas += any(kind == "digit" for kind, _ in parts)
        elif token["percent"]:
            percents += 1
            parts.append(("text", "%"))
        elif token["bracket"] is not None:
            if match := _CONDITION.fullmatch(token["bracket"].strip()):
                condition = match[1], Decimal(match[2])
            elif token["bracket"].startswith("$"):
                parts.append(("text", token["bracket"][1:].partition("-")[0]))
        elif token["other"] == "@":
            is_of_texts = True
        elif token["other"] or token["point"]:
            is_ours = is_ours and not _NOT_OURS.match(token[0])
            parts.append(("text", token[0]))
        else:
            parts.append(("text", token["quoted"] or token["escaped"] or ""))
    is_ours = is_ours and commas + percents <= _MOST_STEPS
    return _Section(tuple(parts), grouped, commas, percents, condition, is_of_texts, is_ours)


@lru_cache(maxsize=1000)
def _parsed(code: str) -> tuple[_Section, ...]:
    """The sections of a format that may make something else of a number; empty for any other."""
    if len(code) > _LONGEST:
        return ()
    of_numbers = tuple(section for section in list(_sections(code))[:4] if not section.is_of_texts)[:3]
    if not all(section.is_ours for section in of_numbers):
        return ()
    changing = any(section.is_scaled or _adds(section) for section in of_numbers)
    return of_numbers if changing else ()


def _adds(section: _Section) -> bool:
    """Whether a code would show with digits or words that it has not."""
    words = "".join(text for kind, text in section.parts if kind == "text").strip()
    return section.parts.count(("digit", "0")) > 1 or bool(words)


def changes_numbers(code: str) -> bool:
    """Whether a format may show a number as something else."""
    return bool(_parsed(code))


def as_shown(number: float, code: str) -> FormattedNumber | None:
    """What `number` shows as in the format `code`; None where that is the number itself, as Excel writes it."""
    sections = _parsed(code)
    if not sections or abs(number) >= 1e15:
        return None
    exact = Decimal(number_text(number))
    section, signed = _chosen(sections, exact)
    shown = ("-" if signed and exact < 0 else "") + section.shown(abs(exact))
    if section.is_scaled:
        return FormattedNumber(number, shown, is_scaled=True)
    whole = exact == exact.to_integral_value() and not section.grouped and ("point", ".") not in section.parts
    is_code = whole and exact >= 0 and _IN_A_CODE.fullmatch(shown) and shown != number_text(number)
    return FormattedNumber(number, shown, is_scaled=False) if is_code else None


def _chosen(sections: Sequence[_Section], number: Decimal) -> tuple[_Section, bool]:
    """The section for a number, and whether a minus stands before what it shows."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None:
                return section, True
            sign, limit = section.condition
            if _COMPARISONS[sign](number, limit):
                return section, True
        return sections[-1], True
    if number < 0 and len(sections) > 1:
        return sections[1], False
    if number == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], True
