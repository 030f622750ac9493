"""What a row of the worklist 待核对 says to its district: the rule's words, filled with what is told of that row."""

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.ledger.worklist import GONE, OPEN
from district_reports.model.form import Sheet
from district_reports.model.period import Period
from district_reports.reconciliation.rules import CrossRules
from district_reports.reference.register import Register
from district_reports.warehouse.tables import token_kind
from district_reports.workbook.show import number_text

NOT_TOLD = "（不显示）"
"""In place of a figure that another district reported."""
_PERSON = "resident_id"


@dataclass(frozen=True)
class WorklistRow:
    """A row of the worklist, as the columns of the file name them; ``run_id`` is the run that saw the item so."""

    number: int
    rule: str
    severity: str
    problem: str
    fix: str
    report: str
    period: str
    sheet: str
    row: int
    name: str
    identifier: str
    school: str
    districts: str
    first_seen: date
    state: str
    explanation: str
    run_id: int

    @property
    def is_gone(self) -> bool:
        return self.state == GONE

    @property
    def rank(self) -> int:
        """0 for what waits for the district to explain it, then what is there, last what is gone."""
        if self.is_gone:
            return 2
        return int(self.state not in OPEN or bool(self.explanation))


def worklist_rows(
    rows: Iterable[Row[Any]], district_code: str, day: date, register: Register, rules: CrossRules
) -> list[WorklistRow]:
    """`rows` of :func:`.ledger.worklist.own_rows` as the district reads them, what waits for it first.

    An item stays together: it waits as long as one of its rows does.

    Raises:
        SystemFault: a rule's words name something that its rows don't tell.
    """
    told = [_row(row, district_code, day, register, rules) for row in rows]
    rank: dict[int, int] = {}
    for each in told:
        rank[each.number] = min(each.rank, rank.get(each.number, each.rank))
    return sorted(told, key=lambda each: (rank[each.number], each.number))


def filled(words: str, values: Mapping[str, Any], rule: str) -> str:
    """`words` with `values` in their places.

    Raises:
        SystemFault: there is none for one of them.
    """
    names = {name for _, name, _, _ in string.Formatter().parse(words) if name}
    if missing := sorted(names - values.keys()):
        raise SystemFault(f"{rule}: nothing tells {', '.join(missing)}")
    return words.format_map({name: _shown(values[name]) for name in names})


def _row(row: Row[Any], district_code: str, day: date, register: Register, rules: CrossRules) -> WorklistRow:
    rule, sheet = rules[row.rule], forms()[row.form].sheet(row.table_name)
    others = row.opposite or [code for code in row.districts if code != district_code]
    values = {
        **row.rests_on,
        **row.told,
        "period": row.period,
        "others": _names(others, day, register),
        "everyone": _names(row.districts, day, register),
    }
    if row.part not in rule.words:
        raise SystemFault(f"{row.rule}: there are no words for {row.part}")
    words = rule.words[row.part]
    return WorklistRow(
        number=row.item_id,
        rule=f"{rule.code} {rule.title}",
        severity=rule.severity.label,
        problem=filled(words.message, values, rule.code),
        fix=filled(words.fix, values, rule.code),
        report=forms()[row.form].title,
        period=row.period,
        sheet=sheet.title,
        row=row.row_number,
        name=row.name or "",
        identifier=_identifier(sheet, row.identifiers or {}),
        school=_school(row.told.get("school_code"), Period.parse(row.period).last_day, register),
        districts=_names(row.districts, day, register),
        first_seen=row.first_seen,
        state=row.state,
        explanation=row.explanation or "",
        run_id=row.run_id,
    )


def _names(codes: Sequence[str], day: date, register: Register) -> str:
    districts = ((code, register.district(code, day)) for code in codes)
    return "、".join(district.name if district else code for code, district in districts)


def _identifier(sheet: Sheet, identifiers: Mapping[str, str | None]) -> str:
    """The resident ID; where there is none, the row's next identifier with its title."""
    if person := identifiers.get(_PERSON):
        return person
    for column in sheet.columns:
        if identifier := identifiers.get(token_kind(column)):
            return f"{column.title} {identifier}"
    return ""


def _school(code: str | None, day: date, register: Register) -> str:
    if code is None:
        return ""
    known = register.schools_of(code)
    return next((school for school in known if school.is_open(day)), known[-1]).name if known else code


def _shown(value: object) -> str:
    if value is None:
        return NOT_TOLD
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(float(value))
    return str(value)
