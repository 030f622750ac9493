"""What a row of the worklist 待核对 says to its district: the rule's words, filled with what is told of that row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row

from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.ledger.shown_items import OPEN, State
from district_reports.model.form import Sheet
from district_reports.model.period import Period
from district_reports.reconciliation.rules import CrossRules
from district_reports.reconciliation.wording import said_of
from district_reports.reference.register import Register
from district_reports.warehouse.tables import token_kind

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
        return self.state == State.GONE

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


def _row(row: Row[Any], district_code: str, day: date, register: Register, rules: CrossRules) -> WorklistRow:
    rule, sheet = rules[row.rule], forms()[row.form].sheet(row.table_name)
    names = {code: _name(code, day, register) for code in row.districts}
    words = said_of(
        rules,
        row.rule,
        row.part,
        {**row.rests_on, **row.told},
        period=row.period,
        others=[names[code] for code in row.others],
        everyone=list(names.values()),
    )
    if words is None:
        raise SystemFault(f"{row.rule}: its words for {row.part} name something that nothing tells")
    school_code = row.told.get("school_code")
    return WorklistRow(
        number=row.item_id,
        rule=f"{rule.code} {rule.title}",
        severity=rule.severity.label,
        problem=words.message,
        fix=words.fix,
        report=forms()[row.form].title,
        period=row.period,
        sheet=sheet.title,
        row=row.row_number,
        name=row.name or "",
        identifier=_identifier(sheet, row.identifiers or {}),
        school=register.school_name(school_code, Period.parse(row.period).last_day) if school_code else "",
        districts="、".join(names.values()),
        first_seen=row.first_seen,
        state=row.state,
        explanation=row.explanation or "",
        run_id=row.run_id,
    )


def _name(code: str, day: date, register: Register) -> str:
    district = register.district(code, day)
    return district.name if district else code


def _identifier(sheet: Sheet, identifiers: Mapping[str, str | None]) -> str:
    """The resident ID; where there is none, the row's next identifier with its title."""
    if person := identifiers.get(_PERSON):
        return person
    for column in sheet.columns:
        if identifier := identifiers.get(token_kind(column)):
            return f"{column.title} {identifier}"
    return ""
