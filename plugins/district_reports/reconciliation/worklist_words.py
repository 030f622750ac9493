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
from district_reports.reconciliation.rules import CrossRules, Words
from district_reports.reconciliation.wording import wording_of
from district_reports.reference.register import Register
from district_reports.warehouse.tables import token_kind

_PERSON = "resident_id"
_RULE_IS_GONE = Words("规则已经调整，这一项不再核对。", "不用再做什么。")


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


def worklist_rows(rows: Iterable[Row[Any]], day: date, register: Register, rules: CrossRules) -> list[WorklistRow]:
    """`rows` of :func:`.ledger.worklist.own_rows` as the district reads them, what waits for it first.

    An item stays together: it waits as long as one of its rows does.

    Raises:
        SystemFault: a rule's words name something that its rows don't tell.
    """
    told = [_row(row, day, register, rules) for row in rows]
    rank: dict[int, int] = {}
    for each in told:
        rank[each.number] = min(each.rank, rank.get(each.number, each.rank))
    return sorted(told, key=lambda each: (rank[each.number], each.number))


def _row(row: Row[Any], day: date, register: Register, rules: CrossRules) -> WorklistRow:
    rule = rules.get(row.rule)
    names = {code: _name(code, day, register) for code in row.districts}
    wording = wording_of(row, row.rule, row.districts, names, register, rules)
    words = wording.said
    if words is None:
        # What nobody asks any more needs no words: its rule or its part may have been given up.
        if row.state != State.GONE:
            raise SystemFault(f"{row.rule}: its words for {row.part} name something that nothing tells")
        words = _RULE_IS_GONE
    return WorklistRow(
        number=row.item_id,
        rule=f"{rule.code} {rule.title}" if rule else row.rule,
        severity=rule.severity.label if rule else "",
        problem=words.message,
        fix=words.fix,
        report=wording.form,
        period=row.period,
        sheet=wording.sheet,
        row=row.row_number,
        name=row.name or "",
        identifier=_identifier(forms()[row.form].sheet(row.table_name), row.identifiers or {}),
        school=wording.school or "",
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
