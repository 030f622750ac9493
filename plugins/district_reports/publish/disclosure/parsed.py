"""The lines of a summary's header that disclosure control reads.

- ``counts of people: <column>, …``, or ``counts of people where <condition>: <column>, …``: in the rows where it holds.
- ``protect sum|distinct|at least|at most over area, <key>, … [where <condition>]: <column>, …``: how wholes come from
  their parts (:class:`~.declared.Parts`).
- ``protect bound [where <condition>]: <terms> <= <terms>; …``, or ``=``. Terms are added and subtracted; one is a
  figure, a number times a figure, a factor times a figure, or 0 alone. A figure is ``<column>`` of the row itself,
  ``<city table>.<column>``, or ``before.<column>``; after it may stand in brackets what the row's key is there,
  ``[form = 'student_aid', …]``, or ``[each <key>]``, the sum over all but 全部 (:class:`~.declared.Term`).
- ``protect factor: <column> of <reference table> on <column>, …``: a number that bounds may multiply with.
- ``protect rests: <column>, … on <column>; …``: amounts, and the count of people that they rest on.
- ``protect alike: <column>, …``: figures of a row that are often equal; where they are, anybody may know it.

A condition is ``<column> = 'x'``, ``<> 'x'``, ``IN ('x', …)`` or ``NOT IN ('x', …)``, several joined by ``AND``;
numbers stand without quotes.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from district_reports.errors import SystemFault
from district_reports.publish.disclosure.declared import AREA, Bound, Factor, How, Parts, Protection, Term, Where, said
from district_reports.publish.lineage import COVERAGE, EarlierFigure, Formula, Judged, Origin, named_columns

_LITERAL = r"(?:'[^']*'|\d+(?:\.\d+)?)"
_ONE_OF = re.compile(rf"(\w+) (NOT IN|IN) \(({_LITERAL}(?:, ?{_LITERAL})*)\)")
_IS = re.compile(rf"(\w+) (=|<>) ({_LITERAL})")
_PARTS = re.compile(rf"({'|'.join(How)}) over (\w+(?:, \w+)*)(?: where (.+))?")
_BOUND = re.compile(r"bound(?: where (.+))?")
_SIDES = re.compile(r"((?:[^'\[\]]|\[[^\]]*\])+?) (<=|=) ((?:[^'\[\]]|\[[^\]]*\])+)")
_TERM = re.compile(
    r" *(?P<sign>[+-])? *(?:(?P<times>\w+) \* )?(?:(?P<of>[a-z]\w*)\.)?(?P<column>[a-z]\w*)(?:\[(?P<at>[^\]]+)\])?"
)
_FACTOR = re.compile(r"(\w+) of (\w+) on (\w+(?:, \w+)*)")
_RESTS = re.compile(r"(\w+(?:, \w+)*) on (\w+)")
_RATIO = re.compile(r"city\.percent\((\w+), (\w+)\)")
_LINEAR = re.compile(r"\w+(?: [+-] \w+)+")
_BEFORE = "before"


def parse(
    file: str,
    key: tuple[str, ...],
    people: Iterable[tuple[str | None, str]],
    protect: Iterable[tuple[str, str]],
    origins: Mapping[str, Origin],
) -> Protection:
    """The protection of the summary `file`, of its (condition, columns) of people and its (word, value) of ``protect``.

    Raises:
        SystemFault: a line is against the grammar, or names a key or a factor that there is not; it names the file.
    """
    reader = _Reader(file, key)
    counted: dict[str, Where] = {}
    for condition, columns in people:
        for column in () if columns == "none" else _names(columns):
            if column in counted:
                raise SystemFault(f"{file}: {column} is declared twice among the counts of people")
            counted[column] = reader.where(condition)
    for word, value in protect:
        reader.read(word, value)
    ratios: dict[str, tuple[str, str]] = {}
    follows: dict[str, tuple[str, ...]] = {}
    earlier: dict[str, tuple[str, str]] = {}
    for column, origin in origins.items():
        if column in COVERAGE:
            continue
        if isinstance(origin, EarlierFigure):
            earlier[column] = (origin.column, origin.period_in)
        elif isinstance(origin, Judged):
            follows[column] = origin.columns
        elif isinstance(origin, Formula):
            if ratio := _RATIO.fullmatch(origin.expression):
                ratios[column] = (ratio[1], ratio[2])
            elif _LINEAR.fullmatch(origin.expression):
                reader.read("bound", f"{column} = {origin.expression}")
            else:
                follows[column] = named_columns(origin, origins)
    return Protection(
        people=MappingProxyType(counted),
        parts=tuple(reader.parts),
        bounds=tuple(reader.bounds),
        rests_on=MappingProxyType(reader.rests_on),
        ratios=MappingProxyType(ratios),
        follows=MappingProxyType(follows),
        factors=MappingProxyType(reader.factors),
        earlier=MappingProxyType(earlier),
        alike=tuple(reader.alike),
    )


def check_tables(file: str, protection: Protection, columns: Mapping[str, tuple[set[str], set[str]]]) -> None:
    """Compare what `protection` says of other city tables with the (key without period and area, columns) of these.

    Raises:
        SystemFault: a bound names a table or a column that there is not, or not the whole key; it names the file.
    """
    for bound in protection.bounds:
        for term in bound.terms:
            if term.table is None:
                continue
            if term.table not in columns:
                raise SystemFault(f"{file}: `{bound.text}` names {term.table}, of which there is no summary")
            key, known = columns[term.table]
            if term.column not in known:
                raise SystemFault(f"{file}: `{bound.text}` names {term.column}, which {term.table} does not trace")
            if key != {name for name, _ in term.keys}:
                raise SystemFault(
                    f"{file}: `{bound.text}` has to say the key of {term.table}: {', '.join(sorted(key))}"
                )


class _Reader:
    def __init__(self, file: str, key: tuple[str, ...]) -> None:
        self._file = file
        self._key = key
        self.parts: list[Parts] = []
        self.bounds: list[Bound] = []
        self.rests_on: dict[str, str] = {}
        self.factors: dict[str, Factor] = {}
        self.alike: list[tuple[str, ...]] = []

    def read(self, word: str, value: str) -> None:
        if match := _BOUND.fullmatch(word):
            self.bounds += [self._bound(each, match[1]) for each in value.split("; ")]
        elif word == "factor" and (match := _FACTOR.fullmatch(value)):
            self.factors[match[1]] = Factor(match[1], match[2], _names(match[3]))
        elif word == "rests" and all(found := [_RESTS.fullmatch(each) for each in value.split("; ")]):
            for columns, count in (match.groups() for match in found if match):
                for column in _names(columns):
                    if self.rests_on.setdefault(column, count) != count:
                        raise self._fault(f"{column} rests on {self.rests_on[column]} and on {count}")
        elif word == "alike":
            self.alike.append(_names(value))
        elif match := _PARTS.fullmatch(word):
            over = _names(match[2])
            for name in over:
                if name != AREA:
                    self._in_key(name, value)
            self.parts.append(Parts(How(match[1]), over, _names(value), self.where(match[3])))
        else:
            raise self._fault(f"`-- protect {word}: {value}` makes no sense; see publish/disclosure/parsed.py")

    def where(self, condition: str | None) -> Where:
        return Where(tuple(self._condition(each) for each in condition.split(" AND ")) if condition else ())

    def _condition(self, text: str) -> tuple[str, bool, frozenset[str]]:
        match = _IS.fullmatch(text) or _ONE_OF.fullmatch(text)
        if match is None:
            raise self._fault(f"`{text}` is no condition; see publish/disclosure/parsed.py")
        column, how, literals = match.groups()
        return column, how in ("=", "IN"), frozenset(_value(each) for each in re.findall(_LITERAL, literals))

    def _bound(self, text: str, condition: str | None) -> Bound:
        match = _SIDES.fullmatch(text)
        if match is None:
            raise self._fault(f"`{text}` is no bound; see publish/disclosure/parsed.py")
        terms = (*self._terms(match[1], 1, text), *self._terms(match[3], -1, text))
        if not terms:
            raise self._fault(f"`{text}` names no figure")
        return Bound(terms, match[2] == "=", self.where(condition), f"{text} where {condition}" if condition else text)

    def _terms(self, side: str, sign: int, text: str) -> Iterable[Term]:
        if side.strip() == "0":
            return
        at = 0
        while at < len(side):
            match = _TERM.match(side, at)
            if match is None or (match["sign"] is None) is (at > 0):
                raise self._fault(f"`{side[at:].strip()}` in `{text}` is no figure")
            at = match.end()
            coefficient, factor = -sign if match["sign"] == "-" else sign, None
            if (times := match["times"]) is not None:
                if times.isdecimal():
                    coefficient *= int(times)
                elif times in self.factors:
                    factor = times
                else:
                    raise self._fault(f"`{text}` multiplies with {times}, which no `-- protect factor` above declares")
            keys, each = self._place(match["at"], match["of"], text)
            before = match["of"] == _BEFORE
            yield Term(coefficient, match["column"], None if before else match["of"], before, factor, keys, each)

    def _place(self, at: str | None, of: str | None, text: str) -> tuple[tuple[tuple[str, str], ...], str | None]:
        """The ``keys`` and ``each`` of a term, from what stands in its brackets."""
        keys: list[tuple[str, str]] = []
        each = None
        for part in re.split(", ?", at) if at else ():
            match = _IS.fullmatch(part)
            if match and match[2] == "=":
                name = match[1]
                keys.append((name, _value(match[3])))
            elif part.startswith("each ") and each is None and of is None:
                each = name = part.removeprefix("each ")
            else:
                raise self._fault(f"`[{at}]` in `{text}` is no part of a key")
            if of in (None, _BEFORE):
                self._in_key(name, text)
        return tuple(keys), each

    def _in_key(self, name: str, text: str) -> None:
        if name not in self._key:
            raise self._fault(f"`{text}`: {name} is no column of the key")

    def _fault(self, words: str) -> SystemFault:
        return SystemFault(f"{self._file}: {words}")


def _names(listed: str) -> tuple[str, ...]:
    return tuple(re.split(r",\s*", listed))


def _value(literal: str) -> str:
    return literal[1:-1] if literal.startswith("'") else said(float(literal))
