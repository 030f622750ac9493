"""Whether a workbook from which was taken what leads out of it holds all the rest, and nothing of that.

It shares with what takes it out the question which formula does, and the reading of the archive.
"""

import hashlib
from collections.abc import Collection, Iterable
from typing import Any
from xml.parsers import expat

from district_reports.workbook.formulas import reaches_out
from district_reports.workbook.limits import LIMITS
from district_reports.workbook.marking.archive import Source
from district_reports.workbook.marking.cannot import CannotMark
from district_reports.workbook.package.opc import Package
from district_reports.workbook.package.xml_prolog import checked

NOWHERE = "#REF!"
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
_FORMULA_ATTRIBUTES = {"val", "formula", "textlink"}
_LINKS = {"hyperlinks", "hyperlink", "hlinkClick", "hlinkHover", "hlinkMouseOver"}
_NOT_COMPARED = (".rels", ".vml")


def names_that_reach(package: Package) -> frozenset[str]:
    """The defined names that lead out, by way of others too, in lower case."""
    found: set[str] = set()
    waiting = list(package.names)
    while reaching := {name.name.casefold() for name in waiting if reaches_out(name.formula, found)}:
        found |= reaching
        waiting = [name for name in waiting if name.name.casefold() not in found]
    return frozenset(found)


def check_inert(original: Source, made: Source, changed: Collection[str]) -> None:
    """Compare the `changed` parts of two packages, where a formula that leads out may have given way.

    Raises:
        CannotMark: something leads out still, or something else differs.
    """
    if any(one.external for one in made.package.relationships) or names_that_reach(made.package):
        raise CannotMark("the check found a link or a name that leads out")
    names = names_that_reach(original.package)
    for name in changed:
        if name.endswith(_NOT_COMPARED):
            continue
        before, after = _Content(names), _Content(names)
        before.parse(checked(original.blocks(name), LIMITS))
        after.parse(checked(made.blocks(name), LIMITS))
        if after.reaching:
            raise CannotMark("the check found a formula that leads out")
        if before.digest() != after.digest():
            raise CannotMark("the check found a part that differs")


class _Content:
    """All that a part says but links and formulas that lead out; ``reaching`` is the number of the latter."""

    def __init__(self, names: Collection[str]) -> None:
        self.reaching = 0
        self._names = names
        self._hash = hashlib.sha256()
        self._shared: dict[str, bool] = {}
        self._links = 0
        # The open formula: its name, attributes and text.
        self._formula: tuple[str, dict[str, Any], list[str]] | None = None
        self._in_cell = False

    def digest(self) -> bytes:
        return self._hash.digest()

    def parse(self, blocks: Iterable[bytes]) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            for block in blocks:
                parser.Parse(block)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise CannotMark("the check found a part that is not well-formed") from error

    def _say(self, *what: object) -> None:
        self._hash.update(repr(what).encode("utf-8", "surrogatepass"))

    def _start(self, name: str, given: dict[str, Any]) -> None:
        local = name.rpartition(" ")[2]
        if self._links or local in _LINKS:
            self._links += 1
            return
        if local in _FORMULAS:
            self._formula = (name, given, [])
            return
        if local == "c":
            # What makes a formula one of a dynamic array goes with it.
            given = {key: value for key, value in given.items() if key != "cm"}
            self._in_cell = True
        for key in _FORMULA_ATTRIBUTES & given.keys():
            if reaches_out(given[key], self._names):
                self.reaching += 1
                given[key] = NOWHERE
        self._say(name, sorted(given.items()))

    def _end(self, name: str) -> None:
        if self._links:
            self._links -= 1
        elif self._formula is not None:
            self._say_formula(*self._formula)
            self._formula = None
        else:
            self._in_cell = self._in_cell and not name.endswith(" c")
            self._say(name)

    def _text(self, text: str) -> None:
        if self._formula is not None:
            self._formula[2].append(text)
        elif not self._links and text.strip():
            self._say(text)

    def _say_formula(self, name: str, given: dict[str, Any], texts: list[str]) -> None:
        formula = "".join(texts)
        reaching = reaches_out(formula, self._names)
        if given.get("t") == "shared":
            if formula:
                self._shared[given.get("si", "")] = reaching
            else:
                reaching = self._shared.get(given.get("si", ""), False)
        self.reaching += reaching
        if not (reaching and self._in_cell):
            self._say(name, sorted(given.items()), NOWHERE if reaching else formula)
