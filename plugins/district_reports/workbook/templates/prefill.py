"""A template that holds what is known: the rows, the cover and the rosters that a form's declaration asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from district_reports.model.condition import When
from district_reports.model.form import Column, Form, ReferenceCodes, Sheet, Type
from district_reports.model.period import Period
from district_reports.model.prefill import (
    CarriedRows,
    Columns,
    Kept,
    Known,
    LastReport,
    Promotion,
    Roster,
    Row,
    SchoolRows,
)
from district_reports.reference.register import District, Register, School
from district_reports.workbook.formats import PrefilledStyles
from district_reports.workbook.templates.instructions import Rule
from district_reports.workbook.templates.roster import RosterSheet
from district_reports.workbook.templates.template import FILLER, TELEPHONE, write_template

Values = dict[str, object]
_NAME = "name"


@dataclass(frozen=True)
class Prefilled:
    """What stands in a template before anybody types: rows by table, cover values by label, rosters.

    ``notes`` are the schools' names where the table has codes only: nobody knows a school by its code.
    """

    rows: Mapping[str, Sequence[Row]] = field(repr=False)
    notes: Mapping[str, Sequence[str]] = field(repr=False)
    cover: Mapping[str, str] = field(repr=False)
    rosters: Sequence[RosterSheet] = field(repr=False)


def write_prefilled(
    form: Form,
    register: Register,
    district: District,
    period: Period,
    path: Path,
    known: Known,
    rules: Sequence[Rule] = (),
) -> None:
    """Write the template of `form` with what is known to `path`; cells to fill are coloured, known ones grey."""
    given = prefilled(form, register, district, period, known)
    write_template(
        *(form, register, district, period, path),
        rows=given.rows,
        cover=given.cover,
        rules=rules,
        rosters=given.rosters,
        notes=given.notes,
        look=PrefilledStyles,
    )


def prefilled(form: Form, register: Register, district: District, period: Period, known: Known) -> Prefilled:
    """What is known of the report of `form` that `district` will send for `period`."""
    filling = _Filling(register, district, period, known)
    rows: dict[str, Sequence[Row]] = {}
    notes: dict[str, Sequence[str]] = {}
    rosters: list[RosterSheet] = []
    for sheet in form.sheets:
        match sheet.prefill:
            case SchoolRows() as schools:
                rows[sheet.table] = list(filling.school_rows(sheet, schools))
                if _NAME not in dict(schools.register).values():
                    notes[sheet.table] = [school.name for school in filling.schools(schools)]
            case CarriedRows() as carried:
                rows[sheet.table] = filling.carried_rows(sheet, carried)
            case Roster() as roster:
                listed = filling.roster(sheet, roster)
                if listed:
                    columns = [sheet.by_name[name] for name in roster.columns]
                    rosters.append(RosterSheet(roster.title, sheet.title, columns, listed))
    return Prefilled(rows, notes, {FILLER: known.filler, TELEPHONE: known.telephone}, rosters)


@dataclass(frozen=True)
class _Filling:
    """One district's report of one period."""

    register: Register
    district: District
    period: Period
    known: Known

    def schools(self, kind: SchoolRows) -> list[School]:
        return self.register.schools_open(self.district.code, self.period.last_day, kind.types)

    def school_rows(self, sheet: Sheet, kind: SchoolRows) -> Iterator[Values]:
        (key,) = sheet.key
        last = {row[key]: (report.period, row) for report in self.known.reports for row in report.rows[sheet.table]}
        for school in self.schools(kind):
            row: Values = {key: school.code}
            row |= {column: getattr(school, attribute) for column, attribute in kind.register}
            if school.code in last:
                then, before = last[school.code]
                if not _became_another(sheet, kind, school, before):
                    row |= self._kept(sheet, kind.kept, before, then)
            yield row

    def carried_rows(self, sheet: Sheet, kind: CarriedRows) -> list[Row]:
        """Two that became alike, or are told by two districts that merged, are one."""
        rows: dict[tuple[object, ...], Row] = {}
        for report in self.known.reports:
            pupils = _Pupils(kind.promotion, report) if kind.promotion else None
            for before in report.rows[sheet.table]:
                if kind.where is None or kind.where.holds(before[kind.where.column]):
                    row = self._kept(sheet, kind.kept, before, report.period)
                    if pupils:
                        row |= pupils.changes(before, self.period.school_year - report.period.school_year)
                    rows[tuple(row.get(name) for name in sheet.key)] = row
        return list(rows.values())

    def roster(self, sheet: Sheet, kind: Roster) -> list[Row]:
        listed = [self._holding(sheet, kind.columns, row) for row in self.known.rosters.get(sheet.table, ())]
        return sorted(listed, key=lambda row: (str(row.get("school_code", "")), str(row[kind.by])))

    def _kept(self, sheet: Sheet, kept: Kept, before: Row, then: Period) -> Values:
        columns = kept.always
        if then.last_day.year == self.period.last_day.year:
            columns += kept.in_year
        if then.school_year == self.period.school_year:
            columns += kept.in_school_year
        return self._holding(sheet, columns, before)

    def _holding(self, sheet: Sheet, columns: Columns, before: Row) -> Values:
        values: Values = {}
        for each in columns:
            name = each.column if isinstance(each, When) else each
            settled = not isinstance(each, When) or each.holds(before[name])
            if settled and self._holds_still(sheet.by_name[name], before[name]):
                values[name] = before[name]
        return values

    def _holds_still(self, column: Column, value: object) -> bool:
        """Whether a check would take the value: a code may have gone, and a school closed or moved away."""
        if column.type is Type.SCHOOL_CODE:
            return any(
                school.district_code == self.district.code
                and school.is_open_between(self.period.first_day, self.period.last_day)
                for school in self.register.schools_of(str(value))
            )
        codes = self.register.codes(column.codes) if isinstance(column.codes, ReferenceCodes) else column.codes
        return not codes or value in codes


def _became_another(sheet: Sheet, kind: SchoolRows, school: School, before: Row) -> bool:
    """Whether the last report had another type, area … of it: then what else it said is in question too."""
    return any(
        sheet.by_name[column].type is Type.CODE and before[column] != getattr(school, attribute)
        for column, attribute in kind.register
    )


class _Pupils:
    """Who of a report goes up a grade, and who leaves."""

    def __init__(self, promotion: Promotion, report: LastReport) -> None:
        self._promotion, self._last = promotion, dict(promotion.last)
        # For the sheet itself: no column of another one to look a pupil up by.
        self._by, self._told = "", dict[object, Row]()
        if promotion.told_by:
            table, self._by = promotion.told_by
            self._told = {row[self._by]: row for row in report.rows[table]}

    def changes(self, before: Row, years: int) -> Values:
        """What `years` new school years change in a row; None where it must be asked again."""
        promotion = self._promotion
        pupil = self._told.get(before[self._by]) if self._by else before
        if not years or pupil is None:
            return {}
        grade, last = pupil[promotion.grade], self._last.get(str(pupil[promotion.stage]))
        has_grade = [] if self._by else [promotion.grade]
        if isinstance(grade, int) and last is not None and grade + years <= last:
            return dict.fromkeys(has_grade, grade + years)
        return dict.fromkeys([*has_grade, promotion.stage, *promotion.left])
